"""The Step tab: a debugger for one sample, with stops, conditions and the values on the wire."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QSplitter,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.figures import count, figure
from app.stepping.walk import BEFORE, Stop, StopRule, Walk
from app.widgets import Button, EmptyState, Label, SectionTitle
from app.widgets.data_table import DataTable, Row
from engine.probes.conditions import Condition, read_condition
from engine.training.events import RunEnded, RunLeft, RunStarted, TrainingEvent
from engine.training.questions import NotAnswered, PassTaken, RunOpened, ValueFigures
from nodes.errors import FormulaError

_COLUMNS = 8
_MOST_ROWS = 64


class StepPanel(QWidget):
    """Takes one sample through the model; what it shows was computed in one pass."""

    pass_requested = Signal()
    """The sample that is looked at is to be taken through now."""

    stopped_at = Signal(object)
    """A ``Stop`` to show on the canvas, or None."""

    train_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Step"))
        self.setMinimumSize(360, 240)
        self._names: Mapping[str, str] = {}
        self._taken: PassTaken | None = None
        self._walk = Walk(())
        self._place = BEFORE
        self._stops: set[str] = set()
        self._condition: Condition | None = None
        self._has_run = False
        self._is_waiting = False
        self._build()
        self._redraw()

    @property
    def walk(self) -> Walk:
        """All stops of the pass."""
        return self._walk

    @property
    def place(self) -> int:
        """Which of them is shown; −1 before the first."""
        return self._place

    @property
    def is_used(self) -> bool:
        """Whether a sample was taken through, or is on its way."""
        return self._is_waiting or bool(self._walk.stops)

    @property
    def reached(self) -> tuple[Stop, ...]:
        """The stops up to the one that is shown."""
        return self._walk.stops[: self._place + 1]

    @property
    def stop(self) -> Stop | None:
        """The stop that is shown."""
        return self._walk.stops[self._place] if self._place >= 0 else None

    def show_node_names(self, names: Mapping[str, str]) -> None:
        """Call layers by their names."""
        self._names = names
        self._redraw()

    def show_events(self, events: Sequence[TrainingEvent]) -> None:
        """Take what a run says."""
        for event in events:
            match event:
                case RunStarted() | RunOpened() | RunLeft():
                    self._has_run = not isinstance(event, RunLeft)
                    self._take(None)
                case PassTaken():
                    self._take(event)
                case RunEnded():
                    # Of a worker that was lost no answer comes any more.
                    self._is_waiting = False
                case NotAnswered(question="pass_through"):
                    self._is_waiting = False
                    self._refuse(f"{event.title}. {event.why}".strip())
                case _:
                    pass

    def show_coming(self, words: str, again: Callable[[], None] | None = None) -> None:
        """Say what is under way where there is nothing to show; empty words for no longer."""
        self._empty.show_coming(words, again)

    def name_keys(self, keys: Mapping[str, str]) -> None:
        """Name in tooltips the keys of ``next``, ``back`` and ``run``."""
        for key, button in self._by_key.items():
            button.setToolTip(f"{button.accessibleName()} ({keys[key]})" if keys.get(key) else "")

    # What a person can ask for; keys of the window come here.

    def take(self) -> None:
        """Take the sample through again, with the weights as they are now."""
        if not self._is_waiting:
            self._is_waiting = self._has_run
            self.pass_requested.emit()

    def next(self) -> None:
        """Go to the next layer, or take the sample through where none was."""
        if self._taken is None:
            self.take()
        else:
            self.go_to(self._walk.next(self._place))

    def back(self) -> None:
        """Go back by one layer."""
        self.go_to(self._walk.back(self._place))

    def run(self) -> None:
        """Run to the next stop; from the end it begins again with the first layer."""
        if self._taken is None:
            self.take()
            return
        begin = BEFORE if self._is_at_end else self._place
        self.go_to(self._walk.run(begin, self.rule.holds))
        if self.stop is not None and not self.rule.holds(self.stop):
            self._note.setText(self.tr("Nothing stopped it: this is the end."))

    @property
    def _is_at_end(self) -> bool:
        return self._place == len(self._walk.stops) - 1

    @property
    def rule(self) -> StopRule:
        """Where running on ends."""
        return StopRule(self._condition, self._stops, self._nan.isChecked())

    def forget(self) -> None:
        """Begin anew: what was taken through is not what is looked at any more."""
        self._take(None)

    def go_to(self, place: int) -> None:
        """Show another stop."""
        self._place = place
        self._show_place()
        self.stopped_at.emit(self.stop)

    def toggle_stop(self, node: str) -> None:
        """Stop at a layer from now on, or no longer."""
        self._stops ^= {node}
        self._redraw()

    def _take(self, taken: PassTaken | None) -> None:
        before = self.stop
        self._taken, self._is_waiting = taken, False
        self._walk = Walk.of(taken) if taken is not None else Walk(())
        self._place = BEFORE
        if before is not None and taken is not None:
            # Another sample, or newer weights: the same layer is compared with itself.
            node, way = before.layer.node, before.is_backward
            self._place = self._walk.of_node(node, is_backward=way)
        self._redraw()
        self.stopped_at.emit(self.stop)

    def _redraw(self) -> None:
        if self._has_run:
            words = self.tr("One sample goes through the model, layer by layer.")
            self._empty.set_words(words, self.tr("Take it through"))
        else:
            words = self.tr("Train once to take a sample through the model, layer by layer.")
            self._empty.set_words(words, self.tr("Train"))
        self._stack.setCurrentWidget(self._content if self._taken else self._empty)
        if self._taken is None:
            return
        heads = (self.tr("Layer"), "mean", "std", "min", "max", "NaN, ∞", self.tr("gradient"))
        self.layers.show_rows(heads, [self._row(stop) for stop in self._forward()])
        self._show_place()

    def _forward(self) -> tuple[Stop, ...]:
        return self._walk.stops[: self._walk.forward]

    def _row(self, stop: Stop) -> Row:
        layer, found = stop.layer, stop.layer.output
        mark = "● " if layer.node in self._stops else ""
        indent = "    " * layer.node.count("/")
        words = (
            f"{indent}{mark}{self._name(layer.node, layer.name or layer.title, layer.round)}",
            *(_told(found, value) for value in (found.mean, found.std, found.low, found.high)),
            count(found.nan + found.inf) if found.nan or found.inf else "",
            _told(layer.gradient, layer.gradient.norm) if layer.gradient is not None else "",
        )
        return Row(words, "text" if stop.is_finite else "err")

    def _name(self, node: str, otherwise: str, number: int) -> str:
        name = self._names.get(node, otherwise)
        return f"{name} {self.tr('round {0}').format(number + 1)}" if number else name

    def _show_place(self) -> None:
        stop, taken = self.stop, self._taken
        if taken is None:
            return
        places = {id(one.layer): row for row, one in enumerate(self._forward())}
        self.layers.choose(places[id(stop.layer)] if stop else -1)
        self._back.setEnabled(self._place > BEFORE)
        self._next.setDisabled(self._is_at_end)
        self._title.set_title(self._where(stop))
        self._title.set_note(self._about(stop))
        self._values.show_rows(*_value_rows(stop.figures if stop else None))
        self._note.setText(self._words(taken, stop, is_last=self._is_at_end))

    def _where(self, stop: Stop | None) -> str:
        if stop is None:
            return self.tr("Before the first layer")
        name = self._name(stop.layer.node, stop.layer.name or stop.layer.title, stop.layer.round)
        if not stop.is_backward:
            text = self.tr("Forward {0} of {1} · {2}")
            return text.format(self._place + 1, self._walk.forward, name)
        done = self._place + 1 - self._walk.forward
        text = self.tr("Backward {0} of {1} · {2}")
        return text.format(done, len(self._walk.stops) - self._walk.forward, name)

    def _about(self, stop: Stop | None) -> str:
        if stop is None:
            return ""
        shape = "×".join(str(size) for size in stop.figures.shape) or self.tr("one value")
        words = [shape]
        if stop.is_backward and stop.layer.weight_gradient is not None:
            length = figure(stop.layer.weight_gradient)
            words.append(self.tr("gradient of the weights {0}").format(length))
        return " · ".join(words)

    def _words(self, taken: PassTaken, stop: Stop | None, *, is_last: bool) -> str:
        if taken.problem and (stop is None or is_last):
            name = self._name(taken.problem_node, taken.problem_node, 0)
            return self.tr("{0} could not run: {1}").format(name, taken.problem)
        if stop is not None and not stop.is_finite:
            return self.tr("{0} of these are not a number, {1} are infinite.").format(
                count(stop.figures.nan), count(stop.figures.inf)
            )
        derived = {
            "loss": self.tr("Gradients are of the loss."),
            "answer": self.tr("Without a label, gradients are of the highest score."),
            "none": self.tr("Nothing flows back: a layer has no derivative."),
        }[taken.score]
        return self.tr("Step {0}, evaluation mode. {1}").format(count(taken.step), derived)

    def _on_condition(self) -> None:
        text = self._field.text().strip()
        try:
            self._condition = read_condition(text) if text else None
        except FormulaError as error:
            self._condition = None
            self._wrong.setText(f"{error.title}. {error.why}")
        else:
            self._wrong.setText("")
        self._wrong.setVisible(bool(self._wrong.text()))

    def _refuse(self, words: str) -> None:
        """Say why the sample did not go through, wherever the person looks."""
        self._note.setText(words)
        if self._taken is None:
            self._empty.set_words(words, self.tr("Take it through"))

    def _on_empty(self) -> None:
        if self._has_run:
            self.take()
        else:
            self.train_requested.emit()

    def _on_row(self, row: int) -> None:
        self.go_to(row)

    def _on_mark(self) -> None:
        stop = self.stop
        if stop is not None:
            self.toggle_stop(stop.layer.node)

    # Building

    def _build(self) -> None:
        self._empty = EmptyState("step", "")
        self._empty.acted.connect(self._on_empty)
        self._take_again = Button(self.tr("Take again"), icon_name="refresh", extent="small")
        self._back = Button(self.tr("Back"), icon_name="arrow-up", extent="small")
        self._next = Button(self.tr("Next"), icon_name="arrow-down", extent="small")
        self._run = Button(self.tr("Run to stop"), icon_name="play", extent="small")
        self._mark = Button(self.tr("Stop here"), "ghost", icon_name="dot", extent="small")
        for button, act in (
            (self._take_again, self.take),
            (self._back, self.back),
            (self._next, self.next),
            (self._run, self.run),
            (self._mark, self._on_mark),
        ):
            button.clicked.connect(act)
            button.setAccessibleName(button.text())
        self._by_key = {"back": self._back, "next": self._next, "run": self._run}
        self._field = QLineEdit()
        self._field.setPlaceholderText("std > 10")
        self._field.setAccessibleName(self.tr("Stop where"))
        self._field.setToolTip(self.tr("mean, std, min, max, norm, zeros, nan, inf; has NaN"))
        self._field.textChanged.connect(self._on_condition)
        self._nan = QCheckBox(self.tr("at the first NaN"))
        self._nan.setChecked(True)
        self._wrong = Label("", "small", "err")
        self._wrong.setWordWrap(True)
        self._wrong.hide()
        self.layers = DataTable(self.tr("Layers of the pass"))
        self.layers.row_chosen.connect(self._on_row)
        self.layers.doubleClicked.connect(lambda index: self._on_double(index.row()))
        self._title = SectionTitle("")
        self._values = DataTable(self.tr("Values"))
        self._values.horizontalHeader().hide()
        self._note = Label("", "small", "text2")
        self._note.setWordWrap(True)
        self._lay_out()

    def _on_double(self, row: int) -> None:
        self.toggle_stop(self._forward()[row].layer.node)

    def _lay_out(self) -> None:
        buttons, rule = QHBoxLayout(), QHBoxLayout()
        for button in (self._take_again, self._back, self._next, self._run, self._mark):
            buttons.addWidget(button)
        buttons.addStretch(1)
        rule.addWidget(Label(self.tr("Stop where"), "small", "text2"))
        rule.addWidget(self._field, stretch=1)
        rule.addWidget(self._nan)
        for row in (buttons, rule):
            row.setSpacing(8)
        below = QWidget()
        lower = QVBoxLayout(below)
        lower.setContentsMargins(0, 4, 0, 0)
        lower.addWidget(self._title)
        lower.addWidget(self._values, stretch=1)
        lower.addWidget(self._note)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.layers)
        split.addWidget(below)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        self._content = QWidget()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(10)
        column.addLayout(buttons)
        column.addLayout(rule)
        column.addWidget(self._wrong)
        column.addWidget(split, stretch=1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._content)


def _value_rows(figures: ValueFigures | None) -> tuple[tuple[str, ...], list[Row]]:
    """Return the values in the rows of their last axis, where these are short enough."""
    if figures is None:
        return (), []
    values = np.frombuffer(figures.values, np.float32)
    width = figures.shape[-1] if figures.shape and figures.shape[-1] <= 2 * _COLUMNS else _COLUMNS
    rows = []
    for begin in range(0, min(len(values), width * _MOST_ROWS), width):
        some = [figure(float(value)) for value in values[begin : begin + width]]
        rows.append(Row((str(begin), *some, *[""] * (width - len(some)))))
    return ("",) * (width + 1), rows


def _told(figures: ValueFigures, value: float) -> str:
    """Return a figure of the finite values; a dash where there are none."""
    return figure(value if figures.nan + figures.inf < math.prod(figures.shape) else None)
