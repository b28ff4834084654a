"""Parameters of layers: what the editor, the checks and the help need to know of each.

A layer's parameters are the typed fields of its struct; ``Param`` stands in their annotation.
"""

import functools
import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias, get_args, get_origin, get_type_hints

import msgspec

from nodes.errors import ParameterError

# Beyond this no tensor fits any memory; it also keeps hostile files from asking for one.
LARGEST = 2**31 - 1


class Param(msgspec.Struct, frozen=True):
    """What is known of one parameter beyond its type."""

    label: str
    """In sentence case, as the property editor writes it: "Output channels"."""

    help: str
    """For a student: what it does and what a larger value changes."""

    low: float | None = None
    high: float | None = LARGEST
    step: float = 1
    unit: str = ""
    suggest: tuple[int | float, ...] = ()
    """Typical values."""

    on_card: str = ""
    """How the card writes it, ``{}`` for the value; empty: not on the card."""

    when: str = ""
    """Shown only while the named parameter is set (not None, False or "none")."""

    advanced: bool = False


# A constraint (``msgspec.Meta``) on the whole number of such a union makes msgspec 0.22 read the
# length of the array from foreign memory and crash; ranges are therefore checked by ``check``.
Span: TypeAlias = int | tuple[int, int]
"""A whole number for both axes, or one for the height and one for the width."""

Span3: TypeAlias = int | tuple[int, int, int]
"""A whole number for all axes, or one for the depth, one for the height, one for the width."""

AnySpan: TypeAlias = int | tuple[int, ...]
"""What stands for a span where the number of axes is open."""


class Field(msgspec.Struct, frozen=True):
    """One parameter of one kind of layer, as the editor and the checks see it."""

    name: str
    param: Param
    editor: Literal["int", "float", "bool", "choice", "span", "text", "ints", "fields"]
    choices: tuple[str, ...] = ()
    required: bool = False
    optional: bool = False
    """The value may be None."""

    default: Any = None


@functools.cache
def fields_of(layer: type) -> tuple[Field, ...]:
    """Describe the parameters of a layer class, in the order they are written."""
    hints = get_type_hints(layer, include_extras=True)
    described = []
    for field in msgspec.structs.fields(layer):
        hint = hints[field.name]
        base, param = _split(field.name, hint)
        editor, choices, optional = _editor(base)
        required = field.required
        default = None if required else _default(field)
        described.append(Field(field.name, param, editor, choices, required, optional, default))
    return tuple(described)


def check(layer: type, params: Mapping[str, object]) -> None:
    """Check every value against the range of its parameter.

    Raises:
        ParameterError: A value lies outside; the message names the parameter and the range.
    """
    for field in fields_of(layer):
        if field.name in params:
            for number in _numbers(params[field.name]):
                _check_number(field, number)


def _check_number(field: Field, number: float) -> None:
    low, high = field.param.low, field.param.high
    below = low is not None and number < low
    above = high is not None and number > high
    if below or above or not math.isfinite(number):
        raise ParameterError(
            field.name,
            f"{field.param.label} cannot be {_short(number)}",
            why=f"It goes {_range(low, high)}.",
            hint=f"Set a value {_range(low, high)}.",
        )


def _short(number: float) -> str:
    if isinstance(number, int) and abs(number) > LARGEST**2:
        # Python refuses to write whole numbers of thousands of digits.
        return "so large" if number > 0 else "so far below zero"
    text = str(number)
    return text if len(text) <= 20 else f"{text[:19]}…"


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return f"up to {high:g}" if high is not None else "over all finite numbers"
    if high is None or high >= LARGEST:
        return f"from {low:g} up"
    return f"from {low:g} to {high:g}"


def _numbers(value: object) -> list[int | float]:
    if isinstance(value, bool):
        return []
    if isinstance(value, int | float):
        return [value]
    if isinstance(value, tuple | list):
        return [number for item in value for number in _numbers(item)]
    return []


def _split(name: str, hint: object) -> tuple[Any, Param]:
    if get_origin(hint) is Annotated:
        base, *extras = get_args(hint)
        for extra in extras:
            if isinstance(extra, Param):
                return base, extra
        return base, Param(name.replace("_", " ").capitalize(), "")
    return hint, Param(name.replace("_", " ").capitalize(), "")


def _editor(base: Any) -> tuple[Any, tuple[str, ...], bool]:
    if base is bool:
        return "bool", (), False
    if base is int:
        return "int", (), False
    if base is float:
        return "float", (), False
    if base is str:
        return "text", (), False
    if get_origin(base) is Literal:
        return "choice", tuple(str(choice) for choice in get_args(base)), False
    if get_origin(base) is tuple:
        return ("ints" if get_args(base)[0] is int else "fields"), (), False
    parts = [part for part in get_args(base) if part is not type(None)]
    optional = type(None) in get_args(base)
    if all(_is_struct(part) for part in parts or [base]):
        return "fields", (), optional
    if len(parts) == 1:
        editor, choices, _ = _editor(parts[0])
        return editor, choices, optional
    choices = next((get_args(part) for part in parts if get_origin(part) is Literal), ())
    return "span", tuple(str(choice) for choice in choices), optional


def _is_struct(base: Any) -> bool:
    return isinstance(base, type) and issubclass(base, msgspec.Struct)


def _default(field: msgspec.structs.FieldInfo) -> object:
    if field.default is not msgspec.NODEFAULT:
        return field.default
    return field.default_factory()
