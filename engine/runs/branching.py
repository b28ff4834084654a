"""Branching: a new run that goes on from a recorded moment of another, which stays as it is."""

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from engine.runs.moments import Moment, list_moments, moment_folder
from engine.runs.record import Branch, RunRecord
from engine.training.config import TrainingConfig
from nodes.errors import RunError


def branch_run(run: Path, step: int, config: TrainingConfig) -> RunRecord:
    """Make a run folder in which training goes on from a moment of another run.

    It has that moment's weights, optimiser state, random numbers, drawing and recipe, and the
    curves up to there. Start it with ``config`` as a run that is resumed.

    Args:
        config: Of the new run; its folder is made already and empty.

    Raises:
        RunError: There is no such moment, or a file cannot be copied.
    """
    record = RunRecord.open(run)
    moment = _moment(run, step)
    folder = Path(config.run_folder)
    try:
        shutil.copyfile(run / "project.loom", folder / "project.loom")
        shutil.copytree(moment_folder(run, step), folder / "checkpoints" / "last")
        copy_figures(run / "metrics.sqlite", folder / "metrics.sqlite")
    except (OSError, sqlite3.Error) as error:
        raise RunError(
            "The run could not be branched",
            why=f"{error}.",
            where=str(folder),
            hint="Free some space, or choose another folder.",
        ) from error
    began = datetime.now(UTC).isoformat(timespec="seconds")
    branched = Branch(run=run.name, step=moment.step, epoch=moment.epoch)
    info = msgspec.structs.replace(
        record.info, started=began, config=config, branched=branched, ended=None, problem=None
    )
    made = RunRecord(folder, info)
    made.write()
    return made


def _moment(run: Path, step: int) -> Moment:
    found = next((moment for moment in list_moments(run) if moment.step == step), None)
    if found is None:
        raise RunError(
            "This moment is not kept any more",
            why="It made room for others.",
            where=str(run),
            hint="Choose one beside it.",
        )
    return found


def copy_figures(file: Path, copy: Path) -> None:
    """Copy a database whole, also while somebody reads it."""
    uri = f"{file.absolute().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(uri, uri=True)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
