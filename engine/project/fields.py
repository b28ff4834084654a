"""The values in a project's file, each checked where it stands."""

import math
from typing import Any

import msgspec

from engine.graph.documents import FARTHEST
from engine.graph.elements import Formula, Value
from engine.graph.misreading import place_of, reason_of
from engine.project.parsing import LARGEST_TEXT
from nodes.errors import ProjectError

LONGEST_WORD = 40
_LONGEST_TITLE = 400


class FieldReader:
    """Reads values of one document; what is wrong is told with its place in the file.

    Each method takes a value and its place, and raises a ``ProjectError`` where the value is of
    another kind.
    """

    def __init__(self, where: str) -> None:
        """Read a document that messages call ``where``."""
        self.notes: list[str] = []
        self._where = where

    def title(self, value: object, place: str) -> str:
        """Read a text that is only shown: a long one is cut rather than the file refused."""
        text = self.text(value, place, longest=LARGEST_TEXT)
        if len(text) > _LONGEST_TITLE:
            self.notes.append(
                f"A text was longer than {_LONGEST_TITLE} letters and was cut ({place})."
            )
        return text[:_LONGEST_TITLE]

    def text(self, value: object, place: str, *, longest: int = 400) -> str:
        """Read a text of at most ``longest`` letters."""
        if not isinstance(value, str):
            raise self.wrong(place, f"Text is expected, not {_what(value)}.")
        if len(value) > longest:
            raise self.wrong(place, f"The text is longer than {longest} letters.")
        if any(0xD800 <= ord(letter) <= 0xDFFF for letter in value):
            raise self.wrong(place, "The text holds half a character.")
        return value

    def flag(self, value: object, place: str) -> bool:
        """Read true or false."""
        if not isinstance(value, bool):
            raise self.wrong(place, f"true or false is expected, not {_what(value)}.")
        return value

    def mapping(self, value: object, place: str) -> dict[str, Any]:
        """Read an object."""
        if not isinstance(value, dict):
            raise self.wrong(place, f"An object is expected, not {_what(value)}.")
        return value

    def items(self, value: object, place: str) -> list[Any]:
        """Read a list."""
        if not isinstance(value, list):
            raise self.wrong(place, f"A list is expected, not {_what(value)}.")
        return value

    def params(self, value: object, place: str) -> dict[str, Value]:
        """Read the values of parameters by name."""
        return {
            name: self.value(item, f"{place}.{name}")
            for name, item in self.mapping(value, place).items()
        }

    def value(self, value: object, place: str) -> Value:
        """Read the value of a parameter; a formula is an object that holds nothing else."""
        if isinstance(value, dict) and value.keys() == {"formula"}:
            return Formula(self.text(value["formula"], place))
        return value

    def position(self, value: object, place: str) -> tuple[float, float]:
        """Read a place on the canvas."""
        numbers = self.items(value, place)
        good = len(numbers) == 2 and all(
            isinstance(number, int | float) and not isinstance(number, bool) for number in numbers
        )
        if not good or not all(math.isfinite(n) and abs(n) <= FARTHEST for n in numbers):
            raise self.wrong(place, "A place is two numbers within ten million.")
        return float(numbers[0]), float(numbers[1])

    def misread(self, error: msgspec.ValidationError, place: str, holder: type) -> ProjectError:
        """Return the error for a record that msgspec could not read as a ``holder``."""
        return self.wrong(place + place_of(error), reason_of(error, holder))

    def wrong(self, place: str, why: str) -> ProjectError:
        """Return the error for what stands at a place."""
        place = place.encode("utf-8", "backslashreplace").decode()
        return ProjectError(
            "The project file is damaged",
            why=f"At {place.rstrip('.') or 'the top'}: {why}",
            where=self._where,
            hint="Open a backup, or mend the file with a text editor.",
        )


def _what(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "an object"


def short_text(value: object) -> str:
    """Return a word as it came, whether or not this version knows it."""
    return value if isinstance(value, str) and len(value) <= LONGEST_WORD else ""
