import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_texts import HALVED, SCALED, behind_first_convolution, with_own_layer

from engine.graph.composing import make_composite
from engine.graph.composites import at, port_names, replace_at
from engine.graph.definitions import without_unused
from engine.graph.difference import difference
from engine.graph.edits import remove_nodes, set_params
from engine.graph.elements import EMPTY
from engine.graph.fragments import paste_fragment, to_fragment
from engine.graph.own_layers import adopt_code, own_layers_in, write_code
from engine.project.codec import from_text, to_text
from engine.project.project import Project
from nodes.errors import CodeError, GraphError
from nodes.own_code import with_name


def test_its_ports_are_those_of_its_code() -> None:
    project, node = with_own_layer(HALVED, "halved")

    names = port_names(project.graph, project.graph.nodes[node])

    assert names == (("x", "other"), ("first", "second"))


def test_a_project_file_holds_the_code_line_by_line() -> None:
    project, _ = with_own_layer(SCALED, "Scaled")

    text = to_text(project)

    assert '"    def forward(self, x: Tensor) -> Tensor:",' in text.splitlines()
    assert from_text(text).project == project


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=3))
def test_whatever_stands_in_the_code_comes_back(texts: list[str]) -> None:
    code = {f"layer{number}": text for number, text in enumerate(texts)}
    project = Project(graph=adopt_code(EMPTY, code)[0])

    assert from_text(to_text(project)).project == project


def test_another_text_takes_the_place_of_one_in_all_its_uses() -> None:
    project, node = with_own_layer(SCALED, "Scaled")
    graph = set_params(project.graph, node, {"gain": 2.0, "mode": "root"})
    changed = with_name(SCALED, "Scaled", "Weighed").replace("gain: float = 1, ", "")
    changed = changed.replace("gain * ", "").replace("self, x: Tensor", "self, z: Tensor")

    graph = write_code(graph, "Scaled", changed)

    assert graph.code == {"Weighed": changed}
    assert graph.nodes[node].definition == "Weighed"
    assert graph.nodes[node].params == {"mode": "root"}
    assert [link.target.port for link in graph.links_into(node)] == ["z"]


def test_uses_inside_of_composites_follow_too() -> None:
    project, node = with_own_layer(SCALED, "Scaled")
    graph, use = make_composite(project.graph, [node], "Part")
    inside = at(graph, (use,))
    assert inside.code == graph.code

    inside = write_code(inside, "Scaled", with_name(SCALED, "Scaled", "Weighed"))
    graph = without_unused(replace_at(graph, (use,), inside))

    assert list(graph.code) == ["Weighed"]
    (own,) = own_layers_in(at(graph, (use,)).nodes.values())
    assert own.definition == "Weighed"
    assert from_text(to_text(Project(graph=graph))).project.graph == graph


def test_a_text_that_is_no_layer_or_has_a_name_that_is_taken_is_refused() -> None:
    project, _ = with_own_layer(SCALED, "Scaled")
    graph, _ = behind_first_convolution(project.graph, HALVED, "halved")

    with pytest.raises(CodeError):
        write_code(graph, "halved", "x = 1")
    with pytest.raises(GraphError, match="There is a layer Scaled already"):
        write_code(graph, "halved", SCALED)


def test_a_changed_text_is_a_change_of_the_model() -> None:
    project, _ = with_own_layer(SCALED, "Scaled")

    changed = write_code(project.graph, "Scaled", SCALED + "\n")

    assert difference(project.graph, changed).concerns_model


def test_code_that_nothing_uses_goes_with_its_last_layer() -> None:
    project, node = with_own_layer(SCALED, "Scaled")

    assert without_unused(project.graph) is project.graph
    assert without_unused(remove_nodes(project.graph, [node])).code == {}


def test_a_copied_layer_brings_its_code() -> None:
    project, node = with_own_layer(SCALED, "Scaled")

    pasted, (new,) = paste_fragment(EMPTY, to_fragment(project.graph, [node]), (0.0, 0.0))

    assert pasted.code == {"Scaled": SCALED}
    assert pasted.nodes[new].definition == "Scaled"


def test_code_of_the_same_name_that_is_another_gets_another_name() -> None:
    project, node = with_own_layer(SCALED, "Scaled")
    other = adopt_code(EMPTY, {"Scaled": SCALED + "\n"})[0]

    pasted, (new,) = paste_fragment(other, to_fragment(project.graph, [node]), (0.0, 0.0))
    again, (third,) = paste_fragment(pasted, to_fragment(project.graph, [node]), (0.0, 0.0))

    assert pasted.nodes[new].definition == "Scaled2"
    assert "class Scaled2(" in pasted.code["Scaled2"]
    assert again.nodes[third].definition == "Scaled2"
    assert len(again.code) == 2
