"""What the command line writes: tables and figures for people, objects for programs."""

import os
import sys
import traceback

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from nodes.errors import LoomError

# Wide enough that no table is broken where no terminal says how wide it is.
_PIPE_WIDTH = 400


class PrintedError(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="error"):
    """An error as an object."""

    code: str
    title: str
    where: str = ""
    why: str = ""
    hint: str = ""


def out() -> Console:
    """Return standard output, for what was asked for."""
    return _console(stderr=False)


def err() -> Console:
    """Return standard error, for progress and problems."""
    return _console(stderr=True)


def print_object(value: object) -> None:
    """Write one JSON object as one line, at once."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    sys.stdout.flush()


def print_error(error: LoomError, *, json: bool = False) -> None:
    """Write what happened, where, why and how to mend it."""
    if json:
        print_object(
            PrintedError(
                code=error.code,
                title=error.title,
                where=error.where,
                why=error.why,
                hint=error.hint,
            )
        )
    parts = (("where", error.where), ("why", error.why), ("to fix", error.hint))
    err().print(explained(error.title, *parts), soft_wrap=True)
    if debugging():
        traceback.print_exception(error)


def explained(title: str, *parts: tuple[str, str], style: str = "red") -> Text:
    """Return a title with labelled lines under it; lines without text are left out."""
    text = Text(title, style=f"bold {style}")
    for label, part in parts:
        if part:
            text.append(f"\n  {label:<7}", style="dim not bold default")
            text.append(part, style="not bold default")
    return text


def print_bug(bug: Exception) -> None:
    """Say that this is a mistake of Layerloom's own."""
    text = explained(
        "This is a mistake in Layerloom, not yours",
        ("what", f"{type(bug).__name__}: {bug}"),
        ("to do", "Run it again with --debug and report what it prints."),
    )
    err().print(text, soft_wrap=True)
    if debugging():
        traceback.print_exception(bug)


def debugging() -> bool:
    """Say whether tracebacks are wanted."""
    return os.environ.get("LAYERLOOM_DEBUG", "") not in ("", "0")


def table(*columns: str, numbers: tuple[str, ...] = ()) -> Table:
    """Return an empty table without lines; the columns in ``numbers`` stand to the right."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        if column in numbers:
            made.add_column(column, justify="right", no_wrap=True)
        else:
            # Folded and not cut: what stands there is often typed again.
            made.add_column(column, overflow="fold")
    return made


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _PIPE_WIDTH
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)
