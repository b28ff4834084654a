"""Names that people give to outputs, in the source and in what is exported."""

import ast

import pytest
import torch
from builders import Drawing, a_project, a_small_cnn, node_named
from compiled_drawings import compiled_of, some_images, source_of

from engine.analysis.shapes import infer_shapes
from engine.compile.plan import make_plan
from engine.data.meaning import output_names
from engine.graph.edits import name_output
from engine.graph.elements import End, Graph
from engine.graph.fragments import paste_fragment, to_fragment
from engine.project.codec import from_text, to_text


def _end(graph: Graph, name: str) -> End:
    return End(node_named(graph, name), "y")


def _outputs(graph: Graph) -> tuple[str, ...]:
    return output_names(make_plan(graph, infer_shapes(graph), "A test", without_loss=True))


def test_what_is_named_is_called_so_in_the_source_and_computes_the_same() -> None:
    graph = a_small_cnn()
    named = name_output(graph, _end(graph, "max_pool2d"), "features")
    before, after = compiled_of(graph), compiled_of(named)
    after.module.load_state_dict(before.module.state_dict())
    images = some_images()

    text = source_of(named)

    assert "features = self.max_pool2d(x)" in text
    with torch.inference_mode():
        assert torch.equal(before.module(images["image"]).data, after.module(images["image"]).data)


def test_an_output_of_the_network_is_exported_by_its_name_else_by_that_of_its_layer() -> None:
    graph = a_small_cnn()

    assert _outputs(graph) == ("linear",)
    assert _outputs(name_output(graph, _end(graph, "linear"), "scores")) == ("scores",)


def test_two_outputs_of_one_layer_have_names_of_their_own() -> None:
    drawing = Drawing()
    data = drawing.add("Data")
    rows = drawing.add("Flatten", after=data, start_dim=2)
    states = drawing.add("Flatten", after=drawing.add("Linear", after=rows, out_features=4))
    graph = name_output(drawing.graph, End(states.id, "y"), "last")

    again = name_output(graph, End(rows.id, "y"), "last")

    assert again.nodes[states.id].called == {"y": "last"}
    assert again.nodes[rows.id].called == {"y": "last_2"}
    assert name_output(again, End(rows.id, "y"), " ").nodes[rows.id].called == {}


@pytest.mark.parametrize("name", ["self", "class", "x", "a b; import os", "1st", "é"])
def test_any_name_gives_source_that_is_python_and_runs(name: str) -> None:
    graph = a_small_cnn()

    named = name_output(graph, _end(graph, "max_pool2d"), name)

    ast.parse(source_of(named))
    assert compiled_of(named).module(some_images()["image"]).shape == (3, 10)


def test_names_are_saved_and_copied_and_those_of_a_stranger_are_made_harmless() -> None:
    graph = a_small_cnn()
    end = _end(graph, "conv2d")
    project = a_project(name_output(graph, end, "edges"))
    text = to_text(project)

    wicked = from_text(text.replace('"edges"', '"y=1\\nimport os"')).project.graph

    assert from_text(text).project == project
    assert wicked.nodes[end.node].called["y"].isidentifier()
    pasted, (copy,) = paste_fragment(graph, to_fragment(project.graph, [end.node]), (0, 0))
    assert pasted.nodes[copy].called == {"y": "edges"}
