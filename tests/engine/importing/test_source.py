"""PyTorch text as nodes. The judge is torch: the text is run here, and the drawing's source too."""

import inspect
from pathlib import Path
from typing import Any

import pytest
import torch
from builders import a_residual_cnn
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from engine.analysis.shapes import infer_shapes
from engine.compile.module import compile_plan
from engine.compile.plan import make_plan
from engine.graph.edits import add_node, connect, make_node
from engine.graph.elements import EMPTY, End, Graph
from engine.importing.files import import_source
from engine.importing.signatures import REQUIRED, known_signatures, signature
from engine.importing.source import is_source, paste_source
from engine.importing.writing import source_of
from nodes.errors import GraphError, ProjectError

SEQUENTIAL = """
nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1),
    nn.BatchNorm2d(8),
    nn.LeakyReLU(0.2, inplace=True),
    nn.MaxPool2d(2),
    nn.Conv2d(8, 4, (3, 5), stride=(2, 1), bias=False),
    nn.ELU(),
    nn.Flatten(),
    nn.Dropout(p=0.3),
    nn.Linear(240, 10),
)
"""


def kinds(graph: Graph) -> list[str]:
    return [node.kind for node in graph.nodes.values()]


def with_data(graph: Graph, *, after: str = "image") -> Graph:
    """Feed the first layer with digits."""
    first = next(iter(graph.nodes))
    data = make_node(graph, "Data")
    return connect(add_node(graph, data), End(data.id, after), End(first, "x"))


def module_of(graph: Graph) -> nn.Module:
    fed = with_data(graph)
    return compile_plan(make_plan(fed, infer_shapes(fed), "t", without_loss=True)).module


@pytest.mark.parametrize("kind", known_signatures())
def test_signatures_are_those_of_torch(kind: str) -> None:
    found = inspect.signature(getattr(nn, kind).__init__).parameters
    torchs = {name: p for name, p in found.items() if p.kind is not p.VAR_POSITIONAL}
    ours = dict(signature(kind))
    names = [name for name in torchs if name not in ("self", "kwargs")]

    assert names[: len(ours)] == list(ours)
    for name, default in ours.items():
        wanted = torchs[name].default
        assert default == (REQUIRED if wanted is inspect.Parameter.empty else wanted), name


def test_a_sequential_computes_what_torch_computes() -> None:
    theirs = eval(SEQUENTIAL.strip(), {"nn": nn})
    pasted = paste_source(EMPTY, SEQUENTIAL, (0.0, 0.0))
    ours = module_of(pasted.graph)
    ours.load_state_dict(dict(zip(ours.state_dict(), theirs.state_dict().values(), strict=True)))
    x = torch.rand(3, 1, 28, 28)

    theirs.eval()
    ours.eval()

    assert pasted.notes == ()
    assert torch.equal(ours(x), theirs(x))


@pytest.mark.parametrize(
    "text",
    [
        "nn.Conv2d(1, 8, 3),\nnn.ReLU(),",
        "import torch.nn as nn\nmodel = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU())",
        "torch.nn.Sequential(torch.nn.Conv2d(1, 8, 3), torch.nn.ReLU())",
        "Sequential(Conv2d(1, 8, 3), Sequential(ReLU()))",
        "nn.Sequential(OrderedDict([('a', nn.Conv2d(1, 8, 3)), ('b', nn.ReLU())]))",
        "class M(nn.Module):\n  def __init__(self):\n    super().__init__()\n"
        "    self.a = nn.Conv2d(1, 8, 3)\n    self.b = nn.ReLU()",
    ],
)
def test_a_network_is_read_however_it_is_written(text: str) -> None:
    assert is_source(text)
    pasted = paste_source(EMPTY, text, (0.0, 0.0))

    assert kinds(pasted.graph) == ["Conv2d", "ReLU"]
    conv = next(iter(pasted.graph.nodes.values()))
    assert conv.params == {"out_channels": 8, "kernel_size": 3, "padding": 0}
    assert len(pasted.graph.links) == 1 and pasted.notes == ()


def test_names_of_members_become_titles() -> None:
    pasted = paste_source(EMPTY, "self.stem = nn.Conv2d(1, 8, 3)", (0.0, 0.0))

    assert [node.title for node in pasted.graph.nodes.values()] == ["stem"]


def test_what_is_not_understood_is_named_and_the_rest_comes() -> None:
    text = "nn.Sequential(nn.Linear(4, width), my.Swoosh(3), nn.AvgPool2d(2, divisor_override=3))"

    pasted = paste_source(EMPTY, text, (0.0, 0.0))

    said = " ".join(pasted.notes)
    assert kinds(pasted.graph) == ["Linear", "AvgPool2d"] and len(pasted.graph.links) == 1
    assert all(word in said for word in ("my.Swoosh", "out_features of Linear", "divisor_override"))


@pytest.mark.parametrize("text", ["print('hello')", "Swoosh(1)", "nn.Sequential()"])
def test_text_without_layers_is_refused(text: str) -> None:
    with pytest.raises(GraphError, match="no layer in this text"):
        paste_source(EMPTY, text, (0.0, 0.0))


def test_a_text_that_is_no_python_is_told_with_its_line() -> None:
    with pytest.raises(GraphError, match="no Python") as caught:
        paste_source(EMPTY, "nn.Linear(4, 3)\ndef f(:\n", (0.0, 0.0))

    assert caught.value.why.startswith("Line 2: ")


def test_nothing_of_a_text_is_run() -> None:
    text = "nn.Linear(4, __import__('os').getpid())\nnn.ReLU(exit())"

    assert kinds(paste_source(EMPTY, text, (0.0, 0.0)).graph) == ["Linear", "ReLU"]


@given(st.text())
def test_any_text_is_told_to_be_source_or_not(text: str) -> None:
    assert not is_source(text) or "(" in text


def test_layers_stand_below_one_another_and_names_stay_free() -> None:
    start = paste_source(EMPTY, "nn.ReLU()", (0.0, 0.0)).graph

    pasted = paste_source(start, "nn.Sequential(nn.ReLU(), nn.ReLU())", (40.0, 100.0))

    places = [pasted.graph.nodes[node].position for node in pasted.nodes]
    assert places[0] == (40.0, 100.0) and places[1][0] == 40.0 and places[1][1] > 150
    assert len({node.name for node in pasted.graph.nodes.values()}) == 3


def test_a_chain_is_written_as_it_was_read() -> None:
    pasted = paste_source(EMPTY, SEQUENTIAL, (0.0, 0.0))
    fed = with_data(pasted.graph)

    text = source_of(fed, infer_shapes(fed), pasted.nodes, "t")

    assert str(eval(text, {"nn": nn})) == str(eval(SEQUENTIAL.strip(), {"nn": nn})).replace(
        ", inplace=True", ""
    )
    assert kinds(paste_source(EMPTY, text, (0.0, 0.0)).graph) == kinds(pasted.graph)


def test_layers_that_are_no_chain_are_written_as_lines_of_the_model() -> None:
    graph = a_residual_cnn()
    chosen = [node.id for node in graph.nodes.values() if node.name in ("conv2d_2", "add")]

    text = source_of(graph, infer_shapes(graph), chosen, "t")

    assert "self.conv2d_2 = nn.Conv2d(16, 16" in text and " + " in text


def test_a_whole_drawing_is_written_as_a_model_that_runs() -> None:
    graph, names = a_residual_cnn(), dict[str, Any]()

    exec(source_of(graph, infer_shapes(graph), graph.nodes, "Taken along"), names)
    put_out = names["TakenAlong"]()(torch.zeros(2, 1, 28, 28))

    assert names["training_loss"](put_out, torch.tensor([1, 2])).ndim == 0


def test_a_loss_copied_with_layers_says_nothing_of_names_they_do_not_have() -> None:
    graph = a_residual_cnn()
    ends = [n.id for n in graph.nodes.values() if n.kind in ("Linear", "CrossEntropyLoss")]

    text = source_of(graph, infer_shapes(graph), ends, "t")

    assert "nn.Linear" in text and "cross_entropy" not in text
    assert "cross_entropy" in source_of(graph, infer_shapes(graph), ends[-1:], "t")


def test_a_fused_activation_is_written_behind_its_layer() -> None:
    graph = a_residual_cnn()
    chosen = [node.id for node in graph.nodes.values() if node.name == "conv2d_2"]

    text = source_of(graph, infer_shapes(graph), chosen, "t")

    assert text.startswith("nn.Sequential(\n    nn.Conv2d(16, 16") and "nn.ReLU(),\n" in text


def test_a_class_says_that_its_forward_is_not_read() -> None:
    text = "class M(nn.Module):\n  def __init__(self):\n    self.a = nn.ReLU()\n"
    text += "  def forward(self, x):\n    return self.a(x) + x"

    assert "forward() is not read" in paste_source(EMPTY, text, (0.0, 0.0)).notes[0]


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_told_of(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "net.py"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ProjectError, match="cannot be read"):
        import_source(path)
