"""A trained run as a model that can be asked: project, weights and data set together."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from engine.compile.module import CompiledModel, compile_project
from engine.compile.plan import Plan
from engine.data.builtin import open_data_set
from engine.data.spec import DataSet, DataSpec
from engine.project.files import load
from engine.project.project import Project
from nodes.errors import LoomError, RunError

Weights: TypeAlias = Literal["best", "last"]


@dataclass(frozen=True, slots=True)
class LoadedRun:
    """A run whose model is in evaluation mode on the processor."""

    folder: Path
    project: Project
    compiled: CompiledModel
    weights: Weights
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


def load_run(folder: Path, weights: Weights = "best") -> LoadedRun:
    """Open a run with its best weights, or the last where no epoch ended yet.

    Raises:
        RunError: The folder is no run, or holds no weights that fit its drawing.
        LoomError: Its project or its data set cannot be read.
    """
    project_file = folder / "project.loom"
    if not project_file.is_file():
        raise RunError(
            "This is not a training run",
            why="The folder has no project.loom.",
            where=str(folder),
            hint="List your runs with “layerloom runs”.",
        )
    project = load(project_file).project
    compiled = compile_project(project)
    found = _checkpoint(folder, weights)
    _fill(compiled, folder, found)
    compiled.module.eval()
    return LoadedRun(folder, project, compiled, found, open_data_set(compiled.plan.data.dataset))


def _checkpoint(folder: Path, wanted: Weights) -> Weights:
    order: tuple[Weights, ...] = ("best", "last") if wanted == "best" else ("last",)
    for name in order:
        if weights_file(folder, name).is_file():
            return name
    raise RunError(
        "This run has no trained weights",
        why=f"No checkpoint called {wanted} was saved.",
        where=str(folder),
        hint="Let it train for one epoch, or go on with “layerloom resume”.",
    )


def weights_file(folder: Path, weights: Weights) -> Path:
    """Return where a run keeps the weights of a checkpoint."""
    return folder / "checkpoints" / weights / "weights.safetensors"


def _fill(compiled: CompiledModel, folder: Path, weights: Weights) -> None:
    path = weights_file(folder, weights)
    try:
        compiled.module.load_state_dict(load_file(path))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise RunError(
            "The weights do not fit this drawing",
            why=str(error).strip().splitlines()[-1].strip(),
            where=str(path),
            hint="Use the other checkpoint of the run, or train again.",
        ) from error
    for tensor in compiled.module.state_dict().values():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise not_finite(path)


def not_finite(path: Path) -> LoomError:
    """Return what is said of weights that hold an infinite number or none."""
    return RunError(
        "The weights are no longer numbers",
        why="Some are infinite or not a number.",
        where=str(path),
        hint="Use the best checkpoint, or train again with a smaller learning rate.",
    )
