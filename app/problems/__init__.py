"""The list of problems, each with the button that mends it."""

from app.problems.panel import ProblemsPanel

__all__ = ["ProblemsPanel"]
