"""A node in words, for screen readers."""

from __future__ import annotations

from engine.analysis.instances import Repeated
from engine.analysis.report import NodeReport, Problem
from engine.graph.composites import COMPOSITE
from engine.graph.elements import Node
from nodes.catalogue import CATEGORIES, kind_named
from nodes.layer import Layer
from nodes.params import fields_of
from nodes.tensors import TensorType

_SPOKEN = {
    "out_channels": "{} channels",
    "out_features": "{} features",
    "kernel_size": "{} kernel",
    "p": "dropout {}",
}
_MOST_PARAMETERS = 3


def spoken_node(
    node: Node, report: NodeReport, problems: tuple[Problem, ...], place: int, count: int
) -> str:
    """Say all that the card shows, and where in the drawing it stands.

    "Conv2d, conv2d_2, convolution, 16 channels, 3 by 3 kernel, output 16 by 14 by 14, 1 hint,
    4 of 9".
    """
    layer = kind_named(node.kind)
    parts = [report.title, node.name]
    if node.kind == COMPOSITE:
        parts += _spoken_inside(node, report)
    elif layer is not None:
        parts.append(CATEGORIES[layer.info.category].lower())
    if report.layer is not None:
        parts += spoken_parameters(report.layer)
    if report.activation:
        parts.append(f"then {report.activation}")
    parts += [f"output {spoken_shape(tensor)}" for tensor in report.outputs.values()]
    if node.frozen:
        parts.append("frozen")
    if node.bypassed:
        parts.append("bypassed")
    parts += _spoken_problems(problems)
    return ", ".join([*parts, f"{place} of {count}"])


def _spoken_inside(node: Node, report: NodeReport) -> list[str]:
    layers = "1 layer" if report.layers == 1 else f"{report.layers} layers"
    rounds = len(report.layer.rounds) if isinstance(report.layer, Repeated) else 1
    row = f"{rounds} times in a row" if rounds > 1 else ""
    shared = "sharing weights" if row and node.share_weights else ""
    return ["composite", layers, *filter(None, (row, shared))]


def spoken_parameters(layer: Layer) -> list[str]:
    """Say the parameters that the card shows."""
    said = []
    for field in fields_of(type(layer)):
        value = getattr(layer, field.name)
        is_told = field.name in ("out_channels", "out_features", "kernel_size") or field.required
        if field.name == "activation" or field.editor == "fields":
            continue
        if is_told or (value != field.default and not field.param.advanced):
            form = _SPOKEN.get(field.name, f"{field.param.label.lower()} {{}}")
            said.append(form.format(_spoken_value(layer, field.name, value)))
    return said[:_MOST_PARAMETERS]


def spoken_shape(tensor: TensorType) -> str:
    """Say a shape: "16 by 14 by 14"."""
    return str(tensor).replace("×", " by ")


def _spoken_value(layer: Layer, name: str, value: object) -> str:
    match value:
        case bool():
            return "on" if value else "off"
        case tuple():
            return " by ".join(str(item) for item in value)
        case float():
            return f"{value:g}"
        case int() if name == "kernel_size" and getattr(layer, "axes", 2) == 2:
            return f"{value} by {value}"
        case _:
            return str(value)


def _spoken_problems(problems: tuple[Problem, ...]) -> list[str]:
    errors = [problem.title for problem in problems if problem.severity == "error"]
    hints = len(problems) - len(errors)
    said = [f"error: {title}" for title in errors]
    if hints:
        said.append(f"{hints} hint" if hints == 1 else f"{hints} hints")
    return said
