"""What is told of a sample is what the model reads."""

import numpy as np

from engine.data.builtin import open_data_set
from engine.data.sample_steps import SampleStep, sample_steps


def steps(name: str, sample: int = 0) -> dict[str, SampleStep]:
    return {step.name: step for step in sample_steps(open_data_set(name), sample)}


def test_columns_are_told_as_the_row_of_the_file_and_as_the_numbers_read() -> None:
    bank = open_data_set("bank_credit")
    found = steps("bank_credit")

    # The first row: good,9,rent,60,30,...
    assert (found["Seniority"].before, found["Home"].before) == ("9", "rent")
    assert found["Home"].after.split().count("1") == 1 and found["Status"].after == "1"
    told = " ".join(step.after for step in found.values() if step.name != "Status").split()
    read = bank.read("features", np.array([0]))[0]
    assert np.allclose([float(number) for number in told], read, rtol=0.01, atol=0.01)


def test_a_gap_is_told_as_the_value_that_fills_it_and_its_mark() -> None:
    bank = open_data_set("bank_credit")
    gap = next(row for row, value in enumerate(bank.columns["Income"]) if not np.isfinite(value))

    income = steps("bank_credit", gap)["Income"]

    assert income.before == "–" and income.after.split()[1] == "1"


def test_tokens_and_windows_are_told_with_the_numbers_that_stand_for_them() -> None:
    text = sample_steps(open_data_set("food_reviews"), 0)[0]
    window, following = sample_steps(open_data_set("sunspots"), 0)

    assert len(text.before.split()) == len(text.after.split()) == 9
    assert window.before.startswith("5 11 16") and following.before == "21"
