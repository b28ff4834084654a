"""PyTorch source as nodes: ``nn.Sequential(nn.Conv2d(1, 16, 3), nn.ReLU())``.

The text is parsed with ``ast`` and never executed. Known layers with literal arguments become nodes
in a chain; what is not understood is named and left out.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.graph.edits import add_node, connect, make_node, rename
from engine.graph.elements import End, Graph, NodeId
from engine.graph.flow import next_rank
from engine.importing.signatures import REQUIRED, signature
from nodes.catalogue import LAYERS, make_layer
from nodes.errors import GraphError, ParameterError
from nodes.params import fields_of

_LARGEST_TEXT = 1_000_000
_MOST_NAMED = 3
_ORDER = "The layers are joined in the order in which they are made; forward() is not read."
_CONTAINERS = ("Sequential", "ModuleList", "OrderedDict", "ModuleDict")

_FROM_INPUT = frozenset(
    {
        "in_channels",
        "in_features",
        "num_features",
        "num_channels",
        "normalized_shape",
        "num_parameters",
        "device",
        "dtype",
        "inplace",
    }
)
"""Arguments that follow from what arrives, or that change no number."""

_OTHER_NAMES: Mapping[tuple[str, str], str] = {
    ("RReLU", "lower"): "lower_slope",
    ("RReLU", "upper"): "upper_slope",
}


class Pasted(NamedTuple):
    """A drawing with what a text became in it."""

    graph: Graph
    nodes: tuple[NodeId, ...]
    notes: tuple[str, ...]
    """What was not understood, a sentence each."""


@dataclass
class _Found:
    kind: str
    params: dict[str, object]
    title: str = ""


@dataclass
class _Reading:
    layers: list[_Found] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def is_source(text: str) -> bool:
    """Say whether a text is Python in which layers are made."""
    if len(text) > _LARGEST_TEXT or "(" not in text:
        return False
    tree = _parsed(text)
    return tree is not None and any(
        _called(call) in LAYERS or _called(call) in _CONTAINERS for call in _calls(tree)
    )


def paste_source(graph: Graph, text: str, at: tuple[float, float]) -> Pasted:
    """Add the layers that a text makes as a chain, the first one at ``at``.

    Raises:
        GraphError: No layer that is known is made there; names those that are not.
    """
    tree = _parsed(text) if len(text) <= _LARGEST_TEXT else None
    reading = _Reading()
    if tree is None:
        raise _no_python(text)
    _read_block(tree.body, reading)
    if not reading.layers:
        raise _nothing_known(reading)
    made: list[NodeId] = []
    for found in reading.layers:
        position = next_rank(graph, made[-1]) if made else at
        node = make_node(graph, found.kind, params=found.params, position=position)
        graph = add_node(graph, node)
        if found.title:
            graph = rename(graph, node.id, found.title)
        if made:
            graph = _joined(graph, made[-1], node.id)
        made.append(node.id)
    return Pasted(graph, tuple(made), tuple(_notes(reading)))


def _joined(graph: Graph, before: NodeId, after: NodeId) -> Graph:
    outputs = LAYERS[graph.nodes[before].kind].info.outputs
    inputs = LAYERS[graph.nodes[after].kind].info.inputs
    if not outputs or not inputs:
        return graph
    return connect(graph, End(before, outputs[0].name), End(after, inputs[0].name))


def _read_block(statements: list[ast.stmt], reading: _Reading) -> None:
    """Read statements in order, also those in classes and functions."""
    for statement in statements:
        match statement:
            case ast.FunctionDef(name="forward"):
                reading.notes.append(_ORDER)
            case ast.ClassDef() | ast.FunctionDef():
                _read_block(statement.body, reading)
            case ast.Assign(value=value) | ast.AnnAssign(value=value) if value is not None:
                _read_value(value, reading, _name_of(statement))
            case ast.Expr(value=value):
                _read_value(value, reading, "")
            case _:
                pass


def _name_of(statement: ast.Assign | ast.AnnAssign) -> str:
    """Return ``conv1`` of ``self.conv1 = …``; a plain variable names no layer."""
    target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
    is_member = isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)
    return target.attr if is_member and isinstance(target, ast.Attribute) else ""


def _read_value(value: ast.expr, reading: _Reading, title: str) -> None:
    match value:
        case ast.Tuple(elts=[ast.Constant(value=str() as name), inner]):
            _read_value(inner, reading, name)  # ("conv1", nn.Conv2d(…)) of an OrderedDict
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            for part in parts:
                _read_value(part, reading, "")
        case ast.Dict(keys=keys, values=parts):
            for key, part in zip(keys, parts, strict=True):
                named = key.value if isinstance(key, ast.Constant) else ""
                _read_value(part, reading, named if isinstance(named, str) else "")
        case ast.Starred(value=inner):
            _read_value(inner, reading, title)
        case ast.Call() if _called(value) in _CONTAINERS:
            for part in value.args:
                _read_value(part, reading, "")
        case ast.Call():
            _read_call(value, reading, title)
        case _:
            pass


def _read_call(call: ast.Call, reading: _Reading, title: str) -> None:
    kind = _called(call)
    layer = LAYERS.get(kind)
    if layer is None or layer.info.role not in ("layer", "loss"):
        if _is_layer_like(call):
            reading.unknown.append(ast.unparse(call.func))
        return
    params = _params(kind, call, reading)
    try:
        make_layer(kind, params)
    except ParameterError as error:
        reading.notes.append(f"{kind}: {error.title}. It has its defaults.")
        params = {}
    # "0", "1" of an nn.Sequential name nothing.
    reading.layers.append(_Found(kind, params, "" if title.isdigit() else title))


def _params(kind: str, call: ast.Call, reading: _Reading) -> dict[str, object]:
    """Return what the call says in our parameters, with torch's defaults where ours differ."""
    order = signature(kind)
    own = {field.name: field for field in fields_of(LAYERS[kind])}
    params = {
        name: default
        for name, default in order.items()
        if name in own and default not in (REQUIRED, None, own[name].default)
    }
    for name, value in _arguments(kind, call, order, reading):
        ours = _OTHER_NAMES.get((kind, name), name)
        if ours in own:
            params[ours] = list(value) if isinstance(value, tuple) else value
        elif name == "normalized_shape" and "axes" in own:
            params["axes"] = len(value) if isinstance(value, tuple) else 1
        elif name not in _FROM_INPUT and value != order.get(name, REQUIRED):
            reading.notes.append(f"{name} of {kind} has no counterpart and was left out.")
    return {name: value for name, value in params.items() if value is not None}


def _arguments(
    kind: str, call: ast.Call, order: Mapping[str, object], reading: _Reading
) -> Iterator[tuple[str, object]]:
    names = list(order)
    given = [
        (names[place] if place < len(names) else f"argument {place + 1}", value)
        for place, value in enumerate(call.args)
    ]
    given += [(keyword.arg or "**", keyword.value) for keyword in call.keywords]
    for name, value in given:
        try:
            yield name, _literal(value)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            if name not in _FROM_INPUT:
                reading.notes.append(f"{name} of {kind} is no plain value and was left out.")


def _literal(value: ast.expr) -> object:
    found = ast.literal_eval(value)
    if isinstance(found, list):
        return tuple(found)
    return found


def _called(call: ast.expr) -> str:
    """Return ``Conv2d`` of ``torch.nn.Conv2d(…)``."""
    match call:
        case ast.Call(func=ast.Attribute(attr=name)) | ast.Call(func=ast.Name(id=name)):
            return name
        case _:
            return ""


def _is_layer_like(call: ast.Call) -> bool:
    """Say whether a call looks like that of a layer: a class, by its capital letter."""
    return _called(call)[:1].isupper()


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _parsed(text: str) -> ast.Module | None:
    """Parse a text as statements, else as lines of a list: ``nn.ReLU(),``."""
    for candidate in (text.strip(), f"[\n{text.strip()}\n]"):
        try:
            return ast.parse(candidate)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _notes(reading: _Reading) -> Iterator[str]:
    names = list(dict.fromkeys(reading.unknown))
    if names:
        shown = ", ".join(names[:_MOST_NAMED]) + (" and others" if len(names) > _MOST_NAMED else "")
        yield f"Not known and left out: {shown}."
    yield from dict.fromkeys(reading.notes)


def _no_python(text: str) -> GraphError:
    why = "It is too long, or nests too deeply."
    try:
        ast.parse(text[:_LARGEST_TEXT])
    except SyntaxError as error:
        why = f"Line {error.lineno}: {error.msg}."
    except (ValueError, RecursionError, MemoryError):
        pass
    return GraphError("This text is no Python", why=why, hint="Mend that line, or leave it out.")


def _nothing_known(reading: _Reading) -> GraphError:
    names = ", ".join(dict.fromkeys(reading.unknown))
    return GraphError(
        "There is no layer in this text that is known",
        why=f"It makes {names[:200]}." if names else "It makes no layers.",
        hint="Copy the call of nn.Sequential, or the lines that make the layers.",
    )
