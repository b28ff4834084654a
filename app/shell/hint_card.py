"""A card over the canvas that says what to do next; it takes no focus and blocks nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.theme import theme_manager
from app.theme.text_size import text_scale
from app.widgets import Button, FlowText, IconButton

_WIDTH_PX = 320
_BESIDE_PX = 8
_ABOVE_EDGE_PX = 24
_CORNER_PX = 190
_ABOVE_CORNER_PX = 56
"""Where the card would lie over the zoom buttons in the lower left corner."""


class HintCard(QFrame):
    """A few words, one button, and a way to close it for good."""

    acted = Signal()
    """The button was pressed."""

    closed = Signal()
    """The person has seen it and wants it gone."""

    def __init__(self, words: str, action: str, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setProperty("kind", "card")
        self._words = FlowText(words, tone="text")
        self.setAccessibleName(self._words.accessibleName())
        self.action = Button(action, extent="small")
        self.close_button = IconButton("close", self.tr("Close"), size_px=24)
        self.action.clicked.connect(self.acted)
        self.close_button.clicked.connect(self.closed)
        above = QHBoxLayout()
        above.setSpacing(4)
        above.addWidget(self._words, 1)
        above.addWidget(self.close_button, alignment=Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 8, 14)
        column.setSpacing(10)
        column.addLayout(above)
        column.addWidget(self.action, alignment=Qt.AlignmentFlag.AlignLeft)
        canvas.installEventFilter(self)
        theme_manager().changed.connect(self._place)
        self._place()
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        canvas = self.parentWidget()
        layout = self.layout()
        if canvas is None or layout is None:
            return
        room = canvas.width() - 2 * _BESIDE_PX
        self.setFixedWidth(max(min(round(_WIDTH_PX * text_scale()), room), 0))
        self.setFixedHeight(layout.totalHeightForWidth(self.width()))
        left = max(0, (canvas.width() - self.width()) // 2)
        above = _ABOVE_EDGE_PX if left > _CORNER_PX else _ABOVE_CORNER_PX
        self.move(left, canvas.height() - self.height() - above)
