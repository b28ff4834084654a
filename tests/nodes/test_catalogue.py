"""Making layers from what a project file holds, and finding them by what people type."""

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.catalogue import CATEGORIES, LAYERS, make_layer, search
from nodes.convolution import Conv2d
from nodes.errors import LoomError, ParameterError, UnknownLayerError
from nodes.layer import Layer
from nodes.params import fields_of

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from((10**400, -(10**400), 2**31, 0))
    | st.floats()
    | st.text(max_size=60),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@st.composite
def hostile_params(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    kind = draw(st.sampled_from(list(LAYERS)))
    names = [field.name for field in fields_of(LAYERS[kind])]
    name = st.sampled_from(names) if names else st.nothing()
    return kind, draw(st.dictionaries(name | st.text(max_size=60), anything, max_size=3))


@given(hostile_params())
def test_whatever_a_file_holds_gives_a_layer_or_a_message(case: tuple[str, dict[str, Any]]) -> None:
    kind, params = case

    made = _made(kind, params)

    if isinstance(made, ParameterError):
        assert len(str(made)) < 400 and "\n" not in str(made)
        assert made.title and made.why
    else:
        assert type(made) is LAYERS[kind]


def _made(kind: str, params: dict[str, Any]) -> Layer | ParameterError:
    try:
        return make_layer(kind, params)
    except ParameterError as error:
        return error


def test_a_list_in_a_list_without_end_gives_a_message() -> None:
    endless: list[Any] = []
    endless.append(endless)

    with pytest.raises(ParameterError):
        make_layer("Reshape", {"sizes": endless})
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ParameterError):
        make_layer("Conv2d", {"kernel_size": deep})


def test_parameters_are_set_and_the_others_keep_their_defaults() -> None:
    layer = make_layer("Conv2d", {"out_channels": 32, "kernel_size": [3, 5]})

    assert layer == Conv2d(out_channels=32, kernel_size=(3, 5))


def test_an_unknown_kind_names_the_closest() -> None:
    with pytest.raises(UnknownLayerError, match=r"'conv2D'.*The closest: Conv2d"):
        make_layer("conv2D", {})
    with pytest.raises(UnknownLayerError) as caught:
        make_layer("x" * 1000, {})
    assert caught.value.hint == "" and len(str(caught.value)) < 150


def test_an_unknown_parameter_names_those_there_are() -> None:
    with pytest.raises(ParameterError) as caught:
        make_layer("Dropout", {"pp": 0.5})

    assert caught.value.parameter == "pp"
    assert caught.value.title == "Dropout has no parameter 'pp'"
    assert caught.value.why == "It has p."
    with pytest.raises(ParameterError, match="It has none"):
        make_layer("ReLU", {"inplace": True})


@pytest.mark.parametrize(
    ("kind", "params", "title", "allowed"),
    [
        ("Conv2d", {"out_channels": "many"}, "Output channels cannot be 'many'", "a whole number"),
        ("Conv2d", {"out_channels": 2.5}, "Output channels cannot be 2.5", "a whole number"),
        ("Conv2d", {"out_channels": True}, "Output channels cannot be True", "a whole number"),
        ("Conv2d", {"bias": 1}, "Bias cannot be 1", "true or false"),
        (
            "Conv2d",
            {"kernel_size": [1, 2, 3]},
            "Kernel size cannot be [1, 2, 3]",
            "a whole number or a pair of them",
        ),
        (
            "Conv2d",
            {"padding": "some"},
            "Padding cannot be 'some'",
            "a whole number or a pair of them, or “same”, or “valid”",
        ),
        (
            "MaxPool2d",
            {"stride": "x"},
            "Stride cannot be 'x'",
            "a whole number or a pair of them, or empty",
        ),
        ("GELU", {"approximate": "erf"}, "Approximation cannot be 'erf'", "one of none, tanh"),
        ("Dropout", {"p": None}, "Share dropped cannot be None", "a number"),
        ("Reshape", {"sizes": 3}, "Sizes cannot be 3", "a list of whole numbers"),
        ("Data", {"dataset": 3}, "Data set cannot be 3", "a text"),
        ("Data", {"fields": 3}, "Fields cannot be 3", "a list of fields"),
    ],
)
def test_a_value_of_another_type_is_refused_with_what_is_allowed(
    kind: str, params: dict[str, Any], title: str, allowed: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        make_layer(kind, params)

    assert caught.value.title == title
    assert caught.value.why == f"It is {allowed}."
    assert caught.value.hint == f"Set {allowed}."


@pytest.mark.parametrize(
    ("params", "title", "why"),
    [
        ({"kernel_size": 0}, "Kernel size cannot be 0", "It goes from 1 up."),
        ({"kernel_size": [3, -1]}, "Kernel size cannot be -1", "It goes from 1 up."),
        ({"out_channels": 2**31}, "Output channels cannot be 2147483648", "It goes from 1 up."),
        ({"out_channels": 10**5000}, "Output channels cannot be so large", "It goes from 1 up."),
    ],
)
def test_a_value_out_of_range_is_refused(params: dict[str, Any], title: str, why: str) -> None:
    with pytest.raises(ParameterError) as caught:
        make_layer("Conv2d", params)

    assert caught.value.title == title
    assert caught.value.why.startswith(why)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("linear", "Linear"),
        ("fc", "Linear"),
        ("dense", "Linear"),
        ("conv", "Conv2d"),
        ("conv1", "Conv1d"),
        ("bn", "BatchNorm2d"),
        ("smaller image", "MaxPool2d"),
        ("larger image", "Upsample"),
        ("skip", "Add"),
        ("sum", "Sum"),
        ("plus", "Add"),
        ("+", "Add"),
        ("concat", "Concat"),
        ("relu", "ReLU"),
        ("swish", "SiLU"),
        ("drop", "Dropout"),
        ("max", "Max"),
        ("max pool", "MaxPool2d"),
        ("cross entropy", "CrossEntropyLoss"),
        ("regression", "MSELoss"),
        ("overfitting", "Dropout"),
        ("DATA", "Data"),
        ("cnov2d", "Conv2d"),
    ],
)
def test_a_layer_is_found_by_what_people_call_it(text: str, first: str) -> None:
    assert search(text)[0] == first


def test_every_word_must_fit() -> None:
    assert "MaxPool1d" not in search("smaller image")
    assert search("relu zzz") == []


def test_without_a_word_the_whole_library_is_listed_in_its_order() -> None:
    order = list(CATEGORIES)

    kinds = search("  ")

    assert kinds == list(LAYERS)
    assert {LAYERS[kind].info.category for kind in kinds} <= set(order)


@given(st.text(max_size=30))
def test_a_search_finds_each_kind_at_most_once(text: str) -> None:
    kinds = search(text)

    assert len(kinds) == len(set(kinds)) and set(kinds) <= set(LAYERS)


def test_every_kind_is_found_by_its_name_and_by_each_other_name() -> None:
    for kind, layer in LAYERS.items():
        assert search(kind)[0] == kind
        for alias in layer.info.aliases:
            assert kind in search(alias), alias


def test_the_catalogue_loads_without_torch_and_qt() -> None:
    code = "import sys, nodes.catalogue; print({'torch', 'PySide6', 'numpy'} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"


def test_an_error_without_details_is_one_sentence() -> None:
    assert str(LoomError("Nothing to do")) == "Nothing to do."
    assert str(LoomError("Too small", where="conv", why="It is 1.")) == "conv: Too small. It is 1."
