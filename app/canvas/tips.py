"""What the pointer is told about the thing below it."""

from __future__ import annotations

import math

from app.canvas.hits import Hit
from app.canvas.scene import CanvasScene
from app.figures import byte_size, figure
from engine.analysis.derivation import derive
from engine.graph.elements import Link, NodeId
from nodes.tensors import DType, TensorType

_MOST_LAYERS = 5


def tip_of(scene: CanvasScene, hit: Hit) -> str:
    """Return the words for what was hit; empty where there is nothing to say."""
    if hit.link is not None:
        return _sizes_tip(scene, hit.link) if hit.on_text else _wire_tip(scene, hit.link)
    if hit.frame:
        return _bar_tip(scene, hit.frame)
    if hit.node is None:
        return ""
    if hit.kind == "badge":
        return "\n".join(problem.title for problem in scene.document.problems_of(hit.node))
    if hit.port is not None:
        node = scene.document.graph.nodes[hit.node]
        called = "" if hit.port.is_input else node.called.get(hit.port.name, "")
        return f"{hit.port.name}: {called}" if called else hit.port.name
    return _card_tip(scene, hit.node)


def _wire_tip(scene: CanvasScene, link: Link) -> str:
    tensor = scene.document.report.on_link(link)
    if tensor is None:
        return "The shape is not known yet"
    lettered = scene.document.report.in_letters(link.source) or tensor
    shape = f"N×{lettered}" if lettered.sample else str(lettered)
    here = "" if lettered == tensor else f", here {tensor}"
    return f"{shape}{here}, {_DTYPES[tensor.dtype]}{_size(tensor)}{_range(scene, link)}"


def _range(scene: CanvasScene, link: Link) -> str:
    """Say between which values it lay when it was looked at last."""
    values = scene.ranges.get(link.source)
    if values is None:
        return ""
    return f"\nFrom {figure(values[0])} to {figure(values[1])} when last seen"


def _sizes_tip(scene: CanvasScene, link: Link) -> str:
    """Say which layers forced the sizes on a wire, the nearest first, and their formula."""
    found = derive(scene.document.report, link.source)
    lines = [_wire_tip(scene, link)]
    if found.formula:
        lines.append(f"In letters: {found.formula}")
    lines += [forced.words for forced in found.layers[:_MOST_LAYERS]]
    left = len(found.layers) - _MOST_LAYERS
    return "\n".join([*lines, f"and {left} more above"] if left > 0 else lines)


def _size(tensor: TensorType) -> str:
    """Say how much memory one sample takes; nothing where a length is free."""
    lengths = [size for size in tensor.sample if isinstance(size, int)]
    if len(lengths) < len(tensor.sample):
        return ""
    return f", {byte_size(math.prod(lengths) * _BYTES[tensor.dtype])} per sample"


_DTYPES: dict[DType, str] = {"float": "float32", "int": "int64", "bool": "bool"}
_BYTES: dict[DType, int] = {"float": 4, "int": 8, "bool": 1}


def _bar_tip(scene: CanvasScene, frame: str) -> str:
    """Say what a folded frame is called and coloured by; nothing where no overlay colours it."""
    look = scene.frames[frame].look
    return f"{look.title}\n{look.heat.text}" if look.heat is not None else ""


def _card_tip(scene: CanvasScene, node_id: NodeId) -> str:
    item, node = scene.nodes[node_id], scene.document.graph.nodes[node_id]
    amount = [item.state.amount] if item.state.amount else []
    lines = dict.fromkeys((item.facts.title, node.name, *amount))
    return "\n".join([*lines, *([item.state.heat.text] if item.state.heat else [])])
