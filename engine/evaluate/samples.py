"""Samples of a data set as the model gets them, and which of them were kept aside."""

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.compile.plan import Plan
from engine.data.row_sets import Rows
from engine.data.spec import DataSet
from engine.data.splitting import split_of
from nodes.io import DataField

Share: TypeAlias = Literal["test", "validation", "training"]

_DTYPES: Final = {"float": torch.float32, "int": torch.int64, "bool": torch.bool}


def held_out(plan: Plan, data_set: DataSet) -> tuple[Rows, Share]:
    """Return the samples that training never saw: those to test, else those to validate.

    A run that held nothing out has only its training samples.
    """
    parts = split_of(data_set, plan.data)
    if len(parts.test):
        return parts.test, "test"
    if len(parts.validation):
        return parts.validation, "validation"
    return parts.training, "training"


def read_batch(data_set: DataSet, plan: Plan, indices: npt.NDArray[np.int64]) -> dict[str, Tensor]:
    """Read the fields that the model and its loss need."""
    fields = {field.name: field for field in plan.data.fields}
    return {
        name: as_tensor(fields[name], data_set.read(name, indices))
        for name in dict.fromkeys(_needed(plan))
    }


def as_tensor(field: DataField, values: npt.NDArray[np.generic]) -> Tensor:
    """Bring the values of a field to the numbers of the model; bytes of an image to 0..1."""
    tensor = torch.from_numpy(np.ascontiguousarray(values))
    if field.kind == "image" and tensor.dtype == torch.uint8:
        return tensor.float() / 255
    return tensor.to(_DTYPES[field.dtype])


def _needed(plan: Plan) -> Iterable[str]:
    return (*plan.inputs, *plan.targets)
