"""While you drew: how sure the model was of each class from the first stroke to the last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.figures import percent
from app.plots.series import pushed_apart
from app.redraws import Redraw
from app.theme import current_theme, font
from app.tryout.drawing import PAD, Stroke, paint_strokes

THUMBNAILS = 8
_THUMB_PX = 36
_LEFT_PX, _RIGHT_PX, _PLOT_PX = 34, 96, 110
_LABEL_GAP_PX, _GAP_PX = 15, 12
_MOST = 400
_PASSED = 0.25


@dataclass(frozen=True, slots=True)
class Moment:
    """A drawing under way and what the model said of it."""

    strokes: tuple[Stroke, ...]
    prediction: tuple[float, ...]


class DrawingCourse(QWidget):
    """A line for each class that passed 25 %, and eight moments to go back to."""

    moment_chosen = Signal(object)
    """The ``Moment`` to go back to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._moments: list[Moment] = []
        self._names: tuple[str, ...] = ()
        self._chosen = -1
        # The answer itself is not to wait until the way to it is painted.
        self._news = Redraw(self, self.update)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("While you drew"))

    @property
    def moments(self) -> tuple[Moment, ...]:
        return tuple(self._moments)

    def add(self, moment: Moment, names: Sequence[str]) -> None:
        """Take what the model says of the newest state of a drawing."""
        self._names = tuple(names)
        if self._moments and self._moments[-1].strokes == moment.strokes:
            # The same drawing, read by newer weights.
            self._moments.pop()
        self._moments.append(moment)
        if len(self._moments) > _MOST:
            self._moments = self._moments[::2]
        self._chosen = -1
        best = max(range(len(moment.prediction)), key=moment.prediction.__getitem__)
        self.setAccessibleDescription(f"{self._name(best)} {percent(moment.prediction[best])}")
        self._news.ask()

    def clear(self) -> None:
        """Begin a new drawing."""
        self._moments.clear()
        self._chosen = -1
        self.update()

    def shown_classes(self) -> list[int]:
        """Return the classes that passed 25 %, the likeliest now last."""
        if not self._moments:
            return []
        count = len(self._moments[-1].prediction)
        rows = [moment.prediction for moment in self._moments if len(moment.prediction) == count]
        passed = [k for k in range(count) if max(row[k] for row in rows) >= _PASSED]
        return sorted(passed, key=lambda k: rows[-1][k])

    def thumbnails(self) -> list[int]:
        """Return which moments are pictured, in even steps; the last one always."""
        many = len(self._moments)
        if many <= THUMBNAILS:
            return list(range(many))
        return [round(k * (many - 1) / (THUMBNAILS - 1)) for k in range(THUMBNAILS)]

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(560, _PLOT_PX + _GAP_PX + _THUMB_PX + 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.button() != Qt.MouseButton.LeftButton:
            return
        for place, moment in enumerate(self.thumbnails()):
            if self._thumb_box(place).contains(event.position()):
                self._choose(moment)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        shown = self.thumbnails()
        if step is None or not shown:
            super().keyPressEvent(event)
            return
        at = shown.index(self._chosen) if self._chosen in shown else len(shown) - 1
        self._choose(shown[min(max(at + step, 0), len(shown) - 1)])

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_grid(painter)
        self._paint_lines(painter)
        for place, moment in enumerate(self.thumbnails()):
            self._paint_thumb(painter, place, moment)

    def _choose(self, moment: int) -> None:
        self._chosen = moment
        self.update()
        self.moment_chosen.emit(self._moments[moment])

    def _paint_grid(self, painter: QPainter) -> None:
        colours = current_theme().colours
        painter.setFont(font("micro"))
        box = self._plot_box()
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            y = box.bottom() - share * box.height()
            painter.fillRect(QRectF(box.left(), y, box.width(), 1), colours.line)
            painter.setPen(colours.text3)
            at = QRectF(0, y - 8, _LEFT_PX - 8, 16)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(at, right, str(round(share * 100)))

    def _paint_lines(self, painter: QPainter) -> None:
        shown = self.shown_classes()
        box = self._plot_box()
        last = len(self._moments) - 1
        labels = []
        for k in shown:
            line = QPolygonF(
                [
                    QPointF(
                        box.left() + place / max(last, 1) * box.width(),
                        box.bottom() - moment.prediction[k] * box.height(),
                    )
                    for place, moment in enumerate(self._moments)
                ]
            )
            colour = self._colour(k, shown)
            painter.setPen(QPen(colour, 2 if k in shown[-2:] else 1.3))
            painter.drawPolyline(line)
            if k in shown[-2:]:
                labels.append((k, line.last().y(), colour))
        self._paint_labels(painter, labels, box.right() + 8)

    def _paint_labels(
        self, painter: QPainter, labels: list[tuple[int, float, QColor]], left: float
    ) -> None:
        painter.setFont(font("small", weight=500))
        heights = pushed_apart([y for _, y, _ in labels], _LABEL_GAP_PX, 8, _PLOT_PX - 8)
        for (k, _, colour), y in zip(labels, heights, strict=True):
            painter.setPen(colour)
            share = percent(self._moments[-1].prediction[k])
            text = f"{self._name(k)}  {share}"
            painter.drawText(
                QRectF(left, y - 9, _RIGHT_PX, 18), Qt.AlignmentFlag.AlignVCenter, text
            )

    def _paint_thumb(self, painter: QPainter, place: int, moment: int) -> None:
        theme = current_theme()
        box = self._thumb_box(place)
        is_chosen = moment == (self._chosen if self._chosen >= 0 else len(self._moments) - 1)
        painter.setBrush(theme.colours.canvas)
        edge = theme.colours.accent if is_chosen else theme.colours.line2
        painter.setPen(QPen(edge, 1.5 if is_chosen else 1))
        painter.drawRoundedRect(box, theme.radius.small, theme.radius.small)
        painter.save()
        painter.translate(box.topLeft())
        painter.scale(box.width() / PAD, box.height() / PAD)
        paint_strokes(painter, self._moments[moment].strokes, theme.colours.text)
        painter.restore()

    def _colour(self, k: int, shown: list[int]) -> QColor:
        colours = current_theme().colours
        if k == shown[-1]:
            return colours.accent
        return colours.val if len(shown) > 1 and k == shown[-2] else colours.ctl

    def _plot_box(self) -> QRectF:
        return QRectF(_LEFT_PX, 8, max(40, self.width() - _LEFT_PX - _RIGHT_PX), _PLOT_PX - 16)

    def _thumb_box(self, place: int) -> QRectF:
        box = self._plot_box()
        many = max(1, len(self.thumbnails()) - 1)
        x = box.left() + place / many * (box.width() - _THUMB_PX)
        return QRectF(x, _PLOT_PX + _GAP_PX, _THUMB_PX, _THUMB_PX)

    def _name(self, k: int) -> str:
        return self._names[k] if k < len(self._names) else str(k)
