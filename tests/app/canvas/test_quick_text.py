"""Parameters that are typed behind a layer's name."""

import pytest

from app.canvas.quick_text import params_for, read_quick_text


@pytest.mark.parametrize(
    ("typed", "kind", "params"),
    [
        ("conv 32 3x3 s2", "Conv2d", {"out_channels": 32, "kernel_size": 3, "stride": 2}),
        ("conv 32 3x5", "Conv2d", {"out_channels": 32, "kernel_size": [3, 5]}),
        (
            "conv 8 k5 p2 d2",
            "Conv2d",
            {"out_channels": 8, "kernel_size": 5, "padding": 2, "dilation": 2},
        ),
        ("linear 10", "Linear", {"out_features": 10}),
        ("dropout .3", "Dropout", {"p": 0.3}),
        ("maxpool 3 s2", "MaxPool2d", {"kernel_size": 3, "stride": 2}),
        ("flatten", "Flatten", {}),
    ],
)
def test_parameters_are_read_from_what_is_typed(
    typed: str, kind: str, params: dict[str, object]
) -> None:
    assert params_for(kind, read_quick_text(typed)) == params


@pytest.mark.parametrize(("typed", "kind"), [("relu 3", "ReLU"), ("linear 3x3", "Linear")])
def test_a_layer_without_use_for_a_parameter_is_not_meant(typed: str, kind: str) -> None:
    assert params_for(kind, read_quick_text(typed)) is None


@pytest.mark.parametrize(
    ("typed", "kind", "activation"),
    [("conv 32 3x3 relu", "Conv2d", "ReLU"), ("linear 10 gelu", "Linear", "GELU")],
)
def test_an_activation_behind_a_layer_is_fused_into_it(
    typed: str, kind: str, activation: str
) -> None:
    text = read_quick_text(typed).with_activation()

    assert text is not None and text.words == typed.split()[0]
    params = params_for(kind, text)
    assert params is not None and params["activation"] == activation


@pytest.mark.parametrize(("typed", "kind"), [("flatten relu", "Flatten"), ("conv swim", "Conv2d")])
def test_what_cannot_be_fused_is_not_meant(typed: str, kind: str) -> None:
    text = read_quick_text(typed).with_activation()
    assert text is not None and params_for(kind, text) is None
    assert read_quick_text("relu").with_activation() is None


def test_words_and_the_first_part_are_what_is_searched_for() -> None:
    assert read_quick_text("max pool 2").words == "max pool"
    assert read_quick_text("3").words == "3"
    assert read_quick_text("").words == ""
