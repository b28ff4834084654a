"""A switch for a setting that is on or off at once."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.theme.theme import current_theme

_TRACK = QSize(30, 18)
_KNOB_RADIUS_PX = 6.5
_MARGIN_PX = 3
"""Makes the hit area 24 px high."""


class Switch(QAbstractButton):
    """On at the right, off at the left; the space bar and a click turn it."""

    def __init__(self, name: str, *, on: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setChecked(on)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._is_mixed = False
        self.clicked.connect(lambda: self.set_mixed(mixed=False))

    def set_mixed(self, *, mixed: bool) -> None:
        """Show neither on nor off, for things that differ; the next click turns it on."""
        self._is_mixed = mixed
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return _TRACK + QSize(0, 2 * _MARGIN_PX)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        colours = current_theme().colours
        track = QRectF(0, _MARGIN_PX, _TRACK.width(), _TRACK.height())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if not self.isEnabled():
            painter.setOpacity(0.45)
        fill = colours.accent_fill if self.isChecked() else colours.ctl
        if self.isChecked() and self.underMouse():
            fill = colours.accent_hover
        painter.setBrush(fill)
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        inset = track.height() / 2
        at = track.right() - inset if self.isChecked() else track.left() + inset
        if self._is_mixed:
            at = track.center().x()
        painter.setBrush(colours.on_accent)
        painter.drawEllipse(QPointF(at, track.center().y()), _KNOB_RADIUS_PX, _KNOB_RADIUS_PX)
