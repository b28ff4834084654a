import pytest
from builders import Drawing

from engine.analysis.report import Problem
from engine.analysis.shapes import infer_shapes
from engine.graph.elements import Graph

LABEL = {"name": "kind", "kind": "label", "dtype": "int", "classes": 4}
PRICE = {"name": "price", "kind": "number", "sizes": [1]}


def ending_open(outputs: int, *targets: dict[str, object]) -> Graph:
    drawing = Drawing()
    fields = [{"name": "x", "kind": "vector", "sizes": [6]}, *targets]
    data = drawing.add("Data", fields=fields)
    drawing.add("Linear", after=(data, "x"), out_features=outputs)
    return drawing.graph


def without_loss(graph: Graph) -> Problem:
    return next(each for each in infer_shapes(graph).errors if each.code == "LL-A003")


@pytest.mark.parametrize(
    ("graph", "label", "detail"),
    [
        (ending_open(4, LABEL), "Add cross-entropy", "compared with kind"),
        (ending_open(1, PRICE), "Add mean squared error", "compared with price"),
        (ending_open(1, LABEL, PRICE), "Add mean squared error", "compared with price"),
        (ending_open(4, PRICE, LABEL), "Add cross-entropy", "compared with kind"),
        (ending_open(6), "Add mean squared error", "compared with x"),
    ],
)
def test_the_loss_that_fits_the_output_and_the_data_is_offered_first(
    graph: Graph, label: str, detail: str
) -> None:
    fix = without_loss(graph).fixes[0]

    assert (fix.label, fix.detail) == (label, detail)
    assert not infer_shapes(fix.edit(graph)).errors


def test_every_loss_that_is_offered_fits() -> None:
    graph = ending_open(1, PRICE)

    fixes = without_loss(graph).fixes

    assert [fix.label for fix in fixes[:2]] == ["Add mean squared error", "Add mean absolute error"]
    for fix in fixes:
        assert not infer_shapes(fix.edit(graph)).errors


def test_a_menu_has_every_loss_that_fits_and_none_that_does_not() -> None:
    graph = ending_open(1, PRICE)

    choices = without_loss(graph).choices

    labels = {fix.label for fix in choices}
    assert {"Add Mean squared error", "Add Huber loss", "Add Poisson loss"} <= labels
    assert not labels & {"Add Cross-entropy", "Add Dice loss", "Add Adversarial loss"}
    for fix in choices:
        assert not infer_shapes(fix.edit(graph)).errors, fix.label


def test_where_none_fits_the_labels_say_what_is_meant() -> None:
    graph = ending_open(7, LABEL)

    (fix,) = without_loss(graph).fixes

    assert fix.label == "Add cross-entropy"
    (problem,) = infer_shapes(fix.edit(graph)).errors
    assert problem.title == "4 classes, 7 outputs" and problem.fixes[0].label == "Set Linear to 4"
