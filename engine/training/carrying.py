"""Carrying over what a model has learned into the model of a changed drawing, layer by layer.

A layer is the same where its node is the same, in the same composites, and its weights have the
same sizes; what it is called may have changed.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from engine.compile.module import CompiledModel
from engine.graph.elements import NodeId, path_told
from engine.training.averaging import Average
from engine.training.growing import grow, start_as_identity
from engine.training.optimizers import lay_out
from engine.training.turns import Turn
from nodes.own_code import read_code


class Carried(NamedTuple):
    """What became of the layers with weights, by node."""

    kept: tuple[NodeId, ...]
    new: tuple[NodeId, ...]
    """Layers that were not there, or whose sizes changed."""

    dropped: tuple[NodeId, ...]
    layers: tuple[NodeId, ...] = ()
    """The kept layers themselves: inside of composites and repeats, by their paths."""

    grown: tuple[NodeId, ...] = ()
    """Layers that are larger, or new, and let the model compute what it did."""


def carry_weights(before: CompiledModel, after: CompiledModel) -> Carried:
    """Copy the weights and statistics of every layer that both models have in the same size.

    A composite is kept where all layers inside are; those that can be are, even where it is not.
    Layers that became wider, and layers put in between, are made so that the model computes what
    it did, where that is possible. Of a layer whose code was edited, the weights stay whose names
    and sizes do.
    """
    old, new = _layers(before), _layers(after)
    kept = tuple(node for node in new if node in old and _sizes(old[node]) == _sizes(new[node]))
    with torch.no_grad():
        for node in kept:
            new[node].load_state_dict(old[node].state_dict())
        for node in (new.keys() & old.keys() & _own(after)) - set(kept):
            _carry_part(old[node], new[node])
    grown = grow(before, after)
    grown |= {node for node in new if node not in old and start_as_identity(after, node)}
    changed = {_drawn(node) for node in (new.keys() | old.keys()) - set(kept)}
    nodes, former = (tuple(dict.fromkeys(map(_drawn, layers))) for layers in (new, old))
    return Carried(
        kept=tuple(node for node in nodes if node not in changed and node not in grown),
        new=tuple(node for node in nodes if node in changed and node not in grown),
        dropped=tuple(node for node in former if node not in nodes),
        layers=tuple(node for node in kept if node not in grown),
        grown=tuple(node for node in nodes if node in grown),
    )


def _own(compiled: CompiledModel) -> set[NodeId]:
    """Return the layers with weights that a person wrote."""
    classes = {read_code(text).name for text in compiled.plan.code}
    return {node for node, one in _layers(compiled).items() if type(one).__name__ in classes}


def _carry_part(old: nn.Module, new: nn.Module) -> None:
    """Copy what has the same name and the same size in both."""
    known = old.state_dict()
    for name, tensor in new.state_dict().items():
        if name in known and known[name].shape == tensor.shape:
            tensor.copy_(known[name])


def carry_memory(
    before: CompiledModel,
    after: CompiledModel,
    old: Sequence[Turn],
    new: Sequence[Turn],
    carried: Carried,
) -> None:
    """Let optimisers remember what those before, of the same kind, did of the kept layers."""
    former = {weight: turn.optimizer for turn in old for weight in turn.weights}
    owners = {weight: turn.optimizer for turn in new for weight in turn.weights}
    for one, other in _weights(before, after, carried):
        known, owner = former.get(one), owners.get(other)
        if known is None or owner is None or type(known) is not type(owner):
            continue
        if one in known.state:
            owner.state[other] = {
                key: value.clone() if isinstance(value, Tensor) else value
                for key, value in known.state[one].items()
            }
    for turn in new:
        lay_out(turn.optimizer)


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
    """Return the modules that hold weights or statistics, at any depth."""
    names = compiled.plan.module_names()
    found = ((node, compiled.module.get_submodule(name)) for node, name in names)
    return {node: module for node, module in found if module.state_dict()}


def _drawn(layer: NodeId) -> NodeId:
    """Return the node of the drawing that a layer is, or stands inside of."""
    return NodeId(path_told(layer)[0].partition("#")[0])


def _sizes(module: nn.Module) -> Mapping[str, torch.Size]:
    return {name: tensor.shape for name, tensor in module.state_dict().items()}


def _weights(
    before: CompiledModel, after: CompiledModel, carried: Carried
) -> Iterator[tuple[nn.Parameter, nn.Parameter]]:
    old, new = _layers(before), _layers(after)
    for node in carried.layers:
        theirs = dict(new[node].named_parameters())
        for name, weight in old[node].named_parameters():
            yield weight, theirs[name]


def _names(before: CompiledModel, after: CompiledModel, carried: Carried) -> dict[str, str]:
    """Return the new name of every weight of the kept layers by its old one."""
    names = {}
    old, new = dict(before.plan.module_names()), dict(after.plan.module_names())
    for node in carried.layers:
        for name, _ in before.module.get_submodule(old[node]).named_parameters():
            names[f"{old[node]}.{name}"] = f"{new[node]}.{name}"
    return names
