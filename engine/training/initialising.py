"""Giving layers their first weights again, as the source gave them."""

import torch
from torch import nn

from engine.compile.module import module_of_stage
from engine.compile.steps import Step
from engine.graph.learning import WITH_SPREAD, Learning


def begin_again(step: Step, owner: nn.Module) -> None:
    """Give the module of a step the weights that a new one has.

    Args:
        owner: The module that the step belongs to.
    """
    module: nn.Module | None = getattr(owner, step.attribute, None)
    if module is None:
        return
    for part in module.modules():
        reset = getattr(part, "reset_parameters", None)
        if callable(reset):
            reset()
    _fill_inside(step, owner)


def _fill_inside(step: Step, owner: nn.Module) -> None:
    """Fill the weights as the drawing asks, those of the innermost layers first."""
    for number, stage in enumerate(step.stages):
        module = module_of_stage(step, owner, number)
        if module is None or stage.body is None:
            continue
        for inner in stage.body.steps:
            _fill_inside(inner, module)
    own: nn.Module | None = getattr(owner, step.attribute, None)
    if own is not None:
        _fill(own, step.learning)


def _fill(module: nn.Module, learning: Learning) -> None:
    if learning.initialiser == "default":
        return
    spread = {"std": learning.spread} if learning.initialiser in WITH_SPREAD else {}
    with torch.no_grad():
        for weight in module.parameters():
            if weight.dim() > 1:
                getattr(nn.init, f"{learning.initialiser}_")(weight, **spread)
