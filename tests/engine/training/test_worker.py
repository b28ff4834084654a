"""What the worker does before it serves anybody."""

import os
import sys
from threading import get_native_id

import pytest

from engine.training import worker

_LOWEST = 19

only_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux has a priority for each thread"
)


def priority() -> int:
    return os.getpriority(os.PRIO_PROCESS, get_native_id())


@only_linux
def test_the_thread_that_imports_steps_back_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    while_importing: list[int] = []
    monkeypatch.setattr(worker, "import_module", lambda _: while_importing.append(priority()))
    before = priority()

    worker._import_torch()

    assert while_importing[0] > before or before == _LOWEST
    assert priority() == before


@only_linux
def test_torch_is_imported_where_a_priority_may_not_be_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: int) -> None:
        raise PermissionError

    imported: list[str] = []
    monkeypatch.setattr(worker, "import_module", imported.append)
    monkeypatch.setattr(os, "setpriority", refuse)

    worker._import_torch()

    assert imported == ["torch"]
