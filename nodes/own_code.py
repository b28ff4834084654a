"""Layers that a person wrote in Python, read from their text; the text is never run here.

The layer is the last class of the text that is a ``Module``, or its last function where there is
no such class. What its constructor takes is set in Properties, what ``forward`` takes are its
inputs, what it returns are its outputs.
"""

import ast
import functools
import io
import re
import tokenize
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

import msgspec

from nodes.errors import CodeError
from nodes.layer import Port
from nodes.own_parameters import (
    Argument,
    Parameter,
    arguments_of,
    is_tensor,
    last_name,
    parameter_of,
    reserved,
)

LARGEST_TEXT: Final = 200_000

DERIVED: Final[Mapping[str, int]] = {"in_channels": 1, "in_features": -1}
"""Arguments of a constructor that follow from the first input: the size of which axis each is."""

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class OwnCode(msgspec.Struct, frozen=True, kw_only=True):
    """A layer as its text describes it."""

    name: str
    text: str
    is_module: bool
    """A class with weights of its own, not a plain function."""

    line: int
    """Where it begins, counted from 1."""

    summary: str = ""
    when: str = ""
    """The rest of its docstring."""

    parameters: tuple[Parameter, ...] = ()
    derived: tuple[str, ...] = ()
    """Arguments of its constructor that follow from what arrives."""

    inputs: tuple[Port, ...] = ()
    outputs: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    """The modules that it imports, as they are written."""

    defines: frozenset[str] = frozenset()
    """The names that the text gives a meaning at its top, without those it imports."""


@functools.lru_cache(maxsize=256)
def read_code(text: str) -> OwnCode:
    """Read a layer from its text.

    Raises:
        CodeError: It is no Python, or no layer; says on which line.
    """
    tree = parsed(text)
    owner = _owner(tree)
    if isinstance(owner, ast.FunctionDef):
        return _function_layer(text, tree, owner)
    return _class_layer(text, tree, owner)


def parsed(text: str) -> ast.Module:
    """Parse a text.

    Raises:
        CodeError: It is no Python.
    """
    if len(text) > LARGEST_TEXT:
        raise CodeError(
            "The code is too long",
            line=1,
            why=f"It has {len(text):,} letters; at most {LARGEST_TEXT:,} are read.",
            hint="Put what is large into a package of its own.",
        )
    try:
        with warnings.catch_warnings():
            # An escape that Python frowns at is no reason to write to somebody's terminal.
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        raise CodeError(
            "Python cannot read this",
            line=error.lineno or 1,
            why=f"{error.msg[:1].upper()}{error.msg[1:]}.",
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise CodeError("Python cannot read this", line=1, why=f"{error}."[:200]) from error


def _owner(tree: ast.Module) -> ast.ClassDef | ast.FunctionDef:
    """Return the class or the function that is the layer."""
    classes = [one for one in tree.body if isinstance(one, ast.ClassDef) and _is_module(one)]
    functions = [
        one
        for one in tree.body
        if isinstance(one, ast.FunctionDef) and not one.name.startswith("_")
    ]
    for found in (classes, functions):
        if found:
            _check_name(found[-1])
            return found[-1]
    raise CodeError(
        "There is no layer yet",
        line=1,
        why="A layer is a class that extends nn.Module, or a function of tensors.",
        hint="Write “class MyLayer(nn.Module):”.",
    )


def _is_module(node: ast.ClassDef) -> bool:
    return any(last_name(base).endswith("Module") for base in node.bases)


def _check_name(node: ast.ClassDef | ast.FunctionDef) -> None:
    if len(node.name) > 40 or not node.name.isascii():
        raise CodeError(
            "The name of the layer is too long",
            line=node.lineno,
            why="It stands on cards and in sources: at most 40 plain letters.",
            hint="Choose a shorter one.",
        )


def _class_layer(text: str, tree: ast.Module, node: ast.ClassDef) -> OwnCode:
    methods = {one.name: one for one in node.body if isinstance(one, ast.FunctionDef)}
    forward = methods.get("forward")
    if forward is None:
        raise CodeError(
            f"{node.name} has no forward",
            line=node.lineno,
            why="“forward” computes what the layer puts out.",
            hint="Add “def forward(self, x: Tensor) -> Tensor:”.",
        )
    init = methods.get("__init__")
    inner = ast.get_docstring(init) if init is not None else None
    helps = {**_argument_helps(ast.get_docstring(node)), **_argument_helps(inner)}
    arguments = list(arguments_of(init, skip=1)) if init is not None else []
    settable = [one for one in arguments if one.name not in DERIVED or one.default is not None]
    return OwnCode(
        **_about(text, tree, node),
        is_module=True,
        parameters=tuple(filter(None, (parameter_of(one, helps) for one in settable))),
        derived=tuple(one.name for one in arguments if one not in settable),
        inputs=tuple(_ports(forward, list(arguments_of(forward, skip=1)))),
        outputs=_outputs(forward),
    )


def _function_layer(text: str, tree: ast.Module, node: ast.FunctionDef) -> OwnCode:
    helps = _argument_helps(ast.get_docstring(node))
    arguments = list(arguments_of(node, skip=0))
    tensors = [one for one in arguments if is_tensor(one)]
    settable = [one for one in arguments if one not in tensors]
    return OwnCode(
        **_about(text, tree, node),
        is_module=False,
        parameters=tuple(filter(None, (parameter_of(one, helps) for one in settable))),
        inputs=tuple(_ports(node, tensors)),
        outputs=_outputs(node),
    )


def _about(text: str, tree: ast.Module, node: ast.ClassDef | ast.FunctionDef) -> dict[str, Any]:
    summary, when = _described(ast.get_docstring(node) or "")
    return {
        "name": node.name,
        "text": text,
        "line": node.lineno,
        "summary": summary,
        "when": when,
        "imports": tuple(dict.fromkeys(imported_modules(tree))),
        "defines": frozenset(_defined(tree)),
    }


def imported_modules(tree: ast.AST) -> Iterator[str]:
    """Yield the modules that a text imports, at any depth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield f"{'.' * node.level}{node.module or ''}"


def _defined(tree: ast.Module) -> Iterator[str]:
    for statement in tree.body:
        if isinstance(statement, _Function | ast.ClassDef):
            yield statement.name
        elif not isinstance(statement, ast.Import | ast.ImportFrom):
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    yield node.id


def _ports(function: ast.FunctionDef, arguments: list[Argument]) -> Iterator[Port]:
    tensors = [one for one in arguments if is_tensor(one)]
    for argument in arguments:
        if argument not in tensors and argument.default is None:
            raise CodeError(
                f"“{argument.name}” is no tensor",
                line=argument.line,
                why="What arrives at a layer are tensors.",
                hint="Give it a default, or make it an argument of __init__.",
            )
    if not tensors:
        raise CodeError(
            f"{function.name} takes no tensor",
            line=function.lineno,
            why="A layer computes something from what arrives.",
            hint="Add an argument “x: Tensor”.",
        )
    helps = _argument_helps(ast.get_docstring(function))
    for argument in tensors:
        if argument.name == "module":
            raise reserved(argument)
        yield Port(
            name=argument.name,
            help=helps.get(argument.name, ""),
            optional=argument.default is not None,
            many=_is_list(argument.annotation),
        )


def _is_list(annotation: ast.expr | None) -> bool:
    return isinstance(annotation, ast.Subscript) and last_name(annotation.value) in (
        *("list", "List", "Sequence", "Iterable", "Collection"),
    )


def _outputs(function: ast.FunctionDef) -> tuple[str, ...]:
    """Name what a function returns: as its last return does, where that names variables."""
    returned = _returned(function)
    count = _annotated_outputs(function.returns)
    if count is None:
        count = len(returned) if returned else 1
    if count <= 1:
        return ("y",)
    names = [one.id if isinstance(one, ast.Name) else "" for one in returned]
    numbered = tuple(f"y{number}" for number in range(1, count + 1))
    good = len(names) == count == len(set(names)) and all(names)
    return tuple(names) if good else numbered


def _returned(function: ast.FunctionDef) -> list[ast.expr]:
    inner = {
        id(node)
        for one in ast.walk(function)
        if isinstance(one, _Function | ast.Lambda) and one is not function
        for node in ast.walk(one)
    }
    nodes = (node for node in ast.walk(function) if id(node) not in inner)
    returns = [node for node in nodes if isinstance(node, ast.Return)]
    last = max(returns, key=lambda node: node.lineno).value if returns else None
    return list(last.elts) if isinstance(last, ast.Tuple) else []


def _annotated_outputs(annotation: ast.expr | None) -> int | None:
    if not isinstance(annotation, ast.Subscript):
        return None if annotation is None else 1
    if last_name(annotation.value).lower() != "tuple" or not isinstance(
        annotation.slice, ast.Tuple
    ):
        return 1
    items = annotation.slice.elts
    endless = any(isinstance(item, ast.Constant) and item.value is Ellipsis for item in items)
    return None if endless else len(items)


_SECTION: Final = re.compile(r"^(Args|Arguments|Parameters|Shapes?|Returns|Raises|Example)s?:\s*$")
_ITEM: Final = re.compile(r"^\s+(\w+)(?:\s*\([^)]*\))?:\s*(.+)$")


def _described(docstring: str) -> tuple[str, str]:
    """Split a docstring into its first sentence and what follows, up to its first section."""
    lines: list[str] = []
    for line in docstring.strip().splitlines():
        if _SECTION.match(line):
            break
        lines.append(line.strip())
    parts = "\n".join(lines).strip().split("\n\n", 1)
    summary = " ".join(parts[0].split())
    when = " ".join(parts[1].split()) if len(parts) > 1 else ""
    return summary, when


def _argument_helps(docstring: str | None) -> dict[str, str]:
    """Return what a docstring says of each argument, Google's way."""
    helps: dict[str, str] = {}
    inside, last = False, ""
    for line in (docstring or "").splitlines():
        if section := _SECTION.match(line):
            inside, last = section[1] in ("Args", "Arguments", "Parameters"), ""
        elif inside and (item := _ITEM.match(line)):
            last = item[1]
            helps[last] = item[2].strip()
        elif inside and last and line.strip():
            helps[last] = f"{helps[last]} {line.strip()}"
    return helps


def with_name(text: str, name: str, other: str) -> str:
    """Return a text in which a name is another wherever it stands as a name."""
    lines = lines_of(text)
    text = "\n".join(lines)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):  # no Python: whoever reads it will be told
        return text
    found = [token for token in tokens if token.type == tokenize.NAME and token.string == name]
    for token in reversed(found):
        row, (start, end) = token.start[0] - 1, (token.start[1], token.end[1])
        lines[row] = f"{lines[row][:start]}{other}{lines[row][end:]}"
    return "\n".join(lines)


def lines_of(text: str) -> list[str]:
    """Split a text where Python ends its lines: not at form feeds and the like."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
