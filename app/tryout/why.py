"""How an answer is explained: the way that is chosen, and what its colours say."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.widgets import ChoiceField, Label

_OFF = "off"


class WhyPart(QWidget):
    """Asks for an explanation; the legend is shown once there is one."""

    changed = Signal(str)
    """Answers are to be explained in this way; empty for not at all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = Label(self.tr("Why?"), weight=600)
        self.ways = ChoiceField(
            self.tr("How the answer is explained"),
            [
                (_OFF, self.tr("Off")),
                ("gradient", self.tr("Gradient")),
                ("integrated", self.tr("Integrated gradients")),
                ("gradcam", self.tr("Grad-CAM")),
                ("occlusion", self.tr("Occlusion")),
            ],
            _OFF,
        )
        self.ways.committed.connect(self._on_way)
        self._for = Label("", "small", "train")
        self.legend = QWidget()
        legend = QHBoxLayout(self.legend)
        legend.setContentsMargins(0, 0, 0, 0)
        legend.setSpacing(12)
        legend.addWidget(self._for)
        legend.addWidget(Label(self.tr("against"), "small", "val"))
        legend.addStretch(1)
        self.legend.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addWidget(self.ways, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.legend)

    def show_answer(self, name: str) -> None:
        """Ask why of an answer; empty where it has no name."""
        self.title.setText(self.tr("Why {0}?").format(name) if name else self.tr("Why?"))
        self._for.setText(self.tr("speaks for {0}").format(name) if name else self.tr("raises it"))

    def takes(self, method: str) -> bool:
        """Show the legend of an explanation; False where another one is wanted by now."""
        if self.ways.value != (method or _OFF):
            return False
        self.legend.show()
        return True

    def _on_way(self, way: str) -> None:
        self.legend.hide()
        self.changed.emit("" if way == _OFF else way)
