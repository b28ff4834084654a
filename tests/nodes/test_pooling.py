"""What pooling writes, says and refuses; shapes are judged in test_layers."""

from typing import Any

import pytest

from nodes.catalogue import make_layer
from nodes.errors import ShapeError
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
    ("kind", "params", "source"),
    [
        ("MaxPool2d", {}, "nn.MaxPool2d(2)"),
        (
            "MaxPool2d",
            {"kernel_size": 3, "stride": 2, "padding": 1},
            "nn.MaxPool2d(3, stride=2, padding=1)",
        ),
        ("MaxPool2d", {"kernel_size": (2, 1), "stride": (2, 1)}, "nn.MaxPool2d((2, 1))"),
        (
            "MaxPool2d",
            {"dilation": 2, "ceil_mode": True},
            "nn.MaxPool2d(2, dilation=2, ceil_mode=True)",
        ),
        ("MaxPool1d", {"stride": 1}, "nn.MaxPool1d(2, stride=1)"),
        ("AvgPool2d", {"count_include_pad": False}, "nn.AvgPool2d(2, count_include_pad=False)"),
        ("AdaptiveAvgPool2d", {"output_size": (2, 3)}, "nn.AdaptiveAvgPool2d((2, 3))"),
        ("Upsample", {"mode": "bilinear"}, 'nn.Upsample(scale_factor=2, mode="bilinear")'),
    ],
)
def test_pooling_is_written_as_people_write_it(
    kind: str, params: dict[str, Any], source: str
) -> None:
    module = make_layer(kind, params).lower(arriving(3, 8, 8)).module

    assert module is not None and module.source() == source


@pytest.mark.parametrize(
    ("kind", "params", "card"),
    [
        ("MaxPool2d", {}, "2×2"),
        ("MaxPool2d", {"kernel_size": 3, "stride": 2, "padding": 1}, "3×3 · stride 2 · padding 1"),
        ("MaxPool1d", {}, "2"),
        ("AvgPool2d", {"kernel_size": (2, 3)}, "2×3"),
        ("AdaptiveAvgPool2d", {"output_size": 7}, "to 7×7"),
        ("GlobalAvgPool2d", {}, ""),
        ("Upsample", {}, "×2"),
        ("Upsample", {"scale_factor": (2, 3), "mode": "bicubic"}, "×2×3 · bicubic"),
    ],
)
def test_the_card_shows_the_window(kind: str, params: dict[str, Any], card: str) -> None:
    assert make_layer(kind, params).on_card(None) == card


@pytest.mark.parametrize(
    ("kind", "params", "sizes", "text"),
    [
        ("MaxPool2d", {}, (1, 7, 7), "Height: ⌊(7 − 2) ÷ 2⌋ + 1 = 3, width the same"),
        (
            "MaxPool2d",
            {"ceil_mode": True},
            (1, 7, 6),
            "Height: ⌈(7 − 2) ÷ 2⌉ + 1 = 4. Width: ⌈(6 − 2) ÷ 2⌉ + 1 = 3",
        ),
        ("AvgPool1d", {"kernel_size": 1}, (1, 7), "Length: 7"),
        ("Upsample", {}, (1, 7, 7), "Height: 7 · 2 = 14, width the same"),
        ("GlobalAvgPool2d", {}, (1, 7, 7), ""),
    ],
)
def test_the_size_is_explained_with_its_numbers(
    kind: str, params: dict[str, Any], sizes: tuple[int, ...], text: str
) -> None:
    layer = make_layer(kind, params)
    inputs = arriving(*sizes)

    assert layer.explain(inputs, layer.infer(inputs)) == text


def test_pooling_one_time_too_often_is_refused_and_can_be_removed() -> None:
    error = refused(make_layer("MaxPool2d", {}), 16, 1, 1)

    assert error.title == "The image becomes smaller than 1 pixel"
    assert error.reason == "image too small"
    assert error.shape_code == "LL-S003"
    assert error.remedies[0].action == "remove"
    assert error.remedies[0].label == "Remove this pooling"


@pytest.mark.parametrize(
    "params",
    [
        {"kernel_size": 9},
        {"kernel_size": 3, "dilation": 4},
        {"kernel_size": (2, 9), "padding": 1, "stride": 7},
    ],
)
def test_the_smaller_window_that_is_offered_fits(params: dict[str, Any]) -> None:
    error = refused(make_layer("MaxPool2d", params), 3, 2, 5)

    merged = {**params, **error.remedies[1].params}
    (y,) = make_layer("MaxPool2d", merged).infer(arriving(3, 2, 5))

    assert error.remedies[1].params["stride"] == 1
    assert all(isinstance(size, int) and size >= 1 for size in y.sample)


def test_a_sequence_runs_out_of_steps_not_of_pixels() -> None:
    error = refused(make_layer("MaxPool1d", {}), 16, 1)

    assert error.title == "The sequence becomes smaller than 1 step"


def test_a_free_size_is_never_too_small() -> None:
    layer = make_layer("MaxPool2d", {"kernel_size": 3})

    assert str(layer.infer(arriving(4, symbol("H"), 9))[0]) == "4×⌊H/3⌋×3"
    error = refused(layer, 4, symbol("H"), 2)
    assert error.remedies[1].params["kernel_size"] == [3, 2]


def test_padding_is_at_most_half_of_the_kernel() -> None:
    error = refused(make_layer("AvgPool2d", {"kernel_size": (3, 5), "padding": 2}), 3, 9, 9)

    assert error.shape_code == "LL-S006"
    assert error.remedies[0].params == {"padding": [1, 2]}


def test_a_vector_cannot_be_pooled() -> None:
    error = refused(make_layer("GlobalAvgPool2d", {}), 10)

    assert error.reason == "needs an image"
