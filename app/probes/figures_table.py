"""The figures of a layer's output, one line each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from app.figures import count, figure, percent
from app.plots.sparkline import Sparkline
from app.widgets import Divider, Label
from engine.training.events import LayerProbe

_ROW_PX = 24


class FiguresTable(QWidget):
    """Mean, deviation, zeros, dead channels and norms; what a layer lacks is left out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Figures of the layer"))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        self._mean = self._row(self.tr("Mean"))
        self._deviation = self._row(self.tr("Std deviation"))
        self._zeros = self._row(self.tr("Zeros"))
        self._dead = self._row(self.tr("Dead channels"))
        self._not_finite = self._row(self.tr("Not finite"))
        self._gradient = self._row(self.tr("Gradient norm"))
        self._weight = self._row(self.tr("Weight norm"))
        self._course = Sparkline()
        self._gradient.add(self._course)

    def show_probe(self, probe: LayerProbe, gradient_norms: Sequence[float]) -> None:
        """Show what a probe says of its layer."""
        self._mean.show_text(figure(probe.mean))
        self._deviation.show_text(figure(probe.deviation))
        self._zeros.show_text(percent(probe.zeros))
        for row in (self._mean, self._deviation, self._zeros):
            row.setVisible(has_figures(probe))
        self._show_dead(probe)
        self._not_finite.show_text(percent(probe.not_finite), is_warning=True)
        self._not_finite.setVisible(probe.not_finite > 0)
        self._gradient.show_text(figure(probe.gradient_norm))
        self._gradient.setVisible(probe.gradient_norm is not None)
        self._weight.show_text(figure(probe.weight_norm))
        self._weight.setVisible(probe.weight_norm is not None)
        self._course.show_values(gradient_norms)

    @property
    def lines(self) -> dict[str, str]:
        """What is shown, by name."""
        rows = self.findChildren(FigureRow)
        return {row.name: row.text for row in rows if not row.isHidden()}

    def _show_dead(self, probe: LayerProbe) -> None:
        is_image = len(probe.shape) == 3
        many = probe.shape[0] if is_image else 0
        text = self.tr("{0} of {1}").format(count(len(probe.dead)), count(many))
        self._dead.show_text(text, is_warning=bool(probe.dead))
        self._dead.setVisible(is_image)

    def _row(self, name: str) -> FigureRow:
        row = FigureRow(name)
        self._grid.addWidget(row, self._grid.rowCount(), 0)
        return row


class FigureRow(QWidget):
    """A line above, a name at the left and a number at the right."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self._value = Label("", "small", "text")
        self._box = QHBoxLayout()
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(8)
        self._box.addWidget(Label(name, "small", "text2"))
        self._box.addStretch(1)
        self._box.addWidget(self._value)
        column = QGridLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Divider(), 0, 0)
        column.addLayout(self._box, 1, 0)
        column.setRowMinimumHeight(1, _ROW_PX)

    @property
    def text(self) -> str:
        return self._value.text()

    def add(self, widget: QWidget) -> None:
        """Put a small picture before the number."""
        widget.setFixedWidth(72)
        self._box.insertWidget(2, widget)

    def show_text(self, text: str, *, is_warning: bool = False) -> None:
        self._value.setText(text)
        self._value.set_tone("warn" if is_warning else "text")
        self.setAccessibleName(f"{self.name} {text}")


def has_figures(probe: LayerProbe) -> bool:
    """The probe looked at all values and not only made a preview."""
    return bool(probe.quantiles or probe.mean or probe.deviation or probe.zeros)
