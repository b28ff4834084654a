import json

import pytest

from app.__main__ import main
from engine.compile.module import CompiledModel
from engine.training import gaining
from engine.training.compiling import Forward

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def nothing_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    def as_it_is(compiled: CompiledModel, size: int) -> Forward:
        del size
        return compiled.outputs

    monkeypatch.setattr(gaining, "compiled_forward", as_it_is)
    monkeypatch.setattr(gaining, "in_turn", lambda one, other: (0.002, 0.001))


def test_the_gains_are_told_as_one_object(capsys: Captured) -> None:
    assert main(["speed", "two-moons", "--device", "cpu", "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    by_title = {gain["title"]: gain for gain in found["gains"]}
    assert by_title["bf16"]["times"] == 2 and by_title["bf16"]["pays"]
    assert found["step_seconds"] == 0.001 or found["step_seconds"] == 0.002


def test_the_gains_are_a_table_for_people(capsys: Captured) -> None:
    assert main(["speed", "two-moons", "--device", "cpu"]) == 0

    printed = capsys.readouterr().out
    assert "bf16" in printed and "2.00" in printed and "fastest=true" in printed
