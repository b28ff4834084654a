import ast
import builtins
import inspect
import keyword
import os
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import pytest
from builders import (
    Drawing,
    a_chain,
    a_nested_cnn,
    a_plain_network,
    a_residual_cnn,
    a_small_cnn,
    node_named,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from strategies import valid_drawings

from engine.analysis.shapes import infer_shapes
from engine.compile.plan import DrawingError, make_plan
from engine.compile.source import Source, write_source
from engine.compile.steps import Plan
from engine.compile.variables import TAKEN, variable
from engine.compile.wrapping import wrap
from engine.graph import edits
from engine.graph.elements import End, Graph, NodeId
from engine.graph.names import identifier
from engine.project.codec import from_text, to_text
from engine.project.project import Project
from nodes.errors import LoomError


def _plan(graph: Graph, name: str = "A test", *, without_loss: bool = False) -> Plan:
    return make_plan(graph, infer_shapes(graph), name, without_loss=without_loss)


def _text(graph: Graph, name: str = "A test") -> str:
    return write_source(_plan(graph, name)).text


def test_a_chain_goes_on_in_x_and_a_fork_has_a_name() -> None:
    text = _text(a_residual_cnn())

    assert "max_pool2d = self.max_pool2d(x)" in text
    assert "x = F.relu(self.conv2d_2(max_pool2d))" in text
    assert "x = F.relu(x + max_pool2d)" in text


def test_two_branches_do_not_overwrite_each_other() -> None:
    drawing = Drawing()
    digits = drawing.add("Data")
    left = drawing.add("Conv2d", after=digits)
    left = drawing.add("ReLU", after=left)
    right = drawing.add("Conv2d", after=digits)
    right = drawing.add("Tanh", after=right)
    both = drawing.add("Concat", after=left)
    drawing.wire(right, both)
    flat = drawing.add("Flatten", after=both)
    linear = drawing.add("Linear", after=flat)
    loss = drawing.add("CrossEntropyLoss", after=linear)
    drawing.wire((digits, "label"), loss, "target")

    text = _text(drawing.graph)

    assert "torch.cat([x, tanh], dim=1)" in text


def test_every_line_of_a_layer_leads_back_to_it() -> None:
    graph = a_residual_cnn()
    source = write_source(_plan(graph))
    lines = source.text.splitlines()

    for number, node in source.lines.items():
        name = graph.nodes[node].name
        step = _plan(graph).step_of(node)
        assert step is not None
        words = lines[number - 1]
        assert f"self.{name}" in words or step.lowering.module is None


def test_moving_and_renaming_the_project_changes_no_line_of_the_model() -> None:
    graph = a_residual_cnn()
    moved = edits.move(graph, dict.fromkeys(graph.nodes, (7.0, 9.0)))

    assert _text(moved) == _text(graph)


def test_an_edit_changes_only_the_lines_it_concerns() -> None:
    graph = a_residual_cnn()
    changed = edits.set_params(graph, node_named(graph, "conv2d_3"), {"bias": False})

    before, after = _text(graph).splitlines(), _text(changed).splitlines()

    assert sum(old != new for old, new in zip(before, after, strict=True)) == 1


def test_a_frozen_layer_says_so() -> None:
    graph = a_small_cnn()
    frozen = edits.set_frozen(graph, [node_named(graph, "conv2d")], frozen=True)

    assert "self.conv2d.requires_grad_(False)" in _text(frozen)


def test_a_bypassed_layer_is_left_out() -> None:
    graph = a_small_cnn()
    bypassed = edits.set_bypassed(graph, [node_named(graph, "max_pool2d")], bypassed=True)

    assert "max_pool2d" not in _text(bypassed)


def test_an_autoencoder_is_compared_with_its_own_input() -> None:
    drawing = Drawing()
    digits = drawing.add("Data")
    conv = drawing.add("Conv2d", after=digits, out_channels=1, activation="Sigmoid")
    loss = drawing.add("MSELoss", after=conv)
    drawing.wire((digits, "image"), loss, "target")

    plan = _plan(drawing.graph)

    assert plan.inputs == ("image",) and plan.targets == ("image",)
    assert "def training_loss(conv2d: Tensor, image: Tensor)" in write_source(plan).text


def test_several_losses_are_summed() -> None:
    drawing = Drawing()
    digits = drawing.add("Data")
    flat = drawing.add("Flatten", after=digits)
    for _ in range(2):
        linear = drawing.add("Linear", after=flat)
        loss = drawing.add("CrossEntropyLoss", after=linear)
        drawing.wire((digits, "label"), loss, "target")

    text = _text(drawing.graph)

    assert "-> tuple[Tensor, Tensor]:" in text
    assert text.count("F.cross_entropy(") == 2 and " + " in text


def test_a_drawing_without_a_loss_can_be_read_and_not_trained() -> None:
    graph = a_small_cnn()
    graph = edits.remove_nodes(graph, [node_named(graph, "cross_entropy_loss")])

    assert "training_loss" not in write_source(_plan(graph, without_loss=True)).text
    with pytest.raises(DrawingError, match="Nothing to minimise yet"):
        _plan(graph)


def test_an_error_says_in_which_layer_and_what_mends_it() -> None:
    graph = a_residual_cnn()
    graph = edits.set_params(graph, node_named(graph, "conv2d_2"), {"stride": 2})

    with pytest.raises(DrawingError, match=r"add: Add needs two equal shapes.*Insert 1×1"):
        _plan(graph)


def test_an_empty_drawing_is_refused_in_words() -> None:
    with pytest.raises(LoomError, match="empty"):
        _plan(Graph())


_PLANTED = '"""\'\n; __import__("pathlib").Path("planted").touch() #{0}'


def test_no_text_of_a_project_becomes_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    graph = a_residual_cnn()
    for node in list(graph.nodes):
        graph = edits.rename(graph, node, _PLANTED)
    project = from_text(to_text(Project(name=_PLANTED, notes=_PLANTED, graph=graph))).project

    text = _text(project.graph, project.name)
    exec(compile(text, "<planted>", "exec"), {})

    assert not (tmp_path / "planted").exists()
    assert _calls(text) <= {"Conv2d", "MaxPool2d", "Linear", "__init__", "super", "relu"} | {
        "flatten",
        "cross_entropy",
        *(f.name for f in project.graph.nodes.values()),
    }


def _calls(text: str) -> set[str]:
    functions = (node.func for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    return {f.attr if isinstance(f, ast.Attribute) else getattr(f, "id", "?") for f in functions}


@pytest.mark.parametrize(
    "name", ["x", "F", "torch", "nn", "conv2d", "linear", "Tensor", "loss", "next", "input"]
)
def test_a_field_may_be_called_like_anything_else(name: str) -> None:
    fields = [
        {"name": name, "kind": "image", "sizes": [1, 28, 28]},
        {"name": "label", "kind": "label", "dtype": "int", "classes": 10},
    ]
    graph = a_small_cnn(fields=fields)
    data = node_named(graph, "data")
    links = tuple(
        replace(link, source=End(data, name)) if link.source == End(data, "image") else link
        for link in graph.links
    )

    plan = _plan(replace(graph, links=links))
    namespace: dict[str, object] = {}
    exec(compile(write_source(plan).text, "<field>", "exec"), namespace)

    import torch

    model = namespace[plan.class_name]
    assert isinstance(model, type)
    assert model()(torch.zeros(2, 1, 28, 28)).shape == (2, 10)
    arguments = inspect.signature(model.forward).parameters
    assert not arguments.keys() & vars(builtins).keys()


def test_the_source_is_formatted_as_ruff_would(tmp_path: Path) -> None:
    graph = a_residual_cnn()
    long = edits.rename(graph, node_named(graph, "conv2d_2"), "a name that is nearly forty letters")
    wide = edits.set_params(
        long,
        node_named(long, "conv2d_3"),
        {"dilation": [2, 1], "padding_mode": "circular", "bias": False, "kernel_size": [3, 5]},
    )
    drawings = [graph, wide, a_plain_network(), a_chain(30), _of_sequences()]
    for number, drawn in enumerate(drawings):
        (tmp_path / f"model_{number}.py").write_text(_text(drawn))

    ruff = [sys.executable, "-m", "ruff"]
    options = ["--isolated", "--no-cache", str(tmp_path)]
    formatted = subprocess.run(
        [*ruff, "format", "--diff", *options], capture_output=True, text=True, check=False
    )
    checked = subprocess.run(
        [*ruff, "check", "--select", "E,F,I", *options],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )

    assert formatted.returncode == 0, formatted.stdout
    assert checked.returncode == 0, checked.stdout


@settings(max_examples=30)
@given(st.text(max_size=60))
def test_any_name_of_a_project_makes_a_class(name: str) -> None:
    plan = _plan(a_plain_network(), name)

    tree = ast.parse(write_source(plan).text)

    assert plan.class_name.isidentifier()
    assert any(isinstance(n, ast.ClassDef) and n.name == plan.class_name for n in tree.body)


def _of_sequences(**rotary: object) -> Graph:
    """Digits read row by row: attention, a recurrent layer, and a network with a gate."""
    drawing = Drawing()
    digits = drawing.add("Data")
    rows = drawing.add("Reshape", after=digits, sizes=[28, 28])
    places = drawing.add("SinusoidalPositions", after=rows)
    attention = drawing.add("CausalSelfAttention", **rotary)
    drawing.wire(places, attention)
    lstm = drawing.add("LSTM", after=attention, hidden_size=8)
    gated = drawing.add("GatedMLP", after=lstm)
    flat = drawing.add("Flatten", after=gated)
    linear = drawing.add("Linear", after=flat)
    loss = drawing.add("CrossEntropyLoss", after=linear)
    drawing.wire((digits, "label"), loss, "target")
    return drawing.graph


def test_modules_that_torch_lacks_stand_in_the_source_once_with_what_they_use() -> None:
    text = _text(_of_sequences(rotary=True, num_heads=2))
    classes = [node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]

    assert classes == [
        "SinusoidalPositions",
        "RotaryPositions",
        "CausalSelfAttention",
        "GatedMLP",
        "ATest",
    ]
    assert "import nodes" not in text and "from nodes" not in text


def test_an_output_that_nothing_takes_has_no_name() -> None:
    assert "lstm_y, (_, _) = self.lstm(x)" in _text(_of_sequences())


def test_a_model_is_not_called_like_a_module_of_its_source() -> None:
    assert _plan(_of_sequences(), "Class token").class_name != "ClassToken"


@pytest.mark.parametrize("sign", ["+", "-", "*", "/", "@"])
def test_wide_arithmetic_is_wrapped_before_its_sign(sign: str) -> None:
    left, right = "a" * 45, "b" * 45

    lines = wrap(f"x = {left} {sign} {right}", 8)

    assert lines == [
        "        x = (",
        f"            {left}",
        f"            {sign} {right}",
        "        )",
    ]


@pytest.mark.parametrize("name", ["as", "torch", "F", "self", "as____________________________b"])
def test_a_variable_is_never_a_word_of_the_source(name: str) -> None:
    short = variable(identifier(name), {})

    assert short not in TAKEN and not keyword.iskeyword(short)


@given(st.data())
def test_what_does_not_concern_the_layers_leaves_their_source_as_it_was(
    data: st.DataObject,
) -> None:
    graph = data.draw(valid_drawings())
    before = write_source(_plan(graph))
    place = (data.draw(st.integers(-900, 900)), data.draw(st.integers(-900, 900)))
    order = data.draw(st.permutations(sorted(graph.nodes)))

    changed = edits.move(graph, dict.fromkeys(order[:2], place))
    changed = edits.add_frame(changed, "A frame", order[:3])
    changed = edits.set_frozen(changed, order[:1], frozen=True)
    after = write_source(_plan(changed))

    untouched = set(order[1:])
    assert _lines_of_layers(after, untouched) == _lines_of_layers(before, untouched)


@settings(max_examples=30)
@given(st.data())
def test_a_branch_that_nothing_uses_comes_and_goes_without_changing_a_line(
    data: st.DataObject,
) -> None:
    graph = data.draw(valid_drawings() | st.sampled_from([a_residual_cnn(), a_nested_cnn()]))
    ends = [
        End(node, port) for node, one in infer_shapes(graph).nodes.items() for port in one.outputs
    ]
    end, grown = data.draw(st.sampled_from(ends)), graph
    for kind in data.draw(st.lists(st.sampled_from(("Identity", "Flatten", "ReLU")), min_size=1)):
        node = edits.make_node(grown, kind)
        grown = edits.connect(edits.add_node(grown, node), end, End(node.id, "x"))
        end = End(node.id, "y")
    assume(not infer_shapes(grown).errors)

    assert write_source(_plan(grown)).text == write_source(_plan(graph)).text


def _lines_of_layers(source: Source, layers: Collection[NodeId]) -> list[tuple[NodeId, str]]:
    lines = source.text.splitlines()
    told = sorted(source.lines.items())
    return [(node, lines[number - 1]) for number, node in told if node in layers]
