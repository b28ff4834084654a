"""Layers that installed packages offer: their entry points of the group ``layerloom.layers``.

A package is read, not imported: what its layer takes stands in its source. A drawing gets a few
lines that import the layer and say the same, so that its ports are known where the package is not.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from engine.project.blocks import Block, Blocks
from engine.project.layer_files import layer_block
from nodes.errors import CodeError, LoomError, ProjectError
from nodes.layer import Port, literal
from nodes.own_code import OwnCode, parsed, read_code
from nodes.own_parameters import Parameter

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP: Final = "layerloom.layers"


def installed_layers() -> Blocks:
    """Return the layers of installed packages, by name; those that cannot be read are told."""
    layers: dict[str, Block] = {}
    problems: list[LoomError] = []
    # Read when packages are looked for, which no first look at a window needs.
    from importlib.metadata import entry_points

    for point in sorted(entry_points(group=GROUP), key=lambda one: (one.name, one.value)):
        try:
            block = layer_block(written_for(point), Path(_package(point)))
            layers.setdefault(block.name, block)
        except LoomError as error:
            problems.append(error)
    return Blocks(tuple(layers.values()), tuple(problems))


def written_for(point: EntryPoint) -> str:
    """Return the lines that a drawing holds of a layer of a package.

    Raises:
        ProjectError: Its source is not found.
        CodeError: It is no layer.
    """
    code = _read(point)
    alias = f"{code.name}Module" if code.is_module else f"{code.name}_function"
    types = [_type_text(one.type) for one in code.parameters]
    lines = [
        f'"""From the package {_package(point)}."""',
        "",
        *(["import typing"] if any("typing." in text for text in types) else []),
        f"from {point.module} import {point.attr} as {alias}",
        "from torch import Tensor",
        "",
        "",
        *(_class_lines if code.is_module else _function_lines)(code, alias),
    ]
    return "\n".join(lines) + "\n"


def _read(point: EntryPoint) -> OwnCode:
    """Read what a package names; what is wrong with it names the package."""
    try:
        return read_code(_source(point))
    except CodeError as error:
        hint = error.hint or f"Update {_package(point)}, or remove it."
        told = CodeError(error.title, line=error.line, why=error.why, hint=hint)
        told.where = _place(point)
        raise told from error


def _place(point: EntryPoint) -> str:
    return f"{point.name} of {_package(point)}"


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.module.split(".")[0]


def _source(point: EntryPoint) -> str:
    """Return the text of the class or the function that a package names."""
    file = _file_of(point.module)
    try:
        text = file.read_text(encoding="utf-8") if file is not None else None
    except (OSError, UnicodeDecodeError):
        text = None
    for node in parsed(text).body if text is not None else ():
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == point.attr:
            return ast.get_source_segment(text or "", node) or ""
    raise ProjectError(
        f"The layer {point.name} of {_package(point)} is not found",
        why=f"Its entry point names {point.value}, and no source defines that.",
        where=_place(point),
        hint="Name the module in which the class itself is written.",
    )


def _file_of(module: str) -> Path | None:
    """Find the source of a module without importing it, nor any package around it."""
    first, *rest = module.split(".")
    try:
        spec = importlib.util.find_spec(first)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    if not rest:
        return Path(spec.origin) if spec.origin else None
    for place in spec.submodule_search_locations or ():
        base = Path(place, *rest)
        for file in (base.with_suffix(".py"), base / "__init__.py"):
            if file.is_file():
                return file
    return None


def _class_lines(code: OwnCode, alias: str) -> Iterator[str]:
    yield f"class {code.name}({alias}):"
    yield from _docstring(code)
    names = [*code.derived, *(one.name for one in code.parameters)]
    if names:
        typed = [*(f"{name}: int" for name in code.derived), *map(_argument, code.parameters)]
        yield f"    def __init__(self, {', '.join(typed)}) -> None:"
        yield f"        super().__init__({', '.join(f'{name}={name}' for name in names)})"
        yield ""
    ports = ", ".join(["self", *map(_port, code.inputs)])
    yield f"    def forward({ports}) -> {_returned(code)}:"
    yield from _returning(code, f"super().forward({', '.join(map(_passed, code.inputs))})")


def _function_lines(code: OwnCode, alias: str) -> Iterator[str]:
    required = [_port(port) for port in code.inputs if not port.optional]
    optional = [_port(port) for port in code.inputs if port.optional]
    needed = [_argument(one) for one in code.parameters if one.required]
    others = [_argument(one) for one in code.parameters if not one.required]
    arguments = ", ".join([*required, *needed, *optional, *others])
    yield f"def {code.name}({arguments}) -> {_returned(code)}:"
    yield from _docstring(code)
    named = [f"{one.name}={one.name}" for one in code.parameters]
    given = ", ".join([*map(_passed, code.inputs), *named])
    yield from (line.removeprefix("    ") for line in _returning(code, f"{alias}({given})"))


def _docstring(code: OwnCode) -> Iterator[str]:
    """Yield what the layer says of itself; as a literal, so that it stays one text."""
    helps = [f"    {one.name}: {one.help}" for one in code.parameters if one.help]
    text = code.summary + ("\n\nArgs:\n" + "\n".join(helps) if helps else "")
    if text:
        yield f"    {literal(text)}"
        yield ""


def _argument(parameter: Parameter) -> str:
    default = "" if parameter.required else f" = {literal(parameter.default)}"
    return f"{parameter.name}: {_type_text(parameter.type)}{default}"


def _type_text(hint: Any) -> str:
    return hint.__name__ if hint in (int, float, bool, str) else str(hint)


def _port(port: Port) -> str:
    if port.many:
        return f"{port.name}: list[Tensor]"
    return f"{port.name}: Tensor | None = None" if port.optional else f"{port.name}: Tensor"


def _passed(port: Port) -> str:
    return f"{port.name}={port.name}" if port.optional else port.name


def _returned(code: OwnCode) -> str:
    count = len(code.outputs)
    return "Tensor" if count == 1 else f"tuple[{', '.join(['Tensor'] * count)}]"


def _returning(code: OwnCode, call: str) -> Iterator[str]:
    if len(code.outputs) == 1:
        yield f"        return {call}"
        return
    names = ", ".join(code.outputs)
    yield f"        {names} = {call}"
    yield f"        return {names}"
