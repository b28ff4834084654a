"""The layers of a drawing as a table for the terminal, those inside of composites indented."""

from collections.abc import Iterator

from rich.table import Table

from app.cli.printing import table
from app.cli.words import number, size
from engine.analysis.summary import SummaryRow

_INDENT = "  "


def layer_table(rows: tuple[SummaryRow, ...]) -> Table:
    """Return a line for each layer with what it costs and sees, and the sums."""
    numbers = ("parameters", "multiply-adds", "outputs", "training", "sees")
    made = table("layer", "kind", "output", *numbers, numbers=numbers)
    for depth, row in _lines(rows, 0):
        made.add_row(f"{_INDENT * depth}{row.name}", row.kind, row.output, *_figures(row))
    made.add_row(
        "in all",
        "",
        "",
        number(sum(row.parameters for row in rows)),
        number(sum(row.multiply_adds for row in rows)),
        size(sum(row.activation_bytes for row in rows)),
        size(sum(row.training_bytes for row in rows)),
        "",
        style="bold",
    )
    return made


def seen(row: SummaryRow) -> str:
    """Write a receptive field: ``12×12``, ``all``; nothing for data without places."""
    if row.sees and set(row.sees) == {None}:
        return "all"
    return "×".join("all" if size is None else str(size) for size in row.sees)


def _lines(rows: tuple[SummaryRow, ...], depth: int) -> Iterator[tuple[int, SummaryRow]]:
    for row in rows:
        yield depth, row
        yield from _lines(row.inside, depth + 1)


def _figures(row: SummaryRow) -> tuple[str, ...]:
    return (
        number(row.parameters) if row.parameters else "",
        number(row.multiply_adds) if row.multiply_adds else "",
        size(row.activation_bytes) if row.activation_bytes else "",
        size(row.training_bytes) if row.training_bytes else "",
        seen(row),
    )
