"""What Flatten and Reshape write, say and refuse; shapes are judged in test_layers."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.catalogue import make_layer
from nodes.errors import ParameterError, ShapeError
from nodes.layer import Layer
from nodes.sizes import BATCH, Size, symbol
from nodes.tensors import Inputs, TensorType


def arriving(*sizes: Size) -> Inputs:
    return Inputs({"x": (TensorType((BATCH, *sizes)),)})


def refused(layer: Layer, *sizes: Size) -> ShapeError:
    with pytest.raises(ShapeError) as caught:
        layer.infer(arriving(*sizes))
    return caught.value


@pytest.mark.parametrize(
    ("params", "expression"),
    [
        ({}, "{x}.flatten(1)"),
        ({"start_dim": 2}, "{x}.flatten(2)"),
        ({"end_dim": 2}, "{x}.flatten(1, 2)"),
    ],
)
def test_flatten_is_written_as_people_write_it(params: dict[str, Any], expression: str) -> None:
    assert make_layer("Flatten", params).lower(arriving(2, 3, 4)).expression == expression


def test_flatten_explains_its_product() -> None:
    layer = make_layer("Flatten", {})

    image, vector = arriving(16, 7, 7), arriving(10)

    assert layer.explain(image, layer.infer(image)) == "16 · 7 · 7 = 784"
    assert layer.explain(vector, layer.infer(vector)) == ""


@pytest.mark.parametrize("params", [{}, {"start_dim": 2}, {"end_dim": 3}])
def test_flatten_needs_the_axes_it_names(params: dict[str, Any]) -> None:
    sizes = (5,) if params else ()

    assert refused(make_layer("Flatten", params), *sizes).remedies[0].action == "remove"


def test_a_row_does_not_end_before_it_begins() -> None:
    with pytest.raises(ParameterError, match="The row begins at axis 2"):
        make_layer("Flatten", {"start_dim": 2, "end_dim": 1})


def test_what_is_rearranged_stays_what_it_is() -> None:
    tokens = Inputs({"x": (TensorType((BATCH, 4, 6), "int", 50),)})

    assert make_layer("Flatten", {}).infer(tokens)[0] == TensorType((BATCH, 24), "int", 50)
    (y,) = make_layer("Reshape", {"sizes": (8, 3)}).infer(tokens)
    assert y == TensorType((BATCH, 8, 3), "int", 50)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.data())
def test_one_size_takes_what_the_others_leave(sizes: list[int], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(sizes) - 1))
    open_sizes = [-1 if index == place else size for index, size in enumerate(sizes)]

    (y,) = make_layer("Reshape", {"sizes": open_sizes}).infer(arriving(math.prod(sizes)))

    assert y.sample == tuple(sizes)


def test_reshape_leaves_only_the_batch_open() -> None:
    layer = make_layer("Reshape", {"sizes": (16, -1)})

    assert layer.lower(arriving(16, 7, 7)).expression == "{x}.reshape(-1, 16, 49)"
    free = arriving(16, symbol("H"), 7)
    assert layer.infer(free)[0].sizes == (BATCH, 16, 7 * symbol("H"))
    assert layer.lower(free).expression == "{x}.reshape({x}.shape[0], 16, -1)"


def test_a_count_that_does_not_fill_the_sizes_is_refused_with_sizes_that_do() -> None:
    error = refused(make_layer("Reshape", {"sizes": (3, 4)}), 20)

    assert error.title == "20 numbers do not fill 3×4"
    assert error.why == "It receives 20. The sizes hold 12 numbers."
    assert error.remedies[0].params == {"sizes": [5, 4]}


def test_an_open_size_is_offered_beside_the_nearest_divisor() -> None:
    error = refused(make_layer("Reshape", {"sizes": (3, -1)}), 20)

    assert "a multiple of 3" in error.why
    assert error.remedies[0].params == {"sizes": [2, -1]}


@pytest.mark.parametrize(
    ("sizes", "features"),
    [((), 20), ((3, 7), 20), ((2, 3, -1), 20), ((3, -1), symbol("F")), ((3, -1), 2**61 - 1)],
)
def test_nothing_is_offered_where_nothing_fits(sizes: tuple[int, ...], features: Size) -> None:
    assert refused(make_layer("Reshape", {"sizes": sizes}), features).remedies == ()


@pytest.mark.parametrize(
    ("sizes", "why"),
    [
        ((0, 3), "No size can be 0"),
        ((-1, -1), "Only one size can be −1"),
        ((1,) * 8, "There are 8"),
    ],
)
def test_sizes_that_no_tensor_has_are_refused(sizes: tuple[int, ...], why: str) -> None:
    with pytest.raises(ParameterError, match=why):
        make_layer("Reshape", {"sizes": sizes})


def test_a_loss_cannot_be_rearranged() -> None:
    with pytest.raises(ShapeError, match="nothing to arrange"):
        make_layer("Reshape", {}).infer(Inputs({"x": (TensorType(()),)}))
