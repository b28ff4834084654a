"""What a value of ``--set`` may mean, and what is said where it can mean nothing."""

import msgspec

from nodes.errors import UsageError
from nodes.params import LARGEST, fields_of


def readings(text: str) -> list[object]:
    """Return what a value may mean, the likelier first: as JSON, and as it stands."""
    try:
        return [msgspec.json.decode(text), text]
    except msgspec.DecodeError:
        return [text]


def cannot_be(key: str, text: str, why: str) -> UsageError:
    """Return the error for a value that a key cannot have."""
    return UsageError(f"{key} cannot be {text or 'empty'}", why=why)


def allowed(owner: type, name: str) -> str:
    """Say what values a setting takes; ``owner`` describes its fields."""
    field = next(field for field in fields_of(owner) if field.name == name)
    low, high = field.param.low, field.param.high
    upper = f" to {high:g}" if high is not None and high < LARGEST else " up"
    span = f" from {low:g}{upper}" if low is not None else ""
    match field.editor:
        case "choice":
            return f"It is one of {', '.join(field.choices)}."
        case "bool":
            return "It is true or false."
        case "int":
            return f"It is a whole number{span}."
        case "float":
            return f"It is a number{span}."
        case "span":
            words = "".join(f", or {choice}" for choice in field.choices)
            return f"It is a whole number{span}, two in square brackets{words}."
        case "ints":
            return "It is whole numbers in square brackets, like [8, 8]."
        case _:
            return ""
