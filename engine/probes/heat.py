"""One figure of each layer on screen: of its outputs, or of its weights and how they learn."""

from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor, nn

from engine.compile.module import CompiledModel
from engine.compile.stepper import run_at_any_depth
from engine.graph.elements import End, NodeId, path_told
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


class WeightHeat:
    """Follows gradients, weights and updates of layers at any depth.

    Of composites and repeats, all weights inside count together.
    """

    def __init__(self, compiled: CompiledModel) -> None:
        self._compiled = compiled
        self._before: dict[str, list[Tensor]] = {}
        self._gradients: dict[str, float] = {}
        self._ratios: dict[str, float] = {}

    @property
    def is_measuring(self) -> bool:
        return bool(self._before)

    def begin(self, nodes: Iterable[str]) -> None:
        """Copy weights; the next step is measured."""
        self._before = {
            node: [weight.detach().clone() for weight in weights]
            for node, weights in self._weights(nodes)
        }

    def end(self) -> None:
        """Compare the weights with those before the step."""
        before, self._before = self._before, {}
        for node, weights in self._weights(before):
            olds = before[node]
            moved = _length([now.detach() - old for now, old in zip(weights, olds, strict=True)])
            length = _length(olds)
            self._ratios[node] = moved / length if length else 0.0

    def take(self, nodes: Iterable[str]) -> tuple[LayerHeat, ...]:
        """Return the figures of layers with weights; right after a step the gradients are new."""
        return tuple(self._of(node, weights) for node, weights in self._weights(nodes))

    def _of(self, node: str, weights: list[nn.Parameter]) -> LayerHeat:
        gradients = [weight.grad.detach() for weight in weights if weight.grad is not None]
        if gradients:
            self._gradients[node] = _length(gradients)
        return LayerHeat(
            node=node,
            gradient=self._gradients.get(node),
            weight=_length([weight.detach() for weight in weights]),
            update_ratio=self._ratios.get(node),
        )

    def _weights(self, nodes: Iterable[str]) -> Iterable[tuple[str, list[nn.Parameter]]]:
        for node in nodes:
            module = self._compiled.module_at(path_told(NodeId(node)))
            weights = list(module.parameters()) if module is not None else []
            if weights:
                yield node, weights


def _of_outputs(node: str, outputs: Tensor) -> LayerHeat:
    values = outputs.detach().float()
    if not values.numel():
        return LayerHeat(node=node)
    zeros = 1.0 - torch.count_nonzero(values).item() / values.numel()
    return LayerHeat(node=node, activation=float(values.abs().mean()), zeros=zeros)


def _length(tensors: list[Tensor]) -> float:
    """Return the length of all numbers together; one look at an accelerator for each call."""
    lengths = [torch.linalg.vector_norm(tensor.float()) for tensor in tensors]
    return float(torch.linalg.vector_norm(torch.stack(lengths)))
