"""Amounts in the words of panels: ``4 640``, ``1.69 M``, ``15 %``."""

from __future__ import annotations

THIN = "\u202f"
_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def grouped(value: int) -> str:
    """A whole number with its thousands set apart: ``4 640``."""
    return f"{value:,}".replace(",", THIN).replace("-", "−")


def amount(value: float) -> str:
    """A large number in three figures: ``173 k``, ``1.69 M``, ``640``."""
    for size, unit in _UNITS:
        # 999.6 k is written as 1.00 M, so the next unit begins where rounding reaches it.
        if value >= size * 0.9995:
            return f"{_three_figures(value / size)}{THIN}{unit}"
    return str(round(value))


def millions(value: int) -> str:
    """An amount of work: in millions from ten thousand on, ``0.45 M``."""
    if 10_000 <= value < 999_500:
        return f"{value / 1e6:.2f}{THIN}M"
    return amount(value)


def share(value: float) -> str:
    """A share from 0 to 1: ``15 %``, ``2.5 %``."""
    return f"{value * 100:.3g}{THIN}%"


def byte_size(count: int) -> str:
    """A count of bytes: ``784 bytes``, ``12.5 KB``."""
    size = float(count)
    for unit in ("bytes", "KB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.3g}{THIN}{unit}" if unit != "bytes" else f"{count}{THIN}bytes"
        size /= 1000
    raise AssertionError("the last unit takes any size")


def _three_figures(value: float) -> str:
    digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{digits}f}"
