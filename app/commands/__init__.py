"""The command palette: everything a person can ask for, found by typing.

Where commands come from is the window's affair; this package searches, lists and runs them.
"""

from app.commands.command import Command, Source
from app.commands.palette import CommandPalette

__all__ = ["Command", "CommandPalette", "Source"]
