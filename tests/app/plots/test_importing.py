"""A package that is imported in turns is the package that Python imports."""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from app.plots.importing import import_in_turns

_INIT = """
'''A package whose parts need what stands before them.'''
import math
scale = 2
from .first import *
from .second import Second
third: int = Second.size * scale
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a package of two modules, which nobody has imported."""
    folder = tmp_path / "in_turns_example"
    folder.mkdir()
    (folder / "__init__.py").write_text(_INIT)
    (folder / "first.py").write_text("from . import scale\nclass First: size = scale + 1\n")
    (folder / "second.py").write_text(
        "import in_turns_example\nfrom .first import First\n"
        "class Second(First): size = First.size + in_turns_example.scale\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    finders = list(sys.meta_path)
    yield folder.name
    sys.meta_path[:] = finders
    _forget(folder.name)


def _forget(package: str) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]


def test_all_turns_make_the_package_that_python_makes(package: str) -> None:
    *_, ours = import_in_turns(package)
    _forget(package)
    theirs = import_module(package)
    assert ours is not theirs
    assert set(vars(ours)) == set(vars(theirs))
    assert vars(ours)["third"] == theirs.third == 10
    assert vars(ours)["__spec__"] == theirs.__spec__


def test_each_import_has_a_turn(package: str) -> None:
    turns = import_in_turns(package)
    arrived = []
    while next(turns, None) is not None:
        arrived.append([name for name in ("first", "second") if f"{package}.{name}" in sys.modules])
    assert arrived[1:3] == [["first"], ["first", "second"]]


def test_whoever_imports_the_package_between_two_turns_gets_all_of_it(package: str) -> None:
    turns = import_in_turns(package)
    while f"{package}.first" not in sys.modules:
        next(turns)
    assert package not in sys.modules
    whole = import_module(package)
    assert whole.third == 10
    assert whole.Second.__base__ is import_module(f"{package}.first").First
    assert list(turns) == [whole]
    assert import_module(package) is whole


def test_two_that_import_the_package_in_turns_make_it_once(package: str) -> None:
    turns = import_in_turns(package), import_in_turns(package)
    while f"{package}.first" not in sys.modules:
        next(turns[0])
    *_, from_second = turns[1]
    assert from_second.third == 10
    assert list(turns[0]) == [from_second]


def test_a_package_that_fails_in_a_turn_fails_again_when_it_is_imported(
    package: str, tmp_path: Path
) -> None:
    (tmp_path / package / "second.py").write_text("raise OSError('no such disk')\n")
    for _ in range(2):
        with pytest.raises(OSError, match="no such disk"):
            list(import_in_turns(package))
    with pytest.raises(OSError, match="no such disk"):
        import_module(package)


def test_a_package_that_is_there_is_not_made_again(package: str) -> None:
    there = import_module(package)
    assert list(import_in_turns(package)) == [there]


def test_a_package_that_does_not_exist_is_refused_by_its_name() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        list(import_in_turns("no_such_package"))
