"""Importing a package in turns of the event loop, where all of it at once would hold the window up.

A package is imported by running the statements of its ``__init__``. Here each import among them has
a turn. Between two turns the package is not to be had half made: whoever imports it meanwhile gets
it whole, because the rest is then done at once.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.abc import InspectLoader, Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec, spec_from_loader
from types import CodeType, ModuleType


def import_in_turns(name: str) -> Iterator[object]:
    """Import a package that is written in Python; each step imports a part of it.

    Its ``__init__`` may take nothing from ``__future__``: that holds for a file, not for a part.
    All steps are for one thread, and nothing on another may import the package meanwhile.

    Raises:
        ModuleNotFoundError: There is no such package.
    """
    if name not in sys.modules and (importer := _importer_of(name)) is not None:
        while importer.do_next():
            yield importer
    yield import_module(name)


def _importer_of(name: str) -> _Importer | None:
    """Return what imports a package: what has begun to, or a new one; None if there is none."""
    for finder in sys.meta_path:
        if isinstance(finder, _Importer) and finder.package == name:
            return finder
    spec = find_spec(name)
    if spec is None:
        return None
    importer = _Importer(spec)
    sys.meta_path.insert(0, importer)
    return importer


class _Importer(MetaPathFinder, Loader):
    """Runs a package part by part, and is how Python finds it until it is whole."""

    def __init__(self, spec: ModuleSpec) -> None:
        self._spec = spec
        self._module = module_from_spec(spec)
        self._parts = _parts(spec)

    @property
    def package(self) -> str:
        """The name of what is imported."""
        return self._spec.name

    def do_next(self) -> bool:
        """Run the next part; False where none is left, or someone had the rest done meanwhile."""
        part = next(self._parts, None)
        if part is None:
            return False
        # What the part imports looks for the package that it belongs to.
        sys.modules[self.package] = self._module
        try:
            exec(part, self._module.__dict__)
        except BaseException:
            # Whoever imports it next begins anew, as after any import that failed.
            sys.meta_path.remove(self)
            raise
        finally:
            del sys.modules[self.package]
        return True

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how the package is loaded: by this importer, which has begun."""
        return spec_from_loader(fullname, self) if fullname == self.package else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the package as far as it has come."""
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        """Run what is left: someone wants the package whole."""
        sys.meta_path.remove(self)
        module.__spec__, module.__loader__ = self._spec, self._spec.loader
        for part in self._parts:
            exec(part, module.__dict__)


def _parts(spec: ModuleSpec) -> Iterator[CodeType]:
    """Yield the statements of a package, each import with what stands before it."""
    assert isinstance(spec.loader, InspectLoader), "the package is written in Python"
    statements: list[ast.stmt] = []
    for statement in ast.parse(spec.loader.get_source(spec.name) or "").body:
        statements.append(statement)
        if isinstance(statement, ast.Import | ast.ImportFrom):
            yield _compiled(statements, spec)
            statements = []
    yield _compiled(statements, spec)


def _compiled(statements: list[ast.stmt], spec: ModuleSpec) -> CodeType:
    return compile(ast.Module(statements, []), spec.origin or spec.name, "exec", dont_inherit=True)
