import ast

import pytest
from builders import a_residual_cnn, a_small_cnn, node_named
from own_texts import SHIFTED, with_own_layer
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.inspector.facts import LayerFacts, call_of, wrapped
from app.theme import theme_manager
from engine.analysis.shapes import infer_shapes
from engine.own_layers.trust import trust


@pytest.mark.parametrize("columns", [24, 30, 40, 80])
def test_a_wrapped_call_is_the_same_call(columns: int) -> None:
    code = "nn.Conv2d(16, 32, kernel_size=3, stride=2, padding=1)"

    text = wrapped(code, columns)

    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(code))
    assert max(map(len, text.split("\n"))) <= columns


def test_a_layer_without_a_module_is_told_as_its_expression() -> None:
    graph = a_residual_cnn()

    call = call_of(infer_shapes(graph).nodes[node_named(graph, "add")])

    assert call == "F.relu(x1 + x2)"


def test_a_layer_that_waits_has_no_call() -> None:
    graph = a_small_cnn(fields=[])

    assert call_of(infer_shapes(graph).nodes[node_named(graph, "linear")]) == ""


def test_a_layer_whose_code_was_not_run_yet_is_told_to_be_tried(qtbot: QtBot) -> None:
    project, node = with_own_layer(SHIFTED.replace("by: int = 1", "by: int = 417"), "shifted")
    trust([SHIFTED.replace("by: int = 1", "by: int = 417")])
    report = infer_shapes(project.graph)
    facts = LayerFacts(theme_manager())
    qtbot.addWidget(facts)

    facts.show_report(report.nodes[node])
    told = [label.text() for label in facts.findChildren(QLabel)]
    below = report.nodes[node_named(project.graph, "max_pool2d")]

    assert report.questions and "Known in a moment: its code is being tried" in told
    assert below.state == "waiting" and below.inputs is None
