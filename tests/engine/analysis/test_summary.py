import pytest
from builders import Drawing, a_nested_cnn, a_project, a_residual_cnn

from engine.analysis.cost import forecast
from engine.analysis.shapes import infer_shapes
from engine.analysis.summary import SummaryRow, every_row, summary
from engine.graph.elements import Graph
from engine.project.templates import open_template, templates


def rows_of(graph: Graph) -> tuple[SummaryRow, ...]:
    return summary(infer_shapes(graph), a_project(graph).recipe)


@pytest.mark.parametrize("graph", [a_residual_cnn(), a_nested_cnn()])
def test_the_rows_add_up_to_the_totals_and_the_forecast(graph: Graph) -> None:
    report, rows = infer_shapes(graph), rows_of(graph)

    assert sum(row.parameters for row in rows) == report.totals.parameters
    assert sum(row.multiply_adds for row in rows) == report.totals.multiply_adds
    whole = forecast(report.totals, a_project(graph).recipe).total
    assert sum(row.training_bytes for row in rows) == whole


def test_a_composite_costs_what_the_layers_inside_of_it_cost() -> None:
    for row in every_row(rows_of(a_nested_cnn())):
        if row.inside and row.kind == "Composite" and row.layers == len(row.inside):
            assert row.parameters == sum(inner.parameters for inner in row.inside)
            assert row.multiply_adds == sum(inner.multiply_adds for inner in row.inside)


def test_the_last_layer_inside_sees_what_its_composite_sees() -> None:
    composites = [row for row in every_row(rows_of(a_nested_cnn())) if row.inside]

    once = [row for row in composites if row.layers == sum(each.layers for each in row.inside)]
    assert once
    assert all(row.sees == row.inside[-1].sees for row in once)


def test_a_half_built_drawing_has_a_row_for_each_layer() -> None:
    drawing = Drawing()
    data = drawing.add("Data")
    drawing.add("Linear", after=(data, "image"))
    drawing.add("Conv2d")
    drawing.add("NoSuchLayer")

    rows = rows_of(drawing.graph)

    assert [row.state for row in rows if row.kind != "Data"] == ["error", "open", "unknown"]
    assert all(not row.output for row in rows if row.kind != "Data")


@pytest.mark.parametrize("key", [template.key for template in templates()])
def test_every_template_has_a_summary_without_gaps(key: str) -> None:
    rows = summary(infer_shapes(open_template(key).graph), open_template(key).recipe)

    assert all(row.state == "ok" and row.output for row in every_row(rows))
