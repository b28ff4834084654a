"""Conditions on figures: what holds, and what is refused in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.probes.conditions import NAMES, read_condition
from nodes.errors import FormulaError

FIGURES = {
    "mean": 0.5,
    "std": 12.0,
    "min": -3.0,
    "max": 40.0,
    "norm": 90.0,
    "zeros": 0.25,
    "nan": 0,
    "inf": 2,
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("std > 10", True),
        ("std>10 and mean < 0", False),
        ("std < 10 or has Inf", True),
        ("has NaN", False),
        ("max - min >= 43", True),
        ("max(mean, std) == 12", True),
        ("zeros * 100 <= 25 and norm != 0", True),
        ("mean < -1e3", False),
    ],
)
def test_a_condition_holds_where_its_figures_say_so(text: str, holds: bool) -> None:
    assert read_condition(text).holds(FIGURES) is holds


@pytest.mark.parametrize(
    "text", ["", "std", "std > ", "speed > 3", "std > 1 > 0", "__import__('os') > 0", "has cats"]
)
def test_what_is_no_condition_is_refused_in_words(text: str) -> None:
    with pytest.raises(FormulaError) as refused:
        read_condition(text)

    assert refused.value.title and refused.value.why


@given(st.text(max_size=40))
def test_no_text_does_anything_but_hold_or_be_refused(text: str) -> None:
    try:
        condition = read_condition(text)
    except FormulaError:
        return
    assert condition.holds(FIGURES) in (True, False)


def test_a_figure_that_cannot_be_computed_with_does_not_hold() -> None:
    condition = read_condition("std / nan > 1")

    assert condition.holds(FIGURES) is False
    assert set(FIGURES) == set(NAMES)
