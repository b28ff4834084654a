"""What floats over the canvas: zoom buttons, a line of words that goes away by itself."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.theme import current_theme
from app.widgets import IconButton, Label
from app.widgets.card import Divider
from app.widgets.growing import follow_height, follow_width

_SHOWN_MS = 6000
_KEYS: Mapping[str, QKeySequence] = {
    "zoom_out": QKeySequence("Ctrl+-"),
    "zoom_in": QKeySequence("Ctrl++"),
    "zoom_100": QKeySequence("Ctrl+0"),
    "fit": QKeySequence("Home"),
    "arrange": QKeySequence("Ctrl+Shift+A"),
}
"""The keys of a canvas that stands alone; the window names those in force."""


class FloatingBar(QWidget):
    """A raised strip, 26 px high, with a border."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        follow_height(self, lambda: current_theme().size.chip)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(3, 0, 3, 0)
        self.row.setSpacing(2)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme.colours.raised)
        painter.setPen(theme.card_border)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, theme.radius.button, theme.radius.button)


class ZoomBar(FloatingBar):
    """Smaller, the zoom in per cent, larger, fit, arrange."""

    zoomed_in = Signal()
    zoomed_out = Signal()
    reset = Signal()
    fitted = Signal()
    arranged = Signal()

    def __init__(self, parent: QWidget, *, arranges: bool = True) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Zoom"))
        self._percent = Label("100\u202f%", "small", "text", weight=500)
        self._percent.setAlignment(Qt.AlignmentFlag.AlignCenter)
        follow_width(self._percent, 46)
        self._buttons: dict[str, tuple[IconButton, str]] = {}
        self._add("zoom_out", "minus", self.tr("Zoom out"), self.zoomed_out)
        self.row.addWidget(self._percent)
        self._add("zoom_in", "plus", self.tr("Zoom in"), self.zoomed_in)
        line = Divider()
        line.setFixedSize(1, 14)
        self.row.addWidget(line)
        self._add("fit", "fit", self.tr("Fit"), self.fitted)
        if arranges:
            self._add("arrange", "arrange", self.tr("Arrange"), self.arranged)
        self.name_keys(_KEYS)
        self.adjustSize()

    def show_zoom(self, scale: float) -> None:
        """Show the zoom factor."""
        self._percent.setText(f"{round(scale * 100)}\u202f%")

    def name_keys(self, keys: Mapping[str, QKeySequence]) -> None:
        """Say in the tooltips which keys do the same, by the name of the action."""
        for action, (button, name) in self._buttons.items():
            button.set_name(name, keys.get(action))
        shown = keys["zoom_100"].toString(QKeySequence.SequenceFormat.NativeText)
        hint = self.tr("; {0} sets 100\u202f%").format(shown) if shown else ""
        self._percent.setToolTip(self.tr("The zoom") + hint)

    def _add(self, action: str, icon: str, name: str, signal: SignalInstance) -> None:
        button = IconButton(icon, name, size_px=24, icon_size_px=14)
        self._buttons[action] = (button, name)
        button.clicked.connect(signal)
        self.row.addWidget(button)


class Notice(FloatingBar):
    """A sentence that goes away by itself; it stays in the log of the window."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._label = Label("", "small", "text")
        self.row.setContentsMargins(10, 0, 10, 0)
        self.row.addWidget(self._label)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SHOWN_MS)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def say(self, text: str) -> None:
        """Show a sentence for some seconds."""
        self._label.setText(text)
        self.setAccessibleName(text)
        self.adjustSize()
        self.show()
        self.raise_()
        self._timer.start()

    def text(self) -> str:
        """Return the sentence that is shown."""
        return "" if self.isHidden() else self._label.text()
