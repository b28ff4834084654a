"""The sample that is looked at, and what can be done where its label is wrong."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.figures import percent
from app.widgets import Button, ChoiceField, Label
from engine.training.events import ProbeTaken


class SampleBar(QWidget):
    """Relabels a sample or leaves it out; the next run learns from the data so."""

    relabelled = Signal(int, int, int)
    """Number of the sample, the class that it is of from now on, and the one that it had."""

    left_out = Signal(int, int)
    """Number of the sample, and the class that it had; −1 where it has none."""

    taken_back = Signal(int)
    """Number of a sample that is read as the files hold it again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Sample that is looked at"))
        self._number = -1
        self._label = ""
        self._words = ""
        self._classes: tuple[str, ...] = ()
        self._corrected: frozenset[int] = frozenset()
        self._text = Label("", "small", "text")
        self._note = Label("", "small", "text2")
        self._choice = ChoiceField(self.tr("Relabel as"), ())
        self._choice.set_mixed(self.tr("Relabel as…"))
        self._choice.committed.connect(self._on_class)
        self._out = Button(self.tr("Leave out"), extent="small")
        self._back = Button(self.tr("Take back"), "ghost", extent="small")
        for button, act in ((self._out, self._on_out), (self._back, self._on_back)):
            button.setAccessibleName(button.text())
            button.clicked.connect(act)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._text)
        words.addWidget(self._note)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addLayout(words, stretch=1)
        for widget in (self._choice, self._out, self._back):
            row.addWidget(widget)
        self.hide()

    @property
    def number(self) -> int:
        """Which sample of the data set is shown; −1 for none."""
        return self._number

    def show_classes(self, names: Sequence[str]) -> None:
        """Offer these classes."""
        if tuple(names) == self._classes:
            return
        self._classes = tuple(names)
        self._choice.clear()
        for number, name in enumerate(names):
            self._choice.addItem(name, str(number))
        self._choice.set_mixed(self.tr("Relabel as…"))

    def show_corrected(self, samples: Collection[int]) -> None:
        """Know which samples were corrected."""
        self._corrected = frozenset(samples)
        self._redraw()

    def show_probe(self, taken: ProbeTaken) -> None:
        """Show the sample that was looked at, where it is one of the data."""
        self._number = taken.subject_number
        self._label = taken.subject_label
        self._words = self._said(taken)
        self._redraw()

    def _said(self, taken: ProbeTaken) -> str:
        text = self.tr("Sample {0} · label {1}").format(self._number, self._label or "–")
        if not taken.prediction:
            return text
        best = max(range(len(taken.prediction)), key=lambda k: taken.prediction[k])
        name = self._classes[best] if best < len(self._classes) else str(best)
        sure = percent(taken.prediction[best])
        return self.tr("{0} · read as {1}, {2} sure").format(text, name, sure)

    def _redraw(self) -> None:
        self.setVisible(self._number >= 0)
        is_corrected = self._number in self._corrected
        self._text.setText(self._words)
        self._note.setText(
            self.tr("Corrected; the next run uses it.")
            if is_corrected
            else self.tr("Is the label wrong? The files stay as they are.")
        )
        self._choice.setVisible(bool(self._classes) and not is_corrected)
        self._out.setVisible(not is_corrected)
        self._back.setVisible(is_corrected)

    @property
    def _was(self) -> int:
        return self._classes.index(self._label) if self._label in self._classes else -1

    def _on_class(self, value: str) -> None:
        self._choice.set_mixed(self.tr("Relabel as…"))
        if int(value) != self._was:
            self.relabelled.emit(self._number, int(value), self._was)

    def _on_out(self) -> None:
        self.left_out.emit(self._number, self._was)

    def _on_back(self) -> None:
        self.taken_back.emit(self._number)
