"""What nodes and drawings cost: weights, multiplications, numbers put out."""

from collections.abc import Mapping
from typing import TypedDict

from engine.analysis.instances import Instance, Repeated
from engine.analysis.report import NodeReport, Totals
from engine.graph.elements import NodeId
from nodes.layer import Layer
from nodes.sizes import BATCH, Size, known, substitute
from nodes.tensors import Inputs, TensorType


class Figures(TypedDict):
    """The figures of one node, as its report names them."""

    parameters: int
    trained_parameters: int
    buffers: int
    multiply_adds: int
    output_numbers: int
    layers: int


def figures(
    layer: Layer,
    inputs: Inputs,
    outputs: tuple[TensorType, ...],
    *,
    frozen: bool,
    owns_weights: bool,
) -> Figures:
    """Return what a node costs.

    Args:
        owns_weights: False where its weights are another node's, and are counted there.
    """
    found = _of(layer, inputs, outputs)
    if not owns_weights:
        found |= {"parameters": 0, "trained_parameters": 0, "buffers": 0}
    if frozen:
        found["trained_parameters"] = 0
    return found


def _of(layer: Layer, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Figures:
    if isinstance(layer, Instance):
        return _of_inside(layer.inside(inputs).totals)
    if isinstance(layer, Repeated):
        return _of_rounds(layer, inputs)
    parameters, role = layer.parameters(inputs), layer.info.role
    return Figures(
        parameters=parameters,
        trained_parameters=parameters,
        buffers=layer.buffers(inputs),
        multiply_adds=_for_one(layer.multiply_adds(inputs, outputs)),
        # What comes in was counted where it came out.
        output_numbers=0 if role == "input" else sum(_numbers(tensor) for tensor in outputs),
        layers=int(role == "layer"),
    )


def _of_inside(found: Totals) -> Figures:
    return Figures(
        parameters=found.parameters,
        trained_parameters=found.trained_parameters,
        buffers=found.buffers,
        multiply_adds=found.multiply_adds,
        output_numbers=found.output_numbers,
        layers=found.layers,
    )


def _of_rounds(layer: Repeated, inputs: Inputs) -> Figures:
    each = [_of(found.layer, found.inputs, found.outputs) for found in layer.each(inputs)]
    own = each[:1] if layer.shared else each
    return Figures(
        parameters=sum(one["parameters"] for one in own),
        trained_parameters=sum(one["trained_parameters"] for one in own),
        buffers=sum(one["buffers"] for one in own),
        multiply_adds=sum(one["multiply_adds"] for one in each),
        output_numbers=sum(one["output_numbers"] for one in each),
        layers=sum(one["layers"] for one in each),
    )


def _for_one(size: Size) -> int:
    """Return a count for one sample; a size that is still free counts as one."""
    once = substitute(size, {"N": 1})
    return known(once) or 0


def _numbers(tensor: TensorType) -> int:
    product: Size = 1
    for size in tensor.sizes:
        product = product * (1 if size == BATCH else size)
    return known(product) or 0


def totals(reports: Mapping[NodeId, NodeReport]) -> Totals:
    """Add up the figures of a drawing."""
    return Totals(
        parameters=sum(report.parameters for report in reports.values()),
        trained_parameters=sum(report.trained_parameters for report in reports.values()),
        buffers=sum(report.buffers for report in reports.values()),
        multiply_adds=sum(report.multiply_adds for report in reports.values()),
        output_numbers=sum(report.output_numbers for report in reports.values()),
        layers=sum(report.layers for report in reports.values()),
        complete=all(report.state == "ok" for report in reports.values()),
    )
