"""Numbers as the interface writes them: thin spaces, a true minus, at most four digits."""

from __future__ import annotations

import math

THIN = "\u202f"
MINUS = "\u2212"
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
    decimals = max(0, digits - 1 - math.floor(math.log10(size)))
    rounded = round(size, decimals)
    return _signed(value, _grouped(f"{rounded:.{decimals}f}"))


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


def rate(per_second: float) -> str:
    """Steps a second: ``38``, ``3.4``, ``1 250``."""
    if not math.isfinite(per_second):
        return "–"
    return count(round(per_second)) if per_second >= 10 else figure(per_second, 2)


def tick(value: float, step: float) -> str:
    """A number on an axis, with the decimals its step needs."""
    if value == 0:
        value = 0.0  # -0.0 has a sign
    if abs(step) < _SMALLEST_PLAIN or abs(value) >= _LARGEST_PLAIN:
        return _scientific(value, 1) if value else "0"
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return _signed(value, _grouped(f"{abs(value):.{decimals}f}"))


def _scientific(value: float, decimals: int) -> str:
    mantissa, power = f"{abs(value):.{decimals}e}".split("e")
    sign = MINUS if int(power) < 0 else ""
    return _signed(value, f"{mantissa}e{sign}{abs(int(power))}")


def _grouped(text: str) -> str:
    whole, point, rest = text.partition(".")
    if len(whole) < 5:
        return whole + point + rest
    return f"{int(whole):,}".replace(",", THIN) + point + rest


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _signed(value: float, text: str) -> str:
    return MINUS + text if value < 0 else text
