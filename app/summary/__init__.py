"""The Summary panel: what each layer of the drawing costs and sees, as a table."""

from app.summary.panel import SummaryPanel

__all__ = ["SummaryPanel"]
