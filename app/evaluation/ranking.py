"""ROC and precision-recall curves, a line for each class against all others."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.figures import figure
from app.plots.class_colours import class_colour
from app.plots.tables import PlotTable, offer_plot, table_button
from app.theme import current_theme, faded, font
from app.widgets import SectionTitle, SegmentedControl
from engine.training.insight import ClassCurves

_SIDE_PX, _LINE_PX = 190, 16
_NEAR_PX = 14


class RankingCurves(QWidget):
    """Turns between both kinds of curve; the pointer names the class of a line and its area."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = SectionTitle(self.tr("Ranking"))
        self._kind = SegmentedControl(
            self.tr("Kind of curve"), (("roc", self.tr("ROC")), ("pr", self.tr("Precision")))
        )
        self.plot = _Plot()
        offer_plot(self.plot, self.plot.table)
        self._title.add_trailing(table_button(self.plot, self.plot.table))
        self._kind.chosen.connect(self._on_kind)
        self._kind.segment("pr").setToolTip(self.tr("Precision up, recall across"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._title)
        column.addWidget(self._kind)
        column.addWidget(self.plot)

    def show_curves(self, curves: Sequence[ClassCurves], classes: int) -> None:
        """Show the curves of some classes.

        Args:
            classes: How many there are together; from eleven on none has a colour of its own.
        """
        self.setVisible(bool(curves))
        self.plot.show_curves(tuple(curves), classes)
        self._note()

    def _on_kind(self, kind: str) -> None:
        self.plot.set_kind(kind)
        self._note()

    def _note(self) -> None:
        curves = self.plot.curves
        if not curves:
            return
        areas = [self.plot.figure_of(curve) for curve in curves]
        words = self.tr("mean area {0}") if self.plot.is_roc else self.tr("mean precision {0}")
        self._title.set_note(words.format(figure(sum(areas) / len(areas))))


class _Plot(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.curves: tuple[ClassCurves, ...] = ()
        self.is_roc = True
        self._classes = 0
        self._near = -1
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Ranking"))

    def show_curves(self, curves: tuple[ClassCurves, ...], classes: int) -> None:
        self.curves, self._classes, self._near = curves, classes, -1
        self._describe()

    def set_kind(self, kind: str) -> None:
        self.is_roc = kind == "roc"
        self._describe()

    def figure_of(self, curve: ClassCurves) -> float:
        return curve.area if self.is_roc else curve.average_precision

    def table(self) -> PlotTable:
        """Every point of every curve, class by class."""
        if self.is_roc:
            title, across, up = self.tr("ROC"), self.tr("called so wrongly"), self.tr("recall")
        else:
            title, across, up = self.tr("Precision"), self.tr("recall"), self.tr("precision")
        rows = [
            (curve.name, figure(x), figure(y))
            for curve in self.curves
            for x, y in zip(*self._values(curve), strict=True)
        ]
        return PlotTable(title, (self.tr("Class"), across, up), rows)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(_SIDE_PX, _SIDE_PX + _LINE_PX)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        self._point_at(self._nearest(event.position()))

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt override
        del event
        self._point_at(-1)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        for place in sorted(range(len(self.curves)), key=lambda k: k == self._near):
            self._paint_curve(painter, place)
        self._paint_words(painter)

    def _paint_ground(self, painter: QPainter) -> None:
        colours, box = current_theme().colours, self._box
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.canvas)
        painter.drawRoundedRect(box, 6, 6)
        if self.is_roc:
            painter.setPen(QPen(colours.ctl, 1, Qt.PenStyle.DashLine))
            painter.drawLine(box.bottomLeft(), box.topRight())

    def _paint_curve(self, painter: QPainter, place: int) -> None:
        colour = class_colour(self.curves[place].number, self._classes, current_theme())
        is_near = place == self._near
        steps_back = self._near >= 0 and not is_near
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(faded(colour, 0.25) if steps_back else colour, 2.5 if is_near else 1.5))
        painter.drawPolyline(QPolygonF(self._points(place)))

    def _paint_words(self, painter: QPainter) -> None:
        colours, box = current_theme().colours, self._box
        painter.setFont(font("micro"))
        painter.setPen(colours.text3)
        row = QRectF(box.left(), box.bottom() + 2, box.width(), _LINE_PX)
        across = self.tr("called so wrongly") if self.is_roc else self.tr("recall")
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft, "0")
        painter.drawText(row, Qt.AlignmentFlag.AlignHCenter, across)
        painter.drawText(row, Qt.AlignmentFlag.AlignRight, "1")
        if self._near >= 0:
            painter.setPen(colours.text)
            painter.setFont(font("small", weight=600))
            inner = box.adjusted(10, 8, -10, -8)
            side = Qt.AlignmentFlag.AlignRight if self.is_roc else Qt.AlignmentFlag.AlignLeft
            place = side | Qt.AlignmentFlag.AlignBottom
            painter.drawText(inner, place, self._words_of(self._near))

    @property
    def _box(self) -> QRectF:
        return QRectF(1, 1, min(self.width() - 2, 2 * _SIDE_PX), _SIDE_PX - 2)

    def _points(self, place: int) -> list[QPointF]:
        curve, box = self.curves[place], self._box.adjusted(3, 3, -3, -3)
        across, up = self._values(curve)
        return [
            QPointF(box.left() + x * box.width(), box.bottom() - y * box.height())
            for x, y in zip(across, up, strict=True)
        ]

    def _values(self, curve: ClassCurves) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return what a curve has across and up."""
        if self.is_roc:
            return curve.false_rates, curve.recalls
        return curve.precision_recalls, curve.precisions

    def _nearest(self, at: QPointF) -> int:
        best, least = -1, float(_NEAR_PX)
        for place in range(len(self.curves)):
            away = min((point - at).manhattanLength() for point in self._points(place))
            if away < least:
                best, least = place, away
        return best

    def _point_at(self, place: int) -> None:
        if place != self._near:
            self._near = place
            self.update()

    def _words_of(self, place: int) -> str:
        curve = self.curves[place]
        return f"{curve.name}  {figure(self.figure_of(curve))}"

    def _describe(self) -> None:
        self.setAccessibleDescription("; ".join(map(self._words_of, range(len(self.curves)))))
        self.update()
