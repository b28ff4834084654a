"""What a run works on that depends on drawing and recipe: the model, its optimiser, its data."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.compile.module import CompiledModel, compile_plan
from engine.compile.plan import project_plan
from engine.own_layers.running import find_here
from engine.own_layers.trust import check_trusted
from engine.project.project import Project
from engine.training.averaging import Average, trained_weights
from engine.training.balance import balanced
from engine.training.checkpoints import Place, SavedState, Snapshot, random_states
from engine.training.compiling import Forward
from engine.training.config import Ways
from engine.training.material import Material
from engine.training.metrics import Metric, metric_of, metrics_by_output
from engine.training.precision import Autocast
from engine.training.turns import make_turns, memory_of, restore_memory
from engine.training.update import Updater
from nodes.errors import RunError


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The parts of a run that are made anew where drawing or recipe change."""

    project: Project
    material: Material
    updater: Updater
    ways: Ways
    metric: Metric | None
    metrics: Mapping[str, Metric]
    """Of each output, by name, where several are compared with something."""

    @property
    def compiled(self) -> CompiledModel:
        """The model that trains."""
        return self.updater.compiled

    def snapshot(self, state: SavedState) -> Snapshot:
        """Return the run as it is now, sharing the memory of the model."""
        module = self.compiled.module
        weights, memory = module.state_dict(), memory_of(self.updater.turns, module)
        if self.updater.average is not None:
            weights, trained = self.updater.average.saved(weights)
            memory |= trained
        return Snapshot(weights=weights, optimizer=memory, state=state)

    def restore(self, saved: Snapshot) -> None:
        """Take back what the optimiser and the average remembered; the weights are in place."""
        _, memory = trained_weights(saved.weights, saved.optimizer)
        restore_memory(self.updater.turns, self.compiled.module, memory)
        if self.updater.average is not None:
            self.updater.average.restore(saved.weights)


def compile_for_training(project: Project) -> CompiledModel:
    """Make the model of a project, with the loss that its recipe asks for.

    Raises:
        LoomError: The drawing has errors.
    """
    check_trusted(project.graph, project.name)
    plan = project_plan(project, find_here)
    return compile_plan(balanced(plan) if project.recipe.balance_classes else plan)


def load_weights(compiled: CompiledModel, saved: Snapshot, where: str) -> None:
    """Put the weights of a checkpoint into a model.

    Raises:
        RunError: They are those of another drawing.
    """
    trained, _ = trained_weights(saved.weights, saved.optimizer)
    other = _first_difference(trained, compiled.module.state_dict())
    if other:
        raise RunError(
            "The checkpoint does not fit this drawing",
            why=f"{other} is missing in one of them, or has another size.",
            where=where,
            hint="Go on with the drawing as it was trained, or begin a new run.",
        )
    compiled.module.load_state_dict(trained)


def set_up(
    project: Project,
    compiled: CompiledModel,
    material: Material,
    device: torch.device,
    place: Place,
    *,
    ways: Ways | None = None,
    forward: Forward | None = None,
) -> Bench:
    """Make everything ready for the first step; the model is on the device.

    Args:
        ways: How steps are computed; as the recipe says where not given. The model has them.
        forward: The compiled forward pass.

    Raises:
        RunError: Nothing can be trained, or not with this recipe on this device.
    """
    recipe = project.recipe
    average = Average(compiled.module, recipe.averaging) if recipe.averaging else None
    turns = make_turns(recipe, compiled)
    ways = ways or Ways(precision=recipe.precision)
    autocast = Autocast(ways.precision, device)
    updater = Updater(compiled, turns, autocast, average, place, forward)
    return Bench(
        project=project,
        material=material,
        updater=updater,
        ways=ways,
        metric=metric_of(compiled.plan, material.spec),
        metrics=metrics_by_output(compiled.plan, material.spec),
    )


def first_batch(material: Material, size: int) -> Mapping[str, Tensor]:
    """Return the batch that trials are made with."""
    order = np.arange(min(size, material.training.samples))
    with closing(material.training.batches(order, size)) as batches:
        return next(batches)


def saved_state(place: Place, project_text: str, ways: Ways) -> SavedState:
    """Return where a run stands, with the random numbers that come next."""
    return SavedState(place=place.copied(), random=random_states(), project=project_text, ways=ways)


def _first_difference(saved: Mapping[str, Tensor], drawn: Mapping[str, Tensor]) -> str:
    """Return the first weight that only one of two models has, or whose sizes differ."""
    for name in sorted({*saved, *drawn}):
        if name not in saved or name not in drawn or saved[name].shape != drawn[name].shape:
            return name
    return ""
