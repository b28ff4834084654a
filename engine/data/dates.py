"""A data set that is computed: dates as people write them, to be written as machines do."""

import datetime
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from engine.data import prepare
from engine.data.content import Content, Made, Ready
from engine.data.preparation import Answer, Tokens
from nodes.io import DataField

SAMPLES: Final = 8000
LONGEST: Final = 40
ANSWER: Final = 10
ANSWER_TOKENS: Final = tuple("-0123456789")
"""What an answer is made of: 1998-03-27."""

LETTERS: Final = tuple(" ,-./0123456789ADFJMNOSTWabcdefghilmnoprstuvwxy")
"""What dates are written with below."""

_FIRST, _LAST = datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)
_ORDINALS: Final = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"),
    *("tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth"),
    *("seventeenth", "eighteenth", "nineteenth", "twentieth"),
    *(f"twenty-{unit}" for unit in ("first", "second", "third", "fourth", "fifth", "sixth")),
    *("twenty-seventh", "twenty-eighth", "twenty-ninth", "thirtieth", "thirty-first"),
)
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_FORMS: Final[tuple[Callable[[datetime.date], str], ...]] = (
    lambda day: f"{day.day} {_month(day)} {day.year}",
    lambda day: f"{_month(day)} {day.day}, {day.year}",
    lambda day: f"{_weekday(day)}, {day.day} {_month(day)} {day.year}",
    lambda day: f"{day.day}{_ending(day.day)} of {_month(day)} {day.year}",
    lambda day: f"the {_ORDINALS[day.day - 1]} of {_month(day)} {day.year}",
    lambda day: f"{_month(day)} the {_ORDINALS[day.day - 1]}, {day.year}",
    lambda day: f"{_weekday(day)[:3]} {_month(day)[:3]} {day.day} {day.year}",
    lambda day: f"{day.day:02}.{day.month:02}.{day.year}",
    lambda day: f"{day.year}/{day.month}/{day.day}",
)


def read_dates() -> Content:
    """Return dates between 1900 and 2099, each written in one of nine ways.

    ``so_far`` holds the answer one place later: what is known when a token is foreseen.
    """
    random = np.random.Generator(np.random.Philox(3))
    days = random.integers(0, (_LAST - _FIRST).days + 1, SAMPLES)
    forms = random.integers(0, len(_FORMS), SAMPLES)
    dates = [_FIRST + datetime.timedelta(days=int(day)) for day in days]
    written = [_FORMS[form](date) for form, date in zip(forms, dates, strict=True)]
    answers = [date.isoformat() for date in dates]
    how = Tokens(column="written", unit="character", vocabulary=LETTERS, length=LONGEST)
    right = _as_answer(answers)
    return Content(
        SAMPLES,
        (
            Ready(Made(_field("written", LONGEST, LETTERS), _as_tokens(written, how), how)),
            Ready(Made(_field("so_far", ANSWER, ANSWER_TOKENS), _later(right), _ANSWER)),
            Ready(Made(_field("date", ANSWER, ANSWER_TOKENS), right, None, _NAMES)),
        ),
        {"written": np.array(written, object), "date": np.array(answers, object)},
    )


_ANSWER: Final = Answer(vocabulary=ANSWER_TOKENS, length=ANSWER)
_NAMES: Final = ("", "unknown", *ANSWER_TOKENS)


def _field(name: str, length: int, tokens: Sequence[str]) -> DataField:
    return DataField(name, "tokens", (length,), "int", len(tokens) + prepare.RESERVED)


def _as_tokens(texts: Sequence[str], how: Tokens) -> npt.NDArray[Any]:
    return prepare.tokens(texts, msgspec.to_builtins(how))


def _as_answer(answers: Sequence[str]) -> npt.NDArray[Any]:
    how = Tokens(column="", unit="character", vocabulary=ANSWER_TOKENS, length=ANSWER)
    return _as_tokens(answers, how)


def _later(right: npt.NDArray[Any]) -> npt.NDArray[Any]:
    begin = np.full((len(right), 1), prepare.PADDING, right.dtype)
    return np.concatenate([begin, right[:, :-1]], axis=1)


def _month(day: datetime.date) -> str:
    # Not by strftime, which speaks the language of the machine.
    return _MONTHS[day.month - 1]


def _weekday(day: datetime.date) -> str:
    return _WEEKDAYS[day.weekday()]


def _ending(number: int) -> str:
    if number in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
