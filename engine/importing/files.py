"""A file of PyTorch source as a new project."""

from pathlib import Path
from typing import NamedTuple

from engine.graph.elements import EMPTY
from engine.graph.names import whole
from engine.importing.source import paste_source
from engine.project.project import Project
from nodes.errors import ProjectError

_LARGEST_FILE = 1_000_000


class Imported(NamedTuple):
    """What a file became."""

    project: Project
    notes: tuple[str, ...]
    """What was not understood, a sentence each."""


def import_source(path: Path) -> Imported:
    """Read the layers that a Python file makes, without running it.

    Raises:
        GraphError: No layer that is known is made there.
        ProjectError: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST_FILE).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "It is not text."
        raise ProjectError(
            "The file cannot be read",
            why=str(why or error),
            where=str(path),
            hint="Choose a Python file.",
        ) from error
    pasted = paste_source(EMPTY, text, (0.0, 0.0))
    return Imported(Project(name=whole(path.stem), graph=pasted.graph), pasted.notes)
