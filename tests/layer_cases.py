"""Random layers with inputs that come near to fitting, for tests that hold for every kind."""

import math

from hypothesis import strategies as st
from layer_parameters import CHANNELS, FLAGS, PARAMETERS

from nodes.catalogue import LAYERS, make_layer
from nodes.layer import Layer
from nodes.sizes import BATCH, known
from nodes.tensors import Inputs, TensorType
from nodes.windows import each

COMPUTING = tuple(kind for kind, layer in LAYERS.items() if layer.info.role in ("layer", "loss"))

_PIXELS = st.integers(1, 9)
_VOXELS = st.integers(1, 6)


def _tensors(*axes: st.SearchStrategy[int]) -> st.SearchStrategy[TensorType]:
    return st.tuples(*axes).map(lambda sizes: TensorType((BATCH, *sizes)))


_VECTORS = _tensors(CHANNELS)
_SEQUENCES = _tensors(CHANNELS, _PIXELS)
_IMAGES = _tensors(CHANNELS, _PIXELS, _PIXELS)
_VOLUMES = _tensors(CHANNELS, _VOXELS, _VOXELS, _VOXELS)
_MAPS = {1: _SEQUENCES, 2: _IMAGES, 3: _VOLUMES}
_ANY = _VECTORS | _SEQUENCES | _IMAGES

# Torch takes more axes than these layers do; what else they refuse is tested family by family.
_ARRIVING = {
    **dict.fromkeys(("Linear", "BatchNorm1d", "LayerNorm", "RMSNorm"), _VECTORS | _SEQUENCES),
    **dict.fromkeys(
        ("GlobalAvgPool2d", "GlobalMaxPool2d", "PixelShuffle", "PixelUnshuffle", "Unfold"), _IMAGES
    ),
    **dict.fromkeys(("Upsample", "Interpolate"), _SEQUENCES | _IMAGES | _VOLUMES),
    **dict.fromkeys(("LocalResponseNorm", "ChannelShuffle"), _SEQUENCES | _IMAGES),
}


def _arriving(kind: str) -> st.SearchStrategy[TensorType]:
    if kind in _ARRIVING:
        return _ARRIVING[kind]
    return _MAPS[int(kind[-2])] if kind[-2:] in ("1d", "2d", "3d") else _ANY


@st.composite
def _alike(draw: st.DrawFn, *, stretch: bool = False) -> tuple[TensorType, ...]:
    """Tensors of one shape, of which each may differ in one size."""
    first = draw(_ANY)
    tensors = [first]
    for _ in range(draw(st.integers(1, 2))):
        sizes = list(first.sizes)
        if draw(FLAGS):
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


@st.composite
def _numbers_and_places(draw: st.DrawFn, axes: int) -> Inputs:
    x = draw(_MAPS[axes])
    return Inputs({"x": (x,), "indices": (TensorType(x.sizes, "int"),)})


@st.composite
def _windows(draw: st.DrawFn, layer: Layer) -> Inputs:
    """As many columns as the windows of an image, or one more."""
    taps = math.prod(each(layer.kernel_size, 2))  # type: ignore[attr-defined]
    windows = [
        max(0, window.places(size))
        for window, size in zip(layer._windows(), each(layer.output_size, 2), strict=True)  # type: ignore[attr-defined]
    ]
    count = math.prod(windows) + draw(st.sampled_from((0, 0, 0, 1)))
    column = taps * draw(CHANNELS) + draw(st.sampled_from((0, 0, 0, 1)))
    return Inputs({"x": (TensorType((BATCH, column, max(1, count))),)})


def _inputs(kind: str, layer: Layer) -> st.SearchStrategy[Inputs]:
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
    if kind.startswith("MaxUnpool"):
        return _numbers_and_places(int(kind[-2]))
    if kind == "Fold":
        return _windows(layer)
    return _arriving(kind).map(lambda x: Inputs({"x": (x,)}))


@st.composite
def cases(draw: st.DrawFn, kind: str) -> tuple[Layer, Inputs]:
    """A layer of a kind with random parameters, and inputs with the axes that it takes."""
    layer = make_layer(kind, draw(PARAMETERS[kind]) if kind in PARAMETERS else {})
    return layer, draw(_inputs(kind, layer))
