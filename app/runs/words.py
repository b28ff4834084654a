"""What the list says of a run."""

from __future__ import annotations

from datetime import datetime

from app.figures import count, duration, figure, percent
from app.runs.reading import RunLine
from engine.data.metric_names import is_share
from engine.runs.record import State

LOOKS: dict[State, tuple[str, str, str]] = {
    "running": ("dot", "ok", "training"),
    "finished": ("done", "ok", "finished"),
    "stopped": ("stop", "text3", "stopped"),
    "stopped_early": ("done", "ok", "stopped early"),
    "failed": ("ring", "err", "ended by a problem"),
    "lost": ("ring", "err", "ended without a word"),
}
"""Glyph, colour and word of each state."""

_PAUSED = ("pause", "warn", "paused")


def look_of(line: RunLine) -> tuple[str, str, str]:
    """Return glyph, colour and word of a run."""
    return _PAUSED if line.is_paused else LOOKS[line.state]


def best_words(line: RunLine) -> str:
    """The best value: accuracy in per cent, else the number; a dash where there is none."""
    if line.best is None:
        return "–"
    return percent(line.best) if is_share(line.metric) else figure(line.best)


def facts_words(line: RunLine) -> str:
    """How long it went: "4 epochs · 0:31"."""
    epochs = "1 epoch" if line.epochs == 1 else f"{line.epochs} epochs"
    return f"{epochs} · {duration(line.seconds)}" if line.seconds else epochs


def when_words(line: RunLine) -> str:
    """When it began: the time for today, else the day; a live run says so."""
    if line.state == "running":
        return look_of(line)[2]
    if line.started.date() == datetime.now().astimezone().date():
        return f"{line.started:%H:%M}"
    return f"{line.started.day} {line.started:%b}"


def second_words(line: RunLine) -> str:
    """What stands below the name: number, and what was noted of it, else when it began."""
    return f"{line.label} · {line.note or when_words(line)}"


def origin_words(line: RunLine, source: str) -> str:
    """Where a run was branched from; empty for one that began at its own first weights.

    Args:
        source: What the other run is called.
    """
    if line.branched is None:
        return ""
    epoch = f"{line.branched.epoch:.2f}".rstrip("0").rstrip(".")
    return f"Branched from {source} at epoch {epoch}, step {count(line.branched.step)}"


def spoken(line: RunLine) -> str:
    """A run in words, for screen readers."""
    words = [line.name, look_of(line)[2], f"{line.metric} {best_words(line)}".strip()]
    words += [facts_words(line), line.reason, line.label, line.note]
    words += ["starred"] if line.starred else []
    return ", ".join(word for word in words if word)
