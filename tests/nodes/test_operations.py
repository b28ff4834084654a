"""What tensor operations write, say and refuse; shapes are judged in test_layers."""

from typing import Any

import pytest

from nodes.catalogue import make_layer
from nodes.errors import ParameterError, ShapeError
from nodes.sizes import BATCH, Size, symbol
from nodes.tensors import Inputs, TensorType


def one(*sizes: Size) -> Inputs:
    return Inputs({"x": (TensorType((BATCH, *sizes)),)})


def two(a: tuple[Size, ...], b: tuple[Size, ...]) -> Inputs:
    return Inputs({"a": (TensorType((BATCH, *a)),), "b": (TensorType((BATCH, *b)),)})


def refused(kind: str, params: dict[str, Any], inputs: Inputs) -> ShapeError:
    with pytest.raises(ShapeError) as caught:
        make_layer(kind, params).infer(inputs)
    return caught.value


def offered(error: ShapeError) -> list[dict[str, object]]:
    """Return the parameters that are offered; what arrives can be made wider beside."""
    return [dict(remedy.params) for remedy in error.remedies if remedy.action != "widen"]


@pytest.mark.parametrize(
    ("kind", "params", "expression", "card"),
    [
        ("Select", {}, "{x}[:, -1]", "[-1]"),
        ("Select", {"dim": 2, "index": 0}, "{x}[:, :, 0]", "axis 2 · [0]"),
        ("Slice", {"start": 1, "step": 2}, "{x}[:, 1::2]", "1::2"),
        ("Slice", {"dim": -1, "stop": -1}, "{x}[:, :, :, :-1]", "axis -1 · :-1"),
        ("Chunk", {}, "{x}.chunk(2, dim=1)", "2 parts"),
        ("Split", {"sizes": [2, 4]}, "{x}.split((2, 4), dim=1)", "2 + 4"),
        ("Split", {"sizes": [6]}, "{x}.split((6,), dim=1)[0]", "6"),
        ("Permute", {"order": [2, 3, 1]}, "{x}.permute(0, 2, 3, 1)", "2, 3, 1"),
        ("Transpose", {}, "{x}.transpose(1, 2)", "1 ↔ 2"),
        ("Unsqueeze", {"dim": -1}, "{x}.unsqueeze(-1)", "axis -1"),
        ("Flip", {}, "{x}.flip(1)", "axis 1"),
        ("Mean", {"dims": [2, 3]}, "{x}.mean(dim=(2, 3))", "axes 2, 3"),
        ("Max", {"keepdim": True}, "{x}.amax(dim=-1, keepdim=True)", "axis -1"),
        ("Std", {}, "{x}.std(dim=-1, correction=0)", "axis -1"),
        ("Var", {"unbiased": True}, "{x}.var(dim=-1)", "axis -1"),
        ("ArgMax", {}, "{x}.argmax(dim=1)", ""),
        ("Normalize", {}, "F.normalize({x}, dim=-1)", ""),
        ("Power", {"exponent": 3}, "{x}.pow(3.0)", "p 3"),
        ("Scale", {"factor": 2}, "{x} * 2.0", "×2"),
        ("Scale", {"factor": 2, "offset": -1}, "{x} * 2.0 - 1.0", "×2 − 1"),
        ("Scale", {}, "{x} + 0.0", "×1"),
        ("Clamp", {"highest": 1}, "{x}.clamp(min=0.0, max=1.0)", "from 0 · to 1"),
        ("Clamp", {"lowest": None, "highest": 1}, "{x}.clamp(max=1.0)", "to 1"),
        ("Compare", {"relation": "above", "value": 0.5}, "{x} > 0.5", "above 0.5"),
        ("Compare", {}, "{x} == 0.0", "= 0"),
        (
            "Constant",
            {"value": 1.5},
            "torch.full(({x}.shape[0], 1), 1.5, device={x}.device)",
            "1.5",
        ),
        ("Unflatten", {}, "{module}({x})", "axis 1 · 2×…"),
        ("Interpolate", {}, "F.interpolate({x}, size=28)", "to 28×28"),
    ],
)
def test_an_operation_is_written_as_people_write_it(
    kind: str, params: dict[str, Any], expression: str, card: str
) -> None:
    layer = make_layer(kind, params)

    assert layer.lower(one(6, 4, 4)).expression == expression
    assert layer.on_card(None) == card


def test_whole_numbers_are_compared_with_whole_numbers() -> None:
    tokens = Inputs({"x": (TensorType((BATCH, 5), "int", 9),)})

    assert make_layer("Compare", {}).lower(tokens).expression == "{x} == 0"


def test_the_winner_is_one_of_as_many_classes() -> None:
    (label,) = make_layer("ArgMax", {}).infer(one(10))
    (free,) = make_layer("ArgMax", {"dim": 2}).infer(one(3, symbol("T")))

    assert (label.dtype, label.classes, label.sizes) == ("int", 10, (BATCH,))
    assert free.classes is None


def test_parts_are_outputs_of_their_own() -> None:
    chunk, split = make_layer("Chunk", {"parts": 3}), make_layer("Split", {"sizes": [1, 5]})

    assert [port.name for port in chunk.outputs()] == ["y1", "y2", "y3"]
    assert [y.sizes[1] for y in split.infer(one(6))] == [1, 5]


@pytest.mark.parametrize(
    ("kind", "params", "sizes", "remedies"),
    [
        ("Select", {"index": 6}, (6,), [{"index": -1}]),
        ("Slice", {"start": 6}, (6,), [{"start": 0, "stop": None}]),
        ("Chunk", {"parts": 4}, (6,), [{"parts": 3}, {"parts": 6}]),
        ("Split", {"sizes": [2, 5]}, (6,), [{"sizes": [2, 4]}]),
        ("Split", {"sizes": [7, 5]}, (6,), []),
        ("Permute", {}, (3, 4, 5), [{"order": [2, 3, 1]}]),
        ("Permute", {}, (3,), []),
        ("Transpose", {"second": 4}, (3, 4), [{"first": -2, "second": -1}]),
        ("Squeeze", {"dim": 2}, (1, 4), [{"dim": 1}]),
        ("Expand", {}, (3, 4), []),
        ("Unflatten", {"parts": 4}, (6,), [{"parts": 3}, {"parts": 6}]),
        ("Mean", {"dims": [1, -1]}, (6,), [{"dims": [1]}]),
        ("Mean", {"dims": [3]}, (6,), [{"dims": [1]}]),
        ("Std", {"unbiased": True}, (1,), [{"unbiased": False}]),
        ("PixelShuffle", {}, (6, 2, 2), [{"out_channels": 8}]),
        ("GLU", {}, (5,), []),
        ("PReLU", {"per_channel": True}, (), [{"per_channel": False}]),
        ("LocalResponseNorm", {}, (5,), [{"sizes": [5, 1, 1]}]),
        ("ChannelShuffle", {}, (5,), [{"sizes": [5, 1, 1]}]),
        ("Positions", {}, (), []),
    ],
)
def test_what_does_not_fit_is_mended_where_there_is_a_way(
    kind: str, params: dict[str, Any], sizes: tuple[int, ...], remedies: list[dict[str, object]]
) -> None:
    assert offered(refused(kind, params, one(*sizes))) == remedies


@pytest.mark.parametrize(
    ("kind", "params", "why"),
    [
        ("Permute", {"order": [1, 3]}, "Each axis from 1 up must stand in it once."),
        ("Transpose", {"first": 0}, "Axis 0 is the batch, which stays first."),
        ("Mean", {"dims": []}, "There would be nothing to take together."),
        ("Clamp", {"lowest": None}, "Neither the lowest nor the highest is set."),
        ("Clamp", {"lowest": 2, "highest": 1}, "The highest is 1."),
        ("Hardtanh", {"min_val": 2}, "The highest is 1."),
        ("RReLU", {"lower_slope": 0.5}, "The highest slope is 0.333333."),
        ("Split", {"sizes": []}, "Each is an output of its own: from 1 to 64 of them."),
        ("Einsum", {"equation": "b d"}, "Letters a to z name the axes"),
        ("Einsum", {"equation": "bdd->b"}, "A letter stands once in each group."),
        ("Einsum", {"equation": "bd->bt"}, "The result has letters that no input has."),
        ("Einsum", {"equation": "bd,db->bd"}, "The batch comes first everywhere"),
    ],
)
def test_parameters_that_do_not_go_together_are_refused(
    kind: str, params: dict[str, Any], why: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        make_layer(kind, params)

    assert caught.value.why.startswith(why)


def test_matrices_that_fit_when_turned_are_turned() -> None:
    error = refused("MatMul", {}, two((5, 8), (7, 8)))

    assert offered(error) == [{"transpose_b": True}]
    assert offered(refused("MatMul", {"transpose_b": True}, two((5, 8), (8, 7)))) == [
        {"transpose_b": False}
    ]
    assert (
        refused("MatMul", {}, two((8,), (8,))).title == "MatMul needs two matrices for each sample"
    )
    assert make_layer("MatMul", {"transpose_b": True}).on_card(None) == "A·Bᵀ"


def test_shapes_without_a_common_one_are_told() -> None:
    assert refused("Subtract", {}, two((3, 4), (3, 5))).why == "It receives 3×4 and 3×5."
    assert refused("PairwiseDistance", {}, two((), ())).reason == "needs vectors"
    assert refused("Bilinear", {}, two((3, 4), (3,))).reason == "needs two vectors"


def test_flags_choose() -> None:
    numbers = TensorType((BATCH, 3))

    error = refused(
        "Where", {}, Inputs({"condition": (numbers,), "a": (numbers,), "b": (numbers,)})
    )

    assert error.reason == "needs flags"


def test_letters_name_every_input_and_axis() -> None:
    x, y = TensorType((BATCH, 3, 4)), TensorType((BATCH, 5, 6))

    assert refused("Einsum", {}, Inputs({"x": (x,)})).reason == "inputs do not fit"
    assert refused("Einsum", {}, Inputs({"x": (x, y)})).title == "“d” is 4 and 6"
    assert refused("Einsum", {"equation": "bd->b"}, Inputs({"x": (x,)})).title == (
        "“bd” names 2 axes"
    )


def test_a_constant_and_a_stack_need_what_they_are_made_from() -> None:
    scalar = TensorType(())
    x, y = TensorType((BATCH, 3)), TensorType((BATCH, 4))

    assert refused("Constant", {}, Inputs({"x": (scalar,)})).reason == "needs a batch"
    assert refused("Stack", {}, Inputs({"x": (x, y)})).title == "Stack needs two equal shapes"
    assert make_layer("Stack", {"dim": -1}).on_card(Inputs({"x": (x, x)})) == "2 inputs · axis -1"
    assert make_layer("Stack", {"dim": -1}).on_card(None) == "axis -1"


def test_a_stretch_of_an_open_length_is_counted_from_one_side() -> None:
    length = symbol("T")

    (rest,) = make_layer("Slice", {"start": 1, "stop": -1}).infer(one(length))

    assert str(rest.sizes[1]) == "T-2"
    assert refused("Slice", {"start": -2}, one(length)).reason == "size is open"


@pytest.mark.parametrize(
    ("kind", "params", "sizes", "title"),
    [
        ("Upsample", {"mode": "linear"}, (3, 8, 8), "Upsample cannot blend 3×8×8 as “linear”"),
        (
            "Upsample",
            {"scale_factor": [2, 3]},
            (3, 8),
            "Upsample needs one number for all axes here",
        ),
        ("Interpolate", {}, (3,), "Interpolate needs an image (channels×height×width)"),
        ("PixelUnshuffle", {}, (3, 7, 8), "2 does not divide 7×8"),
        ("InstanceNorm2d", {}, (3, 1, 1), "InstanceNorm2d needs more than one place"),
        (
            "ConstantPad3d",
            {},
            (3, 4, 4),
            "ConstantPad3d needs a volume (channels×depth×height×width)",
        ),
        ("CircularPad1d", {"padding": 5}, (3, 4), "The padding is larger than the sequence"),
        ("MaxUnpool2d", {"padding": 3}, (3, 2, 2), "The padding cuts everything away"),
        (
            "FractionalMaxPool2d",
            {"output_size": 5},
            (3, 4, 4),
            "The image is too small for 5×5 windows",
        ),
        ("FractionalMaxPool3d", {}, (3, 1, 1, 1), "The volume is too small for 1×1×1 windows"),
        ("Unfold", {"kernel_size": 5}, (3, 4, 4), "The windows are larger than the image"),
        ("Fold", {"kernel_size": 3}, (8, 4), "9 does not divide 8"),
        ("Fold", {"kernel_size": 2, "output_size": 3}, (8, 5), "4 windows make 3×3"),
        (
            "Fold",
            {"kernel_size": 5, "output_size": 3},
            (25, 5),
            "The windows are larger than the image",
        ),
        ("ConvTranspose1d", {"padding": 9}, (3, 2), "The padding cuts the whole sequence away"),
        (
            "AvgPool3d",
            {"kernel_size": 3, "padding": 1},
            (3, 2, 2, 2),
            "The volume becomes smaller than 1 voxel",
        ),
    ],
)
def test_a_map_that_does_not_fit_is_refused(
    kind: str, params: dict[str, Any], sizes: tuple[int, ...], title: str
) -> None:
    inputs = one(*sizes)
    if kind == "MaxUnpool2d":
        x = inputs["x"]
        inputs = Inputs({"x": (x,), "indices": (TensorType(x.sizes, "int"),)})

    assert refused(kind, params, inputs).title == title


@pytest.mark.parametrize(
    ("kind", "params", "card"),
    [
        ("Conv3d", {"kernel_size": [1, 3, 3]}, "16 · 1×3×3"),
        ("ConvTranspose1d", {}, "16 · 2 · stride 2"),
        ("MaxUnpool1d", {}, "2"),
        ("ConstantPad2d", {"padding": [1, 2], "value": 1}, "1×2 · value 1"),
        ("ZeroPad1d", {}, "1"),
        ("FractionalMaxPool2d", {}, "2×2 · to 1×1"),
        ("Unfold", {"stride": 2}, "3×3 · stride 2"),
        ("Fold", {}, "to 28×28 · 3×3"),
        ("PixelShuffle", {}, "×2"),
        ("PixelUnshuffle", {}, "÷2"),
        ("SqueezeExcite", {}, "÷4"),
        ("Interpolate", {"mode": "area"}, "to 28×28 · area"),
    ],
)
def test_the_card_shows_what_matters(kind: str, params: dict[str, Any], card: str) -> None:
    assert make_layer(kind, params).on_card(None) == card
