"""What the smaller families write, say and refuse; shapes and figures are judged in test_layers."""

from typing import Any

import pytest

from nodes.activation import activated
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


def written(kind: str, params: dict[str, Any], *sizes: Size) -> str:
    module = make_layer(kind, params).lower(arriving(*sizes)).module
    assert module is not None
    return module.source()


def test_an_image_does_not_go_into_a_linear_layer_unflattened() -> None:
    error = refused(make_layer("Linear", {}), 16, 14, 14)

    assert error.title == "Linear needs a vector"
    assert error.why == "It receives 16×14×14."
    assert error.reason == "needs a vector"
    assert [remedy.label for remedy in error.remedies] == [
        "Insert Flatten",
        "Insert global average pooling",
    ]
    for remedy in error.remedies:
        (between,) = make_layer(remedy.kind, remedy.params).infer(arriving(16, 14, 14))
        assert make_layer("Linear", {}).infer(Inputs({"x": (between,)}))


def test_a_linear_layer_says_what_would_make_a_vector_of_anything() -> None:
    layer = make_layer("Linear", {})

    assert [remedy.kind for remedy in refused(layer, 3, 4, 5, 6).remedies] == ["Flatten"]
    (reshape,) = refused(layer).remedies
    assert reshape.label == "Insert Reshape to 1" and reshape.params == {"sizes": [1]}
    with pytest.raises(ShapeError, match="It receives a single number"):
        layer.infer(Inputs({"x": (TensorType(()),)}))


def test_a_linear_layer_treats_every_step_of_a_sequence_alike() -> None:
    layer = make_layer("Linear", {"out_features": 32})
    inputs = arriving(symbol("T"), 16)

    (y,) = layer.infer(inputs)

    assert y.sizes == (BATCH, symbol("T"), 32)
    assert layer.parameters(inputs) == 16 * 32 + 32


def test_the_card_of_a_linear_layer_shows_what_comes_in() -> None:
    layer = make_layer("Linear", {"out_features": 10})

    assert layer.on_card(arriving(3136)) == "3136 → 10"
    assert layer.on_card(None) == "? → 10"


def test_linear_is_written_as_people_write_it() -> None:
    assert written("Linear", {}, 784) == "nn.Linear(784, 10)"
    assert written("Linear", {"bias": False}, 784) == "nn.Linear(784, 10, bias=False)"


@pytest.mark.parametrize(
    ("kind", "params", "sizes", "source"),
    [
        ("BatchNorm2d", {}, (16, 7, 7), "nn.BatchNorm2d(16)"),
        (
            "BatchNorm1d",
            {"momentum": 0.01, "eps": 0.001, "affine": False},
            (16,),
            "nn.BatchNorm1d(16, eps=0.001, momentum=0.01, affine=False)",
        ),
        ("GroupNorm", {"num_groups": 4, "eps": 1e-6}, (16, 7, 7), "nn.GroupNorm(4, 16, eps=1e-6)"),
        ("LayerNorm", {}, (64,), "nn.LayerNorm(64)"),
        (
            "LayerNorm",
            {"axes": 3, "bias": False},
            (16, 7, 5),
            "nn.LayerNorm((16, 7, 5), bias=False)",
        ),
        (
            "LayerNorm",
            {"elementwise_affine": False, "bias": False},
            (64,),
            "nn.LayerNorm(64, elementwise_affine=False)",
        ),
        ("RMSNorm", {"axes": 2}, (10, 64), "nn.RMSNorm((10, 64))"),
        ("Dropout", {"p": 0.2}, (64,), "nn.Dropout(0.2)"),
        ("Dropout2d", {}, (16, 7, 7), "nn.Dropout2d(0.5)"),
        ("LeakyReLU", {"negative_slope": 0.2}, (64,), "nn.LeakyReLU(negative_slope=0.2)"),
        ("GELU", {"approximate": "tanh"}, (64,), 'nn.GELU(approximate="tanh")'),
        ("Softmax", {"dim": -1}, (64,), "nn.Softmax(dim=-1)"),
        ("ELU", {}, (64,), "nn.ELU()"),
    ],
)
def test_a_module_is_written_as_people_write_it(
    kind: str, params: dict[str, Any], sizes: tuple[int, ...], source: str
) -> None:
    assert written(kind, params, *sizes) == source


@pytest.mark.parametrize(
    ("kind", "params", "card"),
    [
        ("Dropout", {}, "p 0.5"),
        ("Dropout2d", {"p": 0.25}, "p 0.25"),
        ("GroupNorm", {}, "8 groups"),
        ("GroupNorm", {"num_groups": 1}, "1 group"),
        ("LayerNorm", {"axes": 3}, "3 axes"),
        ("LayerNorm", {}, ""),
        ("BatchNorm2d", {"activation": "ReLU"}, ""),
        ("LeakyReLU", {"negative_slope": 0.2}, "slope 0.2"),
        ("Reshape", {"sizes": (1, 28, -1)}, "1×28×…"),
        ("Reshape", {"sizes": ()}, "one number"),
        ("CrossEntropyLoss", {"label_smoothing": 0.1}, "smoothing 0.1"),
    ],
)
def test_the_card_shows_what_differs(kind: str, params: dict[str, Any], card: str) -> None:
    assert make_layer(kind, params).on_card(None) == card


def test_batch_norms_lead_to_the_one_that_fits() -> None:
    two, one = make_layer("BatchNorm2d", {}), make_layer("BatchNorm1d", {})

    vector = refused(two, 64).remedies[0]
    image = refused(one, 16, 7, 7).remedies[0]

    assert (vector.action, vector.kind) == ("replace", "BatchNorm1d")
    assert (image.action, image.kind) == ("replace", "BatchNorm2d")
    assert refused(one, 1, 2, 3, 4).remedies == ()


def test_dropping_whole_channels_of_a_vector_leads_to_plain_dropout() -> None:
    assert refused(make_layer("Dropout2d", {}), 64).remedies[0].kind == "Dropout"


def test_group_norm_offers_the_nearest_groups() -> None:
    error = refused(make_layer("GroupNorm", {"num_groups": 8}), 12, 7, 7)

    assert [remedy.label for remedy in error.remedies] == ["Use 6 groups", "Use 12 groups"]


@pytest.mark.parametrize("kind", ["GroupNorm", "LayerNorm", "RMSNorm"])
def test_a_single_number_cannot_be_normalised(kind: str) -> None:
    assert refused(make_layer(kind, {})).reason == "needs several features"


@pytest.mark.parametrize(
    ("axes", "sizes", "offered"), [(1, (16, 7, 7), 3), (2, (64,), 1), (3, (10, 64), 2)]
)
def test_a_norm_goes_over_axes_that_mean_something(
    axes: int, sizes: tuple[int, ...], offered: int
) -> None:
    error = refused(make_layer("LayerNorm", {"axes": axes}), *sizes)

    assert error.remedies[0].params == {"axes": offered}
    assert make_layer("LayerNorm", {"axes": offered}).infer(arriving(*sizes))


@pytest.mark.parametrize("kind", ["Softmax", "Concat"])
def test_nothing_works_along_the_batch(kind: str) -> None:
    with pytest.raises(ParameterError, match="Axis 0 is the batch"):
        make_layer(kind, {"dim": 0})


def test_an_axis_that_is_not_there_is_refused_with_the_last_one() -> None:
    error = refused(make_layer("Softmax", {"dim": 3}), 10)

    assert error.why == "It receives 10: axes 1 to 1."
    assert error.remedies[0].params == {"dim": 1}
    assert refused(make_layer("Softmax", {"dim": -2}), 10).shape_code == "LL-S008"
    assert refused(make_layer("Softmax", {})).remedies == ()


def test_no_activation_leaves_an_expression_as_it_is() -> None:
    assert activated("{module}({x})", "none") == "{module}({x})"
    assert activated("{x[0]} + {x[1]}", "Tanh") == "torch.tanh({x[0]} + {x[1]})"


def test_an_activation_keeps_the_tensor_as_it_is() -> None:
    assert make_layer("ReLU", {}).lower(arriving(3)).expression == "F.relu({x})"
    assert make_layer("Sigmoid", {}).lower(arriving(3)).expression == "torch.sigmoid({x})"


def test_a_bilinear_layer_multiplies_every_pair_for_every_output() -> None:
    layer = make_layer("Bilinear", {"out_features": 5})
    inputs = Inputs({"a": (TensorType((BATCH, 3)),), "b": (TensorType((BATCH, 4)),)})

    assert layer.multiply_adds(inputs, layer.infer(inputs)) == 3 * 4 * 5
