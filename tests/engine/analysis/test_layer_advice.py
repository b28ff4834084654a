"""Advice on layers that follow each other; every fix is carried out and judged by execution."""

import pytest
import torch
from builders import Drawing

from engine.analysis.report import Fix, Problem
from engine.analysis.shapes import infer_shapes
from engine.compile.module import compile_plan
from engine.compile.plan import make_plan
from engine.graph.elements import Graph
from engine.graph.topology import in_order


def of_code(graph: Graph, code: str) -> list[Problem]:
    return [problem for problem in infer_shapes(graph).problems if problem.code == code]


def fixed(graph: Graph, fix: Fix) -> Graph:
    return fix.edit(graph)


def kinds(graph: Graph) -> list[str]:
    return [graph.nodes[node].kind for node in in_order(graph)]


def a_normed_network(**params: object) -> Graph:
    drawing = Drawing()
    data = drawing.add("Data")
    conv = drawing.add("Conv2d", after=(data, "image"), **params)
    norm = drawing.add("BatchNorm2d", after=conv)
    flat = drawing.add("Flatten", after=norm)
    linear = drawing.add("Linear", after=flat)
    loss = drawing.add("CrossEntropyLoss", after=linear)
    drawing.wire((data, "label"), loss, "target")
    return drawing.graph


def ending_in(loss: str, target: str, *, activation: str = "none", after: str = "") -> Graph:
    drawing = Drawing()
    fields = [
        {"name": "x", "kind": "vector", "sizes": [6]},
        {"name": "yes", "kind": "number", "sizes": [4]},
        {"name": "label", "kind": "label", "dtype": "int", "classes": 4},
    ]
    data = drawing.add("Data", fields=fields)
    last = drawing.add("Linear", after=(data, "x"), out_features=4, activation=activation)
    if after:
        last = drawing.add(after, after=last)
    end = drawing.add(loss, after=last)
    drawing.wire((data, target), end, "target")
    return drawing.graph


def losses_of(graph: Graph) -> list[float]:
    """Train a few steps for real; return the losses."""
    torch.manual_seed(0)
    compiled = compile_plan(make_plan(graph, infer_shapes(graph), "judged"))
    optimizer = torch.optim.SGD(compiled.module.parameters(), lr=0.1)
    batch = {
        "x": torch.randn(8, 6),
        "yes": torch.randint(0, 2, (8, 4)).float(),
        "label": torch.randint(0, 4, (8,)),
    }
    losses = []
    for _ in range(5):
        loss = compiled.loss(compiled.outputs(batch), batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def test_a_bias_right_before_batch_norm_does_nothing() -> None:
    graph = a_normed_network()
    (problem,) = of_code(graph, "LL-A010")
    after = fixed(graph, problem.fixes[0])
    models = [compile_plan(make_plan(g, infer_shapes(g), "judged")) for g in (graph, after)]
    weights = models[0].module.state_dict()
    models[1].module.load_state_dict(
        {name: weights[name] for name in models[1].module.state_dict()}
    )
    batch = {"image": torch.rand(4, 1, 28, 28)}

    first, second = (model.outputs(batch)[0] for model in models)

    torch.testing.assert_close(first, second, rtol=1e-4, atol=1e-5)
    assert not of_code(after, "LL-A010")


@pytest.mark.parametrize("params", [{"bias": False}, {"activation": "ReLU"}])
def test_a_bias_that_does_something_is_left_alone(params: dict[str, object]) -> None:
    assert not of_code(a_normed_network(**params), "LL-A010")


def test_a_bias_that_something_else_uses_too_is_left_alone() -> None:
    drawing = Drawing()
    data = drawing.add("Data")
    conv = drawing.add("Conv2d", after=(data, "image"))
    drawing.add("BatchNorm2d", after=conv)
    drawing.add("ReLU", after=conv)

    assert not of_code(drawing.graph, "LL-A010")


def test_torch_refuses_what_is_not_bounded_and_every_fix_mends_it() -> None:
    graph = ending_in("BCELoss", "yes")
    (problem,) = of_code(graph, "LL-A011")
    torch.manual_seed(0)
    with pytest.raises(RuntimeError, match="between 0 and 1"):
        torch.nn.functional.binary_cross_entropy(torch.randn(8, 4) * 3, torch.ones(8, 4))

    for fix in problem.fixes:
        after = fixed(graph, fix)
        assert not infer_shapes(after).problems, fix.label
        losses = losses_of(after)
        assert losses[-1] < losses[0]


@pytest.mark.parametrize(("activation", "after"), [("Sigmoid", ""), ("none", "Sigmoid")])
def test_what_is_bounded_is_no_problem(activation: str, after: str) -> None:
    assert not infer_shapes(
        ending_in("BCELoss", "yes", activation=activation, after=after)
    ).problems


def test_the_range_is_seen_through_layers_that_only_rearrange() -> None:
    drawing = Drawing()
    fields = [
        {"name": "x", "kind": "vector", "sizes": [6]},
        {"name": "yes", "kind": "number", "sizes": [2, 2]},
    ]
    data = drawing.add("Data", fields=fields)
    last = drawing.add("Linear", after=(data, "x"), out_features=4, activation="ReLU")
    shaped = drawing.add("Reshape", after=last, sizes=[2, 2])
    end = drawing.add("BCELoss", after=shaped)
    drawing.wire((data, "yes"), end, "target")

    assert of_code(drawing.graph, "LL-A011")


def test_a_loss_of_logarithms_gets_them() -> None:
    graph = ending_in("NLLLoss", "label")
    (problem,) = of_code(graph, "LL-A012")

    results = []
    for fix in problem.fixes:
        after = fixed(graph, fix)
        assert not infer_shapes(after).problems, fix.label
        results.append(losses_of(after))

    # Cross-entropy is the one loss behind the other layer.
    assert results[0] == pytest.approx(results[1], rel=1e-5)
    assert not infer_shapes(ending_in("NLLLoss", "label", after="LogSoftmax")).problems


@pytest.mark.parametrize(("activation", "after"), [("Sigmoid", ""), ("none", "Sigmoid")])
@pytest.mark.parametrize(
    ("loss", "target", "code"),
    [("BCEWithLogitsLoss", "yes", "LL-A013"), ("CrossEntropyLoss", "label", "LL-A005")],
)
def test_what_the_loss_applies_itself_is_taken_out(
    activation: str, after: str, loss: str, target: str, code: str
) -> None:
    graph = ending_in(loss, target, activation=activation, after=after)
    (problem,) = of_code(graph, code)

    mended = fixed(graph, problem.fixes[0])

    assert not infer_shapes(mended).problems
    assert "Sigmoid" not in kinds(mended)
    assert losses_of(mended) == losses_of(ending_in(loss, target))


@pytest.mark.parametrize("code", ["LL-A010", "LL-A011"])
def test_a_fix_of_a_layer_that_is_gone_changes_nothing(code: str) -> None:
    graph = a_normed_network() if code == "LL-A010" else ending_in("BCELoss", "yes")
    (problem,) = of_code(graph, code)

    assert all(fix.edit(Graph()) == Graph() for fix in problem.fixes)


@pytest.mark.parametrize("params", [{"activation": "ReLU"}, {"after": "ReLU"}])
def test_scores_that_are_cut_at_zero_are_told_and_set_free(params: dict[str, str]) -> None:
    graph = ending_in("CrossEntropyLoss", "label", **params)

    (problem,) = of_code(graph, "LL-A016")
    mended = fixed(graph, problem.fixes[0])

    assert not infer_shapes(mended).problems
    assert losses_of(mended)[-1] < losses_of(mended)[0]


def test_a_divergence_of_chances_that_are_no_logarithms_is_told() -> None:
    graph = ending_in("KLDivLoss", "yes", activation="Sigmoid")

    (problem,) = of_code(graph, "LL-A012")

    assert [fix.label for fix in problem.fixes] == ["Insert LogSoftmax"]
    assert not of_code(fixed(graph, problem.fixes[0]), "LL-A012")
