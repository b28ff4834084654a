"""What the editor says below a text: what the layer takes and gives, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from app.widgets import number_text
from engine.analysis.report import NodeReport, ShapeReport
from engine.graph.elements import Node
from nodes.errors import CodeError
from nodes.own_code import OwnCode, read_code
from nodes.own_layer import OWN_LAYER, Failed, OwnLayer, answer_to

Tone = Literal["ok", "err", "info"]


class Said(NamedTuple):
    """One line below the text."""

    tone: Tone
    words: str
    line: int = 0
    """Of the text, counted from 1; 0 where it is about none."""


def said_of_text(text: str) -> Said:
    """Say what a text describes, or what is wrong with it; nothing of it is run."""
    try:
        return Said("info", described(read_code(text)))
    except CodeError as error:
        words = " ".join(part for part in (f"{error.title}.", error.why, error.hint) if part)
        return Said("err", f"Line {error.line}: {words}", error.line)


def said_of_runs(report: ShapeReport, name: str) -> Said | None:
    """Say what came of running a layer in the drawing; None where it is not in use there."""
    found = list(_uses(report, name))
    for node in found:
        failed = failure_of(node)
        if failed is not None:
            place = f"Line {failed.line}: " if failed.line else ""
            return Said("err", f"{place}{failed.title}. {failed.why}", failed.line)
    for node in found:
        if node.state == "ok" and node.inputs is not None:
            return Said("ok", _shapes(node))
    if found and report.questions:
        return Said("info", "It is being run to find its shape…")
    return None


def described(code: OwnCode) -> str:
    """Say what a layer takes, gives and lets be set: "Takes x. Gives y. Properties: turns"."""
    takes = ", ".join(port.name for port in code.inputs)
    parts = [f"{code.name} takes {takes}", f"gives {', '.join(code.outputs)}"]
    if code.parameters:
        parts.append(f"properties: {', '.join(one.name for one in code.parameters)}")
    if code.derived:
        parts.append(f"from its input: {', '.join(code.derived)}")
    return " · ".join(parts)


def failure_of(node: NodeReport) -> Failed | None:
    """Return why a layer of one's own fails where it stands."""
    if not isinstance(node.layer, OwnLayer) or node.inputs is None:
        return None
    answer = answer_to(node.layer.question(node.inputs))
    return answer if isinstance(answer, Failed) else None


def _uses(report: ShapeReport, name: str) -> Iterator[NodeReport]:
    for node_id, found in report.nodes.items():
        if _is_use(report.graph.nodes[node_id], name):
            yield found


def _is_use(node: Node, name: str) -> bool:
    return node.kind == OWN_LAYER and node.definition == name


def _shapes(node: NodeReport) -> str:
    assert node.inputs is not None, "asked of a layer that is understood"
    taken = ", ".join(str(tensor) for _, tensors in node.inputs.key() for tensor in tensors)
    given = ", ".join(str(tensor) for tensor in node.outputs.values())
    learned = f", {number_text(node.parameters)} parameters" if node.parameters else ""
    return f"Here: {taken} → {given}{learned}"
