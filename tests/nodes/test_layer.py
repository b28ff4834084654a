"""The contract itself: calls and literals, ports, parameters, tensors."""

import ast
import math
from typing import Annotated, Any, ClassVar, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.catalogue import make_layer
from nodes.errors import ParameterError, ShapeError
from nodes.layer import Call, Layer, LayerInfo, Port, differing, literal, short, template_literal
from nodes.params import Param, Span, check, fields_of
from nodes.sizes import BATCH, symbol
from nodes.tensors import Inputs, TensorType, needs_float


class Sample(Layer, frozen=True, kw_only=True):
    """One parameter of every sort, for these tests."""

    info: ClassVar = LayerInfo(title="Sample", category="shape", summary="Nothing.")

    needed: Annotated[int, Param("Needed", "A number.", low=1, on_card="n {}")]
    bare: int = 0
    noted: Annotated[int, "no description"] = 0
    rate: Annotated[float, Param("Rate", "A share.", low=0, high=1, on_card="{}")] = 0.5
    open_end: Annotated[float, Param("Open", "Any.", low=None, high=None)] = 0.0
    below: Annotated[float, Param("Below", "Small.", high=3)] = 0.0
    flag: bool = True
    span: Annotated[Span, Param("Span", "Sizes.", low=1, on_card="{}")] = 3
    perhaps: Annotated[Span | None, Param("Perhaps", "Sizes or nothing.", low=1)] = None
    maybe: Annotated[float | None, Param("Maybe", "A number or nothing.")] = None
    choice: Annotated[Literal["a", "b"], Param("Choice", "One.", on_card="{}")] = "a"
    padding: Annotated[Literal["same"] | Span, Param("Padding", "Zeros.", low=0)] = "same"
    text: str = ""
    numbers: tuple[int, ...] = ()
    made: Annotated[list[int], Param("Made", "A list of its own for each.")] = msgspec.field(
        default_factory=list
    )


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=6,
)


@given(plain)
def test_a_literal_reads_back_as_the_value(value: object) -> None:
    assert ast.literal_eval(literal(value)) == value
    assert ast.literal_eval(template_literal(value).format()) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("same", '"same"'),
        ('say "hi"', "'say \"hi\"'"),
        ("it's", '"it\'s"'),
        (1e-5, "1e-5"),
        (1e20, "1e20"),
        (0.1, "0.1"),
        ((3,), "(3,)"),
        ((3, 5), "(3, 5)"),
        (2 * symbol("C"), "2*C"),
    ],
)
def test_literals_are_written_as_ruff_would_format_them(value: object, text: str) -> None:
    assert literal(value) == text


@pytest.mark.parametrize("value", [[1], {"a": 1}, object(), b"x"])
def test_nothing_but_plain_values_becomes_source(value: object) -> None:
    with pytest.raises(TypeError, match="not a literal"):
        literal(value)


def test_a_call_is_written_with_its_arguments_in_order() -> None:
    call = Call("nn.Conv2d", (1, 16), (("kernel_size", (3, 5)), ("bias", False)))

    assert call.source() == "nn.Conv2d(1, 16, kernel_size=(3, 5), bias=False)"
    assert Call("nn.ReLU").source() == "nn.ReLU()"


def test_only_what_differs_from_torch_is_worth_writing() -> None:
    assert differing(("stride", 2, 1), ("bias", True, True)) == (("stride", 2),)


def test_a_layer_that_says_nothing_else_has_one_input_and_costs_nothing() -> None:
    layer = Sample(needed=3)
    inputs = Inputs({"x": (TensorType((BATCH, 4)),)})

    assert layer.inputs() == (Port(name="x"),) and layer.outputs() == (Port(name="y"),)
    assert layer.parameters(inputs) == layer.buffers(inputs) == 0
    assert layer.multiply_adds(inputs, ()) == 0
    assert layer.explain(inputs, ()) == ""
    layer.verify()
    for unfinished in (layer.infer, layer.lower):
        with pytest.raises(NotImplementedError):
            unfinished(inputs)


def test_the_card_leaves_out_defaults_and_shows_at_most_three_values() -> None:
    assert Sample(needed=3).on_card(None) == "n 3"
    assert Sample(needed=3, rate=0.25, span=(3, 5), choice="b").on_card(None) == "n 3 · 0.25 · 3×5"
    assert short("same") == "same"


@pytest.mark.parametrize(
    ("name", "editor", "choices", "optional"),
    [
        ("needed", "int", (), False),
        ("bare", "int", (), False),
        ("rate", "float", (), False),
        ("flag", "bool", (), False),
        ("span", "span", (), False),
        ("perhaps", "span", (), True),
        ("maybe", "float", (), True),
        ("choice", "choice", ("a", "b"), False),
        ("padding", "span", ("same",), False),
        ("text", "text", (), False),
        ("numbers", "ints", (), False),
    ],
)
def test_the_editor_of_a_parameter_follows_its_type(
    name: str, editor: str, choices: tuple[str, ...], optional: bool
) -> None:
    field = next(field for field in fields_of(Sample) if field.name == name)

    assert (field.editor, field.choices, field.optional) == (editor, choices, optional)


def test_fields_tell_what_must_be_given_and_what_is_there_already() -> None:
    fields = {field.name: field for field in fields_of(Sample)}

    assert fields["needed"].required and fields["needed"].default is None
    assert not fields["rate"].required and fields["rate"].default == 0.5
    assert fields["made"].default == []
    assert fields["bare"].param.label == "Bare" and fields["noted"].param.label == "Noted"
    assert fields["open_end"].param.label == "Open"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"needed": 0}, "Needed cannot be 0. It goes from 1 up."),
        ({"rate": 1.5}, "Rate cannot be 1.5. It goes from 0 to 1."),
        ({"rate": math.nan}, "Rate cannot be nan."),
        ({"open_end": math.inf}, "It goes over all finite numbers."),
        ({"below": 4.0}, "Below cannot be 4.0. It goes up to 3."),
        ({"span": (1, 0)}, "Span cannot be 0."),
        ({"needed": -(10**5000)}, "Needed cannot be so far below zero."),
        ({"rate": 0.1234567890123456789e40}, "Rate cannot be 1.23456789012345"),
    ],
)
def test_a_number_out_of_range_is_refused_with_the_range(
    params: dict[str, Any], message: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        check(Sample, params)

    assert message in str(caught.value)


def test_numbers_in_range_and_all_that_is_no_number_pass() -> None:
    check(
        Sample, {"needed": 1, "rate": 1, "flag": True, "span": (2, 3), "perhaps": None, "text": "x"}
    )


def test_people_read_the_sizes_of_one_sample() -> None:
    assert str(TensorType((BATCH, 16, 14, 14))) == "16×14×14"
    assert str(TensorType((BATCH,), "int", 10)) == "label"
    assert str(TensorType(())) == "scalar"
    assert TensorType((BATCH, 3, symbol("T"))).sample == (3, symbol("T"))


def test_equal_tensors_hash_alike() -> None:
    one, other = (TensorType((BATCH, 2 * symbol("T"))) for _ in range(2))

    assert one == other and hash(one) == hash(other)


def test_inputs_are_looked_up_by_port() -> None:
    x, y = TensorType((BATCH, 3)), TensorType((BATCH, 4))
    inputs = Inputs({"x": (x,), "many": (x, y)})

    assert inputs["x"] == x and inputs.get("x") == x and inputs.get("mask") is None
    assert inputs.every("many") == (x, y) and inputs.every("none") == ()
    assert inputs.key() == (("x", (x,)), ("many", (x, y)))


@pytest.mark.parametrize(
    ("tensor", "why"),
    [
        (TensorType((BATCH,), "int", 10), "It receives labels."),
        (TensorType((BATCH, 4), "int"), "It receives whole numbers."),
    ],
)
def test_layers_that_compute_refuse_labels(tensor: TensorType, why: str) -> None:
    with pytest.raises(ShapeError) as caught:
        needs_float(tensor, "Linear")

    assert caught.value.why == why and caught.value.reason == "needs real numbers"


@pytest.mark.parametrize(("heads", "words"), [(1, "1 head"), (2, "2 heads")])
def test_a_card_counts_in_singular_and_plural(heads: int, words: str) -> None:
    layer = make_layer("MultiheadAttention", {"num_heads": heads})

    assert words in layer.on_card(None).split(" · ")
