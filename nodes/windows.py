"""Windows that slide along an axis: the arithmetic that convolution and pooling share."""

import msgspec

from nodes.sizes import Size

_NAMES = {1: ("Length",), 2: ("Height", "Width"), 3: ("Depth", "Height", "Width")}


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """How a window of some taps moves along one axis."""

    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    ceil: bool = False
    """Keep a last window that reaches over the end."""

    @property
    def reach(self) -> int:
        """The stretch from the first tap to the last, both counted."""
        return self.dilation * (self.kernel - 1) + 1

    def places(self, size: Size) -> Size:
        """Return at how many places the window stands along ``size``; below 1 it does not fit."""
        room = size + 2 * self.padding - self.reach
        if not self.ceil:
            return room // self.stride + 1
        # Rounded up, but torch drops a last window that would begin in the padding at the end.
        # Both bounds grow alike with the size, so their order does not depend on it.
        begin = size + self.padding
        last = begin if self.padding + self.stride > self.reach else room + self.stride
        return (last + self.stride - 1) // self.stride

    def explain(self, size: Size, places: Size) -> str:
        """Write the arithmetic with its numbers: ``⌊(14 + 2·1 − 3) ÷ 2⌋ + 1 = 7``."""
        terms = str(size)
        terms += f" + 2·{self.padding}" if self.padding else ""
        if self.dilation > 1:
            terms += f" − {self.dilation}·({self.kernel} − 1) − 1"
        elif self.kernel > 1:
            terms += f" − {self.kernel}"
        elif self.stride > 1:
            terms += " − 1"
        if self.stride == 1:
            ending = "" if self.dilation == 1 and self.kernel == 1 else " + 1"
            return f"{terms}{ending} = {places}" if terms + ending != str(size) else f"{places}"
        left, right = "⌈⌉" if self.ceil else "⌊⌋"
        return f"{left}({terms}) ÷ {self.stride}{right} + 1 = {places}"


def each(span: int | tuple[int, ...], axes: int) -> tuple[int, ...]:
    """Return the value for each of the axes."""
    return span if isinstance(span, tuple) else (span,) * axes


def single(values: tuple[int, ...]) -> int | tuple[int, ...]:
    """Return one number where all are equal, as people write it."""
    return values[0] if len(set(values)) == 1 else values


def spans(values: tuple[int, ...]) -> int | list[int]:
    """Return values as a project file holds them: one number, or a list."""
    return values[0] if len(set(values)) == 1 else list(values)


def slide(windows: tuple[Window, ...], sizes: tuple[Size, ...]) -> tuple[Size, ...]:
    """Return the number of places along each axis."""
    return tuple(window.places(size) for window, size in zip(windows, sizes, strict=True))


def fits(sizes: tuple[Size, ...]) -> bool:
    """Say whether every size is at least 1, as far as it is known."""
    return all(not isinstance(size, int) or size >= 1 for size in sizes)


def explain(parts: tuple[str, ...]) -> str:
    """Join the arithmetic of the axes: ``Height: …, width the same``."""
    names = _NAMES[len(parts)]
    if len(parts) > 1 and len(set(parts)) == 1:
        return f"{names[0]}: {parts[0]}, {' and '.join(names[1:]).lower()} the same"
    return ". ".join(f"{name}: {part}" for name, part in zip(names, parts, strict=True))
