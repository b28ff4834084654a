"""Layers that begin with the weights of a file."""

from pathlib import Path

import pytest
import torch
from builders import a_nested_cnn, a_plain_network, a_project, node_named
from safetensors.torch import load, load_file, save_file
from training_runs import FEW, Person, train, train_steps, weights, with_graph

from engine.compile.module import compile_project
from engine.graph.edits import set_frozen, set_learning, set_params
from engine.graph.elements import Graph
from engine.project.codec import to_text
from engine.project.matching import match, told
from engine.training.events import HealthNoted, RunFailed
from engine.training.given_weights import give_weights
from engine.training.replaying import train_again
from engine.training.requests import ChangeRun
from nodes.errors import RunError


def given(graph: Graph, name: str, file: Path) -> Graph:
    return set_learning(graph, [node_named(graph, name)], "weights", str(file))


def a_file(folder: Path, graph: Graph, *, begin: str = "", cut: str = "") -> Path:
    """Save weights of a model of another seed, named as part of it or as by themselves."""
    torch.manual_seed(7)
    state = compile_project(a_project(graph)).module.state_dict()
    chosen = {name.removeprefix(cut): one for name, one in state.items() if name.startswith(begin)}
    save_file(chosen, folder / "given.safetensors")
    return folder / "given.safetensors"


@pytest.mark.parametrize(("begin", "cut"), [("", ""), ("residual.", "residual.")])
def test_a_block_takes_its_weights_from_the_whole_or_from_a_file_of_its_own(
    tmp_path: Path, begin: str, cut: str
) -> None:
    graph = a_nested_cnn()
    file = a_file(tmp_path, graph, begin=begin, cut=cut)

    compiled = compile_project(a_project(given(graph, "residual", file)))
    (noted,) = give_weights(compiled)

    theirs = load_file(file)
    for name, tensor in compiled.module.get_submodule("residual").state_dict().items():
        assert torch.equal(tensor, theirs[f"{'' if cut else 'residual.'}{name}"])
    assert noted.text.startswith("Residual: 4 of 4 tensors are those of the file.")
    assert noted.is_well


def test_a_frozen_layer_keeps_the_weights_of_its_file_through_a_run(tmp_path: Path) -> None:
    graph = a_plain_network(hidden=8)
    graph = set_params(graph, node_named(graph, "data"), FEW)
    file = a_file(tmp_path, graph, begin="linear.")
    graph = set_frozen(graph, [node_named(graph, "linear")], frozen=True)
    project = a_project(given(graph, "linear", file), batch_size=32)

    told_of = train(project, tmp_path / "run")

    assert torch.equal(
        load(weights(tmp_path / "run"))["linear.weight"], load_file(file)["linear.weight"]
    )
    assert "Linear: 2 of 2" in told_of.told(HealthNoted)[0].text
    assert train_again(tmp_path / "run", lambda event: None).differs_at is None


def test_a_run_that_goes_on_does_not_ask_for_the_file(tmp_path: Path) -> None:
    graph = a_plain_network(hidden=8)
    graph = set_params(graph, node_named(graph, "data"), FEW)
    file = a_file(tmp_path, graph, begin="linear.")
    project = a_project(given(graph, "linear", file), batch_size=32)
    train(project, tmp_path / "whole")

    train_steps(project, tmp_path / "parted", 3)
    file.unlink()
    train(project, tmp_path / "parted", resume=True)

    assert weights(tmp_path / "whole") == weights(tmp_path / "parted")


def test_a_file_chosen_while_the_run_goes_on_is_taken(tmp_path: Path) -> None:
    graph = a_plain_network(hidden=8)
    graph = set_params(graph, node_named(graph, "data"), FEW)
    file = a_file(tmp_path, graph, begin="linear.")
    project = a_project(graph, batch_size=32)
    changed = with_graph(project, given(graph, "linear", file))

    told_of = train(project, tmp_path / "run", Person(3, ChangeRun(project=to_text(changed))))

    assert [note.text for note in told_of.told(HealthNoted) if note.code == "weights"] == [
        "Linear: 2 of 2 tensors are those of the file."
    ]
    assert train_again(tmp_path / "run", lambda event: None).differs_at is None


def test_a_file_that_is_gone_or_no_weights_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "words.safetensors").write_text("These are no weights.")
    for name in ("gone.safetensors", "words.safetensors"):
        project = a_project(given(a_plain_network(), "linear", tmp_path / name))

        told_of = train(project, tmp_path / name.partition(".")[0])

        failed = told_of.told(RunFailed)[0]
        assert failed.title == "The weights of Linear cannot be read" and failed.hint


def test_a_file_with_nothing_for_the_layer_is_refused(tmp_path: Path) -> None:
    file = a_file(tmp_path, a_plain_network(hidden=8), begin="linear.", cut="linear.")
    compiled = compile_project(a_project(given(a_plain_network(hidden=9), "linear", file)))

    with pytest.raises(RunError, match="The file has no weights for Linear") as caught:
        give_weights(compiled)
    assert caught.value.why == "Its tensors have other sizes: weight, bias."


def test_names_count_before_order_and_order_where_no_name_fits() -> None:
    layer = {"a.weight": (3, 2), "a.bias": (3,)}

    assert match(layer, {"x": (3, 2), "y": (3,)}).taken == {"a.weight": "x", "a.bias": "y"}
    assert match(layer, {"x": (3,), "y": (3, 2)}).taken == {}
    found = match(layer, {"b.weight": (9,), "net.a.weight": (3, 2), "head": (1,)})
    assert found.taken == {"a.weight": "net.a.weight"}
    assert (found.missing, found.unused) == (("a.bias",), 2)
    assert told("Net", found) == (
        "Net: 1 of 2 tensors are those of the file. Not in the file, so they begin anew: a.bias. "
        "The file has 2 more."
    )
