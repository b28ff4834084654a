"""What learning does at a recorded moment: the step after it, taken once more on a copy."""

from collections.abc import Callable
from contextlib import closing
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor

from engine.data.loading import Batch
from engine.probes.learning import LearningMeter
from engine.project.project import Project
from engine.runs.record import CheckpointName, find_checkpoint
from engine.training.bench import Bench, compile_for_training, load_weights, set_up
from engine.training.checkpoints import Place, Snapshot, read_snapshot, restore_random_states
from engine.training.material import Material
from engine.training.schedules import learning_rate
from engine.training.timetable import Timetable
from engine.training.update import NotFiniteError
from nodes.errors import LoomError


def retaking(
    project: Project, folder: Path, material: Material, device: torch.device
) -> Callable[[], Tensor | None]:
    """Return what takes the step after a checkpoint once more; it gives None where it cannot.

    The checkpoint is read again only then, so that nothing is held for what nobody may ask.
    """

    def figures() -> Tensor | None:
        try:
            return step_after(project, read_snapshot(folder), material, device)
        # What cannot be computed is not known; the model can be looked into all the same.
        except (LoomError, NotFiniteError, RuntimeError, ValueError, MemoryError):
            return None

    return figures


def retaking_end(
    bench: Bench, checkpoints: Path, kept: CheckpointName
) -> Callable[[], Tensor | None]:
    """Return what takes the step after the end of a run, which is read from its checkpoint.

    Args:
        bench: What was trained in the end.
        kept: Which checkpoint has the weights that the model has now.
    """

    def figures() -> Tensor | None:
        folder = find_checkpoint(checkpoints, kept)
        if folder is None:
            return None
        device = bench.updater.weights[0].device
        return retaking(bench.project, folder, bench.material, device)()

    return figures


def step_after(
    project: Project, saved: Snapshot, material: Material, device: torch.device
) -> Tensor:
    """Return the lengths of gradients, updates and weights of the step that follows a checkpoint.

    It has the samples, the rate and the random numbers that the run had, so that it is the same
    step; where the run was over it is the one that would have come. Nothing of it is kept.

    Shapes:
        out: (3, parameters), as ``learning_of`` reads them

    Raises:
        LoomError: The checkpoint does not fit the project.
        NotFiniteError: The loss of the step is not a number.
    """
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        bench = _bench(project, saved, material, device)
        place = saved.state.place.copied()
        timetable = Timetable(project.recipe, material.training.samples, place)
        rates = [
            learning_rate(side, timetable.epoch(place), timetable.epochs, place.drops)
            for side in project.recipe.sides
        ]
        batches = _batches(bench, place, timetable)
        samples = sum(len(next(iter(batch.values()))) for batch in batches)
        restore_random_states(saved.state.random)
        meter = LearningMeter(tuple(bench.compiled.module.parameters()))
        meter.begin()
        bench.updater.step(batches, samples, project.recipe, rates, None)
        meter.measure_gradients()
        meter.end()
    return meter.figures


def _bench(project: Project, saved: Snapshot, material: Material, device: torch.device) -> Bench:
    compiled = compile_for_training(project)
    load_weights(compiled, saved, project.name)
    compiled.module.to(device).train()
    place = saved.state.place.copied()
    bench = set_up(project, compiled, material, device, place, ways=saved.state.ways)
    bench.restore(saved)
    return bench


def _batches(bench: Bench, place: Place, timetable: Timetable) -> list[Batch]:
    """Return the batches of the step, as the loop would deal them out."""
    recipe, material = bench.project.recipe, bench.material
    if place.seen >= timetable.samples(place):
        place.epoch, place.seen = place.epoch + 1, 0
    order = material.training.order(seed=recipe.seed, epoch=place.epoch)
    left = order[place.seen : timetable.samples(place)]
    with closing(material.training.batches(left, recipe.batch_size)) as stored:
        batches = material.augmenter.batches(stored, epoch=place.epoch, seen=place.seen)
        return list(islice(batches, recipe.accumulation))
