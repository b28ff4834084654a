"""Random samples in the place of data that a person has yet to choose.

Projects that show an architecture begin with it: everything runs, nothing can be learned from it.
"""

import functools
import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.data.spec import ArrayDataSet, DataSpec
from nodes.errors import DataError
from nodes.io import DataField

STAND_IN: Final = "random"
"""What a data node calls it."""

SAMPLES: Final = 64
_MOST_NUMBERS: Final = 5 * 10**7


@functools.lru_cache(maxsize=2)
def stand_in(fields: tuple[DataField, ...]) -> ArrayDataSet:
    """Return random samples for the fields of a data node, the same each time.

    Raises:
        DataError: They would take too much memory.
    """
    numbers = SAMPLES * sum(math.prod(field.sizes) for field in fields)
    if numbers > _MOST_NUMBERS:
        raise DataError(
            "The samples are too large to be made up",
            why=f"Random samples of these sizes would be {numbers:.1e} numbers.",
            hint="Choose data of your own in the Data panel.",
        )
    random = np.random.Generator(np.random.Philox(3))
    spec = DataSpec(
        name=STAND_IN,
        title="Random samples",
        summary="They stand in for your own data: everything runs, nothing can be learned.",
        fields=fields,
        samples=SAMPLES,
        class_names={field.name: _names(field) for field in fields if field.kind == "label"},
        notice="Synthetic: random numbers drawn by Layerloom.",
    )
    return ArrayDataSet(spec, {field.name: _values(random, field) for field in fields})


def _names(field: DataField) -> tuple[str, ...]:
    return tuple(f"class {number}" for number in range(1, (field.classes or 1) + 1))


def _values(random: np.random.Generator, field: DataField) -> npt.NDArray[Any]:
    shape = (SAMPLES, *field.sizes)
    if field.kind == "image":
        return random.integers(0, 256, shape, np.uint8)
    if field.dtype == "float":
        return random.standard_normal(shape, np.float32)
    return random.integers(0, field.classes or 2, shape)
