"""Measuring what each layer costs, on a model that is thrown away afterwards."""

from collections.abc import Callable

import torch

from engine.probes.costing import measure
from engine.project.project import Project
from engine.training.bench import compile_for_training
from engine.training.config import Device
from engine.training.costs import LayersMeasured
from engine.training.devices import choose_device
from engine.training.doctor import failure_of
from engine.training.giving_up import never
from engine.training.material import gather
from engine.training.precision import Autocast
from engine.training.waiting import GivenUpError


def profile(
    project: Project, device: Device = "auto", *, is_over: Callable[[], bool] = never
) -> LayersMeasured:
    """Time the layers of a project on a batch of its own data, as its recipe trains them.

    Args:
        is_over: Asked between two passes, whether to go no further.
    """
    try:
        return _measured(project, device, is_over)
    except GivenUpError:
        return LayersMeasured(problem="Cancelled.")
    # Whatever goes wrong is told as in a run.
    except Exception as error:  # noqa: BLE001
        failed = failure_of(error, None)
        problem = " ".join(part for part in (f"{failed.title}.", failed.why, failed.hint) if part)
        return LayersMeasured(problem=problem)


def _measured(project: Project, wanted: Device, is_over: Callable[[], bool]) -> LayersMeasured:
    def reached(_done: int, _total: int) -> None:
        if is_over():
            raise GivenUpError

    recipe = project.recipe
    torch.manual_seed(recipe.seed)
    compiled = compile_for_training(project)
    device = choose_device(wanted, deterministic=recipe.deterministic)
    material = gather(compiled.plan, device, recipe.seed)
    compiled.module.to(device).train()
    order = material.training.order(seed=recipe.seed, epoch=0)
    batch = next(iter(material.training.batches(order, recipe.batch_size)))
    autocast = Autocast(recipe.precision, device)
    layers, passes = measure(compiled, batch, autocast=autocast, reached=reached)
    samples = len(next(iter(batch.values())))
    return LayersMeasured(device=device.type, samples=samples, passes=passes, layers=layers)
