"""The list of training runs."""

from app.runs.panel import RunsPanel

__all__ = ["RunsPanel"]
