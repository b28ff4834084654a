import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.graph.expressions import LONGEST, evaluate, is_name, names_in, with_names
from nodes.errors import FormulaError

_NAMES = {"width": 32, "i": 2, "n": 4, "share": 0.5}


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("32 * 2**i", 128),
        ("width / 2", 16),
        ("width / 5", 6.4),
        ("-2 ** 2", -4),
        ("2 ** -1", 0.5),
        ("7 // 2 - 7 % 4", 0),
        ("1 - 2 - 3", -4),
        ("2 ** 3 ** 2", 512),
        ("min(width, 8, n) + max(1, i)", 6),
        ("round(2.6) + int(2.6)", 5),
        (" ( width ) ", 32),
        ("1e-3 * .5", 0.0005),
        ("--i", 2),
    ],
)
def test_a_formula_computes_as_python_would(formula: str, value: float) -> None:
    found = evaluate(formula, _NAMES)

    assert found == value and type(found) is type(value)


_operations = st.recursive(
    st.integers(0, 99).map(str) | st.sampled_from(sorted(_NAMES)),
    lambda inner: (
        st.tuples(inner, st.sampled_from(["+", "-", "*", "//", "%"]), inner).map(
            lambda part: f"{part[0]} {part[1]} {part[2]}"
        )
        | inner.map(lambda part: f"({part})")
        | inner.map(lambda part: f"-{part}")
        | st.tuples(inner, inner).map(lambda part: f"max({part[0]}, {part[1]})")
    ),
    max_leaves=8,
)


@given(_operations)
def test_what_python_computes_is_computed_alike(formula: str) -> None:
    try:
        expected = eval(formula, {"__builtins__": {}, "max": max}, dict(_NAMES))
        found = evaluate(formula, _NAMES)
    except (ZeroDivisionError, FormulaError):
        return

    assert found == pytest.approx(expected)


_texts = (
    st.text(max_size=40)
    | st.text(string.printable, max_size=60)
    | st.text("0123456789+-*/%().,ewidthmax ", max_size=LONGEST + 5)
    | st.sampled_from(
        (
            "__import__('os').system('true')",
            "().__class__.__bases__",
            "9**9**9**9",
            "2**64**64",
            "(" * 150 + "1" + ")" * 150,
            "-" * 190 + "1",
            "1**" * 60 + "1",
            "max(" * 40 + "1",
            "9" * 190,
            "1e999",
            "lambda: 1",
            "width if i else n",
            "width\x00",
            "(-8) ** 0.5",
            "0 ** -1",
            "1e15 * 1e15 - 1e15 * 1e15",
            "٣ + ３",
        )
    )
)


@given(_texts, st.dictionaries(st.sampled_from(["width", "i"]), st.integers() | st.floats()))
def test_no_text_does_anything_but_give_a_number_or_a_reason(text: str, names: dict) -> None:
    outcome = _outcome(text, names)

    if isinstance(outcome, FormulaError):
        assert outcome.title and outcome.why and outcome.hint
        assert 0 <= outcome.position <= len(text)
    else:
        assert isinstance(outcome, int | float)


def _outcome(text: str, names: dict) -> object:
    try:
        return evaluate(text, names)
    except FormulaError as error:
        return error


@given(_texts, st.text(max_size=10))
def test_names_can_be_replaced_in_any_text(text: str, other: str) -> None:
    replaced = with_names(text, dict.fromkeys(names_in(text), other))

    assert isinstance(replaced, str)


@given(_operations, _operations)
def test_a_formula_in_the_place_of_a_name_gives_what_the_name_gave(outer: str, inner: str) -> None:
    try:
        value = evaluate(inner, _NAMES)
        expected = evaluate(outer, {**_NAMES, "width": value})
        found = evaluate(with_names(outer, {"width": inner}), _NAMES)
    except FormulaError:
        return

    assert found == expected


def test_a_name_alone_gives_whatever_it_stands_for() -> None:
    assert evaluate("padding", {"padding": "same"}) == "same"
    with pytest.raises(FormulaError, match="no number"):
        evaluate("padding + 1", {"padding": "same"})


@pytest.mark.parametrize(
    ("formula", "position", "title"),
    [
        ("width * depth", 8, "no parameter “depth”"),
        ("2 +", 3, "ends early"),
        ("2 $ 3", 2, "cannot hold “\\$”"),
        ("(2 + 3", 6, "ends early"),
        ("4 / (i - 2)", 2, "divides by 0"),
        ("10 ** 99", 3, "too large"),
        ("2 3", 2, "stumbles at “3”"),
        ("round(1, 2)", 0, "round takes one number"),
        ("", 0, "ends early"),
    ],
)
def test_a_formula_that_is_wrong_says_where(formula: str, position: int, title: str) -> None:
    with pytest.raises(FormulaError, match=title) as raised:
        evaluate(formula, _NAMES)

    assert raised.value.position == position


def test_functions_are_no_names_and_names_may_be_called_like_them() -> None:
    assert names_in("max(width, min) * int (i)") == {"width", "min", "i"}
    assert with_names("width + max(width, 1)", {"width": "a + b"}) == "(a + b) + max((a + b), 1)"
    assert is_name("width_2") and not is_name("2width") and not is_name("ä")
