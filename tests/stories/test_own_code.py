"""A project that carries Python on the command line: nothing of it runs before somebody says so."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from own_texts import WEIGHED, hostile, with_own_layer

from app.__main__ import main
from engine.compile.plan import project_plan
from engine.graph.edits import insert_on_link
from engine.graph.own_layers import adopt_code, make_own_layer
from engine.own_layers.running import find_here
from engine.own_layers.trust import is_trusted, trust, trust_file
from engine.project.files import save
from engine.project.project import Project
from engine.project.templates import open_template

FAST = [
    *("--set", "epochs=1", "--set", "batch_size=1000", "--set", "linear.out_features=16"),
    *("--device", "cpu"),
]
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


def _small_network() -> Project:
    """Return a network of two Linear layers with a layer of one's own between them."""
    project = open_template("digits-mlp")
    graph, names = adopt_code(project.graph, {"Weighed": WEIGHED})
    link = next(one for one in graph.links if graph.nodes[one.source.node].kind == "Linear")
    graph = insert_on_link(graph, make_own_layer(graph, names["Weighed"]), link)
    return replace(project, graph=graph)


def _find_shapes_here(project: Project) -> None:
    """Answer what the layers do in this process, so that no other has to import torch."""
    trust(project.graph.code.values())
    project_plan(project, find_here)
    trust_file().unlink()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_trusted_code_is_trained_and_asked_about_again_where_trust_is_gone(
    tmp_path: Path, capsys: Captured
) -> None:
    file, run = tmp_path / "own.loom", tmp_path / "run"
    project = _small_network()
    save(file, project)
    _find_shapes_here(project)

    assert main(["train", str(file), "--trust", *FAST, "--run", str(run), "--json"]) == 0
    assert is_trusted(WEIGHED)
    capsys.readouterr()
    trust_file().unlink()

    assert main(["predict", str(run), "sample:0"]) == 1
    assert "--trust" in capsys.readouterr().err
