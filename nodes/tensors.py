"""What flows along a wire: sizes, kind of number and, for labels, how many classes."""

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

import msgspec

from nodes.errors import ShapeError
from nodes.sizes import BATCH, Size, written

DType: TypeAlias = Literal["float", "int", "bool"]


class TensorType(msgspec.Struct, frozen=True):
    """The type of one tensor.

    ``sizes`` includes the batch, which is the letter ``N`` wherever it stands.
    """

    sizes: tuple[Size, ...]
    dtype: DType = "float"
    classes: int | None = None
    """Whole numbers from 0 to ``classes - 1``, where the tensor holds labels or tokens."""

    def __hash__(self) -> int:
        return hash((self.sizes, self.dtype, self.classes))

    @property
    def rank(self) -> int:
        """The number of axes, the batch counted."""
        return len(self.sizes)

    @property
    def sample(self) -> tuple[Size, ...]:
        """The sizes of one sample: without the batch."""
        return tuple(size for size in self.sizes if size != BATCH)

    def with_sizes(self, *sizes: Size) -> "TensorType":
        """Return a tensor of the same numbers with other sizes; class counts no longer hold."""
        return TensorType(sizes, self.dtype)

    def __str__(self) -> str:
        return text_of(self.sample) or ("label" if self.classes else "scalar")


def text_of(sizes: Iterable[Size]) -> str:
    """Write sizes as people read them: ``16×14×14``, ``16×⌊H/2⌋×⌊W/2⌋``."""
    return "×".join(written(size) for size in sizes)


class Inputs:
    """The tensors that arrive at a layer, by port."""

    __slots__ = ("_by_port",)

    def __init__(self, by_port: Mapping[str, tuple[TensorType, ...]]) -> None:
        self._by_port = by_port

    def __getitem__(self, port: str) -> TensorType:
        """Return the one tensor at ``port``; that it is there was checked before."""
        return self._by_port[port][0]

    def get(self, port: str) -> TensorType | None:
        """Return the tensor at an optional port, or None where nothing is connected."""
        tensors = self._by_port.get(port, ())
        return tensors[0] if tensors else None

    def every(self, port: str) -> tuple[TensorType, ...]:
        """Return all tensors at a list port, in the order of their wires."""
        return self._by_port.get(port, ())

    def key(self) -> tuple[tuple[str, tuple[TensorType, ...]], ...]:
        """Return a value that is equal for equal inputs."""
        return tuple(self._by_port.items())


def needs_batch_first(tensor: TensorType, title: str) -> None:
    """Refuse the states of recurrent layers, whose first axis counts layers.

    Raises:
        ShapeError: The batch is not the first axis of ``tensor``.
    """
    if BATCH in tensor.sizes and tensor.sizes[0] != BATCH:
        raise ShapeError(
            f"{title} needs the batch first",
            why=f"It receives a state, {text_of(tensor.sizes)}: layers before samples.",
            hint="Connect the state to another recurrent layer, or take the outputs.",
            reason="receives a state",
            code="LL-S018",
        )


def needs_float(tensor: TensorType, title: str) -> None:
    """Refuse labels, flags and states where a layer computes with real numbers.

    Raises:
        ShapeError: ``tensor`` holds whole numbers or flags, or the batch is not its first axis.
    """
    needs_batch_first(tensor, title)
    if tensor.dtype != "float":
        what = "flags" if tensor.dtype == "bool" else "whole numbers"
        what = "labels" if tensor.classes else what
        raise ShapeError(
            f"{title} needs real numbers",
            why=f"It receives {what}.",
            hint="Connect a tensor of real numbers.",
            reason="needs real numbers",
            code="LL-S004",
        )
