import io
import os
import threading
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.training.channel import Receiver, Sender
from engine.training.config import TrainingConfig
from engine.training.events import SamplesChosen, StepEnded, TrainingEvent
from engine.training.requests import Quit, StartRun, TrainerRequest, WatchLayers
from nodes.errors import RunError

REQUESTS = msgspec.msgpack.Decoder(TrainerRequest)
EVENTS = msgspec.msgpack.Decoder(TrainingEvent)


def test_messages_come_out_as_they_went_in() -> None:
    messages = [
        StartRun(project="{}\n“…”", config=TrainingConfig(run_folder="/a b")),
        WatchLayers(nodes=("a", "b"), sample=3),
        Quit(),
    ]
    stream = io.BytesIO()
    for message in messages:
        Sender(stream).send(message)
    stream.seek(0)

    receiver = Receiver(stream, REQUESTS)

    assert [receiver.receive() for _ in range(4)] == [*messages, None]


def test_a_message_larger_than_a_pipe_comes_through_whole() -> None:
    read_end, write_end = os.pipe()
    message = SamplesChosen(shape=(1, 1000, 1000), pixels=bytes(range(250)) * 4000)
    with os.fdopen(read_end, "rb") as reader, os.fdopen(write_end, "wb") as writer:
        thread = threading.Thread(target=Sender(writer).send, args=(message,))
        thread.start()
        received = Receiver(reader, EVENTS).receive()
        thread.join()

    assert received == message


@given(st.integers(0, 60))
def test_a_stream_that_ends_within_a_message_has_ended(kept: int) -> None:
    stream = io.BytesIO()
    event = StepEnded(
        step=1, epoch=0.5, losses=(1.0,), learning_rate=0.1, steps_per_second=1.0, seconds_left=0
    )
    Sender(stream).send(event)
    torn = io.BytesIO(stream.getvalue()[:kept])

    assert Receiver(torn, EVENTS).receive() is None


@given(st.binary(min_size=5, max_size=60))
def test_foreign_bytes_are_refused_and_nothing_else(noise: bytes) -> None:
    receiver = Receiver(io.BytesIO(noise), EVENTS)

    with suppress(RunError):
        assert receiver.receive() is None


def test_a_length_beyond_all_reason_is_refused_before_it_is_read() -> None:
    with pytest.raises(RunError):
        Receiver(io.BytesIO(b"\xff\xff\xff\xff"), EVENTS).receive()
