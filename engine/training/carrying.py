"""Carrying over what a model has learned into the model of a changed drawing, layer by layer.

A layer is the same where its node is the same, in the same composites, and its weights have the
same sizes; what it is called may have changed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from engine.compile.module import CompiledModel
from engine.graph.elements import NodeId, path_told
from engine.training.averaging import Average
from engine.training.growing import grow
from engine.training.growth import Growth, copied
from engine.training.optimizers import lay_out
from engine.training.turns import Turn
from nodes.own_code import read_code


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of the layers with weights, by node."""

    kept: tuple[NodeId, ...] = ()
    new: tuple[NodeId, ...] = ()
    """Layers that were not there, or whose sizes changed."""

    dropped: tuple[NodeId, ...] = ()
    layers: tuple[NodeId, ...] = ()
    """The kept layers themselves: inside of composites and repeats, by their paths."""

    grown: tuple[NodeId, ...] = ()
    """Layers that are larger, or new, and let the model compute what it did."""

    growths: Mapping[NodeId, Growth] = field(default_factory=dict)
    """How each layer that is larger came to be: inside of composites and repeats, by its path."""

    why: Mapping[str, str] = field(default_factory=dict)
    """Why the model does not compute with a node what it did, in a sentence."""


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
    found = grow(before, after)
    passing = {node for node in new if any(_is_in(node, each) for each in found.passing)}
    fresh = {*map(_drawn, (new.keys() | old.keys()) - set(kept) - found.growths.keys() - passing)}
    grown = {*map(_drawn, found.growths.keys() | passing)} - fresh
    nodes, former = (tuple(dict.fromkeys(map(_drawn, layers))) for layers in (new, old))
    return Carried(
        kept=tuple(node for node in nodes if node not in fresh and node not in grown),
        new=tuple(node for node in nodes if node in fresh),
        dropped=tuple(node for node in former if node not in nodes),
        layers=tuple(node for node in kept if node not in found.growths),
        grown=tuple(node for node in nodes if node in grown),
        growths=found.growths,
        why={_drawn(node): why for node, why in found.why.items()},
    )


def _is_in(layer: NodeId, step: NodeId) -> bool:
    """Say whether a layer is one, or stands inside of one."""
    path = path_told(step)
    return path_told(layer)[: len(path)] == path


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
    """Let optimisers remember what those before, of the same kind, did of kept and grown layers."""
    former = {weight: turn.optimizer for turn in old for weight in turn.weights}
    owners = {weight: turn.optimizer for turn in new for weight in turn.weights}
    for each in _weights(before, after, carried):
        known, owner = former.get(each.before), owners.get(each.after)
        if known is None or owner is None or type(known) is not type(owner):
            continue
        if memory := _memory(known, each):
            owner.state[each.after] = memory
    for turn in new:
        lay_out(turn.optimizer)


def carry_average(
    before: CompiledModel,
    after: CompiledModel,
    old: Average | None,
    new: Average | None,
    carried: Carried,
) -> None:
    """Let the average of kept and grown layers go on."""
    if old is None or new is None:
        return
    averaged = {
        each.name_after: each.grown(old.averaged[each.name_before])
        for each in _weights(before, after, carried)
        if each.name_before in old.averaged
    }
    new.restore({**new.averaged, **{n: v for n, v in averaged.items() if n in new.averaged}})


@dataclass(frozen=True, slots=True)
class _Weight:
    """A weight of both models."""

    before: nn.Parameter
    after: nn.Parameter
    name_before: str
    name_after: str
    growth: Growth | None

    def grown(self, values: Tensor) -> Tensor:
        return values if self.growth is None else self.growth.weight(values)


def _memory(optimizer: Optimizer, each: _Weight) -> dict[str, Any]:
    known = optimizer.state.get(each.before, {})
    return copied(known) if each.growth is None else each.growth.memory(optimizer, known)


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


def _weights(before: CompiledModel, after: CompiledModel, carried: Carried) -> Iterator[_Weight]:
    """Yield the weights of the layers that are kept or grown from some that were there."""
    old, new = dict(before.plan.module_names()), dict(after.plan.module_names())
    for node in (*carried.layers, *carried.growths):
        theirs = dict(after.module.get_submodule(new[node]).named_parameters())
        for name, weight in before.module.get_submodule(old[node]).named_parameters():
            yield _Weight(
                before=weight,
                after=theirs[name],
                name_before=f"{old[node]}.{name}",
                name_after=f"{new[node]}.{name}",
                growth=carried.growths.get(node),
            )
