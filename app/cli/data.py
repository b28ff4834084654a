"""``layerloom data``: the data sets that ship, and what one's own files would be."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from msgspec.structs import replace

from app.cli.arguments import JsonOption
from app.cli.printing import err, explained, out, print_object, table
from app.cli.words import figure, number, size
from engine.project.files import SUFFIX, save
from engine.project.project import Project
from nodes.errors import DataError, ProjectError
from nodes.sources import Prose, Table, Texts

if TYPE_CHECKING:
    from engine.data.inspect import ColumnFacts, Finding, Inspection
    from nodes.sources import Source, Token

data = typer.Typer(
    help="The data sets that ship, and what your own files would be as one.",
    no_args_is_help=True,
)
PathArgument = Annotated[
    Path, typer.Argument(metavar="PATH", help="A table, an array, a text, or a folder.")
]

SheetOption = Annotated[
    str, typer.Option(metavar="NAME", help="The sheet of a workbook; its first table if left out.")
]

_MARKS = {"note": "·", "choice": "!", "stop": "×"}
_STYLES = {"note": "dim", "choice": "yellow", "stop": "red"}
_MOST_CLASSES = 12


@data.command("list")
def list_data(*, json: JsonOption = False) -> None:
    """List the data sets that ship."""
    from engine.data.builtin import data_sets

    if json:
        for spec in data_sets():
            print_object(spec)
        return
    rows = table("name", "samples", "what it is", "from", numbers=("samples",))
    for spec in data_sets():
        rows.add_row(spec.name, number(spec.samples), spec.summary, spec.notice)
    out().print(rows)


@data.command("inspect")
def inspect_data(
    path: PathArgument,
    *,
    sheet: SheetOption = "",
    first: Annotated[
        bool, typer.Option("--first", help="Look at the beginning of very large data alone.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Say what a file or folder would be as a data set, and what is wrong with it.

    Ctrl+C ends a long look; what the beginning says is printed.
    """
    found = (_glanced(path) if first else None) or _looked_at(path, sheet)
    if json:
        print_object(found)
    else:
        _print_inspection(found)
    if not found.usable:
        raise typer.Exit(1)


@data.command("fetch")
def fetch_data(
    name: Annotated[
        str, typer.Argument(metavar="OWNER/NAME", help="A data set of Hugging Face's hub.")
    ],
    *,
    subset: Annotated[
        str, typer.Option(metavar="NAME", help="Which of its subsets; the first if left out.")
    ] = "",
) -> None:
    """Fetch a data set from Hugging Face's hub; nothing of it is run."""
    from engine.data.hub import fetch, look_up, parts_of, size_of

    with err().status("Looking"):
        found = look_up(name)
        subset = subset or next(iter(found.subsets))
        parts, whole = parts_of(found, subset), size_of(found, subset)
    console = out()
    console.print(f"{found.name}, {subset}: {', '.join(parts)}, {size(whole)}", soft_wrap=True)
    console.print(f"  Licence: {found.licence or 'its card says none'}", soft_wrap=True)
    left = [part for part in found.subsets[subset] if part not in parts]
    if left:
        console.print(f"  Not fetched: {', '.join(left)}", soft_wrap=True)
    if len(found.subsets) > 1:
        others = [other for other in found.subsets if other != subset]
        console.print(f"  Other subsets: {', '.join(others[:_MOST_CLASSES])}", soft_wrap=True)
    with _bar(whole):
        folder = fetch(found, subset)
    console.print(f"{folder}", soft_wrap=True)


@contextmanager
def _bar(whole: int) -> Iterator[None]:
    """Show how much of so many bytes has come."""
    from rich.progress import BarColumn, DownloadColumn, Progress

    from engine.data.progress import listening

    console = err()
    with Progress(
        BarColumn(bar_width=32),
        DownloadColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task("", total=whole or None)
        with listening(lambda done, _: bar.update(task, completed=done)):
            yield


@data.command("use")
def use_data(
    path: PathArgument,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The .loom file to write.")
    ],
    *,
    target: Annotated[
        str, typer.Option(metavar="COLUMN", help="The column of a table to predict.")
    ] = "",
    sheet: SheetOption = "",
    tokens: Annotated[
        Literal["", "word", "character", "subword"],
        typer.Option(help="What texts are cut into; subwords are learned from the text (BPE)."),
    ] = "",
    skip_problems: Annotated[
        bool, typer.Option("--skip-problems", help="Leave out what cannot be read.")
    ] = False,
    text_as_missing: Annotated[
        bool,
        typer.Option("--text-as-missing", help="Take text in a column of numbers as missing."),
    ] = False,
    stop_when_lost: Annotated[
        bool,
        typer.Option("--stop-when-lost", help="Stop training where files vanish meanwhile."),
    ] = False,
) -> None:
    """Write a project that learns from your own files."""
    from engine.data.inspect.table import with_target
    from engine.data.opening import open_data
    from engine.data.starting import data_params, starting_graph
    from nodes.io import Data

    found = _inspected(path, sheet)
    if target:
        found = with_target(found, target)
    _needs_usable(found, path)
    assert found.source is not None, "usable data has a source"
    source = replace(found.source, skip_problems=skip_problems, stop_when_lost=stop_when_lost)
    if isinstance(source, Table):
        source = replace(source, text_is_missing=text_as_missing)
    if tokens:
        source = _cut_into(source, tokens)
    opened = open_data(Data(dataset=found.name, source=source, split_by=found.split_by))
    params = data_params(found.name, opened.spec, source, found.split_by)
    graph = starting_graph(params, opened.spec.fields)
    file = output if output.suffix else output.with_suffix(SUFFIX)
    if file.exists():
        raise ProjectError(
            "There is a file of that name",
            where=str(file),
            why="A new project does not take the place of a file.",
            hint="Choose another name with -o, or remove the file.",
        )
    save(file, Project(name=found.name, graph=graph))
    for note in opened.spec.notes:
        err().print(note, soft_wrap=True)
    out().print(f"{file}  {number(opened.spec.samples)} samples", soft_wrap=True)


def _cut_into(source: "Source", tokens: "Token") -> "Source":
    if not isinstance(source, Table | Texts | Prose):
        raise DataError(
            "There is no text to cut into tokens",
            why=f"{Path(source.path).name} is no text and no table.",
            where=source.path,
            hint="Leave --tokens out.",
        )
    return replace(source, unit=tokens)


def _looked_at(path: Path, sheet: str) -> "Inspection":
    try:
        return _inspected(path, sheet)
    except KeyboardInterrupt:
        seen = _glanced(path)
        if seen is None:
            raise
        return seen


def _glanced(path: Path) -> "Inspection | None":
    from engine.data.inspect.glance import glance

    return glance(path)


def _inspected(path: Path, sheet: str) -> "Inspection":
    with err().status("Looking") as status:
        from engine.data.inspect import inspect_path
        from engine.data.progress import listening

        with listening(lambda done, total: status.update(f"Looking: {_amount(done, total)}")):
            return inspect_path(path, sheet=sheet)


def _amount(done: int, total: int) -> str:
    return f"{number(done)} of {number(total)}" if total else number(done)


def _needs_usable(found: "Inspection", path: Path) -> None:
    if found.usable:
        return
    stop = next(finding for finding in found.findings if finding.weight == "stop")
    raise DataError(
        stop.title, why=stop.why, where=str(path), hint="Look with “layerloom data inspect”."
    )


def _print_inspection(found: "Inspection") -> None:
    console = out()
    if found.source is None:
        console.print(found.title, soft_wrap=True)
    else:
        _print_amounts(found)
    for name, words in found.facts:
        console.print(f"  {name}: {words}", soft_wrap=True)
    if found.classes:
        _print_classes(found.classes)
    if found.columns:
        console.print()
        console.print(_column_table(found.columns))
    for finding in found.findings:
        console.print(_told(finding), soft_wrap=True)


def _print_amounts(found: "Inspection") -> None:
    files = "one file" if found.files == 1 else f"{number(found.files)} files"
    amounts = f"{number(found.samples)} samples, {files}"
    out().print(f"{found.title}: {amounts}, {size(found.size_bytes)}", soft_wrap=True)


def _print_classes(classes: tuple[tuple[str, int], ...]) -> None:
    told = [f"{name} {number(count)}" for name, count in classes[:_MOST_CLASSES]]
    more = len(classes) - _MOST_CLASSES
    words = "  ".join([*told, f"and {more} more"] if more > 0 else told)
    out().print(f"  Classes: {words}", soft_wrap=True)


def _column_table(columns: "tuple[ColumnFacts, ...]") -> object:
    numbers = ("missing", "different")
    rows = table("column", "kind", "role", *numbers, "values", numbers=numbers)
    for facts in columns:
        column = facts.column
        missing = number(facts.missing) if facts.missing else ""
        amounts = (missing, number(facts.distinct))
        rows.add_row(column.name, column.kind, column.role, *amounts, _values(facts))
    return rows


def _values(facts: "ColumnFacts") -> str:
    if facts.column.kind == "date" and facts.low is not None and facts.high is not None:
        # Numpy is not loaded for a command that needs none.
        from engine.data import prepare

        return " to ".join(prepare.date_text(days) for days in (facts.low, facts.high))
    if facts.low is not None:
        return f"{figure(facts.low)} to {figure(facts.high)}, mean {figure(facts.mean)}"
    return ", ".join(facts.values[:4]) + (" …" if len(facts.values) > 4 else "")


def _told(finding: "Finding") -> object:
    return explained(
        f"{_MARKS[finding.weight]} {finding.title}",
        ("why", finding.why),
        ("to do", _advice(finding)),
        style=_STYLES[finding.weight],
    )


def _advice(finding: "Finding") -> str:
    return (
        "Mend them, or leave them out with --skip-problems." if finding.weight == "choice" else ""
    )
