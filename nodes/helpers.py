"""The classes of ``modules.py`` as text, to be printed into the source of a model.

Read from the file and not from the classes: those are torch's, which the window never imports.
"""

import ast
import functools
from collections.abc import Iterable, Mapping
from pathlib import Path


def helper_classes(names: Iterable[str]) -> dict[str, str]:
    """Return the text of classes and of those they use, in the order of the file."""
    known = _texts()
    needed: set[str] = set()
    waiting = [name for name in names if name]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += [other for other in known if other in _names_in(known[name])]
    return {name: text for name, text in known.items() if name in needed}


def helper_names() -> frozenset[str]:
    """Return the names that the classes have, for the model's own class to keep clear of."""
    return frozenset(_texts())


@functools.cache
def _texts() -> Mapping[str, str]:
    text = Path(__file__).with_name("modules.py").read_text("utf-8")
    lines = text.splitlines()
    return {
        node.name: "\n".join(lines[node.lineno - 1 : node.end_lineno])
        for node in ast.parse(text).body
        if isinstance(node, ast.ClassDef)
    }


@functools.cache
def _names_in(text: str) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name))
