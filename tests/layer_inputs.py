"""Random inputs for every kind of layer: of the axes that it takes, and nearly fitting."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st
from layer_parameters import CHANNELS, FLAGS

from nodes.layer import Layer
from nodes.sizes import BATCH, Size, known
from nodes.tensors import Inputs, TensorType
from nodes.windows import each

_PIXELS = st.integers(1, 9)
_VOXELS = st.integers(1, 6)
_WIDE = st.integers(1, 12)
_RARELY = st.sampled_from((False, False, False, False, False, True))


def _tensors(*axes: st.SearchStrategy[int]) -> st.SearchStrategy[TensorType]:
    return st.tuples(*axes).map(lambda sizes: TensorType((BATCH, *sizes)))


_VECTORS = _tensors(CHANNELS)
_SEQUENCES = _tensors(CHANNELS, _PIXELS)
_STEPS = _tensors(_PIXELS, _WIDE)
_IMAGES = _tensors(CHANNELS, _PIXELS, _PIXELS)
_VOLUMES = _tensors(CHANNELS, _VOXELS, _VOXELS, _VOXELS)
_WAVES = _tensors(st.integers(1, 40)) | _tensors(st.just(1), st.integers(1, 40))
_MAPS = {1: _SEQUENCES, 2: _IMAGES, 3: _VOLUMES}
_ANY = _VECTORS | _SEQUENCES | _IMAGES

# Torch takes more axes than these layers do; what else they refuse is tested family by family.
_ARRIVING = {
    **dict.fromkeys(
        ("Linear", "BatchNorm1d", "LayerNorm", "RMSNorm", "GatedMLP"), _VECTORS | _SEQUENCES
    ),
    **dict.fromkeys(
        (
            "GlobalAvgPool2d",
            "GlobalMaxPool2d",
            "PixelShuffle",
            "PixelUnshuffle",
            "Unfold",
            "SqueezeExcite",
            "PatchEmbedding",
        ),
        _IMAGES,
    ),
    **dict.fromkeys(
        ("Upsample", "Interpolate", "ImageToSequence"), _SEQUENCES | _IMAGES | _VOLUMES
    ),
    **dict.fromkeys(("LocalResponseNorm", "ChannelShuffle"), _SEQUENCES | _IMAGES),
    **dict.fromkeys(
        (
            "CausalSelfAttention",
            "LearnedPositions",
            "SinusoidalPositions",
            "ClassToken",
            "SequenceToImage",
        ),
        _STEPS,
    ),
    "RotaryPositions": _STEPS | _IMAGES,
    "MelSpectrogram": _WAVES,
    "MFCC": _WAVES,
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
        for window, size in zip(layer.windows(), each(layer.output_size, 2), strict=True)  # type: ignore[attr-defined]
    ]
    count = math.prod(windows) + draw(st.sampled_from((0, 0, 0, 1)))
    column = taps * draw(CHANNELS) + draw(st.sampled_from((0, 0, 0, 1)))
    return Inputs({"x": (TensorType((BATCH, column, max(1, count))),)})


@st.composite
def _tokens(draw: st.DrawFn, *, rows: bool = False) -> Inputs:
    axes = draw(st.lists(_PIXELS, min_size=int(rows), max_size=1 if rows else 2))
    classes = draw(st.none() | st.integers(1, 6))
    return Inputs({"x": (TensorType((BATCH, *axes), "int", classes),)})


def _near(draw: st.DrawFn, *sizes: Size) -> TensorType:
    """A tensor of these sizes; now and then one of them is larger by one."""
    numbers = [place for place, size in enumerate(sizes) if isinstance(size, int)]
    wrong = draw(st.sampled_from(numbers)) if draw(_RARELY) else None
    return TensorType(tuple(size + (place == wrong) for place, size in enumerate(sizes)))


@st.composite
def _with_state(draw: st.DrawFn, layer: Any) -> Inputs:
    x = draw(_STEPS)
    given = {"x": (x,)}
    if draw(FLAGS):
        for port, state in zip(layer._state_ports(), layer._states(x), strict=True):
            given[port] = (_near(draw, state.sizes[0], BATCH, state.sizes[2]),)
    return Inputs(given)


@st.composite
def _with_memory(draw: st.DrawFn, layer: Any) -> Inputs:
    given = {"x": (draw(_VECTORS),)}
    if draw(FLAGS):
        for port in layer.info.inputs[1:]:
            given[port.name] = (_near(draw, BATCH, layer.hidden_size),)
    return Inputs(given)


def _mask(draw: st.DrawFn, steps: TensorType) -> TensorType:
    return TensorType(steps.sizes[:2], "bool")


@st.composite
def _attending(draw: st.DrawFn) -> Inputs:
    query = draw(_STEPS)
    given = {"query": (query,)}
    key = query
    if draw(FLAGS):
        key = draw(_STEPS)
        given["key"] = (key,)
        if draw(FLAGS):
            given["value"] = (_near(draw, *key.sizes[:2], draw(_WIDE)),)
    if draw(FLAGS):
        given["mask"] = (_mask(draw, key),)
    return Inputs(given)


@st.composite
def _queries_keys_values(draw: st.DrawFn) -> Inputs:
    leading = (BATCH, *draw(st.lists(CHANNELS, max_size=1)))
    t, s, d, e = (draw(_PIXELS) for _ in range(4))
    key = _near(draw, *leading, s, d)
    return Inputs(
        {
            "query": (TensorType((*leading, t, d)),),
            "key": (key,),
            "value": (TensorType((*leading, s, e)),),
        }
    )


@st.composite
def _reading(draw: st.DrawFn, other: str) -> Inputs:
    """A sequence, and for a decoder another one beside it; masks for some of them."""
    x = draw(_STEPS)
    given = {"x": (x,)}
    if other:
        given[other] = (_near(draw, BATCH, draw(_PIXELS), x.sizes[2]),)
    if draw(FLAGS):
        given["mask"] = (_mask(draw, x),)
    if other == "memory" and draw(FLAGS):
        given["memory_mask"] = (_mask(draw, given["memory"][0]),)
    return Inputs(given)


@st.composite
def _means_and_spreads(draw: st.DrawFn) -> Inputs:
    mean = draw(_ANY)
    return Inputs({"mean": (mean,), "log_variance": (_near(draw, *mean.sizes),)})


@st.composite
def _two(draw: st.DrawFn, *, stretch: bool) -> Inputs:
    """Two tensors of one shape, of which the second may be 1 in some sizes, or wrong."""
    a = draw(_ANY)
    sizes = [1 if stretch and place and draw(FLAGS) else size for place, size in enumerate(a.sizes)]
    return Inputs({"a": (a,), "b": (_near(draw, *sizes),)})


@st.composite
def _choosing(draw: st.DrawFn) -> Inputs:
    both = draw(_two(stretch=True))
    flags = TensorType(both["a"].sizes, "bool")
    return Inputs({"condition": (flags,), "a": (both["a"],), "b": (both["b"],)})


@st.composite
def _matrices(draw: st.DrawFn, layer: Any) -> Inputs:
    leading = (BATCH, *draw(st.lists(CHANNELS, max_size=1)))
    t, s, d = (draw(_PIXELS) for _ in range(3))
    b = (s, d) if layer.transpose_b else (d, s)
    return Inputs({"a": (TensorType((*leading, t, d)),), "b": (_near(draw, *leading, *b),)})


@st.composite
def _named_axes(draw: st.DrawFn, layer: Any) -> Inputs:
    """Tensors as the letters name them."""
    groups, _ = layer._groups()
    sizes = {letter: draw(_PIXELS) for group in groups for letter in group}
    sizes[groups[0][0]] = BATCH
    return Inputs(
        {"x": tuple(_near(draw, *(sizes[letter] for letter in group)) for group in groups)}
    )


@st.composite
def _two_vectors(draw: st.DrawFn) -> Inputs:
    a = draw(_VECTORS | _SEQUENCES)
    return Inputs({"a": (a,), "b": (_near(draw, *a.sizes[:-1], draw(CHANNELS)),)})


@st.composite
def _numbers_of_any_kind(draw: st.DrawFn) -> Inputs:
    x = draw(_ANY)
    return Inputs({"x": (TensorType(x.sizes, draw(st.sampled_from(("float", "int", "bool")))),)})


@st.composite
def _means_spreads_and_targets(draw: st.DrawFn) -> Inputs:
    target = draw(_ANY)
    return Inputs(
        {
            "x": (TensorType(target.sizes),),
            "variance": (_near(draw, *target.sizes),),
            "target": (target,),
        }
    )


@st.composite
def _scores_and_lists(draw: st.DrawFn) -> Inputs:
    x = draw(_VECTORS)
    return Inputs({"x": (x,), "target": (TensorType(_near(draw, *x.sizes).sizes, "int"),)})


@st.composite
def _steps_and_labels(draw: st.DrawFn) -> Inputs:
    labels = TensorType((BATCH, draw(_PIXELS)), "int")
    return Inputs({"x": (draw(_STEPS),), "target": (labels,)})


@st.composite
def _equal(draw: st.DrawFn, *ports: str) -> Inputs:
    """Equal vectors, of which one may be wrong."""
    sizes = draw(_VECTORS).sizes
    given = {port: (TensorType(sizes),) for port in ports}
    return Inputs({**given, ports[-1]: (_near(draw, *sizes),)})


@st.composite
def _ends_and_targets(draw: st.DrawFn) -> Inputs:
    """Two ends for a number, of which there may be more."""
    leading = draw(_VECTORS).sizes
    return Inputs({"x": (_near(draw, *leading, 2),), "target": (TensorType((*leading, 1)),)})


@st.composite
def _two_and_an_answer(draw: st.DrawFn) -> Inputs:
    both = draw(_equal("a", "b"))
    target = TensorType((BATCH,))
    return Inputs({"a": (both["a"],), "b": (both["b"],), "target": (target,)})


_Making = Callable[[Layer], st.SearchStrategy[Inputs]]

_INPUTS: Mapping[str, _Making] = {
    **dict.fromkeys(
        ("Add", "Concat", "Stack"), lambda _: _alike().map(lambda tensors: Inputs({"x": tensors}))
    ),
    "Multiply": lambda _: _alike(stretch=True).map(lambda tensors: Inputs({"x": tensors})),
    **dict.fromkeys(
        ("Subtract", "Divide", "Maximum", "Minimum", "CosineSimilarity", "PairwiseDistance"),
        lambda _: _two(stretch=True),
    ),
    "Where": lambda _: _choosing(),
    "MatMul": _matrices,
    "Einsum": _named_axes,
    "Bilinear": lambda _: _two_vectors(),
    "OneHot": lambda _: _tokens(),
    **dict.fromkeys(
        ("Compare", "ToFloat", "Positions", "Constant", "Permute", "Transpose", "Select"),
        lambda _: _numbers_of_any_kind(),
    ),
    **dict.fromkeys(
        ("CrossEntropyLoss", "NLLLoss", "MultiMarginLoss", "DiceLoss"),
        lambda _: _scores_and_labels(),
    ),
    **dict.fromkeys(
        ("BCEWithLogitsLoss", "BCELoss", "SoftMarginLoss", "MultiLabelSoftMarginLoss"),
        lambda _: _answers_and_truths(),
    ),
    **dict.fromkeys(
        (
            "MSELoss",
            "L1Loss",
            "SmoothL1Loss",
            "HuberLoss",
            "PoissonNLLLoss",
            "KLDivLoss",
            "HingeEmbeddingLoss",
        ),
        lambda _: _numbers_and_numbers(),
    ),
    "GaussianNLLLoss": lambda _: _means_spreads_and_targets(),
    "GaussianKLLoss": lambda _: _equal("x", "log_variance"),
    "QuantileLoss": lambda _: _ends_and_targets(),
    "DistillationLoss": lambda _: _equal("x", "teacher"),
    "NTXentLoss": lambda _: _equal("a", "b"),
    "MultiLabelMarginLoss": lambda _: _scores_and_lists(),
    "CTCLoss": lambda _: _steps_and_labels(),
    "TripletMarginLoss": lambda _: _equal("anchor", "positive", "negative"),
    "MarginRankingLoss": lambda _: _equal("a", "b", "target"),
    "CosineEmbeddingLoss": lambda _: _two_and_an_answer(),
    **{f"MaxUnpool{axes}d": lambda _, axes=axes: _numbers_and_places(axes) for axes in (1, 2, 3)},
    "Fold": _windows,
    "Embedding": lambda _: _tokens(),
    "EmbeddingBag": lambda _: _tokens(rows=True),
    **dict.fromkeys(("RNN", "GRU", "LSTM"), _with_state),
    **dict.fromkeys(("RNNCell", "GRUCell", "LSTMCell"), _with_memory),
    "MultiheadAttention": lambda _: _attending(),
    "ScaledDotProductAttention": lambda _: _queries_keys_values(),
    **dict.fromkeys(("TransformerEncoderLayer", "TransformerEncoder"), lambda _: _reading("")),
    **dict.fromkeys(
        ("TransformerDecoderLayer", "TransformerDecoder"), lambda _: _reading("memory")
    ),
    "Transformer": lambda _: _reading("written"),
    "VariationalSampler": lambda _: _means_and_spreads(),
}
"""Inputs by kind, where it takes more than one tensor of real numbers."""


def inputs_of(kind: str, layer: Layer) -> st.SearchStrategy[Inputs]:
    """Return inputs with the axes that a layer takes."""
    if kind in _INPUTS:
        return _INPUTS[kind](layer)
    return _arriving(kind).map(lambda x: Inputs({"x": (x,)}))
