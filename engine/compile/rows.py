"""Repeated layers as one constructor call: ``nn.Sequential(A(3), *[B(4 * 2**i) for i in ...])``."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from nodes.layer import Call, Expression, Setting

_FEWEST_IN_PROGRESSION = 3


class Segment(msgspec.Struct, frozen=True):
    """Neighbours in a row whose calls differ by nothing but their number."""

    call: Call
    """Its values may use ``i``, counted from 0 within the segment."""

    count: int = 1

    def source(self) -> str:
        """Return it as items of a list."""
        if self.count == 1:
            return self.call.source()
        return f"*[{self._comprehension()}]"

    def alone(self) -> str:
        """Return it as a list of its own."""
        return f"[{self._comprehension() if self.count > 1 else self.call.source()}]"

    def _comprehension(self) -> str:
        made = self.call.source()
        index = "i" if _uses_index(self.call) else "_"
        return f"{made} for {index} in range({self.count})"


class Row(Call, frozen=True):
    """A container of modules: ``nn.Sequential`` or ``nn.ModuleList``."""

    segments: tuple[Segment, ...] = ()

    def source(self) -> str:
        """Return the call as Python source."""
        if self.target == "nn.Sequential":
            return f"nn.Sequential({', '.join(segment.source() for segment in self.segments)})"
        if len(self.segments) == 1:
            return f"{self.target}({self.segments[0].alone()})"
        return f"{self.target}([{', '.join(segment.source() for segment in self.segments)}])"


def row(target: str, calls: Sequence[Call]) -> Row:
    """Return the container for calls; what follows a rule is written by its rule."""
    return Row(target, segments=tuple(_segments(calls)))


class Rule(Expression, frozen=True):
    """A value that is computed from the number of the round, ``i``."""


def _segments(calls: Sequence[Call]) -> Iterator[Segment]:
    while calls:
        same = _same_from_start(calls)
        ruled = _ruled_from_start(calls)
        if ruled is not None and ruled.count > same:
            yield ruled
            calls = calls[ruled.count :]
        else:
            yield Segment(calls[0], same)
            calls = calls[same:]


def _same_from_start(calls: Sequence[Call]) -> int:
    return next((n for n, call in enumerate(calls) if call != calls[0]), len(calls))


def _ruled_from_start(calls: Sequence[Call]) -> Segment | None:
    """Return the longest run from the start whose values are constant or follow a rule."""
    best = None
    for count in range(_FEWEST_IN_PROGRESSION, len(calls) + 1):
        call = _by_rule(calls[:count])
        if call is None:
            break
        best = Segment(call, count)
    return best


def _by_rule(calls: Sequence[Call]) -> Call | None:
    first = calls[0]
    forms = {
        (call.target, len(call.args), tuple(name for name, _ in call.kwargs)) for call in calls
    }
    if len(forms) > 1 or isinstance(first, Row):
        return None
    args = [_rule([call.args[place] for call in calls]) for place in range(len(first.args))]
    named = [
        (pair, _rule([call.kwargs[place][1] for call in calls]))
        for place, pair in enumerate(first.kwargs)
    ]
    if None in args or any(value is None for _, value in named):
        return None
    return Call(
        first.target,
        tuple(found.value for found in args if found is not None),
        tuple(_with_value(pair, found.value) for pair, found in named if found is not None),
    )


def _with_value(pair: tuple[str, object], value: object) -> tuple[str, object]:
    if isinstance(pair, Setting):
        return Setting(pair[0], value, pair.default)
    return (pair[0], value)


class _Found(NamedTuple):
    value: object


def _rule(values: Sequence[object]) -> _Found | None:
    first = values[0]
    if all(type(value) is type(first) and value == first for value in values):
        return _Found(first)
    if not all(type(value) is int for value in values):
        return None
    numbers = [value for value in values if isinstance(value, int)]
    for write in (_linear, _geometric):
        text = write(numbers)
        if text is not None:
            return _Found(Rule(text))
    return None


def _linear(numbers: Sequence[int]) -> str | None:
    first, step = numbers[0], numbers[1] - numbers[0]
    if any(number != first + step * place for place, number in enumerate(numbers)):
        return None
    part = "i" if abs(step) == 1 else f"{abs(step)} * i"
    if first == 0:
        return part if step > 0 else f"-{part}"
    return f"{first} {'+' if step > 0 else '-'} {part}"


def _geometric(numbers: Sequence[int]) -> str | None:
    first, second = numbers[0], numbers[1]
    if first < 1 or second % first:
        return None
    ratio = second // first
    if any(number != first * ratio**place for place, number in enumerate(numbers)):
        return None
    return f"{ratio}**i" if first == 1 else f"{first} * {ratio}**i"


def _uses_index(call: Call) -> bool:
    values = (*call.args, *(value for _, value in call.kwargs))
    return any(isinstance(value, Rule) for value in values)
