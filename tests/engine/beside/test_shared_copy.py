"""What one process writes, another reads whole; judged by tensors that all hold the same number."""

import sys
from pathlib import Path
from threading import Event, Thread

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.beside.memory import SharedMemory, open_memory
from engine.beside.shared_copy import ReadCopy, WrittenCopy

_TYPES = st.sampled_from([torch.float32, torch.float64, torch.int64, torch.bool, torch.bfloat16])
_SHAPES = st.lists(st.integers(0, 5), max_size=3).map(tuple)


@given(st.lists(st.tuples(_SHAPES, _TYPES), max_size=6), st.integers(0, 10**6), st.floats(0, 1e6))
def test_tensors_of_any_size_and_type_come_back_as_they_were(
    kinds: list[tuple[tuple[int, ...], torch.dtype]], step: int, epoch: float
) -> None:
    tensors = [(torch.rand(shape) * 100 - 50).to(dtype) for shape, dtype in kinds]
    into = [torch.zeros_like(tensor) for tensor in tensors]
    written = WrittenCopy(tensors)
    read = ReadCopy(open_memory(written.memory.name, written.memory.size), into)
    assert read.read() is None

    written.write(step, epoch)
    moment = read.read()

    assert moment is not None and (moment.step, moment.epoch) == (step, epoch)
    assert all(torch.equal(one, other) for one, other in zip(tensors, into, strict=True))
    assert read.read() is None


def test_the_newest_of_several_copies_is_read() -> None:
    tensor, into = torch.zeros(3), torch.zeros(3)
    written = WrittenCopy([tensor])
    read = ReadCopy(open_memory(written.memory.name, written.memory.size), [into])

    for step in range(5):
        tensor.fill_(step)
        written.write(step, 0.0)

    moment = read.read()
    assert moment is not None and moment.step == 4
    assert into.tolist() == [4, 4, 4]


def test_a_reader_never_sees_a_torn_set_while_a_writer_writes_without_pause() -> None:
    tensors = [torch.zeros(5_000), torch.zeros(7, dtype=torch.int64), torch.zeros(300, 50)]
    into = [torch.zeros_like(tensor) for tensor in tensors]
    written = WrittenCopy(tensors)
    read = ReadCopy(open_memory(written.memory.name, written.memory.size), into)
    is_over = Event()

    def write() -> None:
        step = 0
        while not is_over.is_set():
            step += 1
            for tensor in tensors:
                tensor.fill_(step)
            written.write(step, step / 2)

    writer = Thread(target=write)
    writer.start()
    try:
        seen = 0
        while seen < 60:
            moment = read.read()
            if moment is None:
                continue
            seen += 1
            assert moment.epoch == moment.step / 2
            assert all((tensor == moment.step).all() for tensor in into)
    finally:
        is_over.set()
        writer.join()


@pytest.mark.skipif(sys.platform == "win32", reason="there it never is a file")
def test_once_opened_nothing_of_it_is_left_on_the_disk() -> None:
    memory = SharedMemory(64)
    assert Path(memory.name).exists()

    other = open_memory(memory.name, 64)

    assert not Path(memory.name).exists()
    memory.bytes[:2] = b"ab"
    assert other[:2] == b"ab"


@pytest.mark.skipif(sys.platform != "linux", reason="only there is room refused at once")
def test_more_than_there_is_room_for_is_refused() -> None:
    with pytest.raises(OSError, match=r"No space|too large|Invalid"):
        SharedMemory(1 << 50)
