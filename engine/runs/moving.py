"""Moving a run to where there is room; a link in its place lets it be found as before."""

import os
import shutil
import sqlite3
from collections.abc import Collection
from pathlib import Path
from typing import Final

from engine.atomic import why_unwritten
from engine.runs.branching import copy_figures
from nodes.errors import RunError

_FIGURES: Final = "metrics.sqlite"


def move_run(run: Path, into: Path) -> Path:
    """Move the folder of a run into another folder, and return where it lies now.

    What was there is removed once all of it is copied. Figures that are being written are copied as
    they were written last; whoever writes them opens them anew.

    Raises:
        RunError: There is no room or no permission; the run is where it was.
    """
    former = Path(os.path.realpath(run))
    there = _new_name(Path(os.path.realpath(into)), run.name)
    if former in there.parents:
        raise _cannot_move(there, "It would lie within itself.")
    try:
        there.mkdir(parents=True)
        shutil.copytree(former, there, ignore=_left_out, dirs_exist_ok=True)
        if (former / _FIGURES).is_file():
            copy_figures(former / _FIGURES, there / _FIGURES)
        _put_link(run, former, there)
    except (OSError, sqlite3.Error) as error:
        shutil.rmtree(there, ignore_errors=True)
        raise _cannot_move(there, why_unwritten(error, there.parent)) from error
    return there


def _put_link(run: Path, former: Path, there: Path) -> None:
    """Let the link take the run's place first: nothing is removed before it stands."""
    aside = run.with_name(f".{run.name}.former")
    run.rename(aside)
    try:
        run.symlink_to(there, target_is_directory=True)
    except OSError:
        aside.rename(run)
        raise
    if aside.is_symlink():
        aside.unlink()
        aside = former
    shutil.rmtree(aside, ignore_errors=True)


def _left_out(_: str, names: list[str]) -> Collection[str]:
    """Leave out the figures, which are copied as a database, and what is half written."""
    return [name for name in names if name.startswith(_FIGURES) or name.endswith(".tmp")]


def _new_name(folder: Path, name: str) -> Path:
    taken = (folder / (name if number == 1 else f"{name}-{number}") for number in range(1, 1000))
    return next(place for place in taken if not place.exists())


def _cannot_move(there: Path, why: str) -> RunError:
    return RunError(
        "The run could not be moved",
        why=why,
        where=str(there),
        hint="Choose a folder on a disk with room; the run is where it was.",
    )
