"""What convolutions write, say and refuse; shapes and figures are judged in test_layers."""

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
        (
            "Conv2d",
            {"out_channels": 32, "stride": 2},
            "nn.Conv2d(16, 32, kernel_size=3, stride=2, padding=1)",
        ),
        ("Conv2d", {"kernel_size": 1}, "nn.Conv2d(16, 16, kernel_size=1)"),
        ("Conv2d", {"padding": "valid"}, "nn.Conv2d(16, 16, kernel_size=3)"),
        ("Conv2d", {"kernel_size": 2}, 'nn.Conv2d(16, 16, kernel_size=2, padding="same")'),
        (
            "Conv2d",
            {"kernel_size": 4, "stride": 2},
            "nn.Conv2d(16, 16, kernel_size=4, stride=2, padding=1)",
        ),
        (
            "Conv2d",
            {"kernel_size": (3, 5), "padding": (0, 2), "dilation": (1, 2)},
            "nn.Conv2d(16, 16, kernel_size=(3, 5), padding=(0, 2), dilation=(1, 2))",
        ),
        (
            "Conv2d",
            {"kernel_size": (3, 3), "groups": 16, "bias": False, "padding_mode": "reflect"},
            "nn.Conv2d(16, 16, kernel_size=3, padding=1, groups=16, bias=False, "
            'padding_mode="reflect")',
        ),
        ("ConvTranspose2d", {}, "nn.ConvTranspose2d(16, 16, kernel_size=2, stride=2)"),
        (
            "ConvTranspose2d",
            {"kernel_size": 3, "padding": 1, "output_padding": 1},
            "nn.ConvTranspose2d(16, 16, kernel_size=3, stride=2, padding=1, output_padding=1)",
        ),
    ],
)
def test_a_convolution_is_written_as_people_write_it(
    kind: str, params: dict[str, Any], source: str
) -> None:
    module = make_layer(kind, params).lower(arriving(16, 14, 14)).module

    assert module is not None and module.source() == source


def test_a_fused_activation_wraps_the_call_and_stays_off_the_card() -> None:
    layer = make_layer("Conv2d", {"activation": "ReLU"})

    assert layer.lower(arriving(1, 28, 28)).expression == "F.relu({module}({x}))"
    assert layer.on_card(None) == "16 · 3×3"


@pytest.mark.parametrize(
    ("kind", "params", "card"),
    [
        ("Conv2d", {"out_channels": 32, "stride": 2}, "32 · 3×3 · stride 2"),
        ("Conv2d", {"kernel_size": (1, 7), "dilation": (1, 2)}, "16 · 1×7 · dilation 1×2"),
        ("Conv2d", {"stride": 2, "dilation": 2, "groups": 4}, "16 · 3×3 · stride 2"),
        ("Conv2d", {"groups": 16}, "16 · 3×3 · groups 16"),
        ("Conv1d", {"stride": 2}, "16 · 3 · stride 2"),
        ("ConvTranspose2d", {}, "16 · 2×2 · stride 2"),
        ("ConvTranspose2d", {"stride": 1}, "16 · 2×2"),
    ],
)
def test_the_card_shows_what_tells_one_convolution_from_another(
    kind: str, params: dict[str, Any], card: str
) -> None:
    assert make_layer(kind, params).on_card(None) == card


@pytest.mark.parametrize(
    ("kind", "params", "sizes", "text"),
    [
        (
            "Conv2d",
            {"stride": 2, "padding": 1},
            (16, 14, 14),
            "Height: ⌊(14 + 2·1 − 3) ÷ 2⌋ + 1 = 7, width the same",
        ),
        (
            "Conv2d",
            {"padding": "valid"},
            (16, 14, 8),
            "Height: 14 − 3 + 1 = 12. Width: 8 − 3 + 1 = 6",
        ),
        (
            "Conv2d",
            {"padding": 2, "dilation": 2},
            (1, 9, 9),
            "Height: 9 + 2·2 − 2·(3 − 1) − 1 + 1 = 9, width the same",
        ),
        ("Conv2d", {}, (16, 14, 14), "The padding keeps the size"),
        ("Conv1d", {"stride": 2, "kernel_size": 1}, (1, 9), "Length: ⌊(9 − 1) ÷ 2⌋ + 1 = 5"),
        (
            "ConvTranspose2d",
            {"padding": 1},
            (1, 7, 7),
            "Height: (7 − 1) · 2 − 2·1 + 2 = 12, width the same",
        ),
        (
            "ConvTranspose2d",
            {},
            (1, 7, 5),
            "Height: (7 − 1) · 2 + 2 = 14. Width: (5 − 1) · 2 + 2 = 10",
        ),
    ],
)
def test_the_size_is_explained_with_its_numbers(
    kind: str, params: dict[str, Any], sizes: tuple[int, ...], text: str
) -> None:
    layer = make_layer(kind, params)
    inputs = arriving(*sizes)

    assert layer.explain(inputs, layer.infer(inputs)) == text


@pytest.mark.parametrize(
    ("features", "sizes"),
    [
        (784, [1, 28, 28]),
        (3072, [3, 32, 32]),
        (98, [2, 7, 7]),
        (7, [7, 1, 1]),
    ],
)
def test_a_vector_is_offered_as_the_image_that_it_may_hold(features: int, sizes: list[int]) -> None:
    error = refused(make_layer("Conv2d", {}), features)

    assert error.title == "Conv2d needs an image (channels×height×width)"
    assert error.why == f"It receives {features}."
    assert error.remedies[0].kind == "Reshape"
    assert error.remedies[0].params == {"sizes": sizes}
    assert make_layer("Reshape", error.remedies[0].params).infer(arriving(features))


def test_a_sequence_is_offered_as_an_image_of_one_channel() -> None:
    error = refused(make_layer("Conv2d", {}), 8, 100)

    (reshape,) = error.remedies
    (image,) = make_layer("Reshape", reshape.params).infer(arriving(8, 100))
    assert image.sample == (1, 8, 100)


def test_what_has_no_known_sizes_is_offered_no_image() -> None:
    assert refused(make_layer("Conv2d", {}), symbol("F")).remedies == ()
    assert refused(make_layer("Conv2d", {}), 8, symbol("T")).remedies == ()
    assert refused(make_layer("Conv2d", {})).remedies == ()


def test_a_one_dimensional_convolution_leads_images_and_vectors_to_what_fits() -> None:
    layer = make_layer("Conv1d", {})

    assert refused(layer, 3, 8, 8).remedies[0].kind == "Conv2d"
    (reshape,) = refused(layer, 100).remedies
    assert make_layer("Reshape", reshape.params).infer(arriving(100))[0].sample == (1, 100)
    assert refused(layer).remedies == ()


def test_a_kernel_larger_than_the_image_is_refused_with_two_ways_out() -> None:
    error = refused(make_layer("Conv2d", {"kernel_size": 7, "padding": 0}), 3, 5, 5)

    assert error.title == "The kernel is larger than the image"
    assert error.why == "The window spans 7×7, the image 5×5."
    assert error.reason == "image too small"
    assert [remedy.label for remedy in error.remedies] == [
        "Set padding to 1",
        "Set kernel size to 5",
    ]


def test_a_kernel_too_large_along_a_free_axis_is_not_known() -> None:
    layer = make_layer("Conv2d", {"kernel_size": 7, "padding": 1})

    (y,) = layer.infer(arriving(3, symbol("H"), 5))
    assert str(y) == "16×(H−4)×1"

    error = refused(layer, 3, symbol("H"), 2)
    assert "padding included" in error.why
    assert error.remedies[0].params == {"padding": [1, 3]}


def test_groups_must_share_out_channels_and_the_nearest_that_do_are_offered() -> None:
    error = refused(make_layer("Conv2d", {"groups": 3}), 16, 8, 8)

    assert error.title == "3 groups do not divide 16"
    assert [remedy.params for remedy in error.remedies] == [{"groups": 2}, {"groups": 4}]


def test_groups_must_share_out_the_output_channels_as_well() -> None:
    error = refused(make_layer("Conv2d", {"groups": 3, "out_channels": 16}), 9, 8, 8)

    assert [remedy.params for remedy in error.remedies] == [
        {"out_channels": 18},
        {"out_channels": 15},
    ]
    assert "output channels" in error.why


def test_one_group_is_offered_where_nothing_else_divides() -> None:
    error = refused(make_layer("Conv2d", {"groups": 2, "out_channels": 7}), 7, 8, 8)

    assert [remedy.label for remedy in error.remedies] == ["Use 1 group", "Use 7 groups"]


def test_no_divisors_are_looked_for_in_a_number_beyond_all_memory() -> None:
    error = refused(make_layer("Conv2d", {"groups": 2}), 2**61 - 1, 8, 8)

    assert [remedy.params for remedy in error.remedies] == [{"groups": 1}]


def test_channels_that_are_free_are_taken_to_divide() -> None:
    layer = make_layer("Conv2d", {"groups": 2})
    inputs = arriving(symbol("C"), 8, 8)

    assert layer.infer(inputs)[0].sample == (16, 8, 8)
    assert layer.parameters(inputs) == 0
    module = layer.lower(inputs).module
    assert module is not None and module.source().startswith("nn.Conv2d(C, 16,")


@pytest.mark.parametrize("kernel", [4, 5])
@pytest.mark.parametrize(("mode", "fitting", "too_small"), [("reflect", 3, 2), ("circular", 2, 1)])
def test_padding_is_not_filled_from_less_than_there_is(
    mode: str, fitting: int, too_small: int, kernel: int
) -> None:
    layer = make_layer("Conv2d", {"kernel_size": kernel, "padding_mode": mode})

    assert layer.infer(arriving(1, fitting, fitting))
    error = refused(layer, 1, too_small, too_small)
    assert error.remedies[0].params == {"padding_mode": "zeros"}


def test_a_transposed_convolution_keeps_its_output_padding_below_the_stride() -> None:
    error = refused(make_layer("ConvTranspose2d", {"output_padding": (2, 1)}), 1, 4, 4)

    assert error.remedies[0].params == {"output_padding": 1}


def test_a_transposed_convolution_does_not_cut_the_whole_image_away() -> None:
    error = refused(make_layer("ConvTranspose2d", {"padding": 3}), 1, 2, 2)

    assert error.title == "The padding cuts the whole image away"
    assert error.remedies[0].params == {"padding": 0}
