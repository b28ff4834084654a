"""A trained run as a model that can be asked: project, weights and data set together."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from engine.compile.module import CompiledModel, compile_project
from engine.compile.plan import Plan
from engine.data.opening import open_data
from engine.data.spec import DataSet, DataSpec
from engine.project.codec import from_text
from engine.project.files import load
from engine.project.project import Project
from engine.runs.record import CheckpointName
from engine.training.checkpoints import Snapshot, load_checkpoint
from nodes.errors import RunError


@dataclass(frozen=True, slots=True)
class LoadedRun:
    """A run whose model is in evaluation mode on the processor."""

    folder: Path
    project: Project
    compiled: CompiledModel
    weights: CheckpointName
    """Which checkpoint the weights are from."""

    data_set: DataSet

    @property
    def plan(self) -> Plan:
        """What the model was printed from."""
        return self.compiled.plan

    @property
    def spec(self) -> DataSpec:
        """What is known of the data set."""
        return self.data_set.spec


def load_run(folder: Path, weights: CheckpointName = "best") -> LoadedRun:
    """Open a run with its best weights, or the last where no epoch ended yet.

    Raises:
        RunError: The folder is no run, or holds no weights that fit its drawing.
        LoomError: Its project or its data set cannot be read.
    """
    record = folder / "project.loom"
    if not record.is_file():
        raise RunError(
            "This is not a training run",
            why="The folder has no project.loom.",
            where=str(folder),
            hint="List your runs with “layerloom runs”.",
        )
    began_with = load(record).project
    found, saved = _find(folder, weights)
    # A run that was changed while it trained keeps the drawing with the weights.
    text = saved.state.project
    project = from_text(text, str(folder)).project if text else began_with
    compiled = compile_project(project)
    _load(compiled, saved.weights, folder / "checkpoints" / found)
    compiled.module.eval()
    return LoadedRun(folder, project, compiled, found, open_data(compiled.plan.data))


def _find(folder: Path, wanted: CheckpointName) -> tuple[CheckpointName, Snapshot]:
    """Return a checkpoint and say which it is."""
    order: tuple[CheckpointName, ...] = ("best", "last") if wanted == "best" else ("last",)
    for name in order:
        saved = load_checkpoint(folder / "checkpoints", name)
        if saved is not None:
            return name, saved
    raise RunError(
        "This run has no trained weights",
        why=f"No checkpoint called {wanted} was saved.",
        where=str(folder),
        hint="Let it train for one epoch, or go on with “layerloom resume”.",
    )


def _load(compiled: CompiledModel, weights: Mapping[str, Tensor], checkpoint: Path) -> None:
    try:
        compiled.module.load_state_dict(weights)
    except RuntimeError as error:
        raise RunError(
            "The weights do not fit this drawing",
            why=str(error).strip().splitlines()[-1].strip(),
            where=str(checkpoint),
            hint="Use the other checkpoint of the run, or train again.",
        ) from error
    for name, tensor in weights.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise RunError(
                "The weights are no longer numbers",
                why=f"{name} holds values that are infinite or not a number.",
                where=str(checkpoint),
                hint="Use the other checkpoint, or train again with a smaller learning rate.",
            )
