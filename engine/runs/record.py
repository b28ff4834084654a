"""One run folder: the project as it was, settings, surroundings, outcome, checkpoints."""

import os
import re
import unicodedata
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import msgspec
import platformdirs
import psutil

from engine.atomic import write_atomically
from engine.data.split_record import SplitRecord
from engine.graph.names import whole
from engine.project.codec import from_text
from engine.project.files import load, save
from engine.project.project import Project
from engine.project.recipe import Precision, Recipe
from engine.training.config import TrainingConfig, Ways
from engine.training.events import Outcome, RunEnded, RunFailed
from nodes.errors import LoomError, RunError

CheckpointName: TypeAlias = Literal["best", "last"]
State: TypeAlias = Outcome | Literal["running"]

_FILE: Final = "run.json"
_STATE_FILE: Final = "state.json"


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What a run was computed with; other threads or versions give other last digits."""

    layerloom: str = ""
    python: str = ""
    torch: str = ""
    system: str = ""
    processor: str = ""
    device: str = ""
    threads: int = 0
    compiled: bool = False
    """By torch.compile."""

    channels_last: bool = False
    precision: Precision | Literal[""] = ""
    """Empty in the records of before: it is that of the recipe."""

    def ways(self, recipe: Recipe) -> Ways:
        """Return how the steps of the run were computed when it began."""
        return Ways(
            precision=self.precision or recipe.precision,
            channels_last=self.channels_last,
            compiled=self.compiled,
        )


class Branch(msgspec.Struct, frozen=True, kw_only=True):
    """Where a run began, if not at random weights: a moment of another run."""

    run: str
    """The name of its folder."""

    step: int
    epoch: float


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What ``run.json`` holds."""

    version: int = 1
    name: str
    """Of the project."""

    started: str
    """ISO 8601, in UTC."""

    config: TrainingConfig
    surroundings: Surroundings = Surroundings()
    split: SplitRecord | None = None
    """Which samples trained, validated and tested."""

    branched: Branch | None = None
    """The moment of another run that it went on from."""

    process: int = 0
    """Id of the process that trains."""

    process_started: float = 0.0
    """Tells that process from a later one with the same id."""

    ended: RunEnded | None = None
    problem: RunFailed | None = None


class _Drawn(msgspec.Struct, frozen=True):
    """What is read here of a checkpoint; the worker reads the rest."""

    project: str = ""


class RunRecord:
    """One run folder, for those who fill it and those who read it."""

    def __init__(self, folder: Path, info: RunInfo) -> None:
        self.folder = folder
        self.info = info

    @classmethod
    def create(cls, project: Project, config: TrainingConfig, source: str = "") -> "RunRecord":
        """Begin a run in ``config.run_folder``, or go on with the one that is there.

        A run that cannot begin leaves no folder behind.

        Raises:
            LoomError: The folder cannot be written.
        """
        folder = Path(config.run_folder)
        _make(folder)
        was_empty = not any(folder.iterdir())
        try:
            return cls._written(folder, project, config, source)
        except LoomError:
            if was_empty:
                _take_away(folder)
            raise

    @classmethod
    def _written(
        cls, folder: Path, project: Project, config: TrainingConfig, source: str
    ) -> "RunRecord":
        before = cls.open(folder).info if config.resume and (folder / _FILE).is_file() else None
        save(folder / "project.loom", project)
        if source:
            write_atomically(folder / "model.py", source.encode())
        record = cls(
            folder,
            RunInfo(
                name=whole(project.name),
                started=before.started
                if before
                else datetime.now(UTC).isoformat(timespec="seconds"),
                config=config,
                surroundings=before.surroundings if before else Surroundings(),
                branched=before.branched if before else None,
                process=os.getpid(),
                process_started=psutil.Process().create_time(),
            ),
        )
        record.write()
        return record

    @classmethod
    def open(cls, folder: Path) -> "RunRecord":
        """Read a run.

        Raises:
            RunError: The folder is not a run, or its ``run.json`` is damaged.
        """
        try:
            content = (folder / _FILE).read_bytes()
            return cls(folder, msgspec.json.decode(content, type=RunInfo))
        except OSError as error:
            raise RunError(
                "This is not a training run",
                why="The folder has no run.json that can be read.",
                where=str(folder),
                hint="List your runs with “layerloom runs”.",
            ) from error
        except msgspec.DecodeError as error:
            raise RunError(
                "The record of this run is damaged",
                why=f"{error}.",
                where=str(folder / _FILE),
                hint="Its project and checkpoints are files of their own and may still be good.",
            ) from error

    def write(self) -> None:
        """Write ``run.json``, whole or not at all."""
        content = msgspec.json.format(msgspec.json.encode(self.info), indent=2)
        write_atomically(self.folder / _FILE, content)

    def change(self, **fields: Any) -> None:
        """Replace fields of ``info`` and write them."""
        self.info = msgspec.structs.replace(self.info, **fields)
        self.write()

    @property
    def state(self) -> State:
        """How the run ended; ``lost`` where its process is gone without saying so."""
        if self.info.ended is not None:
            return self.info.ended.outcome
        return "running" if self._is_alive() else "lost"

    def project(self) -> Project:
        """Read the project as it was trained.

        Raises:
            ProjectError: Its file cannot be read.
        """
        return load(self.folder / "project.loom").project

    def project_now(self) -> Project:
        """Read what the run goes on with: drawing and recipe as they are in its last checkpoint.

        Raises:
            ProjectError: It cannot be read.
        """
        return self._project_of(self.checkpoint("last") or self.checkpoint("best"))

    def project_looked_into(self) -> Project:
        """Read drawing and recipe of the weights that are looked into once the run is over.

        Raises:
            ProjectError: It cannot be read.
        """
        return self._project_of(self.checkpoint("best") or self.checkpoint("last"))

    def _project_of(self, found: Path | None) -> Project:
        text = _drawn(found / _STATE_FILE) if found is not None else ""
        return from_text(text, str(found)).project if text else self.project()

    @property
    def metrics_file(self) -> Path:
        """The SQLite file with steps, epochs and events."""
        return self.folder / "metrics.sqlite"

    @property
    def exports(self) -> Path:
        """The folder for what is taken away; it may not be there yet."""
        return self.folder / "exports"

    def checkpoint(self, name: CheckpointName) -> Path | None:
        """Return the folder of a checkpoint, or None where none was saved."""
        return find_checkpoint(self.folder / "checkpoints", name)

    def _is_alive(self) -> bool:
        try:
            started = psutil.Process(self.info.process).create_time()
        except psutil.Error:
            return False
        return abs(started - self.info.process_started) < 1


def is_run(folder: Path) -> bool:
    """Say whether a folder is that of a run."""
    return (folder / _FILE).is_file()


def runs_root() -> Path:
    """Return the folder that holds the person's runs; ``LAYERLOOM_RUNS`` moves it."""
    moved = os.environ.get("LAYERLOOM_RUNS")
    return Path(moved) if moved else platformdirs.user_data_path("layerloom") / "runs"


def count_runs() -> int:
    """Say how many runs are kept, without reading them."""
    return sum(1 for _ in runs_root().glob(f"*/{_FILE}"))


def new_run_folder(name: str, folder: Path | None = None) -> Path:
    """Make a folder for a new run and return its absolute path.

    Args:
        folder: The one to use; one that is named for the time and the project if not given.

    Raises:
        RunError: The folder holds a run already, or cannot be made.
    """
    root = runs_root().absolute()
    _needs_text(root if folder is None else folder.absolute())
    if folder is not None:
        return _given(folder.absolute())
    moment = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    base = f"{moment}-{_slug(name)}"
    for number in range(1, 1000):
        made = root / (base if number == 1 else f"{base}-{number}")
        if _make(made, must_be_new=True):
            return made
    raise RunError(
        "No folder could be made for the run",
        why="A thousand runs of this name began in this second.",
        where=str(runs_root()),
        hint="Choose a folder yourself.",
    )


def find_checkpoint(checkpoints: Path, name: CheckpointName) -> Path | None:
    """Return the folder of a checkpoint, also where a kill came between two renames."""
    for candidate in (checkpoints / name, set_aside(checkpoints, name)):
        if (candidate / _STATE_FILE).is_file():
            return candidate
    return None


def set_aside(checkpoints: Path, name: CheckpointName) -> Path:
    """Return where the former checkpoint lies for the moment in which it is replaced."""
    return checkpoints / f".former-{name}"


def _drawn(state: Path) -> str:
    """Return the drawing that a checkpoint holds where it is not that of the run's beginning."""
    try:
        return msgspec.json.decode(state.read_bytes(), type=_Drawn).project
    # A checkpoint that is damaged is told when the run goes on from it.
    except (OSError, msgspec.MsgspecError):
        return ""


def _given(folder: Path) -> Path:
    if (folder / _FILE).exists() or (folder / "checkpoints").exists():
        raise RunError(
            "This folder holds a run already",
            where=str(folder),
            hint="Choose another folder, or go on with “layerloom resume”.",
        )
    _make(folder)
    return folder


def _needs_text(folder: Path) -> None:
    """Refuse a folder that neither the record of a run nor a message could name."""
    if whole(str(folder)) != str(folder):
        raise _cannot_make(folder, "Its name holds bytes that are no text")


def _make(folder: Path, *, must_be_new: bool = False) -> bool:
    """Make a folder; False where it is there and should not be."""
    try:
        folder.mkdir(parents=True, exist_ok=not must_be_new)
    except FileExistsError as error:
        if must_be_new:
            return False
        raise _cannot_make(folder, "A file of this name is in the way") from error
    except OSError as error:
        raise _cannot_make(folder, error.strerror or str(error)) from error
    return True


def _take_away(folder: Path) -> None:
    """Remove a folder that was empty before a run could not begin in it."""
    with suppress(OSError):
        for name in ("project.loom", "model.py"):
            (folder / name).unlink(missing_ok=True)
        folder.rmdir()


def _cannot_make(folder: Path, why: str) -> LoomError:
    return RunError(
        "The run folder could not be made",
        why=f"{why}.",
        where=str(folder),
        hint="Choose another folder, or set LAYERLOOM_RUNS to one that you can write to.",
    )


def _slug(name: str) -> str:
    """Return a name for a folder on every system: lower case letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "run"
