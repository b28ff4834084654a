"""One figure of each layer on screen: of its outputs, or of its weights and how they learn."""

import math
from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor

from engine.compile.module import CompiledModel
from engine.compile.stepper import run_at_any_depth
from engine.graph.elements import End, NodeId, path_told
from engine.probes.learning import Learning, lengths_of
from engine.training.heat import LayerHeat


def outputs_heat(
    compiled: CompiledModel, inputs: Mapping[str, Tensor], nodes: Sequence[str]
) -> tuple[LayerHeat, ...]:
    """Return how strong layers respond to one sample; call it without gradients.

    Args:
        inputs: The fields that the model takes, of one sample.
        nodes: Ids or whole paths; those that are no layers of the model are passed over. Of a
            repeated layer the last round counts.
    """
    steps = {node: compiled.plan.step_at(path_told(NodeId(node))) for node in nodes}
    known = {node: step for node, step in steps.items() if step is not None}
    found = run_at_any_depth(compiled, inputs, [NodeId(node) for node in known])
    outputs = (
        (node, found.get(End(NodeId(node), step.outputs[0]))) for node, step in known.items()
    )
    return tuple(_of_outputs(node, tensor) for node, tensor in outputs if tensor is not None)


def weights_heat(
    compiled: CompiledModel, nodes: Iterable[str], learning: Learning
) -> tuple[LayerHeat, ...]:
    """Return how long the weights of layers are and how they learn; of composites, all inside.

    Args:
        nodes: Ids or whole paths; those that are no layers with weights are passed over.
    """
    modules = ((node, compiled.module_at(path_told(NodeId(node)))) for node in nodes)
    layers = ((node, list(module.parameters())) for node, module in modules if module is not None)
    return tuple(
        LayerHeat(
            node=node,
            gradient=learning.gradient(weights),
            weight=math.hypot(*lengths_of([weight.detach() for weight in weights]).tolist()),
            update_ratio=learning.update_ratio(weights),
        )
        for node, weights in layers
        if weights
    )


def _of_outputs(node: str, outputs: Tensor) -> LayerHeat:
    values = outputs.detach().float()
    if not values.numel():
        return LayerHeat(node=node)
    zeros = 1.0 - torch.count_nonzero(values).item() / values.numel()
    return LayerHeat(node=node, activation=float(values.abs().mean()), zeros=zeros)
