import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from engine.graph.names import Names, identifier, new_id, unique


@given(st.text())
def test_any_text_becomes_an_identifier_that_is_no_keyword(text: str) -> None:
    name = identifier(text)

    assert name.isidentifier() and name.isascii()
    assert not keyword.iskeyword(name)


@given(st.text(max_size=30))
def test_an_identifier_stays_as_it_is(text: str) -> None:
    once = identifier(text)

    assert identifier(once) == once


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Conv2d", "conv2d"),
        ("MaxPool2d", "max_pool2d"),
        ("CrossEntropyLoss", "cross_entropy_loss"),
        ("LeakyReLU", "leaky_relu"),
        ("SiLU", "silu"),
        ("Mein Block №1", "mein_block_1"),
        ("2nd", "layer_2nd"),
        ("class", "class_"),
        ("", "layer"),
    ],
)
def test_names_read_as_people_would_write_them(text: str, name: str) -> None:
    assert identifier(text) == name


def test_no_layer_takes_the_name_of_something_that_modules_have() -> None:
    public = [name for name in dir(nn.Module()) if not name.startswith("_")]

    clashes = [name for name in public if name.islower() and identifier(name) == name]

    assert clashes == []


def test_a_taken_name_gets_the_first_free_number() -> None:
    assert unique("conv", {"conv", "conv_2"}) == "conv_3"
    assert unique("conv_2", {"conv_2"}) == "conv_3"
    assert unique("conv", set()) == "conv"


_NAMES = st.sampled_from(["add", "add_2", "add_3", "add_7", "relu", "relu_2"])


@given(st.sets(_NAMES), st.lists(_NAMES, max_size=12))
def test_many_names_in_a_row_are_those_that_one_by_one_would_give(
    taken: set[str], wanted: list[str]
) -> None:
    names, known = Names(frozenset(taken)), set(taken)

    for name in wanted:
        expected = unique(name, known)
        known.add(expected)
        assert names.take(name) == expected


def test_ids_do_not_repeat() -> None:
    assert len({new_id() for _ in range(2000)}) == 2000
