"""The report of a run: one page to read, to keep and to send, written where the run ends."""

from datetime import timedelta
from pathlib import Path
from typing import Final

import numpy as np

from engine.analysis.summary import every_row, summary
from engine.atomic import write_atomically
from engine.data.metric_names import is_share, sentence
from engine.data.split_record import SplitRecord
from engine.project.project import Project
from engine.project.recipe import Recipe, recipe_fields, steers
from engine.runs.compare import ComparedRun, read_compared
from engine.runs.differing import GROUPS, Trained, setting_words
from engine.runs.marks import read_marks
from engine.runs.record import RunRecord, State, Surroundings
from engine.runs.replay import changes, notes
from engine.runs.report_page import Line, curve, headline, page, picture, table
from engine.training.insight import Evaluated

_FILE: Final = "report.html"
_MOST_ROWS: Final = 500
_PARTS: Final = ("Training", "Validation", "Test")
_INDENT: Final = "\u2003"
"""A wide space: a page would take common ones away."""


_STATES: Final[dict[State, str]] = {
    "running": "It trains at this moment",
    "finished": "It finished",
    "stopped": "It was stopped",
    "stopped_early": "It stopped early, as validation grew no better",
    "failed": "A problem ended it",
    "lost": "Its process ended without a word",
}


def write_report(run: Path, drawing: bytes = b"") -> Path:
    """Write what a run came to as a page by itself, and return the file.

    Args:
        run: The run folder; the run may still train.
        drawing: A picture of the drawing as SVG, where one can be made.

    Raises:
        LoomError: The folder is no run, cannot be read, or cannot be written.
    """
    file = run / _FILE
    text = _composed(RunRecord.open(run), read_compared(run), drawing)
    write_atomically(file, text.encode())
    return file


def _composed(record: RunRecord, run: ComparedRun, drawing: bytes) -> str:
    has_begun = run.curves is not None
    recipe = run.trained.project.recipe
    return page(
        record.info.name or "A run",
        (_state(record, run), read_marks(record.folder).note),
        [
            headline(_headline(record, run)),
            *_curves(run),
            *_evaluation(run.evaluated),
            _changes(record.folder) if has_begun else "",
            _notes(record.folder) if has_begun else "",
            picture("Drawing", drawing),
            _layers(run.trained),
            table("Data", (), _data(record.info.split, run.trained.project)),
            table("Recipe", (), _recipe(recipe)),
            table("Computed with", (), _surroundings(record.info.surroundings)),
        ],
    )


def _state(record: RunRecord, run: ComparedRun) -> str:
    problem = record.info.problem
    words = _STATES[run.state] + (f": {problem.title}" if problem is not None else "")
    return f"{words}. It began on {run.started:%Y-%m-%d} at {run.started:%H:%M}."


def _headline(record: RunRecord, run: ComparedRun) -> list[tuple[str, str]]:
    ended, report = record.info.ended, run.trained.report
    found = [
        (f"best {run.metric}, validation", _measured(run.best_metric, run.metric)),
        ("least loss, validation", _measured(run.best_loss)),
        ("epochs", f"{ended.epoch:.4g}" if ended is not None else ""),
        ("steps", f"{ended.step:,}" if ended is not None else ""),
        ("time", str(timedelta(seconds=round(run.seconds)))),
        ("parameters", f"{report.totals.parameters:,}"),
    ]
    return [(name, value) for name, value in found if value]


def _curves(run: ComparedRun) -> list[str]:
    found = run.curves
    if found is None:
        return []
    epochs = found.epochs.astype(np.float64)
    losses = Line(found.step_epochs, found.losses), Line(epochs, found.validation_losses)
    scale = 100 if is_share(found.metric) else 1
    metrics = (
        Line(found.step_epochs, found.metrics * scale),
        Line(epochs, found.validation_metrics * scale),
    )
    return [curve("Loss", *losses), curve(_titled(found.metric), *metrics)]


def _evaluation(found: Evaluated | None) -> list[str]:
    if found is None:
        return []
    shares = {
        "Accuracy": found.accuracy,
        "Macro F1": found.macro_f1,
        "Mean IoU": found.mean_iou,
        "Calibration error": found.calibration_error,
    }
    numbers = {
        "Mean absolute error": found.mean_absolute_error,
        "Root mean square error": found.root_mean_square_error,
        "R²": found.r_squared,
    }
    rows = [(name, _share(value)) for name, value in shares.items() if value is not None]
    rows += [(name, _measured(value)) for name, value in numbers.items() if value is not None]
    classes = [
        (one.name, f"{one.samples:,}", *map(_share, (one.precision, one.recall, one.f1)))
        for one in found.classes
    ]
    title = f"On {found.samples:,} validation samples, after epoch {found.epoch}"
    heads = ("class", "samples", "precision", "recall", "F1")
    return [table(title, (), rows, numbers=1), table("Classes", heads, classes, numbers=4)]


def _changes(run: Path) -> str:
    rows = [(change.title, f"{change.step:,}") for change in changes(run)]
    return table("Changed while it trained", ("", "step"), rows, numbers=1)


def _notes(run: Path) -> str:
    rows = [(note.text, f"{note.step:,}") for note in notes(run)]
    return table("Noted while it trained", ("", "step"), rows[:_MOST_ROWS], numbers=1)


def _layers(trained: Trained) -> str:
    rows = [
        (
            f"{_INDENT * (len(row.path) - 1)}{row.title}",
            row.settings,
            row.output,
            f"{row.parameters:,}",
        )
        for row in every_row(summary(trained.report, trained.project.recipe))
    ]
    heads = ("layer", "settings", "output of one sample", "parameters")
    return table("Layers", heads, rows[:_MOST_ROWS], numbers=1)


def _data(split: SplitRecord | None, project: Project) -> list[tuple[str, str]]:
    """Say what was learnt from, and which samples were in which part."""
    names = [
        node.params.get("dataset", "")
        for node in project.graph.nodes.values()
        if node.kind == "Data"
    ]
    rows = [("Data set", str(name)) for name in names]
    if split is None:
        return rows
    rows.append(("Split", split.words))
    for part, count, digest in zip(_PARTS, split.counts, split.digests, strict=True):
        if count:
            rows.append((part, f"{count:,} samples · hash {digest}"))
    by_hand = (("Given another label", split.relabelled), ("Left out by hand", split.left_out))
    rows += [(name, f"{count:,}") for name, count in by_hand if count]
    return rows + [("Noted", note) for note in split.notes]


def _recipe(recipe: Recipe) -> list[tuple[str, str]]:
    steering = [field for field in recipe_fields() if steers(recipe, field.name)]
    words = [(field.param.label, setting_words(recipe, field.name)) for field in steering]
    words += [(name, in_words(recipe)) for name, in_words in GROUPS.items()]
    return [(name, value) for name, value in words if value]


def _surroundings(found: Surroundings) -> list[tuple[str, str]]:
    words = {
        "Layerloom": found.layerloom,
        "torch": found.torch,
        "Python": found.python,
        "System": found.system,
        "Device": f"{found.device} {found.processor}".strip(),
        "Threads": str(found.threads or ""),
    }
    return [(name, value) for name, value in words.items() if value]


def _titled(metric: str) -> str:
    return sentence(metric) + (", %" if is_share(metric) else "")


def _measured(value: float | None, metric: str = "") -> str:
    if value is None:
        return ""
    return _share(value) if is_share(metric) else f"{value:.4g}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
