"""What a file holds in the wrong form, told in words rather than in those of the decoder."""

import re
from collections.abc import Mapping
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import msgspec

_PLACE: Final = re.compile(r" - at `\$(?P<place>[^`]*)`$")
_SEGMENT: Final = re.compile(r"\.(\w+)|\[[^]]*\]")
_KINDS: Final[Mapping[str, str]] = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "text",
    "array": "a list",
    "object": "an object",
    "null": "nothing",
}


def place_of(error: msgspec.ValidationError) -> str:
    """Return where below the value that was read: ``.players[0].name``; empty for itself."""
    found = _PLACE.search(str(error))
    return found["place"].replace("[...]", "") if found else ""


def reason_of(error: msgspec.ValidationError, holder: type) -> str:
    """Say what is expected there.

    Args:
        holder: What the value was read as.
    """
    said = _PLACE.sub("", str(error))
    if found := re.fullmatch(r"Expected `([\w |]+)`, got `(\w+)`", said):
        wanted = " or ".join(_kind(word) for word in found[1].split(" | "))
        return f"{wanted[0].upper()}{wanted[1:]} is expected, not {_kind(found[2])}."
    if found := re.fullmatch(r"Object (?:missing required|contains unknown) field `(.*)`", said):
        what = "is missing" if "missing" in said else "is not known here"
        return f"The field {found[1][:40]} {what}."
    choices = _choices(holder, place_of(error))
    if choices:
        return f"One of {', '.join(choices)} is expected."
    return "The value is not one that it can have."


def _kind(word: str) -> str:
    return _KINDS.get(word, word)


def _choices(holder: Any, place: str) -> tuple[str, ...]:
    for found in _SEGMENT.finditer(place):
        name = found[1]
        holder = get_type_hints(holder).get(name) if name else get_args(holder)[0]
        if holder is None:
            return ()
    return tuple(map(str, get_args(holder))) if get_origin(holder) is Literal else ()
