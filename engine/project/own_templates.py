"""Templates of one's own: project files in a folder of the person, opened as new projects."""

import contextlib
import re
from pathlib import Path

from msgspec.structs import replace

from engine.project.files import SUFFIX, load, save
from engine.project.project import Project

_UNFIT = re.compile(r"[^\w \-.,()&+]")
_LONGEST = 60
_OTHERWISE = "Template"


def own_templates(folder: Path) -> tuple[Path, ...]:
    """Return the files of a person's templates, by name; each is called as its file."""
    files = folder.glob(f"*{SUFFIX}") if folder.is_dir() else ()
    return tuple(sorted(files, key=lambda file: file.stem.casefold()))


def save_template(folder: Path, project: Project, name: str) -> Path:
    """Keep a project as a template; one of the same name stays, and the new one is counted.

    Raises:
        ProjectError: The file cannot be written.
    """
    wanted = _UNFIT.sub("", name).strip(" .")[:_LONGEST].strip(" .") or _OTHERWISE
    taken = {file.stem.casefold() for file in own_templates(folder)}
    free, number = wanted, 2
    while free.casefold() in taken:
        free, number = f"{wanted} {number}", number + 1
    path = folder / f"{free}{SUFFIX}"
    with contextlib.suppress(OSError):
        # Where it cannot be made, saving says why.
        folder.mkdir(parents=True, exist_ok=True)
    save(path, replace(project, name=free))
    return path


def open_own_template(path: Path) -> Project:
    """Return a person's template as a new project.

    Raises:
        ProjectError: The file cannot be read.
    """
    return load(path).project
