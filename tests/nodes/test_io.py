"""Data sets and targets in a drawing."""

import pytest

from nodes.catalogue import make_layer
from nodes.errors import ParameterError
from nodes.io import DataField
from nodes.sizes import BATCH
from nodes.tensors import Inputs, TensorType

NOTHING = Inputs({})


def test_each_field_of_a_data_set_is_an_output() -> None:
    layer = make_layer("Data", {})

    assert [port.name for port in layer.outputs()] == ["image", "label"]
    assert layer.infer(NOTHING) == (
        TensorType((BATCH, 1, 28, 28)),
        TensorType((BATCH,), "int", 10),
    )
    assert layer.lower(NOTHING).expression == ""
    assert layer.on_card(None) == "digits"


def test_fields_are_read_from_the_project_file() -> None:
    field = {"name": "sound", "kind": "sequence", "sizes": [2, 8000]}

    layer = make_layer("Data", {"dataset": "bells", "fields": [field]})

    assert layer.infer(NOTHING) == (TensorType((BATCH, 2, 8000)),)


def test_a_target_brings_one_field() -> None:
    layer = make_layer("Target", {"field": {"name": "price", "kind": "number"}})

    assert [port.name for port in layer.outputs()] == ["price"]
    assert layer.infer(NOTHING) == (TensorType((BATCH,)),)
    assert layer.lower(NOTHING).expression == ""
    assert layer.on_card(None) == "price"


def test_two_fields_cannot_share_a_name() -> None:
    field = {"name": "image", "kind": "image", "sizes": [1, 8, 8]}

    with pytest.raises(ParameterError, match="Two fields are called image"):
        make_layer("Data", {"fields": [field, field]})


@pytest.mark.parametrize(
    "field",
    [
        {"name": "x; import os", "kind": "image"},
        {"name": "class", "kind": "label"},
        {"name": "image", "kind": "image", "sizes": [0]},
        {"name": "image", "kind": "image", "sizes": [2**40]},
        {"name": "image", "kind": "image", "sizes": [1] * 9},
        {"name": "label", "kind": "label", "classes": 0},
        {"name": "label", "kind": "label", "classes": 10**5000},
        {"name": "label", "kind": "label", "more": 1},
        {"name": "label", "kind": "mystery"},
        {},
    ],
)
def test_a_field_that_could_do_harm_is_refused(field: dict[str, object]) -> None:
    with pytest.raises(ParameterError):
        make_layer("Target", {"field": field})


def test_a_field_made_in_code_is_checked_as_well() -> None:
    with pytest.raises(ValueError, match="cannot be called"):
        DataField("not a name", "image")
