import pytest

from app.figures import (
    amount,
    byte_size,
    count,
    duration,
    figure,
    millions,
    percent,
    rate,
    rough_duration,
    rough_percent,
    setting,
    tick,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.104, "0.104"),
        (0.1, "0.100"),
        (3.314, "3.31"),
        (98.66, "98.7"),
        (0.9999, "1.00"),
        (-99.97, "−100"),
        (1250.0, "1\u202f250"),
        (36170.0, "36\u202f170"),
        (0.000204, "2.04e−4"),
        (-2.5, "−2.50"),
        (0.0, "0"),
        (None, "–"),
        (float("nan"), "not a number"),
        (float("-inf"), "−∞"),
    ],
)
def test_a_measured_value_has_three_digits(value: float | None, text: str) -> None:
    assert figure(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.001, "0.001"), (0.000204, "2.04e−4"), (0.0003, "3e−4"), (64, "64")]
)
def test_a_chosen_value_has_no_needless_zeros(value: float, text: str) -> None:
    assert setting(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.9866, "98.7\u202f%"), (1.0, "100\u202f%"), (0.9999, "99.9\u202f%"), (0.0, "0.0\u202f%")],
)
def test_only_everything_is_a_hundred_percent(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (8.2, "0:08"),
        (75, "1:15"),
        (3599.7, "1\u202fh 0\u202fmin"),
        (4320, "1\u202fh 12\u202fmin"),
        (float("inf"), "–"),
    ],
)
def test_times_are_short(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_counts_and_rates_set_thousands_apart() -> None:
    assert count(23834568) == "23\u202f834\u202f568"
    assert count(-12345) == "−12\u202f345"
    assert (rate(38.2), rate(3.44), rate(12500.4)) == ("38", "3.4", "12\u202f500")


@pytest.mark.parametrize(
    ("value", "step", "text"),
    [(0.3, 0.3, "0.3"), (2, 2, "2"), (-0.0, 0.5, "0.0"), (1e-4, 1e-4, "1.0e−4")],
)
def test_numbers_on_an_axis_have_the_decimals_of_their_step(
    value: float, step: float, text: str
) -> None:
    assert tick(value, step) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(640, "640"), (173_000, "173\u202fk"), (999_600, "1.00\u202fM"), (1_691_008, "1.69\u202fM")],
)
def test_large_amounts_have_three_digits(value: float, text: str) -> None:
    assert amount(value) == text


def test_work_is_told_in_millions_from_ten_thousand_on() -> None:
    assert (millions(9_000), millions(452_000)) == ("9.00\u202fk", "0.45\u202fM")


def test_chosen_shares_have_no_needless_zeros() -> None:
    assert (rough_percent(0.15), rough_percent(0.025)) == ("15\u202f%", "2.5\u202f%")


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [(784, "784\u202fbytes"), (12_500, "12.5\u202fkB"), (212e6, "212\u202fMB"), (1e9, "1\u202fGB")],
)
def test_memory_is_told_in_the_unit_that_fits(size_bytes: float, text: str) -> None:
    assert byte_size(size_bytes) == text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.3, "1 s"), (27.4, "27 s"), (89, "89 s"), (91, "2 min"), (600, "10 min")],
)
def test_a_rough_time_is_one_number(seconds: float, words: str) -> None:
    assert rough_duration(seconds) == words.replace(" ", "\u202f")
