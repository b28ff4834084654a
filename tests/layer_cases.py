"""Random layers with inputs that come near to fitting, for tests that hold for every kind."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from nodes.catalogue import LAYERS, make_layer
from nodes.layer import Layer
from nodes.sizes import BATCH, known
from nodes.tensors import Inputs, TensorType

Parameters = st.SearchStrategy[dict[str, Any]]

COMPUTING = tuple(kind for kind, layer in LAYERS.items() if layer.info.role in ("layer", "loss"))

_CHANNELS = st.integers(1, 8)
_PIXELS = st.integers(1, 9)
_FLAGS = st.booleans()
_FUSED = st.sampled_from(("none", "ReLU", "LeakyReLU", "GELU", "SiLU", "ELU", "Tanh", "Sigmoid"))


def _span(low: int, high: int) -> st.SearchStrategy[Any]:
    number = st.integers(low, high)
    return number | st.tuples(number, number)


def _convolution(span: Any) -> Parameters:
    return st.fixed_dictionaries(
        {},
        optional={
            "out_channels": _CHANNELS,
            "kernel_size": span(1, 5),
            "stride": span(1, 3),
            "padding": st.sampled_from(("same", "valid")) | span(0, 3),
            "dilation": span(1, 3),
            "groups": st.integers(1, 3),
            "padding_mode": st.sampled_from(("zeros", "reflect", "replicate", "circular")),
            "bias": _FLAGS,
            "activation": _FUSED,
        },
    )


def _pooling(span: Any, **more: st.SearchStrategy[Any]) -> Parameters:
    return st.fixed_dictionaries(
        {},
        optional={
            "kernel_size": span(1, 5),
            "stride": st.none() | span(1, 4),
            "padding": span(0, 3),
            "ceil_mode": _FLAGS,
            **more,
        },
    )


def _optional(**strategies: st.SearchStrategy[Any]) -> Parameters:
    return st.fixed_dictionaries({}, optional=strategies)


_NO_PARAMETERS: Parameters = st.just({})
_EPSILON = st.sampled_from((1e-6, 1e-5, 1e-3))
_SHARE = st.floats(0, 1).map(lambda share: round(share, 3))
_BATCH_NORM = _optional(momentum=_SHARE, eps=_EPSILON, affine=_FLAGS, activation=_FUSED)
_AXIS = st.sampled_from((-3, -2, -1, 1, 2, 3))

_PARAMETERS: Mapping[str, Parameters] = {
    "Conv1d": _convolution(st.integers),
    "Conv2d": _convolution(_span),
    "ConvTranspose2d": _optional(
        out_channels=_CHANNELS,
        kernel_size=_span(1, 5),
        stride=_span(1, 3),
        padding=_span(0, 3),
        output_padding=_span(0, 2),
        dilation=_span(1, 3),
        groups=st.integers(1, 3),
        bias=_FLAGS,
        activation=_FUSED,
    ),
    "Linear": _optional(out_features=_CHANNELS, bias=_FLAGS, activation=_FUSED),
    "BatchNorm1d": _BATCH_NORM,
    "BatchNorm2d": _BATCH_NORM,
    "LayerNorm": _optional(
        axes=st.integers(1, 3), eps=_EPSILON, elementwise_affine=_FLAGS, bias=_FLAGS
    ),
    "RMSNorm": _optional(
        axes=st.integers(1, 3), eps=st.none() | _EPSILON, elementwise_affine=_FLAGS
    ),
    "GroupNorm": _optional(
        num_groups=st.integers(1, 4), eps=_EPSILON, affine=_FLAGS, activation=_FUSED
    ),
    "Dropout": _optional(p=_SHARE),
    "Dropout2d": _optional(p=_SHARE),
    "LeakyReLU": _optional(negative_slope=_SHARE),
    "GELU": _optional(approximate=st.sampled_from(("none", "tanh"))),
    "ELU": _optional(alpha=_SHARE),
    "Softmax": _optional(dim=_AXIS),
    "Softplus": _optional(beta=st.sampled_from((0.5, 1.0, 2.0))),
    "MaxPool1d": _pooling(st.integers, dilation=st.integers(1, 3)),
    "MaxPool2d": _pooling(_span, dilation=_span(1, 3)),
    "AvgPool1d": _pooling(st.integers, count_include_pad=_FLAGS),
    "AvgPool2d": _pooling(_span, count_include_pad=_FLAGS),
    "AdaptiveAvgPool2d": _optional(output_size=_span(1, 9)),
    "Upsample": _optional(
        scale_factor=_span(1, 3), mode=st.sampled_from(("nearest", "bilinear", "bicubic"))
    ),
    "Add": _optional(activation=_FUSED),
    "Multiply": _optional(activation=_FUSED),
    "Concat": _optional(dim=_AXIS),
    "Flatten": st.sampled_from(
        ({}, {"start_dim": 2}, {"end_dim": 2}, {"start_dim": 2, "end_dim": 3}, {"start_dim": 3})
    ),
    "Reshape": _optional(
        sizes=st.lists(st.integers(1, 6), max_size=3).map(tuple)
        | st.tuples(st.integers(1, 6), st.just(-1))
    ),
    "CrossEntropyLoss": _optional(label_smoothing=_SHARE),
}


def _tensors(*axes: st.SearchStrategy[int]) -> st.SearchStrategy[TensorType]:
    return st.tuples(*axes).map(lambda sizes: TensorType((BATCH, *sizes)))


_VECTORS = _tensors(_CHANNELS)
_SEQUENCES = _tensors(_CHANNELS, _PIXELS)
_IMAGES = _tensors(_CHANNELS, _PIXELS, _PIXELS)
_ANY = _VECTORS | _SEQUENCES | _IMAGES

# Torch takes more axes than these layers do; what else they refuse is tested family by family.
_ARRIVING = {
    "Conv1d": _SEQUENCES,
    "Linear": _VECTORS | _SEQUENCES,
    "BatchNorm1d": _VECTORS | _SEQUENCES,
    "LayerNorm": _VECTORS | _SEQUENCES,
    "RMSNorm": _VECTORS | _SEQUENCES,
    "MaxPool1d": _SEQUENCES,
    "AvgPool1d": _SEQUENCES,
    **dict.fromkeys(
        (
            "Conv2d",
            "ConvTranspose2d",
            "BatchNorm2d",
            "Dropout2d",
            "MaxPool2d",
            "AvgPool2d",
            "AdaptiveAvgPool2d",
            "GlobalAvgPool2d",
            "Upsample",
        ),
        _IMAGES,
    ),
}


@st.composite
def _alike(draw: st.DrawFn, *, stretch: bool = False) -> tuple[TensorType, ...]:
    """Tensors of one shape, of which each may differ in one size."""
    first = draw(_ANY)
    tensors = [first]
    for _ in range(draw(st.integers(1, 2))):
        sizes = list(first.sizes)
        if draw(_FLAGS):
            sizes[draw(st.integers(1, len(sizes) - 1))] = 1 if stretch else draw(_PIXELS)
        tensors.append(TensorType(tuple(sizes)))
    return tuple(tensors)


@st.composite
def _scores_and_labels(draw: st.DrawFn) -> Inputs:
    scores = draw(_ANY)
    sizes = (scores.sizes[0], *scores.sizes[2:])
    return Inputs({"x": (scores,), "target": (TensorType(sizes, "int", known(scores.sizes[1])),)})


@st.composite
def _numbers_and_numbers(draw: st.DrawFn) -> Inputs:
    target = draw(_ANY)
    return Inputs({"x": (TensorType(target.sizes),), "target": (target,)})


@st.composite
def _answers_and_truths(draw: st.DrawFn) -> Inputs:
    sizes = draw(_ANY).sizes
    truths = draw(
        st.sampled_from((TensorType(sizes), TensorType(sizes, "bool"), TensorType(sizes, "int", 2)))
    )
    return Inputs({"x": (TensorType(sizes),), "target": (truths,)})


def _inputs(kind: str) -> st.SearchStrategy[Inputs]:
    if kind in ("Add", "Concat"):
        return _alike().map(lambda tensors: Inputs({"x": tensors}))
    if kind == "Multiply":
        return _alike(stretch=True).map(lambda tensors: Inputs({"x": tensors}))
    if kind == "CrossEntropyLoss":
        return _scores_and_labels()
    if kind == "BCEWithLogitsLoss":
        return _answers_and_truths()
    if kind in ("MSELoss", "L1Loss"):
        return _numbers_and_numbers()
    return _ARRIVING.get(kind, _ANY).map(lambda x: Inputs({"x": (x,)}))


@st.composite
def cases(draw: st.DrawFn, kind: str) -> tuple[Layer, Inputs]:
    """A layer of a kind with random parameters, and inputs with the axes that it takes."""
    params = draw(_PARAMETERS.get(kind, _NO_PARAMETERS))
    return make_layer(kind, params), draw(_inputs(kind))
