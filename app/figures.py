"""Numbers as the interface writes them: thin spaces, a true minus, at most four digits."""

from __future__ import annotations

import math
from collections.abc import Sequence

THIN = "\u202f"
MINUS = "\u2212"
_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_SMALLEST_PLAIN = 1e-3
_LARGEST_PLAIN = 1e7


def figure(value: float | None, digits: int = 3) -> str:
    """A measured value: ``0.104``, ``3.31``, ``2.04e−4``, ``36 170``; a dash for nothing."""
    if value is None:
        return "–"
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else _signed(value, "∞")
    size = abs(value)
    if size == 0:
        return "0"
    if size < _SMALLEST_PLAIN or size >= _LARGEST_PLAIN:
        return _scientific(value, digits - 1)
    # Of the rounded value: 0.9999 is written as 1.00, not as 1.000.
    power = int(f"{size:.{digits - 1}e}".partition("e")[2])
    decimals = max(0, digits - 1 - power)
    return _signed(value, _grouped(f"{size:.{decimals}f}"))


def setting(value: float) -> str:
    """A chosen value, without zeros nobody wrote: ``0.001``, ``2.04e−4``, ``64``."""
    text = figure(value)
    if "e" in text or "." not in text:
        mantissa, mark, power = text.partition("e")
        return _trimmed(mantissa) + mark + power
    return _trimmed(text)


def count(value: int) -> str:
    """A whole number: ``36 170``."""
    return _signed(value, _grouped(str(abs(value))))


def percent(share: float | None) -> str:
    """A share from 0 to 1 with its sign: ``98.6 %``."""
    return "–" if share is None else f"{percent_digits(share)}{THIN}%"


def percent_digits(share: float) -> str:
    """A share from 0 to 1 as a percentage without the sign: ``98.6``; ``100`` only if it is all."""
    if share >= 1:
        return "100"
    # 99.96 is not yet 100: rounding must not claim that nothing is wrong.
    return f"{min(share * 100, 99.9):.1f}".replace("-", MINUS)


def duration(seconds: float) -> str:
    """Time as ``0:08`` or, from an hour, ``1 h 12 min``."""
    if not math.isfinite(seconds) or seconds < 0:
        return "–"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d}"
    return f"{count(whole // 3600)}{THIN}h {whole % 3600 // 60}{THIN}min"


def rough_duration(seconds: float) -> str:
    """How long something takes, for who only wants to know whether to wait: ``27 s``, ``2 min``."""
    if seconds < 1:
        return f"1{THIN}s"
    if seconds < 90:
        return f"{round(seconds)}{THIN}s"
    return f"{round(seconds / 60)}{THIN}min"


def brief(seconds: float) -> str:
    """A measured stretch of time in three digits: ``41.2 µs``, ``3.05 ms``, ``1.20 s``."""
    for size, unit in ((1.0, "s"), (1e-3, "ms")):
        if seconds >= size * 0.9995:
            return f"{_three_digits(seconds / size)}{THIN}{unit}"
    return f"{_three_digits(seconds * 1e6)}{THIN}µs"


def rate(per_second: float) -> str:
    """Steps a second: ``38``, ``3.4``, ``1 250``."""
    if not math.isfinite(per_second):
        return "–"
    return count(round(per_second)) if per_second >= 10 else figure(per_second, 2)


def amount(value: float) -> str:
    """A large number in three digits: ``173 k``, ``1.69 M``, ``640``."""
    for size, unit in _UNITS:
        # 999.6 k is written as 1.00 M, so the next unit begins where rounding reaches it.
        if value >= size * 0.9995:
            return f"{_three_digits(value / size)}{THIN}{unit}"
    return str(round(value))


def millions(value: int) -> str:
    """An amount of work: in millions from ten thousand on, ``0.45 M``."""
    if 10_000 <= value < 999_500:
        return f"{value / 1e6:.2f}{THIN}M"
    return amount(value)


def rough_percent(share: float) -> str:
    """A chosen share from 0 to 1 without zeros nobody wrote: ``15 %``, ``2.5 %``."""
    return f"{share * 100:.3g}{THIN}%"


def byte_size(size_bytes: float) -> str:
    """An amount of memory: ``784 bytes``, ``12.5 kB``, ``212 MB``, ``1.9 GB``."""
    if size_bytes < 1000:
        return f"{size_bytes:.0f}{THIN}bytes"
    for size, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size_bytes >= size * 0.9995:
            return f"{size_bytes / size:.3g}{THIN}{unit}"
    return f"{size_bytes / 1e3:.3g}{THIN}kB"


def places(sizes: Sequence[int | None]) -> str:
    """A receptive field: ``12×12``, ``all``; nothing for data without places."""
    if sizes and set(sizes) == {None}:
        return "all"
    return "×".join("all" if size is None else count(size) for size in sizes)


def tick(value: float, step: float) -> str:
    """A number on an axis, with the decimals its step needs."""
    if value == 0:
        value = 0.0  # -0.0 has a sign
    if abs(step) < _SMALLEST_PLAIN or abs(value) >= _LARGEST_PLAIN:
        return _scientific(value, 1) if value else "0"
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return _signed(value, _grouped(f"{abs(value):.{decimals}f}"))


def _three_digits(value: float) -> str:
    digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{digits}f}"


def _scientific(value: float, decimals: int) -> str:
    mantissa, power = f"{abs(value):.{decimals}e}".split("e")
    sign = MINUS if int(power) < 0 else ""
    return _signed(value, f"{mantissa}e{sign}{abs(int(power))}")


def _grouped(text: str) -> str:
    whole, point, rest = text.partition(".")
    return f"{int(whole):,}".replace(",", THIN) + point + rest


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _signed(value: float, text: str) -> str:
    return MINUS + text if value < 0 else text
