"""How a layer that panels look into is named in words."""

from builders import a_project, a_small_cnn, node_named

from app.document import Document
from app.inspected_layer import words_of_layer
from engine.graph.edits import set_params


def test_one_channel_is_no_several_channels() -> None:
    graph = a_small_cnn()
    conv, linear = node_named(graph, "conv2d"), node_named(graph, "linear")
    document = Document(a_project(set_params(graph, conv, {"out_channels": 1})))

    def said() -> list[str]:
        return [words_of_layer(document, node).kind for node in (conv, linear)]

    assert " · 1 channel · " in said()[0]
    document.edit("Widen", lambda graph: set_params(graph, conv, {"out_channels": 2}))
    assert " · 2 channels · " in said()[0] and said()[1].endswith(" values")
    document.edit("Narrow", lambda graph: set_params(graph, linear, {"out_features": 1}))
    assert said()[1].endswith(" · 1 value")
