"""The weights of a layer as pictures and figures, and what learning does to all of them."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from engine.compile.module import CompiledModel
from engine.graph.elements import NodeId
from engine.probes.learning import Learning
from engine.probes.norms import weight_norm
from engine.probes.summaries import summarise
from engine.training.insight import GradientsTaken, LayerGradient, WeightsTaken

BINS: Final = 40
MOST_MAPS: Final = 256
SIDE: Final = 256
_MOST_VALUES: Final = 1 << 20
_SINGULAR: Final = 64


def weights_of(
    compiled: CompiledModel, node: NodeId, step: int, learning: Learning
) -> WeightsTaken:
    """Show the largest parameter of a layer; nothing of a layer without weights."""
    module = compiled.module_of(node)
    found = [] if module is None else list(module.named_parameters())
    if module is None or not found:
        return WeightsTaken(node=node, step=step, name="", shape=(), form="none")
    name, weight = max(found, key=lambda pair: (pair[1].ndim > 1, pair[1].numel()))
    values = weight.detach().float()
    figures = summarise(values, bins=BINS)
    return WeightsTaken(
        node=node,
        step=step,
        name=name,
        shape=tuple(values.shape),
        low=figures.low,
        high=figures.high,
        counts=figures.counts,
        mean=figures.mean,
        deviation=figures.deviation,
        zeros=figures.zeros,
        norm=weight_norm(compiled, node) or 0.0,
        parameters=sum(parameter.numel() for _, parameter in found),
        singular_values=_singular_values(values),
        update_ratio=learning.update_ratio([weight for _, weight in found]),
        **_picture(values),
    )


def gradients_of(compiled: CompiledModel, step: int, learning: Learning) -> GradientsTaken:
    """Tell the lengths of gradients, weights and updates of each layer, first to last."""
    layers = (
        (node, parameters, learning.gradient(parameters))
        for node, parameters in parameters_by_node(compiled)
    )
    return GradientsTaken(
        step=step,
        layers=tuple(
            LayerGradient(
                node=node,
                gradient=gradient,
                weight=weight_norm(compiled, node) or 0.0,
                update_ratio=learning.update_ratio(parameters),
            )
            for node, parameters, gradient in layers
            if gradient is not None
        ),
    )


def parameters_by_node(compiled: CompiledModel) -> Iterator[tuple[NodeId, list[nn.Parameter]]]:
    """Yield the layers with weights in the order in which they are computed."""
    for step in compiled.plan.steps:
        module = compiled.module_of(step.node)
        parameters = [] if module is None else list(module.parameters())
        if parameters:
            yield step.node, parameters


def _picture(values: Tensor) -> dict[str, Any]:
    """Return filters of a convolution, the matrix of anything else with two axes or more."""
    if values.ndim < 2:
        return {"form": "none"}
    largest = float(values.abs().max())
    is_filters = values.ndim >= 3 and values[0, 0].numel() > 1
    if is_filters:
        # A filter along one axis is a row; one along three shows its middle slice.
        maps = values.flatten(0, 1)[:MOST_MAPS]
        if maps.ndim > 3:
            maps = maps[:, maps.shape[1] // 2]
        maps = maps.reshape(len(maps), -1, maps.shape[-1])
    else:
        maps = _strongest(values.flatten(1), SIDE)[None]
    scaled = maps * (127 / largest) if 0 < largest < float("inf") else torch.zeros_like(maps)
    pixels = scaled.round().clamp(-127, 127).to(torch.int8).cpu().numpy()
    return {
        "form": "filters" if is_filters else "matrix",
        "pixels": pixels.tobytes(),
        "maps": maps.shape[0],
        "rows": maps.shape[1],
        "columns": maps.shape[2],
        "largest": largest,
    }


def _strongest(matrix: Tensor, side: int) -> Tensor:
    """Shrink a matrix; each value is the one of its block that lies farthest from zero."""
    rows, columns = (-(-size // side) for size in matrix.shape)
    if rows == columns == 1:
        return matrix
    highest = nn.functional.max_pool2d(matrix[None], (rows, columns), ceil_mode=True)[0]
    lowest = -nn.functional.max_pool2d(-matrix[None], (rows, columns), ceil_mode=True)[0]
    return torch.where(highest >= -lowest, highest, lowest)


def _singular_values(values: Tensor) -> tuple[float, ...]:
    if values.ndim < 2 or values.numel() > _MOST_VALUES or min(values.flatten(1).shape) > 512:
        return ()
    matrix = values.flatten(1).double().cpu().numpy()
    if not np.isfinite(matrix).all():
        return ()
    return tuple(np.linalg.svd(matrix, compute_uv=False)[:_SINGULAR].tolist())
