"""A copy of a model's tensors that another process reads while they go on changing.

There are two places. The trainer writes them in turn and numbers what it writes; a reader that
finds another number after reading than before reads again. Neither ever waits for the other.
"""

import mmap
from collections.abc import Sequence
from threading import Lock
from typing import Final, NamedTuple

import numpy as np
import torch
from torch import Tensor

from engine.beside.memory import SharedMemory
from engine.compile.module import CompiledModel
from engine.probes.learning import LearningMeter

_ALIGNMENT: Final = 64
_HEAD_BYTES: Final = 64
_PLACES: Final = 2
_TRIES: Final = 1000


class Moment(NamedTuple):
    """Which state of a run a copy is of."""

    number: int
    """Of the copy, counted from 1."""

    step: int
    epoch: float


class WrittenCopy:
    """The side that trains.

    Args:
        tensors: What is copied, always these and in this order; they may be on any device.

    Raises:
        OSError: There is no room for them.
    """

    def __init__(self, tensors: Sequence[Tensor]) -> None:
        self._tensors = [tensor.detach() for tensor in tensors if tensor.numel()]
        self.memory = SharedMemory(bytes_of(tensors))
        self._places = _Places(self.memory.bytes, self._tensors)
        self._number = 0

    def write(self, step: int, epoch: float) -> None:
        """Copy what the tensors hold now."""
        self._number += 1
        place = self._places[self._number]
        place.begin(self._number)
        _copy(place.tensors, self._tensors)
        place.end(Moment(self._number, step, epoch))
        self._places.tell(self._number)


class ReadCopy:
    """The side that looks.

    Args:
        tensors: What is read into; as many, of the same sizes, in the same order.
    """

    def __init__(self, memory: mmap.mmap, tensors: Sequence[Tensor]) -> None:
        self._tensors = [tensor.detach() for tensor in tensors if tensor.numel()]
        self._places = _Places(memory, self._tensors)
        self._number = 0

    def read(self) -> Moment | None:
        """Read the newest copy; None, with nothing read, where it is the one that was read last."""
        for _ in range(_TRIES):
            newest = self._places.newest
            if newest == self._number:
                return None
            place = self._places[newest]
            before = place.moment
            _copy(self._tensors, place.tensors)
            if place.is_whole(newest):
                self._number = newest
                return before
        raise RuntimeError("every copy was written over while it was read")


def shared_tensors(compiled: CompiledModel, meter: LearningMeter) -> Sequence[Tensor]:
    """Return what the trainer copies and the process beside it reads, in the order of both."""
    return [*compiled.module.parameters(), *compiled.module.buffers(), meter.figures]


def bytes_of(tensors: Sequence[Tensor]) -> int:
    """Return how many bytes two copies of some tensors take."""
    return _HEAD_BYTES + _PLACES * (_HEAD_BYTES + sum(map(_room, tensors)))


class _Places:
    """The two places, and the number of the newest copy that is whole."""

    def __init__(self, memory: mmap.mmap, like: Sequence[Tensor]) -> None:
        self._newest = np.frombuffer(memory, np.int64, 1)
        size = _HEAD_BYTES + sum(map(_room, like))
        self._places = [
            _Place(memory, _HEAD_BYTES + number * size, like) for number in range(_PLACES)
        ]

    def __getitem__(self, number: int) -> "_Place":
        return self._places[number % _PLACES]

    @property
    def newest(self) -> int:
        return int(self._newest[0])

    def tell(self, number: int) -> None:
        self._newest[0] = number


class _Place:
    """One copy with its number: twice the number once it is whole, one less until then."""

    def __init__(self, memory: mmap.mmap, begin: int, like: Sequence[Tensor]) -> None:
        self._sequence = np.frombuffer(memory, np.int64, 2, begin)
        self._epoch = np.frombuffer(memory, np.float64, 1, begin + 16)
        self._fence = Lock()
        self.tensors: list[Tensor] = []
        begin += _HEAD_BYTES
        for tensor in like:
            flat = torch.frombuffer(memory, dtype=tensor.dtype, count=tensor.numel(), offset=begin)
            self.tensors.append(flat.view(tensor.shape))
            begin += _room(tensor)

    def begin(self, number: int) -> None:
        self._sequence[0] = 2 * number - 1
        self._order()

    def end(self, moment: Moment) -> None:
        self._sequence[1], self._epoch[0] = moment.step, moment.epoch
        self._order()
        self._sequence[0] = 2 * moment.number

    @property
    def moment(self) -> Moment:
        found = Moment(int(self._sequence[0]) // 2, int(self._sequence[1]), float(self._epoch[0]))
        self._order()
        return found

    def is_whole(self, number: int) -> bool:
        """Say whether it still is the copy of this number."""
        self._order()
        return int(self._sequence[0]) == 2 * number

    def _order(self) -> None:
        """Keep what was written or read before from moving behind what follows.

        Processors that are not of the x86 family reorder; a lock is what Python has against it.
        """
        with self._fence:
            pass


def _copy(into: list[Tensor], tensors: list[Tensor]) -> None:
    if tensors:
        # In one call: one by one, small tensors take several times as long.
        torch._foreach_copy_(into, tensors)


def _room(tensor: Tensor) -> int:
    size = tensor.numel() * tensor.element_size()
    return -(-size // _ALIGNMENT) * _ALIGNMENT
