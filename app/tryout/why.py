"""How an answer is explained: the way and the class that are chosen, and what the colours say."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.tryout.answer import named, shown_classes
from app.tryout.column_bars import ColumnBars
from app.waiting import WaitRow
from app.widgets import ChoiceField, Label
from engine.training.events import TrainingEvent
from engine.training.insight import InputExplained, InputRefused
from engine.training.waiting import Underway

_OFF = "off"
_ANSWER = "answer"


class WhyPart(QWidget):
    """Asks for an explanation; the legend is shown once there is one."""

    changed = Signal()
    """Answers are to be explained in another way, or another class is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = Label(self.tr("Why?"), weight=600)
        self.ways = ChoiceField(self.tr("How the answer is explained"), [])
        self.classes = ChoiceField(self.tr("Class that is explained"), [])
        self.columns = ColumnBars()
        self._names: Sequence[str] = ()
        self._best = -1
        self._for = Label("", "small", "train")
        self.legend = self._build_legend()
        self.wait = WaitRow("why", self.tr("Explaining"))
        for choice in (self.ways, self.classes):
            choice.committed.connect(self._on_choice)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addWidget(self.ways)
        column.addWidget(self.classes)
        column.addWidget(self.wait)
        column.addWidget(self.legend)
        column.addWidget(self.columns)
        self.offer(())

    @property
    def method(self) -> str:
        """How answers are explained; empty for not at all."""
        return self.ways.value if self.ways.currentIndex() > 0 else ""

    @property
    def target(self) -> int | None:
        """The class that is explained; None for the one that is answered."""
        return None if self._follows_answer else int(self.classes.value)

    def offer(self, ways: Sequence[str]) -> None:
        """Offer the ways that apply to what is given; one that holds and is among them stays."""
        words = {
            "gradient": self.tr("Gradient"),
            "integrated": self.tr("Integrated gradients"),
            "gradcam": self.tr("Grad-CAM"),
            "occlusion": self.tr("Occlusion"),
        }
        before = self.method
        self.ways.clear()
        self.ways.addItem(self.tr("Off"), _OFF)
        for way in ways:
            self.ways.addItem(words[way], way)
        self.ways.set_value(before if before in ways else _OFF)
        self._show_classes()
        self.clear()

    def forget(self) -> None:
        """Offer no classes: another model is asked now."""
        self.classes.clear()
        self.show_answer((), ())

    def show_answer(self, prediction: Sequence[float], names: Sequence[str]) -> None:
        """Ask why of an answer; of nothing by name where it is no class."""
        self._names = names
        self._best = max(range(len(prediction)), key=prediction.__getitem__, default=-1)
        if not self.classes.view().isVisible():
            self._list_classes(prediction, names)
        self._name()

    def take(self, event: TrainingEvent) -> None:
        """Take what a run says of how far an explanation is."""
        if isinstance(event, Underway) and event.what == "why" and self.method:
            if not self.wait.is_waiting:
                self.wait.ask()
        elif isinstance(event, InputExplained | InputRefused):
            self.wait.end()
        self.wait.take(event)

    def takes(self, event: InputExplained) -> bool:
        """Show the legend of an explanation; False where another one is wanted by now."""
        if event.method != self.method or self.target not in (None, event.target):
            return False
        # The answer may be another class by now; the colours are of this one.
        name = self._name_of(event.target)
        self._for.setText(self.tr("speaks for {0}").format(name) if name else self.tr("raises it"))
        self.legend.show()
        return True

    def clear(self) -> None:
        """Show no explanation."""
        self.wait.end()
        self.legend.hide()
        self.columns.show_parts((), ())

    @property
    def _follows_answer(self) -> bool:
        return self.classes.currentIndex() < 0 or self.classes.value == _ANSWER

    def _list_classes(self, prediction: Sequence[float], names: Sequence[str]) -> None:
        """Offer the classes that the answer lists, and the one that is chosen."""
        chosen = "" if self._follows_answer else self.classes.value
        if chosen and int(chosen) >= len(prediction):
            chosen = ""
        order = shown_classes(prediction)
        listed = [(_ANSWER, self.tr("The answer"))]
        listed += [(str(k), named(k, names)) for k in order]
        if chosen and int(chosen) not in order:
            listed.append((chosen, named(int(chosen), names)))
        there = [self.classes.itemData(row) for row in range(self.classes.count())]
        if there != [value for value, _ in listed]:
            self.classes.clear()
            for value, word in listed:
                self.classes.addItem(word, value)
        self.classes.set_value(chosen or _ANSWER)
        self._show_classes()

    def _show_classes(self) -> None:
        """Offer classes only while an answer is explained, and is one of several."""
        self.classes.setVisible(bool(self.method) and self.classes.count() > 1)

    def _name(self) -> None:
        """Say of which class it is asked."""
        name = self._name_of(self._best if self.target is None else self.target)
        self.title.setText(self.tr("Why {0}?").format(name) if name else self.tr("Why?"))

    def _name_of(self, target: int) -> str:
        """Return what a class is called; empty for an answer that is none."""
        is_class = self._best >= 0 and 0 <= target < len(self._names)
        return named(target, self._names) if is_class else ""

    def _on_choice(self) -> None:
        self.clear()
        self._show_classes()
        self._name()
        self.changed.emit()

    def _build_legend(self) -> QWidget:
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._for)
        row.addWidget(Label(self.tr("against"), "small", "val"))
        row.addStretch(1)
        return made
