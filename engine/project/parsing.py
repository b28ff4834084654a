"""The text of a project's file to plain values: JSON within limits."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from engine.graph.documents import json_text
from nodes.errors import ProjectError

LARGEST_TEXT = 64 * 1024 * 1024
_DEEPEST_VALUE = 100
_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
TOO_DEEP = "It is nested too deeply."


def parse(text: str, where: str) -> dict[str, Any]:
    """Parse the text of a project file.

    Args:
        where: What to call the file in messages.

    Raises:
        ProjectError: The text is too large, no JSON, nested too deeply or not Layerloom's.
    """
    if len(text) > LARGEST_TEXT:
        raise ProjectError(
            "The project file is too large",
            why=f"It has {len(text) // 1_000_000} MB; projects have at most 64.",
            where=where,
            hint="Choose another file.",
        )
    try:
        document = json.loads(
            text, parse_constant=_refuse_constant, parse_int=_whole_number, parse_float=_number
        )
    except json.JSONDecodeError as error:
        raise ProjectError(
            "This is not a readable project file",
            why=_told(error),
            where=where,
            hint="Open a backup, or the autosaved copy from Recent.",
        ) from error
    except ValueError as error:
        raise not_a_project(where, f"{error}.") from error
    except RecursionError as error:
        raise not_a_project(where, TOO_DEEP) from error
    if not isinstance(document, dict) or document.get("format") != "layerloom":
        raise not_a_project(where, "It does not say that it is a Layerloom project.")
    if _is_deeper_than(_DEEPEST_VALUE, document):
        # Written from a deeper stack than it was read, such a file could not be saved again.
        raise not_a_project(where, TOO_DEEP)
    return document


def is_whole(document: Mapping[str, Any], text: str) -> bool:
    """Say whether no text holds one half of a pair of surrogates: it could not be saved again.

    Args:
        text: What the document was parsed from.
    """
    if not _HALF_CHARACTER.search(text):
        return True
    try:
        json_text(document).encode()
    except UnicodeEncodeError:
        return False
    return True


def not_a_project(where: str, why: str) -> ProjectError:
    """Return the error for a file that is something else."""
    return ProjectError(
        "This is not a Layerloom project",
        why=why,
        where=where,
        hint="Choose a .loom file that Layerloom saved.",
    )


def _told(error: json.JSONDecodeError) -> str:
    """Say where a text is no JSON; one that was cut off, by its end."""
    if not error.doc[error.pos :].strip() or error.msg.startswith("Unterminated string"):
        return f"It ends in the middle, in line {error.doc.count(chr(10)) + 1}."
    return f"Line {error.lineno}, column {error.colno}: {error.msg}."


def _is_deeper_than(depth: int, value: object) -> bool:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(depth == 0 or _is_deeper_than(depth - 1, item) for item in items)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number that a project can hold")


def _whole_number(digits: str) -> int:
    if len(digits) > 20:
        raise ValueError(f"The number {digits[:12]}… is too large")
    return int(digits)


def _number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"The number {digits[:12]} is too large")
    return number
