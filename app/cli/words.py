"""How the command line writes figures: thin spaces, ``0:08``, ``1.6 MB``."""

from collections.abc import Mapping

from engine.data.metric_names import is_share

THIN_SPACE = "\u202f"

_UNITS = ("bytes", "KB", "MB", "GB", "TB")


def number(value: int) -> str:
    """Write a whole number, its thousands set apart by thin spaces."""
    return f"{value:,}".replace(",", THIN_SPACE)


def percent(share: float, digits: int = 1) -> str:
    """Write a share from 0 to 1 in per cent."""
    return f"{share * 100:.{digits}f}{THIN_SPACE}%"


def metric(value: float | None, name: str) -> str:
    """Write a metric as its name asks for: accuracy in per cent, all else as a number."""
    if value is None:
        return "–"
    return percent(value) if is_share(name) else figure(value)


def figure(value: float | None) -> str:
    """Write a measured number with four figures, with a true minus."""
    if value is None:
        return "–"
    return f"{value:.4g}".replace("-", "−")


def figures_line(figures: Mapping[str, float]) -> str:
    """Write figures with their names: ``Cross-entropy 0.31 · accuracy of scores 91 %``."""
    kinds = {name: name.partition(" of ")[0] for name in figures}
    return " · ".join(f"{name} {metric(figures[name], kind)}" for name, kind in kinds.items())


def duration(seconds: float) -> str:
    """Write a time: ``0:08``, ``12:30``, and from an hour ``1 h 12 min``."""
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02}"
    return f"{whole // 3600}{THIN_SPACE}h {whole % 3600 // 60}{THIN_SPACE}min"


def brief(seconds: float) -> str:
    """Write a measured stretch of time: ``41.2 µs``, ``3.05 ms``."""
    if seconds >= 1:
        return f"{seconds:.3g}{THIN_SPACE}s"
    unit, factor = ("ms", 1e3) if seconds >= 1e-3 else ("µs", 1e6)
    return f"{seconds * factor:.3g}{THIN_SPACE}{unit}"


def size(count: int) -> str:
    """Write a count of bytes in its largest fitting unit, in steps of 1 000."""
    amount = float(count)
    for unit in _UNITS:
        if amount < 1000 or unit == _UNITS[-1]:
            break
        amount /= 1000
    digits = 0 if unit == "bytes" or amount >= 100 else 1
    return f"{amount:.{digits}f}{THIN_SPACE}{unit}"
