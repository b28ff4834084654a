"""Dates in words, judged by the calendar of Python."""

import datetime

import numpy as np

from engine.data.builtin import open_data_set
from engine.data.prepare import RESERVED, UNKNOWN

EVERY = np.arange(8000)


def test_every_letter_is_known_and_no_date_is_cut() -> None:
    data = open_data_set("dates")

    written = data.read("written", EVERY)

    assert UNKNOWN not in written
    longest = max(len(text) for text in data.columns["written"].tolist())
    assert longest <= data.spec.fields[0].sizes[0]


def test_the_answer_is_the_date_that_is_written() -> None:
    data = open_data_set("dates")

    for text, answer in zip(
        data.columns["written"].tolist(), data.columns["date"].tolist(), strict=True
    ):
        day = datetime.date.fromisoformat(answer)
        assert str(day.year) in text
        if "/" in text:
            assert datetime.datetime.strptime(text, "%Y/%m/%d").date() == day  # noqa: DTZ007
        elif "." in text:
            assert datetime.datetime.strptime(text, "%d.%m.%Y").date() == day  # noqa: DTZ007
        else:
            assert datetime.date(2000, day.month, 1).strftime("%b") in text


def test_what_was_answered_so_far_is_the_answer_one_place_later() -> None:
    data = open_data_set("dates")
    names = data.spec.class_names["date"]

    answer, so_far = data.read("date", EVERY), data.read("so_far", EVERY)

    assert (so_far[:, 1:] == answer[:, :-1]).all() and not so_far[:, 0].any()
    first = "".join(names[token] for token in answer[0].tolist())
    assert first == data.columns["date"][0] and answer.min() >= RESERVED
