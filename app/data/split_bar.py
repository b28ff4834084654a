"""The split as a bar: train, validate, test; its joints are dragged or moved by key."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.document import new_gesture
from app.theme import ThemeManager

_BAR_PX = 14
_HEIGHT_PX = 30
_REACH_PX = 10
_GRIP_WIDTH_PX = 5
_LEAST_TRAINING = 0.05
_LARGEST_SHARE = 0.9
_STEP = 0.01
_LARGE_STEP = 0.05

COLOURS = ("train", "val", "ctl")
"""Of the training, the validation and the test samples."""


class Shares(NamedTuple):
    """How much is held out, from 0 to 0.9 each."""

    validation: float
    test: float

    @property
    def training(self) -> float:
        """What is left."""
        return 1 - self.validation - self.test

    def joints(self) -> tuple[float, float]:
        """Return where training meets validation, and validation meets test."""
        return self.training, 1 - self.test

    @property
    def parts(self) -> tuple[float, float, float]:
        """What trains, validates and tests."""
        return self.training, self.validation, self.test

    def amounts(self, samples: int) -> tuple[int, int, int]:
        """Count the samples of each part as the split itself does."""
        test = round(samples * self.test)
        validation = min(round(samples * self.validation), samples - test)
        return samples - validation - test, validation, test


class SplitBar(QWidget):
    """Three coloured parts with a grip between each two.

    The arrow keys left and right move a grip, up and down go to the other one.
    """

    moved = Signal(object, int)
    """Other ``Shares``, and the gesture that they belong to."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shares = Shares(0.15, 0.0)
        self._joint = 0
        self._held = False
        self._gesture = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._say()

    @property
    def shares(self) -> Shares:
        """What the bar shows."""
        return self._shares

    def set_shares(self, shares: Shares) -> None:
        """Show a split without announcing it."""
        self._shares = shares
        self._say()
        self.update()

    def joint_x(self, joint: int) -> float:
        """Where a grip stands, in pixels from the left."""
        return self._shares.joints()[joint] * self.width()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(160, _HEIGHT_PX)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        joint = self._joint_at(event.position().x())
        if joint is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._joint = joint
        self._held = True
        self._gesture = new_gesture()
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        x = event.position().x()
        if self._held:
            self._move_to(x / max(1, self.width()))
        is_near = self._joint_at(x) is not None
        self.setCursor(Qt.CursorShape.SplitHCursor if is_near else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        self._held = False

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        large = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = _LARGE_STEP if large else _STEP
        place = self._shares.joints()[self._joint]
        match event.key():
            case Qt.Key.Key_Left:
                self._move_to(place - step)
            case Qt.Key.Key_Right:
                self._move_to(place + step)
            case Qt.Key.Key_Up:
                self._choose(0)
            case Qt.Key.Key_Down:
                self._choose(1)
            case _:
                super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt override
        super().focusInEvent(event)
        self._gesture = new_gesture()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt override
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        colours = self._theme.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if not self.isEnabled():
            painter.setOpacity(0.5)
        bar = QRectF(0, (self.height() - _BAR_PX) / 2, self.width(), _BAR_PX)
        shape = QPainterPath()
        shape.addRoundedRect(bar, 4, 4)
        painter.setClipPath(shape)
        ends = (0.0, *(share * self.width() for share in self._shares.joints()), self.width())
        for token, left, right in zip(COLOURS, ends[:-1], ends[1:], strict=True):
            painter.fillRect(QRectF(left, bar.top(), right - left, bar.height()), colours[token])
        painter.setClipping(False)
        for joint in (0, 1):
            self._paint_grip(painter, joint)

    def _paint_grip(self, painter: QPainter, joint: int) -> None:
        colours = self._theme.theme.colours
        x = min(
            max(self.joint_x(joint), _GRIP_WIDTH_PX / 2 + 1), self.width() - _GRIP_WIDTH_PX / 2 - 1
        )
        grip = QRectF(x - _GRIP_WIDTH_PX / 2, 4, _GRIP_WIDTH_PX, self.height() - 8)
        is_current = self.hasFocus() and joint == self._joint
        painter.setPen(colours.panel)
        painter.setBrush(colours.accent if is_current else colours.text2)
        painter.drawRoundedRect(grip, 2.5, 2.5)

    def _joint_at(self, x: float) -> int | None:
        distances = [abs(self.joint_x(joint) - x) for joint in (0, 1)]
        nearest = min((0, 1), key=distances.__getitem__)
        if distances[0] == distances[1]:
            # Both grips in one place: left of it the first is meant, right of it the second.
            nearest = 0 if x < self.joint_x(0) else 1
        return nearest if distances[nearest] <= _REACH_PX else None

    def _choose(self, joint: int) -> None:
        self._joint = joint
        self._say()
        self.update()

    def _move_to(self, place: float) -> None:
        shares = moved(self._shares, self._joint, place)
        if shares != self._shares:
            self.set_shares(shares)
            self.moved.emit(shares, self._gesture)

    def _say(self) -> None:
        names = (self.tr("Training meets validation"), self.tr("Validation meets test"))
        place = round(self._shares.joints()[self._joint] * 100)
        self.setAccessibleName(self.tr("Split"))
        self.setAccessibleDescription(f"{names[self._joint]}: {place} %")


def moved(shares: Shares, joint: int, place: float) -> Shares:
    """Return the split with one joint at ``place``, from 0 to 1, in whole per cent."""
    place = round(min(max(place, _LEAST_TRAINING), 1.0), 2)
    if joint == 0:
        end = 1 - shares.test
        validation = min(max(end - place, 0.0), _LARGEST_SHARE)
        return Shares(round(validation, 2), shares.test)
    start = shares.training
    test = 1 - max(place, start)
    return Shares(round(1 - start - test, 2), round(test, 2))
