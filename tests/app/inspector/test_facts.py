import ast

import pytest
from builders import a_residual_cnn, a_small_cnn, node_named

from app.inspector.facts import call_of, wrapped
from engine.analysis.shapes import infer_shapes


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
