"""A row of choices of which one holds."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from app.theme.fonts import font, line_height_px

_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class SegmentedControl(QFrame):
    """Build | Train | Try | Compare: one of a few, all of them visible."""

    chosen = Signal(str)
    """The key of the segment that the person chose."""

    def __init__(
        self, name: str, choices: Sequence[tuple[str, str]], *, parent: QWidget | None = None
    ) -> None:
        """Lay out ``choices``: (key, word) pairs; the first one holds at the start."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, _Segment] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        for key, word in choices:
            self._buttons[key] = segment = _Segment(word)
            self._group.addButton(segment)
            row.addWidget(segment)
            segment.clicked.connect(lambda _checked=False, key=key: self.chosen.emit(key))
        self.set_current(choices[0][0])

    @property
    def current(self) -> str:
        """The key that holds."""
        return next(key for key, button in self._buttons.items() if button.isChecked())

    def set_current(self, key: str) -> None:
        """Show another choice, without announcing it."""
        self._buttons[key].setChecked(True)

    def segment(self, key: str) -> QPushButton:
        """The button of one choice, for a tooltip or to switch it off."""
        return self._buttons[key]

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        keys = [key for key, button in self._buttons.items() if button.isEnabled()]
        key = keys[(keys.index(self.current) + step) % len(keys)]
        self._buttons[key].setFocus()
        self._buttons[key].click()


class _Segment(QPushButton):
    """As wide as its word in bold, so that choosing moves nothing."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.setCheckable(True)
        self.setAccessibleName(word)
        self.setFont(font())

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        width = QFontMetrics(font(weight=600)).horizontalAdvance(self.text())
        return QSize(width + 32, line_height_px("body") + 6)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        if Qt.Key(event.key()) in _STEPS:
            event.ignore()
            return
        super().keyPressEvent(event)
