"""A project that carries Python on the command line: nothing of it runs before somebody says so."""

import json
from pathlib import Path

import pytest
from own_texts import SCALED, hostile, with_own_layer

from app.__main__ import main
from engine.compile.plan import project_plan
from engine.own_layers.running import find_here
from engine.own_layers.trust import is_trusted, trust, trust_file
from engine.project.files import save
from engine.project.project import Project

FAST = ("--set", "epochs=1", "--set", "batch_size=2000", "--device", "cpu")
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def nothing_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.mark.parametrize("command", ["check", "code", "train", "rate", "profile"])
def test_a_project_of_a_stranger_runs_nothing_and_says_what_it_takes(
    command: str, tmp_path: Path, capsys: Captured
) -> None:
    mark, file = tmp_path / "mark", tmp_path / "stranger.loom"
    save(file, with_own_layer(hostile(mark), "Harmless")[0])

    assert main([command, str(file)]) == 1

    said = capsys.readouterr()
    assert "trust" in said.out + said.err
    assert not mark.exists()


def _find_shapes_here(project: Project) -> None:
    """Answer what the layers do in this process, so that no other has to import torch."""
    trust(project.graph.code.values())
    project_plan(project, find_here)
    trust_file().unlink()


@pytest.mark.slow
def test_trusted_code_is_trained_exported_and_asked_again_where_trust_is_gone(
    tmp_path: Path, capsys: Captured
) -> None:
    file, run = tmp_path / "own.loom", tmp_path / "run"
    project, _ = with_own_layer(SCALED, "Scaled")
    save(file, project)
    _find_shapes_here(project)

    assert main(["train", str(file), "--trust", *FAST, "--run", str(run), "--json"]) == 0
    assert is_trusted(SCALED)
    capsys.readouterr()
    assert main(["export", str(run), "--to", "source", "--json"]) == 0
    made = Path(json.loads(capsys.readouterr().out)["path"])
    trust_file().unlink()

    assert "class Scaled(nn.Module):" in (made / "model.py").read_text()
    assert main(["predict", str(run), "sample:0"]) == 1
    assert "--trust" in capsys.readouterr().err
