"""What a person's own layer can be given: arguments of its constructor as properties.

Read from the text with ``ast``; types and defaults that nobody could type stay what they are.
"""

import ast
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, Optional

import msgspec

from nodes.errors import CodeError
from nodes.layer import Layer

_PLAIN: Final[Mapping[str, type]] = {"int": int, "float": float, "bool": bool, "str": str}
_RESERVED: Final = frozenset({*dir(Layer), "code", "question", "self"})
_NO_DEFAULT: Final = object()


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """What can be set of a layer."""

    name: str
    type: Any
    required: bool = False
    default: Any = None
    help: str = ""


class Argument(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a function takes, as it is written."""

    name: str
    line: int
    annotation: ast.expr | None
    default: ast.expr | None
    owner: str


def arguments_of(function: ast.FunctionDef, skip: int) -> Iterator[Argument]:
    """Yield what a function takes, without ``self``; what gathers the rest cannot be drawn."""
    args = function.args
    plain = [*args.posonlyargs, *args.args]
    defaults = [None] * (len(plain) - len(args.defaults)) + list(args.defaults)
    pairs = [*zip(plain, defaults, strict=True)][skip:]
    pairs += zip(args.kwonlyargs, args.kw_defaults, strict=True)
    if args.vararg is not None:
        raise CodeError(
            f"{function.name} takes any number of arguments",
            line=args.vararg.lineno,
            why=f"Ports and properties need names; “*{args.vararg.arg}” has none.",
            hint="Name each argument, or take a list: “xs: list[Tensor]”.",
        )
    for argument, default in pairs:
        yield Argument(
            name=argument.arg,
            line=argument.lineno,
            annotation=argument.annotation,
            default=default,
            owner=function.name,
        )


def is_tensor(argument: Argument) -> bool:
    """Say whether an argument takes a tensor: by its type, else where it has no default."""
    if argument.annotation is None:
        return argument.default is None
    return any(
        last_name(node) == "Tensor"
        for node in ast.walk(argument.annotation)
        if isinstance(node, ast.Name | ast.Attribute)
    )


def parameter_of(argument: Argument, helps: Mapping[str, str]) -> Parameter | None:
    """Return an argument as a property; None where nobody can set it but its default does."""
    if argument.name in _RESERVED or argument.name.startswith("_"):
        raise reserved(argument)
    default = _literal(argument)
    hint = _type(argument.annotation, default)
    if hint is None and default is _NO_DEFAULT and argument.default is None:
        raise CodeError(
            f"“{argument.name}” cannot be set",
            line=argument.line,
            why="Properties are numbers, texts, choices and true or false; its type says which.",
            hint=f"Write “{argument.name}: int”, or give it a default.",
        )
    if hint is None or (default is _NO_DEFAULT and argument.default is not None):
        return None
    required = default is _NO_DEFAULT
    if hint is float and isinstance(default, int) and not isinstance(default, bool):
        default = float(default)
    return Parameter(
        name=argument.name,
        type=Optional[hint] if default is None else hint,  # noqa: UP045 - the type is a value
        required=required,
        default=None if required else default,
        help=helps.get(argument.name, ""),
    )


def _literal(argument: Argument) -> Any:
    """Return the default of an argument; ``_NO_DEFAULT`` where it is none or must be computed."""
    if argument.default is None:
        return _NO_DEFAULT
    try:
        value = ast.literal_eval(argument.default)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return _NO_DEFAULT
    plain = value is None or isinstance(value, bool | int | float | str | tuple)
    return value if plain else _NO_DEFAULT


def _type(annotation: ast.expr | None, default: Any) -> Any:
    """Return the type of a property; None where it is none that can be set."""
    if annotation is None:
        if isinstance(default, tuple):
            whole = default and all(type(item) is int for item in default)
            return tuple[int, ...] if whole else None
        return type(default) if type(default) in _PLAIN.values() else None
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return _PLAIN.get(annotation.value)
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        return _union([annotation.left, annotation.right])
    if isinstance(annotation, ast.Subscript):
        return _subscript(annotation)
    return _PLAIN.get(last_name(annotation))


def _union(parts: list[ast.expr]) -> Any:
    types = [_type(part, _NO_DEFAULT) for part in parts if not _is_none(part)]
    if None in types:
        return None
    if types == [int, tuple[int, int]] or types == [int, tuple[int, int, int]]:
        return types[0] | types[1]
    if len(types) != 1:
        return None
    return Optional[types[0]] if len(parts) == 2 else types[0]  # noqa: UP045 - as above


def _subscript(annotation: ast.Subscript) -> Any:
    inner = annotation.slice
    items = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
    match last_name(annotation.value).lower():
        case "literal":
            texts = [item.value for item in items if isinstance(item, ast.Constant)]
            all_texts = len(texts) == len(items) and all(isinstance(one, str) for one in texts)
            return Literal[tuple(texts)] if texts and all_texts else None
        case "optional":
            found = _type(inner, _NO_DEFAULT)
            return None if found is None else Optional[found]  # noqa: UP045 - as above
        case "tuple":
            return _tuple(items)
        case _:
            return None


def _tuple(items: list[ast.expr]) -> Any:
    last = items[-1]
    if isinstance(last, ast.Constant) and last.value is Ellipsis and len(items) == 2:
        return tuple[int, ...] if _type(items[0], _NO_DEFAULT) is int else None
    types = tuple(_type(item, _NO_DEFAULT) for item in items)
    return tuple[types] if set(types) == {int} else None  # type: ignore[valid-type]


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def last_name(node: ast.expr) -> str:
    """Return the name that an expression ends with: ``Module`` of ``nn.Module``."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def reserved(argument: Argument) -> CodeError:
    """Return what is said of an argument whose name Layerloom uses itself."""
    return CodeError(
        f"An argument cannot be called “{argument.name}”",
        line=argument.line,
        why="Layerloom uses that name itself.",
        hint="Choose another name.",
    )
