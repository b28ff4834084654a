"""What a person wants to look at, as the fields of the model: a batch of one sample."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.compile.plan import Plan
from engine.data import prepare
from engine.data.loading import Feed
from engine.data.spec import DataSpec
from engine.training.insight import InputField, Subject
from nodes.errors import DataError
from nodes.io import DataField

_DTYPES = {"float": torch.float32, "int": torch.int64, "bool": torch.bool}


def input_fields(plan: Plan, spec: DataSpec) -> tuple[InputField, ...]:
    """Return what the model takes, in the order of its inputs."""
    fields = {field.name: field for field in plan.data.fields}
    return tuple(
        InputField(
            name=name,
            kind=fields[name].kind,
            sizes=fields[name].sizes,
            prepare=spec.preparations.get(name),
        )
        for name in plan.inputs
    )


def subject_batch(
    subject: Subject, plan: Plan, spec: DataSpec, validation: Feed, device: torch.device
) -> Mapping[str, Tensor]:
    """Return the inputs of the model for one subject.

    Shapes:
        out: (1, *sizes) for each input

    Raises:
        DataError: It is no input of this model.
    """
    if subject.place is not None:
        return _kept_aside(subject.place, validation)
    fields = {field.name: field for field in plan.data.fields}
    try:
        return {
            name: _tensor(_values(subject, fields[name], spec), fields[name]).to(device)
            for name in plan.inputs
        }
    except prepare.UNREADABLE as error:
        raise _refused(f"{error}.") from error
    except KeyError as error:
        raise _refused(f"{error} is not given.") from error


def _kept_aside(place: int, validation: Feed) -> Mapping[str, Tensor]:
    if not 0 <= place < validation.samples:
        raise _refused(f"There are {validation.samples} validation samples.")
    return next(validation.batches(np.array([place], np.int64), 1))


def _values(subject: Subject, field: DataField, spec: DataSpec) -> npt.NDArray[Any]:
    """Return the numbers of one sample for a field, whatever their shape."""
    if subject.pixels:
        return np.frombuffer(subject.pixels, np.uint8)
    if subject.values:
        return np.asarray(subject.values, np.float64)
    how = spec.preparations.get(field.name)
    if how is None:
        raise _refused(f"The model takes {field.kind} numbers for {field.name} as they are.")
    constants = msgspec.to_builtins(how)
    if subject.file:
        return prepare.recording(Path(subject.file), constants)
    made: npt.NDArray[Any] = prepare.prepared(json.loads(subject.columns), constants)[0]
    return made


def _tensor(values: npt.NDArray[Any], field: DataField) -> Tensor:
    if values.size != int(np.prod(field.sizes)):
        raise _refused(f"{field.name} has {np.prod(field.sizes)} numbers, given are {values.size}.")
    if field.dtype == "int" and field.classes and not _are_classes(values, field.classes):
        raise _refused(f"{field.name} takes whole numbers from 0 to {field.classes - 1}.")
    shaped = torch.from_numpy(np.array(values)).reshape(1, *field.sizes)
    if field.kind == "image" and shaped.dtype == torch.uint8:
        return shaped.float() / 255
    return shaped.to(_DTYPES[field.dtype])


def _are_classes(values: npt.NDArray[Any], classes: int) -> bool:
    return bool(((values >= 0) & (values < classes)).all())


def _refused(why: str) -> DataError:
    return DataError(
        "The model cannot take this input",
        why=why,
        hint="Give what the data set holds, in the same form.",
    )
