"""Code that a person wrote, put into the source of a model: imports joined, the rest untouched."""

import ast
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from engine.compile.wrapping import WIDTH
from nodes.errors import LoomError
from nodes.own_code import lines_of, parsed, read_code

_OWN_NAMES: Mapping[str, str] = {
    "torch": "torch",
    "F": "torch.nn.functional",
    "nn": "torch.nn",
    "Tensor": "torch.Tensor",
}
"""What the source itself calls what it imports."""


class Import(NamedTuple):
    """One name that a source imports."""

    module: str
    name: str = ""
    """Empty for the module itself."""

    alias: str = ""
    level: int = 0

    @property
    def bound(self) -> str:
        """The name that it has in the source."""
        return self.alias or self.name or self.module.split(".")[0]

    @property
    def meaning(self) -> str:
        """What it stands for."""
        if not self.name and not self.alias:
            return self.module.split(".")[0]
        parts = (f"{'.' * self.level}{self.module}", self.name)
        return ".".join(part for part in parts if part)


class Written(NamedTuple):
    """The texts of a plan, taken apart."""

    imports: tuple[Import, ...]
    bodies: tuple[tuple[str, ...], ...]
    """The lines of each text below its imports."""


def taken_apart(texts: Iterable[str]) -> Written:
    """Take texts apart.

    Raises:
        LoomError: Two of them give one name different meanings.
    """
    each = list(dict.fromkeys(texts))
    _check_names(each)
    found = (one for text in each for one in imports_of(text))
    return Written(tuple(dict.fromkeys(found)), tuple(tuple(_body(text)) for text in each))


def names_in(texts: Iterable[str]) -> frozenset[str]:
    """Return the names that texts give a meaning: no class of the source may have one of them."""
    names: set[str] = set()
    for text in texts:
        names |= read_code(text).defines
        names |= {one.bound for one in imports_of(text)}
    return frozenset(names)


def import_lines(imports: Sequence[Import]) -> list[str]:
    """Write imports as ruff sorts them: the future, Python's own, others; names of a module joined.

    The lines of each group follow each other; groups are apart by an empty line.
    """
    lines: list[str] = []
    different = {_key(one): one for one in reversed(imports)}.values()
    for place in range(3):
        group = [one for one in different if _place(one) == place]
        if group and lines:
            lines.append("")
        lines += _group_lines(group)
    return lines


def _group_lines(imports: Sequence[Import]) -> Iterator[str]:
    whole = sorted((one for one in imports if not one.name), key=lambda one: one.module.lower())
    for one in whole:
        yield f"import {one.module}{_as(one)}"
    modules: dict[str, list[Import]] = {}
    for one in imports:
        if one.name:
            modules.setdefault(f"{'.' * one.level}{one.module}", []).append(one)
    for module in sorted(modules, key=str.lower):
        names = [f"{one.name}{_as(one)}" for one in sorted(modules[module], key=_name_order)]
        line = f"from {module} import {', '.join(names)}"
        if len(line) <= WIDTH:
            yield line
        else:
            yield from (f"from {module} import (", *(f"    {name}," for name in names), ")")


def _key(one: Import) -> tuple[str, str, str]:
    # "import os.path" brings more than the name "os" says.
    return one.bound, one.meaning, "" if one.name or one.alias else one.module


def _name_order(one: Import) -> tuple[int, str]:
    # Constants, classes, then the rest: as ruff sorts them.
    rank = 0 if one.name.isupper() and len(one.name) > 1 else 1 if one.name[:1].isupper() else 2
    return rank, one.name


def _as(one: Import) -> str:
    return f" as {one.alias}" if one.alias else ""


def _place(one: Import) -> int:
    if one.module == "__future__":
        return 0
    return 1 if one.module.split(".")[0] in sys.stdlib_module_names else 2


def imports_of(text: str) -> Iterator[Import]:
    """Yield what a text imports at its top."""
    for statement in parsed(text).body:
        for alias in getattr(statement, "names", ()) if _is_import(statement) else ():
            if isinstance(statement, ast.ImportFrom):
                name, module = alias.name, statement.module or ""
                if name == "*" and statement.level == 0:
                    yield Import(module, "*", "")
                else:
                    yield Import(module, name, alias.asname or "", statement.level)
            else:
                yield Import(alias.name, "", alias.asname or "")


def _is_import(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Import | ast.ImportFrom)


def _body(text: str) -> Iterator[str]:
    """Yield the lines of a text without its imports, and without empty ones at both ends.

    An import that shares its line with something else stays there as well.
    """
    statements = parsed(text).body
    kept = {number for one in statements if not _is_import(one) for number in _line_numbers(one)}
    gone = {
        number
        for one in statements
        if _is_import(one) and kept.isdisjoint(_line_numbers(one))
        for number in _line_numbers(one)
    }
    lines = list(_without(lines_of(text), gone))
    written = [place for place, line in enumerate(lines) if line.strip()]
    yield from lines[written[0] : written[-1] + 1] if written else ()


def _without(lines: Sequence[str], gone: Collection[int]) -> Iterator[str]:
    """Yield lines but for some, with at most two empty ones where these were."""
    empty: list[str] = []
    is_gap = False
    for number, line in enumerate(lines, start=1):
        if number in gone:
            is_gap = True
        elif not line.strip():
            empty.append(line)
        else:
            yield from [""] * min(2, len(empty)) if is_gap else empty
            yield line
            empty, is_gap = [], False


def _line_numbers(statement: ast.stmt) -> range:
    return range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)


def _check_names(texts: Sequence[str]) -> None:
    meanings: dict[str, tuple[str, str]] = {
        name: (meaning, "the source itself") for name, meaning in _OWN_NAMES.items()
    }
    for text in texts:
        code = read_code(text)
        own = [(name, f"{code.name}.{name}") for name in code.defines]
        for name, meaning in [*((one.bound, one.meaning) for one in imports_of(text)), *own]:
            known, where = meanings.setdefault(name, (meaning, code.name))
            if known != meaning:
                raise _ambiguous(name, where, code.name)


def _ambiguous(name: str, first: str, second: str) -> LoomError:
    return LoomError(
        f"“{name}” means two things",
        why=f"{second} gives the name another meaning than {first}; they stand in one source.",
        where=second,
        hint=f"Rename it in the code of {second}.",
    )
