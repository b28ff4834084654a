"""Batches for the trainer: from tensors in memory where they fit, else read ahead by a thread.

The order of the samples is a function of the seed and the epoch alone, so a run that goes on in
the middle of an epoch meets exactly the batches it would have met.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import psutil
import torch
from torch import Tensor

from engine.data.memory import memory_limit, room_within
from engine.data.row_sets import Rows, places_of
from engine.data.shuffling import Order, as_array, spread_over, windowed_order
from engine.data.spec import DataSet, SamplesLostError
from nodes.errors import DataError
from nodes.io import DataField

Batch: TypeAlias = Mapping[str, Tensor]
"""Fields by name, each (N, *sizes of a sample)."""

Indices: TypeAlias = npt.NDArray[np.int64]

# Of memory: the rest is for the model, its activations and everything else that runs.
_LARGEST_SHARE = 0.25
_READ_AHEAD = 3
_READ_OF_BLOCKS = 8192
_READ_BYTES = 32 << 20
_TYPES = {"float": torch.float32, "int": torch.int64, "bool": torch.bool}


class Feed(Protocol):
    """Some samples of a data set, ready to be taken in batches."""

    @property
    def samples(self) -> int:
        """How many there are."""

    @property
    def bytes_held(self) -> int:
        """What they take in memory for as long as they are used."""

    @property
    def trouble(self) -> str:
        """What could not be read any more, in words; empty where everything was."""

    def accept_losses(self) -> None:
        """Let others stand in for samples that are lost, from here on."""

    def order(self, *, seed: int, epoch: int) -> Order:
        """Shuffle the places of the samples, the same way for the same seed and epoch."""

    def spread(self, count: int) -> Indices:
        """Return so many places in even steps; of many blocks those of a few."""

    def batches(self, order: Order, size: int, *, first: int = 0) -> Generator[Batch, None, None]:
        """Yield batches of ``size`` samples in the given order, from batch ``first`` on.

        Args:
            order: Places among these samples, from 0 to ``samples - 1``.
        """


def open_feed(
    data_set: DataSet,
    samples: Rows,
    fields: Sequence[str],
    device: torch.device,
    *,
    bytes_in_memory: int | None = None,
    stops_when_lost: bool = False,
) -> Feed:
    """Make the chosen samples of a data set ready for the device.

    Args:
        fields: The fields that are needed.
        bytes_in_memory: What may be held as tensors; what the limit leaves that is set if not
            given, a quarter of the free memory where none is.
        stops_when_lost: Raise where samples are lost, instead of letting others stand in.

    Raises:
        DataError: The data set has no such field.
    """
    described = [_field(data_set, name) for name in fields]
    # Where blocks begin among the chosen samples. Read from memory or not, the order is the same.
    blocks = places_of(samples, data_set.blocks)
    room = _room(device) if bytes_in_memory is None else bytes_in_memory
    is_small = sum(_bytes_per_sample(field) for field in described) * len(samples) <= room
    if is_small and data_set.is_ready:
        listed = np.asarray(samples)
        tensors = {
            field.name: _tensor(data_set.read(field.name, listed), field).to(device)
            for field in described
        }
        return MemoryFeed(tensors, len(samples), blocks)
    return StreamFeed(data_set, samples, described, device, stops_when_lost=stops_when_lost)


def batches_per_epoch(samples: int, size: int) -> int:
    """Return how many batches an epoch has.

    The rest of the samples makes a smaller batch. A rest of one is left out, since batch
    normalisation cannot train on one sample; the next epoch deals it elsewhere.
    """
    whole, rest = divmod(samples, size)
    return max(whole + (rest > 1), 1)


def samples_per_epoch(samples: int, size: int) -> int:
    """Return how many samples the batches of an epoch have together."""
    return min(batches_per_epoch(samples, size) * size, samples)


class MemoryFeed:
    """Samples as one tensor for each field, on the device and in the form the model takes."""

    def __init__(self, tensors: Batch, samples: int, blocks: Indices | None = None) -> None:
        self._tensors = tensors
        self._samples = samples
        self._blocks = np.array([0, samples]) if blocks is None else blocks

    @property
    def samples(self) -> int:
        """How many there are."""
        return self._samples

    @property
    def bytes_held(self) -> int:
        """What the tensors take."""
        return sum(tensor.nbytes for tensor in self._tensors.values())

    @property
    def trouble(self) -> str:
        """Nothing: all samples are here."""
        return ""

    def accept_losses(self) -> None:
        """Do nothing: none can be lost."""

    def order(self, *, seed: int, epoch: int) -> Order:
        """Shuffle the places of the samples."""
        return windowed_order(self._blocks, seed=seed, epoch=epoch)

    def spread(self, count: int) -> Indices:
        """Return so many places in even steps."""
        return spread_over(self._blocks, count)

    def batches(self, order: Order, size: int, *, first: int = 0) -> Generator[Batch, None, None]:
        """Yield batches in the given order."""
        device = next(iter(self._tensors.values())).device
        places = torch.from_numpy(as_array(order)).to(device)
        for begin in range(first * size, len(order), size):
            chosen = places[begin : begin + size]
            # More than twice as fast as tensor[chosen] on a processor.
            yield {name: tensor.index_select(0, chosen) for name, tensor in self._tensors.items()}


class StreamFeed:
    """Samples that are read batch by batch, some batches ahead, while the model computes."""

    def __init__(
        self,
        data_set: DataSet,
        samples: Rows,
        fields: Sequence[DataField],
        device: torch.device,
        *,
        stops_when_lost: bool = False,
    ) -> None:
        self._stops_when_lost = stops_when_lost
        self._data_set = data_set
        self._indices = samples
        self._fields = fields
        self._device = device
        self._blocks = places_of(samples, data_set.blocks)
        self._trouble = ""

    @property
    def samples(self) -> int:
        """How many there are."""
        return len(self._indices)

    @property
    def bytes_held(self) -> int:
        """Nothing but the batches that are read ahead."""
        return 0

    @property
    def trouble(self) -> str:
        """What could not be read any more."""
        return self._trouble

    def accept_losses(self) -> None:
        """Let others stand in from here on."""
        self._stops_when_lost = False

    def order(self, *, seed: int, epoch: int) -> Order:
        """Shuffle the places of the samples; those that are read together stay near each other."""
        return windowed_order(self._blocks, seed=seed, epoch=epoch)

    def spread(self, count: int) -> Indices:
        """Return so many places in even steps; of many blocks those of a few."""
        return spread_over(self._blocks, count)

    def batches(self, order: Order, size: int, *, first: int = 0) -> Generator[Batch, None, None]:
        """Yield batches in the given order; closing the iterator ends the reading."""
        ready: Queue[Batch | BaseException | None] = Queue(_READ_AHEAD)
        closing = Event()
        reader = Thread(
            target=self._read_ahead, args=(order, size, first, ready, closing), name="reader"
        )
        reader.start()
        try:
            while (item := ready.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                yield {
                    name: tensor.to(self._device, non_blocking=True)
                    for name, tensor in item.items()
                }
        finally:
            closing.set()
            _drain(ready)
            reader.join()

    def _read_ahead(
        self,
        order: Order,
        size: int,
        first: int,
        ready: "Queue[Batch | BaseException | None]",
        closing: Event,
    ) -> None:
        last: BaseException | None = None
        try:
            together = self._together(size)
            for begin in range(first * size, len(order), together):
                read = self._read(as_array(order[begin : begin + together]))
                for batch in _cut(read, size, min(together, len(order) - begin)):
                    if not _put(ready, batch, closing):
                        return
        except BaseException as error:  # noqa: BLE001 - raised again where the batch is wanted
            last = error
        _put(ready, last, closing)

    def _together(self, size: int) -> int:
        """Return how many samples are read at once: of blocks more, since a batch is in many."""
        if len(self._blocks) <= 2:
            return size
        bytes_each = sum(_bytes_per_sample(field) for field in self._fields)
        most = min(_READ_OF_BLOCKS, _READ_BYTES // max(bytes_each, 1))
        return max(most // size, 1) * size

    def _read(self, places: Indices) -> Batch:
        try:
            return self._read_all(places)
        except SamplesLostError as error:
            there = places[~error.lost]
            if self._stops_when_lost or not len(there):
                raise
            self._trouble = f"{error.title}: {error.where}. {error.why}"
            # Others stand in, so that every batch is as large as it was planned.
            return self._read(np.resize(there, len(places)))

    def _read_all(self, places: Indices) -> Batch:
        samples = self._indices[places]
        batch = {}
        for field in self._fields:
            tensor = _tensor(self._data_set.read(field.name, samples), field)
            # Only from pinned memory does a copy run beside the computation.
            batch[field.name] = tensor.pin_memory() if self._device.type == "cuda" else tensor
        return batch


def _cut(read: Batch, size: int, count: int) -> Iterator[Batch]:
    for begin in range(0, count, size):
        yield {name: tensor[begin : begin + size] for name, tensor in read.items()}


def _put(
    ready: "Queue[Batch | BaseException | None]",
    item: Batch | BaseException | None,
    closing: Event,
) -> bool:
    """Hand an item over; False where nobody waits for it any more."""
    while not closing.is_set():
        try:
            ready.put(item, timeout=0.5)
        except Full:
            continue
        return True
    return False


def _drain(ready: "Queue[Batch | BaseException | None]") -> None:
    """Make room, so that a reader that waits for it goes on at once."""
    try:
        while True:
            ready.get_nowait()
    except Empty:
        pass


def _tensor(values: npt.NDArray[np.generic], field: DataField) -> Tensor:
    """Turn values as they are stored into what the model takes; bytes of images become 0..1."""
    kind = _TYPES[field.dtype]
    # torch cannot take arrays that nobody may write to.
    tensor = torch.from_numpy(np.require(values, requirements=["C", "W"]))
    if field.kind == "image" and tensor.dtype == torch.uint8:
        return tensor.to(kind).div_(255)
    return tensor.to(kind)


def _field(data_set: DataSet, name: str) -> DataField:
    found = next((field for field in data_set.spec.fields if field.name == name), None)
    if found is not None:
        return found
    known = ", ".join(field.name for field in data_set.spec.fields)
    raise DataError(
        f"{data_set.spec.title} has no field called “{name[:60]}”",
        why=f"It has {known}.",
        where=data_set.spec.name,
        hint="Choose the data set of the Data node again.",
    )


def _bytes_per_sample(field: DataField) -> int:
    return int(np.prod(field.sizes, dtype=np.int64)) * _TYPES[field.dtype].itemsize


def _room(device: torch.device) -> int:
    limit = memory_limit()
    if limit is not None:
        return room_within(limit)
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        return int(free * _LARGEST_SHARE)
    return int(psutil.virtual_memory().available * _LARGEST_SHARE)
