"""Arithmetic with letters gives, once numbers stand for them, what arithmetic with numbers does."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.sizes import (
    BATCH,
    Size,
    SymbolicSize,
    counted,
    divides,
    known,
    product,
    substitute,
    symbol,
)

H, W = symbol("H"), symbol("W")

values = st.fixed_dictionaries({"H": st.integers(-50, 50), "W": st.integers(-50, 50)})


@st.composite
def sizes(draw: st.DrawFn, depth: int = 3) -> Size:
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from((H, W)) | st.integers(-9, 9))
    left, right = draw(sizes(depth - 1)), draw(sizes(depth - 1))
    match draw(st.sampled_from("+-*/")):
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case _:
            return left // draw(st.integers(1, 5))


@given(sizes(), sizes(), values)
def test_sums_differences_and_products_are_those_of_the_numbers(
    left: Size, right: Size, numbers: dict[str, int]
) -> None:
    a, b = _number(left, numbers), _number(right, numbers)

    assert _number(left + right, numbers) == a + b
    assert _number(left - right, numbers) == a - b
    assert _number(left * right, numbers) == a * b
    assert _number(-left, numbers) == -a
    assert _number(3 - left, numbers) == 3 - a


@given(sizes(), st.integers(1, 7), values)
def test_division_rounds_down_as_for_numbers(
    size: Size, divisor: int, numbers: dict[str, int]
) -> None:
    assert _number(size // divisor, numbers) == _number(size, numbers) // divisor


@given(sizes(), values)
def test_a_written_size_is_python_for_the_same_number(size: Size, numbers: dict[str, int]) -> None:
    assert eval(str(size), dict(numbers)) == _number(size, numbers)


@given(sizes(), sizes())
def test_equal_sizes_compare_equal_however_they_were_made(left: Size, right: Size) -> None:
    assert left + right == right + left
    assert left * right == right * left
    assert left + right - right == left
    assert hash(left + right) == hash(right + left)


@given(st.lists(st.integers(0, 9)))
def test_the_product_of_sizes_is_that_of_numbers(numbers: list[int]) -> None:
    assert product(numbers) == math.prod(numbers)
    assert product((*numbers, H)) == math.prod(numbers) * H


def test_a_size_without_letters_is_a_plain_number() -> None:
    assert type(H - H) is int and H - H == 0
    assert type(H - H + 4) is int
    assert type((4 * H) // 4 - H) is int


def test_letters_without_a_value_stay() -> None:
    assert substitute(H * W + 2, {"H": 3}) == 3 * W + 2
    assert substitute(7, {"H": 3}) == 7
    assert substitute((H + W) // 2, {"H": 2 * W}) == (3 * W) // 2


def test_only_a_size_without_letters_is_known_and_counted() -> None:
    assert known(5) == 5 and known(H) is None
    assert counted(5) == 5 and counted(H) == 0


@given(sizes(), st.integers(1, 5), values)
def test_what_always_divides_divides_for_any_numbers(
    size: Size, divisor: int, numbers: dict[str, int]
) -> None:
    if divides(divisor, size):
        assert _number(size, numbers) % divisor == 0
    assert divides(divisor, size * divisor)


def test_a_size_is_written_as_people_write_it() -> None:
    assert str(2 * H + 3) == "2*H+3"
    assert str(H * W) == "H*W"
    assert str(1 - H // 2) == "-(H//2)+1"
    assert str((H - 1) // 2) == "(H+1)//2-1"
    assert repr(BATCH) == "SymbolicSize(N)"


@pytest.mark.parametrize("divisor", [0, -2])
def test_a_size_is_divided_by_natural_numbers_only(divisor: int) -> None:
    with pytest.raises(ValueError, match="divided by"):
        H // divisor


def _number(size: Size, numbers: dict[str, int]) -> int:
    value = substitute(size, numbers)
    assert not isinstance(value, SymbolicSize)
    return value
