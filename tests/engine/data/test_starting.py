"""The drawing that one's own data begins with trains as it is."""

import pytest

from engine.analysis.shapes import infer_shapes
from engine.data.spec import DataSpec
from engine.data.starting import data_params, starting_graph
from engine.graph.elements import Graph
from nodes.io import DataField

LABEL = DataField("label", "label", (), "int", 3)
TOKENS = DataField("text", "tokens", (12,), "int", 50)


def graph_of(*fields: DataField) -> Graph:
    spec = DataSpec(name="mine", title="", summary="", fields=fields, samples=10)
    return starting_graph(data_params("mine", spec, None, "random"), fields)


@pytest.mark.parametrize(
    ("first", "answer", "kinds"),
    [
        (DataField("features", "vector", (5,)), LABEL, ["Linear", "Linear"]),
        (DataField("image", "image", (3, 8, 8)), LABEL, ["Flatten", "Linear", "Linear"]),
        (TOKENS, LABEL, ["EmbeddingBag", "Linear"]),
        (TOKENS, DataField("stars", "number", (1,)), ["EmbeddingBag", "Linear"]),
        (
            TOKENS,
            DataField("next", "tokens", (12,), "int", 50),
            ["Embedding", "GRU", "Linear", "Transpose"],
        ),
        (
            DataField("image", "image", (1, 16, 16)),
            DataField("mask", "mask", (16, 16), "int", 4),
            ["Conv2d", "Conv2d"],
        ),
    ],
)
def test_the_plainest_network_fits_its_data_and_its_loss(
    first: DataField, answer: DataField, kinds: list[str]
) -> None:
    graph = graph_of(first, answer)

    drawn = [node.kind for node in graph.nodes.values()]
    assert drawn[0] == "Data" and drawn[1:-1] == kinds and drawn[-1].endswith("Loss")
    assert infer_shapes(graph).problems == ()


def test_data_without_an_answer_is_drawn_alone() -> None:
    graph = graph_of(DataField("image", "image", (3, 8, 8)))

    assert [node.kind for node in graph.nodes.values()] == ["Data"]
