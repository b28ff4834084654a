"""Figures as the interface writes them: thin spaces, units, at most four significant digits."""

from __future__ import annotations

THIN = "\u202f"
_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def grouped(number: int) -> str:
    """Write a count with thin spaces between thousands: ``36 170``."""
    return f"{number:,}".replace(",", THIN)


def scaled(number: float) -> str:
    """Write a large count short: ``2.1 M``."""
    for size, unit in _UNITS:
        if number >= size:
            return f"{number / size:.3g}{THIN}{unit}"
    return f"{number:.4g}"


def memory(size_bytes: float) -> str:
    """Write an amount of memory: ``212 MB``, ``1.9 GB``."""
    if size_bytes >= 1e9:
        return f"{size_bytes / 1e9:.1f}{THIN}GB"
    if size_bytes >= 1e6:
        return f"{size_bytes / 1e6:.0f}{THIN}MB"
    return f"{size_bytes / 1e3:.0f}{THIN}kB"


def duration(seconds: float) -> str:
    """Write a time: ``0:08``, from an hour ``1 h 12 min``."""
    whole = max(0, round(seconds))
    if whole >= 3600:
        return f"{whole // 3600}{THIN}h {whole % 3600 // 60}{THIN}min"
    return f"{whole // 60}:{whole % 60:02d}"


def rate(per_second: float) -> str:
    """Write a speed as a whole number, or with a decimal below ten."""
    return f"{per_second:.1f}" if per_second < 10 else grouped(round(per_second))
