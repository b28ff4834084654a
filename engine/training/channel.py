"""Messages between the window's process and the worker: msgpack frames over two pipes.

A frame is its length in four bytes, most significant first, and then the message. Nothing is
pickled, so a damaged or foreign frame can do nothing but be refused.
"""

import os
import sys
from threading import Lock
from typing import IO, BinaryIO, Final, Generic, TypeVar

import msgspec

from engine.training.messages import Event, Request
from nodes.errors import RunError

_LENGTH_BYTES: Final = 4
_LARGEST: Final = 1 << 30

_Message = TypeVar("_Message")


class Sender:
    """Writes messages; may be used by several threads."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._encoder = msgspec.msgpack.Encoder()
        self._lock = Lock()

    def send(self, message: Event | Request) -> None:
        """Write one message.

        Raises:
            OSError: Nobody reads any more.
        """
        content = self._encoder.encode(message)
        with self._lock:
            self._stream.write(len(content).to_bytes(_LENGTH_BYTES, "big") + content)
            self._stream.flush()


class Receiver(Generic[_Message]):
    """Reads messages of one union of types."""

    def __init__(self, stream: IO[bytes], decoder: msgspec.msgpack.Decoder[_Message]) -> None:
        self._stream = stream
        self._decoder = decoder

    def receive(self) -> _Message | None:
        """Wait for a message; None where the other side has gone.

        Raises:
            RunError: What came is not a message.
        """
        head = self._exactly(_LENGTH_BYTES)
        if head is None:
            return None
        length = int.from_bytes(head, "big")
        if length > _LARGEST:
            raise _not_a_message(f"It would be {length} bytes long.")
        content = self._exactly(length)
        if content is None:
            return None
        try:
            return self._decoder.decode(content)
        except msgspec.DecodeError as error:
            raise _not_a_message(f"{error}.") from error

    def _exactly(self, count: int) -> bytes | None:
        """Read ``count`` bytes; None where the stream ends before."""
        parts = bytearray()
        while len(parts) < count:
            part = self._stream.read(count - len(parts))
            if not part:
                return None
            parts += part
        return bytes(parts)


def own_streams() -> tuple[BinaryIO, BinaryIO]:
    """Take standard input and output for messages, and leave harmless ones in their place."""
    requests_in = os.fdopen(os.dup(0), "rb")
    events_out = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(requests_in.fileno(), os.O_BINARY)
        msvcrt.setmode(events_out.fileno(), os.O_BINARY)
    return requests_in, events_out


def _not_a_message(why: str) -> RunError:
    return RunError(
        "The training process sent something unreadable",
        why=why,
        hint="Train again; a new process is used.",
    )
