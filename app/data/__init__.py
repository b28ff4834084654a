"""The Data panel: what the network learns from, and how it is split."""

from app.data.panel import DataPanel

__all__ = ["DataPanel"]
