"""Looking at files before they become a data set: what they hold and what is wrong with them."""

from engine.data.inspect.detect import inspect_path
from engine.data.inspect.report import ColumnFacts, Finding, Inspection

__all__ = ["ColumnFacts", "Finding", "Inspection", "inspect_path"]
