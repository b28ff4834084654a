"""What holds for every kind of layer; torch is the judge."""

import inspect
from pathlib import Path

import msgspec
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_cases import COMPUTING, cases
from torch import Tensor, nn
from torch_judge import judge, run, sizes_of

from nodes import modules
from nodes.catalogue import LAYERS, make_layer
from nodes.errors import ShapeError
from nodes.layer import Layer
from nodes.params import fields_of
from nodes.sizes import BATCH, Size, substitute, symbol
from nodes.tensors import Inputs, TensorType
from resources import path

every_kind = pytest.mark.parametrize("kind", COMPUTING)
_STRICTER = {
    "Add": "torch spreads a size of 1, which is rarely what a skip connection means",
    "LearnedPositions": "torch spreads a single position over all steps",
    "Squeeze": "torch leaves a wider axis as it is",
    "Chunk": "torch makes the last part smaller",
    "Std": "torch gives no number where there is nothing to divide by",
    "Var": "torch gives no number where there is nothing to divide by",
    **dict.fromkeys(
        ("TripletMarginLoss", "MarginRankingLoss", "Einsum"), "torch spreads a size of 1"
    ),
    **dict.fromkeys(("DistillationLoss", "NTXentLoss"), "torch spreads a size of 1"),
    **dict.fromkeys(("GaussianKLLoss", "QuantileLoss"), "torch spreads a size of 1"),
    "CosineEmbeddingLoss": "torch spreads a size of 1",
    "VariationalSampler": "torch spreads a size of 1",
    "RotaryPositions": "half a pair of features would be turned with a whole one",
    "CausalSelfAttention": "half a pair of features would be turned with a whole one",
    "ScaledDotProductAttention": "which steps of another sequence are later is open",
    "MultiheadAttention": "which steps of another sequence are later is open",
    "RandomView": "it is looked at outside of training, where nothing is turned",
    "Upsample": "a pair of factors is for images",
    "Interpolate": "a pair of sizes is for images",
    "Reshape": "without sizes that fit there is no call to try",
}
"""Kinds that refuse by design some of what torch takes."""

_OURS_ALONE = {
    *("Add", "Multiply", "Concat", "Reshape"),
    *("GlobalAvgPool2d", "GlobalMaxPool2d", "Interpolate"),
    *("GatedMLP", "SqueezeExcite", "VariationalSampler", "MelSpectrogram", "MFCC"),
    *("CausalSelfAttention", "ScaledDotProductAttention"),
    *("LearnedPositions", "SinusoidalPositions", "RotaryPositions"),
    *("Stack", "Subtract", "Divide", "MatMul", "Maximum", "Minimum", "Where", "Compare"),
    *("Permute", "Transpose", "Unsqueeze", "Squeeze", "Expand", "Flip"),
    *("Select", "Slice", "Chunk", "Split", "Einsum"),
    *("Mean", "Sum", "Max", "Min", "Std", "Var", "Norm", "LogSumExp", "ArgMax"),
    *("CumulativeSum", "Normalize", "Standardize", "OneHot", "Positions", "Constant", "ToFloat"),
    *("Exp", "Log", "Sqrt", "Square", "Power", "Abs", "Negate", "Reciprocal", "Sin", "Cos"),
    *("Scale", "Clamp"),
    *("GaussianKLLoss", "AdversarialLoss", "DistillationLoss", "NTXentLoss"),
    "QuantileLoss",
    *("Noise", "Detach", "RandomView", "DiceLoss"),
    *("PatchEmbedding", "ClassToken", "ImageToSequence", "SequenceToImage"),
}
"""Kinds that torch has no module for."""

_OWN_WORK = {
    *("Subtract", "Divide", "Multiply", "Add", "Scale"),
    *("ImageToSequence", "SequenceToImage"),
}
"""Kinds that come from nowhere in particular."""

_NEEDS_NUMBERS = {
    "QuantileLoss": "whether a band has two ends cannot be known",
    "Expand": "whether a free size is 1 cannot be known",
    **dict.fromkeys(
        ("Chunk", "Split", "Unflatten", "GLU", "PixelUnshuffle"),
        "whether a free size divides cannot be known",
    ),
    "Reshape": "whether a free size divides cannot be known",
    "Slice": "where a stretch ends that is counted from both sides cannot be known",
    "MatMul": "a letter and a number are not known to be equal",
    "Einsum": "a letter and a number are not known to be equal",
    "ScaledDotProductAttention": "a letter and a number are not known to be equal",
}
"""Kinds that cannot say what becomes of a size that is not known."""

_TAKES_LABELS = {
    **dict.fromkeys(("Flatten", "Reshape"), "moves numbers of any kind"),
    **dict.fromkeys(
        ("Permute", "Transpose", "Unsqueeze", "Squeeze", "Expand", "Flip", "Unflatten"),
        "moves numbers of any kind",
    ),
    **dict.fromkeys(("Identity", "Select", "Slice", "Chunk", "Split"), "moves numbers of any kind"),
    **dict.fromkeys(("Embedding", "EmbeddingBag", "OneHot"), "looks up whole numbers"),
    **dict.fromkeys(("Compare", "ToFloat"), "makes flags and real numbers of all"),
    "Detach": "passes on numbers of any kind",
    **dict.fromkeys(("Positions", "Constant", "Noise"), "looks at the shape alone"),
}
"""Kinds that take whole numbers."""

_UNCOUNTED = {
    "Bilinear": "torch's own counter does not see its products",
    "NTXentLoss": "its products grow with the batch",
}
"""Kinds whose multiplications have tests of their own."""

each_layer = pytest.mark.parametrize("kind", list(LAYERS))


@every_kind
@settings(max_examples=15)
@given(data=st.data())
def test_the_shape_rule_agrees_with_torch(kind: str, data: st.DataObject) -> None:
    layer, inputs = data.draw(cases(kind))

    _agree(kind, layer, inputs)


@pytest.mark.parametrize(
    "kind", ["Conv2d", "ConvTranspose2d", "MaxPool2d", "AvgPool2d", "Concat", "Slice"]
)
@settings(max_examples=100)
@given(data=st.data())
def test_rules_with_many_parameters_agree_on_many_of_them(kind: str, data: st.DataObject) -> None:
    layer, inputs = data.draw(cases(kind))

    _agree(kind, layer, inputs)


def _agree(kind: str, layer: Layer, inputs: Inputs) -> None:
    ours = _inferred(layer, inputs)
    if ours is None and (kind in _STRICTER or _names_the_batch(layer, inputs)):
        return
    theirs = judge(layer, inputs)
    if (ours is None) != (theirs is None):
        # The meta device lets some of it pass that torch refuses when it computes, and cannot do
        # some of what torch can.
        theirs = judge(layer, inputs, "cpu")
    assert _sizes(ours) == (theirs and [tuple(output.shape) for output in theirs.outputs])


def _names_the_batch(layer: Layer, inputs: Inputs) -> bool:
    """Whether an axis is refused: the batch is one like any other for torch."""
    problem = _problem(layer, inputs)
    return problem is not None and problem.reason == "no such axis"


def _sizes(types: tuple[TensorType, ...] | None) -> list[tuple[int, ...]] | None:
    return None if types is None else [sizes_of(tensor) for tensor in types]


@every_kind
@settings(max_examples=8)
@given(data=st.data())
def test_the_figures_are_those_of_the_real_module(kind: str, data: st.DataObject) -> None:
    layer, inputs = data.draw(cases(kind))
    types = _inferred(layer, inputs)
    if types is None:
        return

    verdict = run(layer, inputs, "cpu")

    assert layer.parameters(inputs) == verdict.parameters
    assert layer.buffers(inputs) == verdict.buffers
    if kind not in _UNCOUNTED:
        # What the meta device cannot do is counted where it is computed.
        counted = judge(layer, inputs, counts=True) or run(layer, inputs, "cpu", counts=True)
        assert layer.multiply_adds(inputs, types) == counted.multiply_adds
    assert _sizes(types) == [output.shape for output in verdict.outputs]
    assert [tensor.dtype for tensor in types] == [_kind(output) for output in verdict.outputs]


def _kind(output: Tensor) -> str:
    if output.is_floating_point():
        return "float"
    return "bool" if output.dtype == torch.bool else "int"


@every_kind
@settings(max_examples=8)
@given(data=st.data())
def test_free_sizes_give_what_known_sizes_give(kind: str, data: st.DataObject) -> None:
    layer, known = data.draw(cases(kind))
    concrete = _inferred(layer, known)
    if concrete is None:
        return
    free, values = _freed(known)

    symbolic = _inferred(layer, free)

    if symbolic is None and kind in _NEEDS_NUMBERS:
        return
    assert symbolic is not None
    assert [_substituted(tensor, values) for tensor in symbolic] == [y.sizes for y in concrete]
    assert layer.explain(free, symbolic) == "" or layer.explain(known, concrete) != ""


def _substituted(tensor: TensorType, values: dict[str, Size]) -> tuple[Size, ...]:
    return tuple(substitute(size, values) for size in tensor.sizes)


@every_kind
@settings(max_examples=12)
@given(data=st.data())
def test_setting_what_a_remedy_says_mends_that_problem(kind: str, data: st.DataObject) -> None:
    layer, inputs = data.draw(cases(kind))
    problem = _problem(layer, inputs)

    if problem is None:
        return
    for remedy in problem.remedies:
        if remedy.action == "set_params" and not remedy.target:
            params = {**msgspec.structs.asdict(layer), **remedy.params}
            left = _problem(make_layer(kind, params), inputs)
            assert left is None or left.shape_code != problem.shape_code, remedy


@every_kind
@settings(max_examples=5)
@given(data=st.data())
def test_a_layer_survives_the_project_file(kind: str, data: st.DataObject) -> None:
    layer, _ = data.draw(cases(kind))

    stored = msgspec.json.decode(msgspec.json.encode(msgspec.structs.asdict(layer)))

    assert make_layer(kind, stored) == layer


@every_kind
@settings(max_examples=6)
@given(data=st.data())
def test_the_source_leaves_out_what_is_torchs_default(kind: str, data: st.DataObject) -> None:
    layer, inputs = data.draw(cases(kind))
    call = None if _problem(layer, inputs) else layer.lower(inputs).module
    if call is None:
        return

    arguments = inspect.signature(_class_of(call.target)).parameters
    required = [name for name, one in arguments.items() if one.default is inspect.Parameter.empty]

    for name, value in call.kwargs:
        assert name not in arguments or value != arguments[name].default, call.source()
    # What must be given stands first, without a name; of what need not, at most one.
    assert len(call.args) <= max(len(required), 1), call.source()


def _class_of(target: str) -> type[nn.Module]:
    name = target.removeprefix("nn.")
    if name in ("RNN", "GRU", "LSTM"):
        return nn.RNNBase  # Theirs are not told.
    found = getattr(nn if name != target else modules, name)
    assert isinstance(found, type)
    return found


@each_layer
def test_every_parameter_has_a_default_so_that_a_new_layer_works_at_once(kind: str) -> None:
    assert make_layer(kind, {}) == LAYERS[kind]()
    assert not any(field.required for field in fields_of(LAYERS[kind]))


@each_layer
def test_every_layer_and_parameter_is_explained(kind: str) -> None:
    info = LAYERS[kind].info

    assert info.title == kind or info.role == "loss", "losses are named for what they compare"
    assert info.summary.endswith(".") and info.when.endswith(".") and info.shape
    assert info.aliases and len(set(info.aliases)) == len(info.aliases)
    for field in fields_of(LAYERS[kind]):
        assert field.param.label[0].isupper(), field.name
        assert field.param.help.endswith("."), field.name
        for value in field.param.suggest:
            example = [value] if field.editor == "ints" else value
            assert make_layer(kind, {field.name: example}) is not None, field.name


@every_kind
def test_whoever_reads_about_a_layer_finds_where_it_comes_from(kind: str) -> None:
    info = LAYERS[kind].info

    assert info.reference or info.link or kind in _OWN_WORK
    assert bool(info.link.startswith("https://docs.pytorch.org/")) == bool(info.link)


@each_layer
def test_every_glyph_is_an_icon(kind: str) -> None:
    info = LAYERS[kind].info

    assert Path(path("icons", f"{info.glyph or f'category-{info.category}'}.svg")).is_file()


@every_kind
def test_a_kind_is_named_as_in_torch(kind: str) -> None:
    assert hasattr(nn, kind) != (kind in _OURS_ALONE)


@each_layer
def test_a_card_can_be_written_before_anything_is_connected(kind: str) -> None:
    assert isinstance(make_layer(kind, {}).on_card(None), str)


@every_kind
def test_no_layer_computes_with_a_label(kind: str) -> None:
    if kind in _TAKES_LABELS:
        return
    layer = make_layer(kind, {})
    labels = TensorType((BATCH,), "int", 10)

    with pytest.raises(ShapeError) as caught:
        layer.infer(Inputs({port.name: (labels, labels) for port in layer.inputs()}))

    assert caught.value.shape_code == "LL-S004"


def _inferred(layer: Layer, inputs: Inputs) -> tuple[TensorType, ...] | None:
    try:
        return layer.infer(inputs)
    except ShapeError:
        return None


def _problem(layer: Layer, inputs: Inputs) -> ShapeError | None:
    try:
        layer.infer(inputs)
    except ShapeError as error:
        return error
    return None


def _freed(inputs: Inputs) -> tuple[Inputs, dict[str, Size]]:
    """Put letters in the place of heights, widths and lengths: equal ones for equal sizes."""
    values: dict[str, Size] = {}
    by_port = {}
    for port, tensors in inputs.key():
        # Labels have no axis of channels before the others.
        x = inputs.get("x") or tensors[0]
        first = 1 if port == "target" and tensors[0].rank < x.rank else 2
        if tensors[0].sizes[0] != BATCH:
            first = 3  # A state: layers, batch, size.
        by_port[port] = tuple(_with_letters(tensor, first, values) for tensor in tensors)
    return Inputs(by_port), values


def _with_letters(tensor: TensorType, first: int, values: dict[str, Size]) -> TensorType:
    sizes = list(tensor.sizes)
    for place in range(first, tensor.rank):
        # A size of 1 stretches, a letter does not.
        if sizes[place] != 1:
            values[f"S{sizes[place]}"] = sizes[place]
            sizes[place] = symbol(f"S{sizes[place]}")
    return TensorType(tuple(sizes), tensor.dtype, tensor.classes)
