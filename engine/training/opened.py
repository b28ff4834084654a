"""A run that is over, opened from its folder to be looked into: nothing is trained."""

from collections.abc import Callable
from pathlib import Path

import torch

from engine.data.progress import listening
from engine.project.files import load
from engine.runs.moments import list_moments
from engine.runs.record import RunRecord, find_checkpoint
from engine.training.answering import Answerer, project_of
from engine.training.bench import compile_for_training
from engine.training.checkpoints import read_snapshot
from engine.training.events import TrainingEvent
from engine.training.material import gather
from engine.training.questions import AnyQuestion, MomentsKept, NotAnswered, RunOpened
from engine.training.requests import WatchLayers
from engine.training.retaking import retaking
from engine.training.timetable import Timetable
from engine.training.waiting import PREPARING, GivenUp, Telling
from engine.training.watching import Watcher
from nodes.errors import LoomError, RunError


class OpenedRun:
    """The model of a run as its best epoch left it, else as its last step did.

    Raises:
        LoomError: The run, its weights or its data cannot be read.
    """

    def __init__(
        self,
        run: Path,
        emit: Callable[[TrainingEvent], None],
        given_up: GivenUp | None = None,
    ) -> None:
        folder = _checkpoint(run)
        self._is_best = find_checkpoint(run / "checkpoints", "best") is not None
        saved = read_snapshot(folder)
        project = project_of(run, saved)
        device = torch.device("cpu")
        compiled = compile_for_training(project)
        compiled.module.load_state_dict(saved.weights)
        compiled.module.eval()
        # The samples that were looked at while it trained.
        seed = load(run / "project.loom").project.recipe.seed
        with listening(Telling(emit, GivenUp()).of(PREPARING)):
            material = gather(compiled.plan, device, seed)
        place = saved.state.place
        timetable = Timetable(project.recipe, material.training.samples, place)
        self._where = (place.step, timetable.epoch(place))
        retake = retaking(project, folder, material, device)
        self._watcher = Watcher(compiled, material, 0.0, emit, retake, given_up)
        self._answerer = Answerer(run, self._watcher, emit, lambda: self._where, given_up)
        self._run, self._emit = run, emit

    def introduce(self) -> None:
        """Tell what there is to look at."""
        step, epoch = self._where
        self._emit(RunOpened(run=str(self._run), step=step, epoch=epoch, is_best=self._is_best))
        self._watcher.introduce()
        self._emit(MomentsKept(moments=list_moments(self._run)))

    def look(self, request: WatchLayers) -> None:
        """Look into layers."""
        self._watcher.watch(request)
        self._watcher.look(*self._where, after_step=False)

    def answer(self, question: AnyQuestion) -> None:
        """Answer a question, or say why there is no answer."""
        self._answerer.answer(question)


def open_run(
    run: str, emit: Callable[[TrainingEvent], None], given_up: GivenUp | None = None
) -> OpenedRun | None:
    """Open a run; None where that cannot be done, which is told."""
    try:
        opened = OpenedRun(Path(run), emit, given_up)
    except LoomError as error:
        emit(NotAnswered(question="open_run", title=error.title, why=error.why, hint=error.hint))
        return None
    except (RuntimeError, MemoryError) as error:
        why = str(error).strip().partition("\n")[0]
        emit(
            NotAnswered(
                question="open_run", title="This run cannot be looked into", why=why, again=True
            )
        )
        return None
    opened.introduce()
    return opened


def _checkpoint(run: Path) -> Path:
    """Return the folder of the weights of a run."""
    RunRecord.open(run)
    checkpoints = run / "checkpoints"
    found = find_checkpoint(checkpoints, "best") or find_checkpoint(checkpoints, "last")
    if found is None:
        raise RunError(
            "This run has no trained weights",
            why="No checkpoint was saved.",
            where=str(run),
            hint="Let it train for one epoch.",
        )
    return found
