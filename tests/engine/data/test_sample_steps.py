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


def test_each_value_of_a_table_has_the_numbers_that_it_becomes() -> None:
    found = steps("bank_credit")

    row = [number for step in found.values() if step.name != "Status" for number in step.numbers]
    assert np.allclose(row, open_data_set("bank_credit").read("features", np.array([0]))[0])
    assert found["Status"].numbers == (1.0,) and sum(found["Home"].numbers) == 1
    meant = [found[name].meant for name in ("Status", "Home", "Income")]
    assert meant == ["place", "cells", "amount"]
    assert not any(step.numbers for step in sample_steps(open_data_set("food_reviews"), 0)[:1])
