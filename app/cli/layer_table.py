"""The layers of a drawing as a table for the terminal, those inside of composites indented."""

from collections.abc import Iterator

from rich.table import Table

from app.cli.printing import table
from app.cli.words import brief, number, percent, size
from engine.analysis.cost import LayerCost
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


def cost_table(rows: tuple[SummaryRow, ...]) -> Table:
    """Return a line for each layer that was measured, and the sums."""
    numbers = ("forward", "backward", "share", "kept")
    made = table("layer", "kind", "output", *numbers, numbers=numbers)
    whole = sum(row.cost.seconds for row in rows if row.cost) or 1.0
    for depth, row in _lines(rows, 0):
        if row.cost is not None:
            made.add_row(
                f"{_INDENT * depth}{row.name}", row.kind, row.output, *_measured(row.cost, whole)
            )
    top = [row.cost for row in rows if row.cost]
    sums = LayerCost(
        node="",
        forward_seconds=sum(cost.forward_seconds for cost in top),
        backward_seconds=sum(cost.backward_seconds for cost in top),
        kept_bytes=sum(cost.kept_bytes for cost in top),
    )
    made.add_row("in all", "", "", *_measured(sums, whole), style="bold")
    return made


def _measured(cost: LayerCost, whole: float) -> tuple[str, ...]:
    return (
        brief(cost.forward_seconds),
        brief(cost.backward_seconds),
        percent(cost.seconds / whole),
        size(cost.kept_bytes) if cost.kept_bytes else "",
    )
