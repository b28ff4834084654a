"""Statements that are too wide for a line, wrapped as ``ruff format`` would.

A statement becomes groups of words and places where a line may end. A group that does not fit on
the line ends it at all of its own places, and those inside are asked again.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

WIDTH = 88


@dataclass(frozen=True, slots=True)
class _Break:
    """A place where the line may end, and what stands there where it does not."""

    flat: str = ""


@dataclass(frozen=True, slots=True)
class _IfBroken:
    """Text that only a wrapped group has: a last comma, parentheses."""

    text: str


@dataclass(frozen=True, slots=True)
class _Indented:
    parts: "_Parts"


@dataclass(frozen=True, slots=True)
class _Group:
    parts: "_Parts"


_Part: TypeAlias = str | _Break | _IfBroken | _Indented | _Group
_Parts: TypeAlias = Sequence[_Part]


def wrap(statement: str, indent: int) -> list[str]:
    """Return the lines of an assignment or a return statement."""
    line = " " * indent + statement
    if len(line) <= WIDTH:
        return [line]
    (parsed,) = ast.parse(f"def f():\n {statement}").body[0].body  # type: ignore[attr-defined]
    head = statement[: parsed.value.col_offset - 1]
    return _lines([head, *_statement(parsed.value)], indent)


def wrap_signature(head: str, arguments: Sequence[str], returned: str, indent: int) -> list[str]:
    """Return the lines that begin a function; ``head`` is ``def name``."""
    line = " " * indent + f"{head}({', '.join(arguments)}) -> {returned}:"
    if len(line) <= WIDTH:
        return [line]
    inner = " " * (indent + 4) + ", ".join(arguments)
    rows = [f"{' ' * (indent + 4)}{argument}," for argument in arguments]
    result = _expression(ast.parse(returned, mode="eval").body)
    return [
        " " * indent + f"{head}(",
        *([inner] if len(inner) <= WIDTH else rows),
        *_lines([") -> ", *result, ":"], indent),
    ]


def _statement(value: ast.expr) -> _Parts:
    """Describe the right side of a statement: what has no brackets gets some where it is wide."""
    if isinstance(value, ast.BinOp):
        inside = _expression(value)
    elif isinstance(value, ast.Tuple):
        inside = [*_listed([_expression(item) for item in value.elts]), _IfBroken(",")]
    else:
        return _expression(value)
    return [
        _Group([_IfBroken("("), _Indented([_Break(), *inside]), _Break(), _IfBroken(")")]),
    ]


def _expression(value: ast.expr) -> _Parts:
    match value:
        case ast.Call(func=func, args=args, keywords=keywords):
            items = [_expression(item) for item in args]
            items += [[f"{keyword.arg}=", *_expression(keyword.value)] for keyword in keywords]
            return [*_expression(func), _bracketed("(", items, ")")]
        case ast.Subscript(value=base, slice=ast.Tuple(elts=items)):
            return [*_expression(base), _bracketed("[", [_expression(i) for i in items], "]")]
        case ast.Attribute(value=base, attr=name):
            return [*_expression(base), f".{name}"]
        case ast.List(elts=items):
            inside = [*_listed([_expression(item) for item in items]), _IfBroken(",")]
            return [_Group(["[", _Indented([_Break(), *inside]), _Break(), "]"])]
        case ast.ListComp(elt=item, generators=[ast.comprehension() as part]):
            loop = f"for {ast.unparse(part.target)} in {ast.unparse(part.iter)}"
            inside = [*_expression(item), _Break(" "), loop]
            return [_Group(["[", _Indented([_Break(), *inside]), _Break(), "]"])]
        case ast.Starred(value=inner):
            return ["*", *_expression(inner)]
        case ast.BinOp(op=ast.Pow()):
            return [ast.unparse(value).replace(" ** ", "**")]
        case ast.BinOp():
            return [_Group(_operands(value))]
        case ast.Constant(value=str(text)) if '"' not in text:
            return [f'"{ast.unparse(value)[1:-1]}"']
        case _:
            return [ast.unparse(value)]


_SIGNS: Mapping[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.MatMult: "@",
}


def _operands(value: ast.expr) -> _Parts:
    if not isinstance(value, ast.BinOp):
        return _expression(value)
    sign = _SIGNS[type(value.op)]
    return [*_operands(value.left), _Break(" "), f"{sign} ", *_expression(value.right)]


def _bracketed(start: str, items: Sequence[_Parts], end: str) -> _Group:
    """Put items into brackets: on one line of their own, else each on its own."""
    if not items:
        return _Group([start + end])
    comma = [_IfBroken(",")] if len(items) > 1 else []
    inside = _Group([*_listed(items), *comma])
    return _Group([start, _Indented([_Break(), inside]), _Break(), end])


def _listed(items: Sequence[_Parts]) -> _Parts:
    listed = [part for item in items for part in (*item, ",", _Break(" "))]
    return listed[:-2]


_Task: TypeAlias = tuple[int, bool, _Part]
"""The indent, whether the group around is wrapped, and a part."""


def _lines(parts: _Parts, indent: int) -> list[str]:
    lines, line = [], " " * indent
    stack: list[_Task] = [(indent, True, part) for part in reversed(parts)]
    while stack:
        depth, broken, part = stack.pop()
        match part:
            case str(text):
                line += text
            case _IfBroken(text):
                line += text if broken else ""
            case _Break(flat) if not broken:
                line += flat
            case _Break():
                lines.append(line.rstrip())
                line = " " * depth
            case _Indented(inner):
                stack.extend((depth + 4, broken, one) for one in reversed(inner))
            case _Group(inner):
                wrapped = broken and not _fits(inner, stack, WIDTH - len(line))
                stack.extend((depth, wrapped, one) for one in reversed(inner))
    return [*lines, line]


def _fits(parts: _Parts, rest: Sequence[_Task], room: int) -> bool:
    """Whether parts fit on a line, with what follows them up to where it may end."""
    for text in _flat(parts, rest):
        if text is None:
            return True
        room -= len(text)
        if room < 0:
            return False
    return True


def _flat(parts: _Parts, rest: Sequence[_Task]) -> Iterator[str | None]:
    """Yield the words of parts in one line, then of what follows; None where the line may end."""
    for part in _words(parts):
        yield part.flat if isinstance(part, _Break) else part
    for _, broken, task in reversed(rest):
        for part in _words([task], broken=broken):
            yield (None if broken else part.flat) if isinstance(part, _Break) else part


def _words(parts: Iterable[_Part], *, broken: bool = False) -> Iterator[str | _Break]:
    for part in parts:
        match part:
            case str() | _Break():
                yield part
            case _IfBroken(text):
                yield text if broken else ""
            case _Indented(inner) | _Group(inner):
                yield from _words(inner, broken=broken)
