"""What a layer makes of its input: shapes, figures, and its call in PyTorch."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.figures import count, millions, places
from app.inspector.form import LABEL_PX, add_divider
from app.theme import ThemeManager, font
from app.widgets import FlowText, Label, SectionTitle
from app.widgets.code_colours import CodeText
from engine.analysis.report import NodeReport
from engine.analysis.sees import Sees
from nodes.errors import LoomError
from nodes.layer import Port
from nodes.tensors import Inputs

_PADDING_PX = 12
_ONE_LINE_PX = 300


class LayerFacts(QWidget):
    """The part below the parameters; read only."""

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Output shape"))
        self._shapes = QVBoxLayout()
        self._explained = FlowText("", "small", "text2")
        self._parameters = Label()
        self._work = Label()
        self._work_name = Label(self.tr("Multiply-adds"), tone="text2")
        self._sees = Label()
        self._sees_name = Label(self.tr("Receptive field"), tone="text2")
        self._sees_name.setToolTip(self.tr("How much of a sample reaches one of its outputs"))
        self._figures = self._made_figures()
        self._arrange_figures()
        self._call = CallText(theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        add_divider(column)
        column.addWidget(SectionTitle(self.tr("Output shape")))
        column.addWidget(self._shape_well())
        column.addSpacing(2)
        column.addLayout(self._figures)
        column.addSpacing(2)
        column.addWidget(self._call)

    def show_report(
        self, report: NodeReport, lettered: NodeReport | None = None, sees: Sees = ()
    ) -> None:
        """Show what is known of a layer; an unknown shape says why.

        Args:
            lettered: The same with letters for the sizes that are free, where some are.
            sees: Its receptive field, where it has one.
        """
        self._show_shapes(lettered or report)
        explanation = _explanation(report)
        self._explained.set_words(explanation)
        self._explained.setVisible(bool(explanation))
        is_known = bool(report.outputs)
        self._parameters.setText(count(report.parameters) if is_known else "–")
        self._work.setText(millions(report.multiply_adds) if is_known else "–")
        has_work = is_known and report.multiply_adds > 0
        self._work.setVisible(has_work)
        self._work_name.setVisible(has_work)
        self._sees.setText(places(sees))
        self._sees.setVisible(bool(sees))
        self._sees_name.setVisible(bool(sees))
        self._call.set_code(call_of(lettered or report))

    def _shape_well(self) -> QFrame:
        well = QFrame()
        well.setProperty("kind", "well")
        inner = QVBoxLayout(well)
        inner.setContentsMargins(_PADDING_PX, 10, _PADDING_PX, 10)
        inner.setSpacing(6)
        self._shapes.setSpacing(4)
        inner.addLayout(self._shapes)
        inner.addWidget(self._explained)
        return well

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        self._arrange_figures()

    def _arrange_figures(self) -> None:
        """Put the first two figures on one line where there is room."""
        is_wide = self.width() >= _ONE_LINE_PX
        row, column = (0, 2) if is_wide else (1, 0)
        align = Qt.AlignmentFlag.AlignRight if is_wide else Qt.AlignmentFlag.AlignLeft
        self._figures.addWidget(self._work_name, row, column, align)
        self._figures.addWidget(self._work, row, column + 1, align)

    def _made_figures(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnMinimumWidth(0, LABEL_PX)
        grid.addWidget(Label(self.tr("Parameters"), tone="text2"), 0, 0)
        grid.addWidget(self._parameters, 0, 1)
        grid.addWidget(self._sees_name, 2, 0)
        grid.addWidget(self._sees, 2, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def _show_shapes(self, report: NodeReport) -> None:
        while (item := self._shapes.takeAt(0)) is not None:
            row = item.widget()
            if row is not None:
                row.deleteLater()
        if not report.outputs:
            self._shapes.addWidget(Label(_unknown(report), tone="text2"))
            return
        arriving = _arriving(report)
        has_names = len(report.outputs) > 1
        for name, tensor in report.outputs.items():
            self._shapes.addWidget(_shape_row(arriving, str(tensor), name if has_names else ""))
            arriving = ""


class CallText(QFrame):
    """A call in a box of its own, wrapped under its opening bracket."""

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__()
        self.setProperty("kind", "well")
        self._code = ""
        self._text = CodeText(theme)
        self._text.setAccessibleName(self.tr("Call in PyTorch"))
        column = QVBoxLayout(self)
        column.setContentsMargins(_PADDING_PX, 10, _PADDING_PX, 10)
        column.addWidget(self._text)

    @property
    def code(self) -> str:
        """The call on one line."""
        return self._code

    def set_code(self, code: str) -> None:
        """Show a call; the box is hidden while there is none."""
        self._code = code
        self._wrap()
        self.setVisible(bool(code))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        self._wrap()

    def _wrap(self) -> None:
        letter = QFontMetricsF(font("code")).horizontalAdvance("0")
        columns = int((self.width() - 2 * _PADDING_PX - 2) / letter)
        self._text.set_code(wrapped(self._code, max(columns, 20)))


def wrapped(code: str, columns: int) -> str:
    """Break a call after commas, the rest under its opening bracket: as PEP 8 has it."""
    if len(code) <= columns or "(" not in code:
        return code
    indent = code.index("(") + 1
    lines = [""]
    for part in code.split(", "):
        grown = f"{lines[-1]}, {part}" if lines[-1] else part
        if len(grown) + 1 > columns and lines[-1]:
            lines[-1] += ","
            lines.append(" " * indent + part)
        else:
            lines[-1] = grown
    return "\n".join(lines)


def call_of(report: NodeReport) -> str:
    """Return what a layer becomes in PyTorch, on one line; empty while it cannot be known."""
    if report.layer is None or report.inputs is None or report.state != "ok":
        return ""
    try:
        lowering = report.layer.lower(report.inputs)
    except LoomError:
        return ""
    if lowering.module is not None:
        return lowering.module.source()
    if "{module}" in lowering.expression:
        return ""  # a composite: which class it becomes is known once all of its uses are
    names: dict[str, object] = {
        port.name: _argument(port, report.inputs) for port in report.input_ports
    }
    return lowering.expression.format(module="", **names)


def _argument(port: Port, inputs: Inputs) -> str | list[str]:
    if not port.many:
        return port.name
    return [f"{port.name}{number}" for number in range(1, len(inputs.every(port.name)) + 1)]


def _arriving(report: NodeReport) -> str:
    if report.inputs is None:
        return ""
    tensors = [tensor for _, tensors in report.inputs.key() for tensor in tensors]
    texts = [str(tensor) for tensor in tensors]
    if len(texts) > 1 and len(set(texts)) == 1:
        return f"{len(texts)} of {texts[0]}"
    return ", ".join(texts)


def _explanation(report: NodeReport) -> str:
    if report.layer is None or report.inputs is None or not report.outputs:
        return ""
    return report.layer.explain(report.inputs, tuple(report.outputs.values()))


def _unknown(report: NodeReport) -> str:
    match report.state:
        case "waiting" if report.inputs is not None:
            # Only a layer of one's own knows what arrives and not what it makes of it.
            return "Known in a moment: its code is being tried"
        case "waiting":
            return "Known when the error above it is mended"
        case "open":
            return "Known when its input is connected"
        case "unknown":
            # The outputs of code that was only read are known by name.
            known = bool(report.output_ports)
            return (
                "Known once its code may run" if known else "This version does not know the layer"
            )
        case _:
            return "Known when the error is mended"


def _shape_row(arriving: str, leaving: str, port: str) -> QWidget:
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(12)
    if arriving:
        line.addWidget(Label(arriving, "code"))
        line.addWidget(Label("to", tone="text2"))
    if port:
        line.addWidget(Label(port, tone="text2"))
    out = Label(leaving, "code", weight=600)
    out.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    line.addWidget(out)
    line.addStretch(1)
    row.setAccessibleName(" ".join(label.text() for label in row.findChildren(QLabel)))
    return row
