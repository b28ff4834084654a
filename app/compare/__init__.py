"""Runs beside each other: curves, what differs, and what each came to."""

from app.compare.panel import ComparisonPanel

__all__ = ["ComparisonPanel"]
