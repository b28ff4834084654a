"""The columns of the summary: what they are called, say, and sort by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.figures import amount, brief, byte_size, count, places
from engine.analysis.summary import SummaryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column."""

    key: str
    title: str
    tip: str
    text: Callable[[SummaryRow], str]
    value: Callable[[SummaryRow], float | str]
    """What it sorts by, and what a file gets."""

    is_number: bool = True
    adds_up: bool = False
    """The column has a sum, and each cell shows its share of it."""


def seen_value(row: SummaryRow) -> float:
    """Return how many places a receptive field has."""
    seen = 1.0
    for size in row.sees:
        seen *= float("inf") if size is None else size
    return seen if row.sees else 0.0


def _shown(value: int, write: Callable[[int], str]) -> str:
    return write(value) if value else ""


COLUMNS = (
    Column(
        key="layer",
        title="Layer",
        tip="In the order of the data flow",
        text=lambda row: row.title,
        value=lambda row: row.title.casefold(),
        is_number=False,
    ),
    Column(
        key="kind",
        title="Kind",
        tip="What it is in PyTorch",
        text=lambda row: row.kind,
        value=lambda row: row.kind.casefold(),
        is_number=False,
    ),
    Column(
        key="output",
        title="Output",
        tip="Sizes of one sample",
        text=lambda row: row.output,
        value=lambda row: row.activation_bytes,
        is_number=False,
    ),
    Column(
        key="parameters",
        title="Parameters",
        tip="Numbers that are learned",
        text=lambda row: _shown(row.parameters, count),
        value=lambda row: row.parameters,
        adds_up=True,
    ),
    Column(
        key="multiply_adds",
        title="Multiply-adds",
        tip="Multiplications with their additions for one sample; each is two FLOPs",
        text=lambda row: _shown(row.multiply_adds, amount),
        value=lambda row: row.multiply_adds,
        adds_up=True,
    ),
    Column(
        key="activation_bytes",
        title="Outputs",
        tip="Memory of what it puts out, for one sample",
        text=lambda row: _shown(row.activation_bytes, byte_size),
        value=lambda row: row.activation_bytes,
        adds_up=True,
    ),
    Column(
        key="training_bytes",
        title="To train",
        tip="Memory of weights, gradients, the optimiser and the outputs of a batch: a forecast",
        text=lambda row: _shown(row.training_bytes, byte_size),
        value=lambda row: row.training_bytes,
        adds_up=True,
    ),
    Column(
        key="seconds",
        title="Time",
        tip="Forward and back on a batch, as Profile measured it",
        text=lambda row: brief(row.cost.seconds) if row.cost else "",
        value=lambda row: row.cost.seconds if row.cost else 0.0,
        adds_up=True,
    ),
    Column(
        key="kept_bytes",
        title="Kept",
        tip="Memory kept for the way back on a batch, as Profile measured it",
        text=lambda row: _shown(row.cost.kept_bytes, byte_size) if row.cost else "",
        value=lambda row: row.cost.kept_bytes if row.cost else 0,
        adds_up=True,
    ),
    Column(
        key="receptive_field",
        title="Sees",
        tip="Receptive field: how much of a sample reaches one of its outputs",
        text=lambda row: places(row.sees),
        value=seen_value,
    ),
)
