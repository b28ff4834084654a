"""What layers with several inputs refuse, and how their inputs are brought together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.catalogue import make_layer
from nodes.errors import ShapeError
from nodes.sizes import BATCH, Size, symbol
from nodes.tensors import Inputs, TensorType


def several(*shapes: tuple[Size, ...]) -> Inputs:
    return Inputs({"x": tuple(TensorType((BATCH, *shape)) for shape in shapes)})


def refused(kind: str, *shapes: tuple[Size, ...], **params: object) -> ShapeError:
    with pytest.raises(ShapeError) as caught:
        make_layer(kind, params).infer(several(*shapes))
    return caught.value


def test_a_skip_of_another_size_is_brought_to_shape_by_a_convolution() -> None:
    error = refused("Add", (32, 7, 7), (16, 14, 14))

    assert error.title == "Add needs two equal shapes"
    assert error.why == "Input 1 is 32×7×7, input 2 is 16×14×14."
    assert error.reason == "shapes differ"
    assert error.shape_code == "LL-S012"
    (remedy,) = error.remedies
    assert remedy.label == "Insert 1×1 Conv2d on the skip"
    assert (remedy.action, remedy.kind, remedy.port, remedy.index) == (
        "insert_on_input",
        "Conv2d",
        "x",
        1,
    )
    assert remedy.params == {"out_channels": 32, "kernel_size": 1, "stride": 2}


images = st.tuples(st.integers(1, 64), st.integers(1, 32), st.integers(1, 32))


@given(st.lists(images, min_size=2, max_size=4))
def test_every_remedy_for_images_makes_that_input_fit_another(
    shapes: list[tuple[int, int, int]],
) -> None:
    inputs = several(*shapes)
    try:
        make_layer("Add", {}).infer(inputs)
    except ShapeError as error:
        remedies = error.remedies
    else:
        return

    for remedy in remedies:
        before = inputs.every("x")[remedy.index]
        (after,) = make_layer(remedy.kind, remedy.params).infer(Inputs({"x": (before,)}))
        assert after.sizes != before.sizes
        assert after.sample in shapes


def test_where_the_skip_is_the_smaller_one_the_other_input_is_brought_to_shape() -> None:
    (remedy,) = refused("Add", (16, 14, 14), (32, 7, 7)).remedies

    assert remedy.label == "Insert 1×1 Conv2d on input 1"
    assert (remedy.index, remedy.params["out_channels"], remedy.params["stride"]) == (0, 32, 2)


def test_channels_alone_need_no_stride_and_sides_may_shrink_apart() -> None:
    (channels,) = refused("Add", (32, 7, 7), (16, 7, 7)).remedies
    (sides,) = refused("Add", (32, 7, 4), (16, 14, 12)).remedies

    assert channels.params == {"out_channels": 32, "kernel_size": 1}
    assert sides.params["stride"] == [2, 3]


def test_of_three_inputs_the_one_unlike_the_others_is_changed() -> None:
    error = refused("Add", (8, 4, 4), (2, 4, 4), (8, 4, 4))

    assert error.title == "Add needs equal shapes"
    assert [remedy.index for remedy in error.remedies] == [1]
    assert error.remedies[0].label == "Insert 1×1 Conv2d on input 2"


def test_vectors_are_brought_to_shape_by_a_linear_layer() -> None:
    (remedy,) = refused("Add", (64,), (32,)).remedies

    assert (remedy.kind, remedy.params) == ("Linear", {"out_features": 64})


@pytest.mark.parametrize(
    "shapes",
    [
        ((8, 4, 4), (128,)),
        ((5, 8), (6, 8)),
        ((8, 3, 9), (8, 9, 3)),
        ((8, symbol("H"), 4), (8, 4, 4)),
        ((symbol("C"), 4, 4), (8, symbol("H"), 4)),
        ((8,), ()),
    ],
)
def test_nothing_is_offered_where_no_layer_leads_there(
    shapes: tuple[tuple[Size, ...], ...],
) -> None:
    assert refused("Add", *shapes).remedies == ()


def test_free_sizes_that_are_equal_can_be_added() -> None:
    inputs = several((8, symbol("H"), 4), (8, symbol("H"), 4))

    assert make_layer("Add", {}).infer(inputs)[0].sample == (8, symbol("H"), 4)


@pytest.mark.parametrize("kind", ["Add", "Multiply", "Concat"])
def test_bringing_together_takes_two(kind: str) -> None:
    one, none = refused(kind, (8,)), refused(kind)

    assert one.title == f"{kind} has one input"
    assert one.remedies[0].action == "remove"
    assert none.title == f"{kind} has no input"


@pytest.mark.parametrize(
    ("kind", "expression"),
    [
        ("Add", "{x[0]} + {x[1]} + {x[2]}"),
        ("Multiply", "{x[0]} * {x[1]} * {x[2]}"),
        ("Concat", "torch.cat([{x[0]}, {x[1]}, {x[2]}], dim=1)"),
    ],
)
def test_inputs_are_written_in_their_order(kind: str, expression: str) -> None:
    layer = make_layer(kind, {})
    inputs = several((8,), (8,), (8,))

    assert layer.lower(inputs).expression == expression
    assert layer.on_card(inputs) == "3 inputs"
    assert layer.on_card(None) == ""


def test_a_gate_of_one_number_for_each_channel_stretches_over_the_image() -> None:
    layer = make_layer("Multiply", {})

    assert layer.infer(several((8, 7, 7), (8, 1, 1)))[0].sample == (8, 7, 7)
    assert layer.infer(several((8, 1, symbol("W")), (8, 7, 1)))[0].sample == (8, 7, symbol("W"))


@pytest.mark.parametrize("shapes", [((8, 7, 7), (8, 7, 3)), ((8, 7, 7), (8,))])
def test_shapes_that_do_not_stretch_are_not_multiplied(
    shapes: tuple[tuple[Size, ...], ...],
) -> None:
    assert refused("Multiply", *shapes).shape_code == "LL-S012"


def test_concat_adds_up_sizes_along_its_axis() -> None:
    layer = make_layer("Concat", {})
    inputs = several((16, 7, 7), (8, 7, 7))

    outputs = layer.infer(inputs)

    assert outputs[0].sample == (24, 7, 7)
    assert layer.explain(inputs, outputs) == "16 + 8 = 24"
    assert make_layer("Concat", {"dim": -1}).on_card(inputs) == "2 inputs · axis -1"
    assert make_layer("Concat", {"dim": 2}).on_card(None) == "axis 2"


def test_sizes_that_differ_beside_the_axis_are_refused_with_the_axis_that_works() -> None:
    error = refused("Concat", (16, 7, 7), (16, 9, 7))

    assert error.title == "Concat needs equal sizes beside axis 1"
    assert error.shape_code == "LL-S013"
    assert error.remedies[0].params == {"dim": 2}


@pytest.mark.parametrize("shapes", [((16, 7, 7), (8, 9, 7)), ((16, 7, 7), (16,))])
def test_no_axis_is_offered_where_several_sizes_differ(
    shapes: tuple[tuple[Size, ...], ...],
) -> None:
    assert refused("Concat", *shapes).remedies == ()
