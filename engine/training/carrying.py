"""Carrying over what a model has learned into the model of a changed drawing, layer by layer.

A layer is the same where its node is the same and its weights have the same sizes; what it is
called may have changed.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from engine.compile.module import CompiledModel
from engine.graph.elements import NodeId
from engine.training.averaging import Average
from engine.training.growing import grow, start_as_identity


class Carried(NamedTuple):
    """What became of the layers with weights, by node."""

    kept: tuple[NodeId, ...]
    new: tuple[NodeId, ...]
    """Layers that were not there, or whose sizes changed."""

    dropped: tuple[NodeId, ...]
    grown: tuple[NodeId, ...] = ()
    """Layers that are larger, or new, and let the model compute what it did."""


def carry_weights(before: CompiledModel, after: CompiledModel) -> Carried:
    """Copy the weights and statistics of every layer that both models have in the same size.

    Layers that became wider, and layers put in between, are made so that the model computes what
    it did, where that is possible.
    """
    old, new = _layers(before), _layers(after)
    kept = tuple(node for node in new if node in old and _sizes(old[node]) == _sizes(new[node]))
    with torch.no_grad():
        for node in kept:
            new[node].load_state_dict(old[node].state_dict())
    grown = grow(before, after)
    grown |= {node for node in new if node not in old and start_as_identity(after, node)}
    return Carried(
        kept=tuple(node for node in kept if node not in grown),
        new=tuple(node for node in new if node not in kept and node not in grown),
        dropped=tuple(node for node in old if node not in new),
        grown=tuple(node for node in new if node in grown),
    )


def carry_memory(
    before: CompiledModel, after: CompiledModel, old: Optimizer, new: Optimizer, carried: Carried
) -> None:
    """Let an optimiser of the same kind remember what the one before did of the kept layers."""
    if type(old) is not type(new):
        return
    for one, other in _weights(before, after, carried):
        if one in old.state and other.requires_grad:
            new.state[other] = {
                key: value.clone() if isinstance(value, Tensor) else value
                for key, value in old.state[one].items()
            }


def carry_average(
    before: CompiledModel,
    after: CompiledModel,
    old: Average | None,
    new: Average | None,
    carried: Carried,
) -> None:
    """Let the average of the kept layers go on."""
    if old is None or new is None:
        return
    names = _names(before, after, carried)
    averaged = {names[name]: value for name, value in old.averaged.items() if name in names}
    new.restore({**new.averaged, **{n: v for n, v in averaged.items() if n in new.averaged}})


def _layers(compiled: CompiledModel) -> dict[NodeId, nn.Module]:
    """Return the modules that hold weights or statistics, by node."""
    found = ((step.node, compiled.module_of(step.node)) for step in compiled.plan.steps)
    return {node: module for node, module in found if module is not None and module.state_dict()}


def _sizes(module: nn.Module) -> Mapping[str, torch.Size]:
    return {name: tensor.shape for name, tensor in module.state_dict().items()}


def _weights(
    before: CompiledModel, after: CompiledModel, carried: Carried
) -> Iterator[tuple[nn.Parameter, nn.Parameter]]:
    old, new = _layers(before), _layers(after)
    for node in carried.kept:
        theirs = dict(new[node].named_parameters())
        for name, weight in old[node].named_parameters():
            yield weight, theirs[name]


def _names(before: CompiledModel, after: CompiledModel, carried: Carried) -> dict[str, str]:
    """Return the new name of every weight of the kept layers by its old one."""
    names = {}
    for node in carried.kept:
        one, other = before.plan.step_of(node), after.plan.step_of(node)
        assert one is not None and other is not None, "both have the layer"
        module = before.module_of(node)
        assert module is not None, "it has weights"
        for name, _ in module.named_parameters():
            names[f"{one.name}.{name}"] = f"{other.name}.{name}"
    return names
