"""The weights of layers, and how long they and their gradients are."""

import math
from collections.abc import Iterator, Mapping, Sequence

from torch import Tensor, nn

from engine.compile.module import CompiledModel
from engine.graph.elements import NodeId, path_told, round_told, told
from engine.probes.learning import lengths_of


def weights_at_any_depth(compiled: CompiledModel) -> Mapping[NodeId, tuple[nn.Parameter, ...]]:
    """Return the parameters of each layer; those inside of composites by their paths.

    A composite holds those of its inside, a repeated layer those of all its rounds; the rounds of
    layers and composites in a row are there one by one as well.
    """
    found = {step.node: tuple(_parameters(compiled, step.node)) for step in compiled.plan.steps}
    for node, _ in compiled.plan.module_names():
        path = path_told(node)
        for depth in range(1, len(path) + 1):
            part = path[:depth]
            for one in (told(part), told((*part[:-1], round_told(part[-1])[0]))):
                if one not in found:
                    found[one] = tuple(_parameters(compiled, one))
    return {node: parameters for node, parameters in found.items() if parameters}


def weights_by_layer(compiled: CompiledModel) -> dict[NodeId, tuple[nn.Parameter, ...]]:
    """Return the parameters of each layer of the drawing itself."""
    return {step.node: tuple(_parameters(compiled, step.node)) for step in compiled.plan.steps}


def gradient_norms(
    compiled: CompiledModel, layers: Mapping[NodeId, Sequence[nn.Parameter]] | None = None
) -> dict[NodeId, float]:
    """Return the length of each layer's gradient; call it after a step, before it is cleared.

    Args:
        layers: Which layers to measure; those of the drawing itself where it is left out.
    """
    layers = weights_by_layer(compiled) if layers is None else layers
    every = {parameter: None for parameters in layers.values() for parameter in parameters}
    lengths = _lengths({key: key.grad.detach() for key in every if key.grad is not None})
    return {
        node: math.hypot(*(lengths[parameter] for parameter in parameters if parameter in lengths))
        for node, parameters in layers.items()
        if any(parameter in lengths for parameter in parameters)
    }


def weight_norms(
    compiled: CompiledModel, layers: Mapping[NodeId, Sequence[nn.Parameter]] | None = None
) -> dict[NodeId, float]:
    """Return the length of all weights of each layer that has some.

    Args:
        layers: Which layers to measure; those of the drawing itself where it is left out.
    """
    layers = weights_by_layer(compiled) if layers is None else layers
    lengths = _lengths({key: key.detach() for layer in layers.values() for key in layer})
    return {
        node: math.hypot(*(lengths[parameter] for parameter in parameters))
        for node, parameters in layers.items()
        if parameters
    }


def weight_norm(compiled: CompiledModel, node: NodeId) -> float | None:
    """Return the length of all weights of a layer; None for one without weights."""
    weights = [parameter.detach() for parameter in _parameters(compiled, node)]
    return math.hypot(*lengths_of(weights).tolist()) if weights else None


def _lengths(tensors: Mapping[nn.Parameter, Tensor]) -> Mapping[nn.Parameter, float]:
    if not tensors:
        return {}
    return dict(zip(tensors, lengths_of(list(tensors.values())).tolist(), strict=True))


def _parameters(compiled: CompiledModel, node: NodeId) -> Iterator[nn.Parameter]:
    module = compiled.module_of(node)
    return module.parameters() if module is not None else iter(())
