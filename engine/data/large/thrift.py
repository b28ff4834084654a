"""The compact form of Thrift, in which Parquet writes its heads: read, and written again.

Of a struct the fields are known by their numbers alone, so that what this program knows nothing of
stays as it is (github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md).
"""

import struct
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

Fields: TypeAlias = dict[int, tuple[int, Any]]
"""A struct: the kind and the value of each field, by its number."""

TRUE: Final = 1
FALSE: Final = 2
BYTE: Final = 3
INT_16, INT_32, INT_64 = 4, 5, 6
DOUBLE: Final = 7
BINARY: Final = 8
LIST: Final = 9
SET: Final = 10
STRUCT: Final = 12

_INTEGERS: Final = (INT_16, INT_32, INT_64)
_LONG_LIST: Final = 15
_DEEPEST: Final = 32


def read_struct(content: bytes, at: int = 0) -> tuple[Fields, int]:
    """Read a struct, and return also where it ends.

    Raises:
        ValueError: There is none, or it is cut off.
    """
    reader = _Reader(content, at)
    try:
        return reader.fields(0), reader.at
    except (IndexError, struct.error) as error:
        raise ValueError("A head of the file is cut off") from error


def write_struct(fields: Fields) -> bytes:
    """Write a struct."""
    written, last = bytearray(), 0
    for number, (kind, value) in sorted(fields.items()):
        step = number - last
        written += bytes([step << 4 | kind]) if 0 < step < 16 else bytes([kind]) + _signed(number)
        written += b"" if kind in (TRUE, FALSE) else _written(kind, value)
        last = number
    return bytes(written) + b"\0"


class _Reader:
    def __init__(self, content: bytes, at: int) -> None:
        self._content = content
        self.at = at

    def fields(self, depth: int) -> Fields:
        if depth > _DEEPEST:
            raise ValueError("A head of the file is nested too deep")
        found: Fields = {}
        number = 0
        while head := self._byte():
            step, kind = head >> 4, head & 15
            number = number + step if step else self._signed()
            found[number] = kind, self._value(kind, depth)
        return found

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (TRUE, FALSE):
            return kind == TRUE
        if kind == BYTE:
            return self._byte()
        if kind in _INTEGERS:
            return self._signed()
        if kind == DOUBLE:
            return struct.unpack("<d", self._bytes(8))[0]
        if kind == BINARY:
            return self._bytes(self._unsigned())
        if kind in (LIST, SET):
            return self._list(depth)
        if kind == STRUCT:
            return self.fields(depth + 1)
        raise ValueError("A head of the file has a field of an unknown kind")

    def _list(self, depth: int) -> tuple[int, list[Any]]:
        head = self._byte()
        kind, count = head & 15, head >> 4
        count = self._unsigned() if count == _LONG_LIST else count
        if kind in (TRUE, FALSE):
            return kind, [self._byte() for _ in range(count)]
        return kind, [self._value(kind, depth + 1) for _ in range(count)]

    def _signed(self) -> int:
        value = self._unsigned()
        return value >> 1 ^ -(value & 1)

    def _unsigned(self) -> int:
        value = shift = 0
        while (byte := self._byte()) & 0x80:
            value |= (byte & 0x7F) << shift
            shift += 7
        return value | byte << shift

    def _byte(self) -> int:
        self.at += 1
        return self._content[self.at - 1]

    def _bytes(self, count: int) -> bytes:
        found = self._content[self.at : self.at + count]
        if len(found) < count:
            raise IndexError
        self.at += count
        return found


def _written(kind: int, value: Any) -> bytes:
    if kind == BYTE:
        return bytes([value])
    if kind in _INTEGERS:
        return _signed(value)
    if kind == DOUBLE:
        return struct.pack("<d", value)
    if kind == BINARY:
        return _unsigned(len(value)) + bytes(value)
    return _list(*value) if kind in (LIST, SET) else write_struct(value)


def _list(kind: int, values: Sequence[Any]) -> bytes:
    count = len(values)
    head = bytes([min(count, _LONG_LIST) << 4 | kind])
    head += _unsigned(count) if count >= _LONG_LIST else b""
    if kind in (TRUE, FALSE):
        return head + bytes(values)
    return head + b"".join(_written(kind, value) for value in values)


def _signed(value: int) -> bytes:
    return _unsigned(value << 1 if value >= 0 else (-value << 1) - 1)


def _unsigned(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])
