"""What each column of a row adds to an answer, judged by formulas written by hand."""

from collections.abc import Mapping

import pytest
import torch
from small_runs import Drawing
from torch import Tensor

from engine.compile.module import CompiledModel, compile_plan
from engine.compile.plan import project_plan
from engine.data.preparation import CategoryColumn, DateColumn, Features, Index, NumberColumn
from engine.probes.row_explaining import RowColumn, explain_row, row_columns
from engine.training.insight import InputField

FEATURES = InputField(
    name="features",
    kind="vector",
    sizes=(4,),
    prepare=Features(
        columns=(
            NumberColumn(name="age", fill=40, mean=41, deviation=9),
            CategoryColumn(name="job", values=("baker", "nurse", "pilot")),
        )
    ),
)
COLUMNS = row_columns([FEATURES])


def a_model(*layers: str) -> CompiledModel:
    """Return numbers → linear → activations → linear, 3 classes."""
    drawing = Drawing()
    fields = [
        {"name": "features", "kind": "vector", "sizes": [4], "dtype": "float"},
        {"name": "label", "kind": "label", "dtype": "int", "classes": 3},
    ]
    drawing.put("Data", "data", fields=fields)
    before = "data.features"
    for number, kind in enumerate(layers):
        name = f"layer_{number}"
        drawing.put(kind, name, before, **({"out_features": 6} if kind == "Linear" else {}))
        before = name
    drawing.put("Linear", "scores", before, out_features=3)
    drawing.put("CrossEntropyLoss", "loss", "scores", "data.label")
    model = compile_plan(project_plan(drawing.project("Row")))
    model.module.eval()
    return model


def rows(seed: int, many: int) -> Mapping[str, Tensor]:
    draws = torch.Generator().manual_seed(seed)
    job = torch.eye(3)[torch.randint(3, (many,), generator=draws)]
    return {"features": torch.cat([torch.randn(many, 1, generator=draws), job], 1)}


def test_columns_are_found_where_their_numbers_are() -> None:
    when = DateColumn(name="when", fill=0, mean=0, deviation=1, has_hours=True, marks_missing=True)
    dated = InputField(name="more", kind="vector", sizes=(8,), prepare=Features(columns=(when,)))
    town = InputField(
        name="town", kind="label", sizes=(), prepare=Index(column="Town", values=("Bern", "Rome"))
    )

    assert row_columns([FEATURES, dated, town]) == (
        RowColumn("age", "features", 0, 1),
        RowColumn("job", "features", 1, 4),
        RowColumn("when", "more", 0, 8),
        RowColumn("Town", "town", 0, 1),
    )
    assert row_columns([InputField(name="image", kind="image", sizes=(1, 28, 28))]) == ()


@pytest.mark.parametrize("method", ["gradient", "integrated", "occlusion"])
def test_a_column_of_a_linear_model_adds_its_weights_times_what_is_unusual(method: str) -> None:
    model, row, usual = a_model(), rows(0, 1), rows(1, 20)
    weight = model.module.get_submodule("scores").get_parameter("weight").detach()

    found = explain_row(model, row, method, 0, COLUMNS, usual, target=2)

    assert found is not None
    added = weight[2] * (row["features"] - usual["features"].mean(0))[0]
    judge = torch.stack([added[0], added[1:].sum()])
    torch.testing.assert_close(found.parts, judge, rtol=1e-4, atol=1e-5)


def test_integrated_gradients_add_up_to_the_way_from_the_average_row() -> None:
    model, row, usual = a_model("Linear", "GELU"), rows(3, 1), rows(4, 20)

    found = explain_row(model, row, "integrated", 0, COLUMNS, usual)

    assert found is not None
    average = {"features": usual["features"].mean(0, keepdim=True)}
    with torch.no_grad():
        whole, nothing = (model.outputs(given)[0][0, found.target] for given in (row, average))
    assert float(found.parts.sum()) == pytest.approx(float(whole - nothing), abs=1e-4)


def test_occlusion_is_what_the_score_loses_with_the_columns_of_others() -> None:
    model, row, usual = a_model("Linear", "ReLU"), rows(5, 1), rows(6, 9)

    found = explain_row(model, row, "occlusion", 0, COLUMNS, usual)

    assert found is not None
    with torch.no_grad():
        before = model.outputs(row)[0][0, found.target]
        falls = []
        for other in usual["features"]:
            mixed = torch.cat([row["features"][0, :1], other[1:]])[None]
            falls.append(before - model.outputs({"features": mixed})[0][0, found.target])
    assert float(found.parts[1]) == pytest.approx(float(torch.stack(falls).mean()), abs=1e-5)


def test_categories_that_are_looked_up_are_explained_by_those_of_others() -> None:
    drawing = Drawing()
    fields = [
        {"name": "guest", "kind": "category", "dtype": "int", "classes": 5},
        {"name": "film", "kind": "category", "dtype": "int", "classes": 7},
        {"name": "stars", "kind": "number", "sizes": [1], "dtype": "float"},
    ]
    drawing.put("Data", "data", fields=fields)
    drawing.put("Embedding", "guests", "data.guest", embedding_dim=3)
    drawing.put("Embedding", "films", "data.film", embedding_dim=3)
    drawing.put("Multiply", "both", "guests", "films")
    drawing.put("Sum", "total", "both", dims=[-1], keepdim=True)
    drawing.put("MSELoss", "loss", "total", "data.stars")
    model = compile_plan(project_plan(drawing.project("Ratings")))
    model.module.eval()
    guest, film = torch.tensor([2]), torch.tensor([4])
    others = torch.arange(5)
    columns = (RowColumn("Guest", "guest", 0, 1), RowColumn("Film", "film", 0, 1))
    usual = {"guest": others, "film": others + 1}

    found = explain_row(model, {"guest": guest, "film": film}, "occlusion", 0, columns, usual)

    assert found is not None and found.target == 0
    vectors = [
        model.module.get_submodule(name).get_parameter("weight").detach()
        for name in ("guests", "films")
    ]
    whole = vectors[0][2] @ vectors[1][4]
    judge = [whole - (vectors[0] @ vectors[1][4]).mean()]
    judge.append(whole - (vectors[1][1:6] @ vectors[0][2]).mean())
    torch.testing.assert_close(found.parts, torch.stack(judge))
    rest = ({"guest": guest, "film": film}, "integrated", 0, columns, usual)
    assert explain_row(model, *rest) is None
