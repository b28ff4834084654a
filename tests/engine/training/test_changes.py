from typing import Any

import msgspec
import pytest
from builders import a_small_cnn, node_named
from training_runs import a_network_with_memory, with_graph, with_recipe

from engine.graph.edits import insert_on_link, make_node, rename, set_frozen, set_params
from engine.graph.elements import Graph
from engine.project.project import Project
from engine.project.templates import open_template
from engine.training.changes import change_title, is_same_training, outlook, with_soft_changes


@pytest.fixture
def project() -> Project:
    return a_network_with_memory()


def params_of(project: Project, name: str, **params: Any) -> Project:
    return with_graph(project, set_params(project.graph, node_named(project.graph, name), params))


def a_longer(project: Project) -> Project:
    graph = project.graph
    link = next(graph.links_into(node_named(graph, "linear_2")))
    node = make_node(graph, "Linear", params={"out_features": 16})
    return with_graph(project, insert_on_link(graph, node, link))


def test_a_change_is_called_by_what_differs(project: Project) -> None:
    frozen = set_frozen(project.graph, [node_named(project.graph, "linear")], frozen=True)

    assert change_title(project, with_recipe(project, learning_rate=0.5)) == "Learning rate 0.5"
    assert change_title(project, with_graph(project, frozen)) == "Linear frozen"
    assert change_title(project, a_longer(project)) == "1 layer added"
    assert change_title(project, params_of(project, "dropout", p=0.1)) == (
        "Dropout: share dropped 0.1"
    )
    many = with_recipe(project, epochs=1, batch_size=2, momentum=0.1, patience=9)
    assert change_title(project, many).endswith(" and more")
    cells = open_template("cells")
    bottom = next(node for node in cells.graph.nodes.values() if node.title == "Bottom")
    # 64 is what the block was defined with.
    for channels, set_to in ((64, None), (96, 96)):
        wider = set_params(cells.graph, bottom.id, {"channels": set_to})
        assert change_title(cells, with_graph(cells, wider)) == f"Bottom: channels {channels}"


def test_names_and_places_change_nothing_of_what_is_learned(project: Project) -> None:
    linear = node_named(project.graph, "linear")

    assert is_same_training(project, with_graph(project, rename(project.graph, linear, "Eyes")))
    assert not is_same_training(project, params_of(project, "dropout", p=0.1))
    assert not is_same_training(project, a_longer(project))
    assert not is_same_training(project, with_recipe(project, seed=7))


def test_only_what_gives_no_weight_another_size_is_taken_while_it_trains(project: Project) -> None:
    def taken(now: Graph) -> Graph:
        return with_soft_changes(project.graph, now)

    frozen = set_frozen(project.graph, [node_named(project.graph, "linear")], frozen=True)
    soft = params_of(project, "dropout", p=0.1).graph
    hard = params_of(project, "linear", out_features=99).graph

    assert taken(frozen) == frozen
    assert taken(soft) == soft
    assert taken(hard) is project.graph
    assert taken(a_longer(project).graph) is project.graph


def test_the_outlook_says_what_keeps_its_weights(project: Project) -> None:
    wider = outlook(project, params_of(project, "linear", out_features=24))

    # What stands behind the wider layer takes more values, so its sizes change too.
    assert wider.kept == () and wider.unsure == ("linear", "batch_norm1d", "linear_2")
    assert outlook(project, a_longer(project)).kept == ("linear", "batch_norm1d", "linear_2")
    assert outlook(project, a_longer(project)).unsure == ("linear_3",)
    assert outlook(project, with_graph(project, a_small_cnn())).dropped
    assert outlook(project, msgspec.structs.replace(project, name="Other")).unsure == ()
