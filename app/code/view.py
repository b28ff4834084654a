"""Source with line numbers; lines belong to nodes."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from app.theme import ThemeManager, font
from app.widgets.code_colours import CodeColours

_GUTTER_GAP_PX = 12
_GUTTER_INSET_PX = 16


class CodeView(QPlainTextEdit):
    """Read-only source in the theme's colours."""

    line_clicked = Signal(int)
    """A line, counted from 1; not sent when text was selected."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._marked: tuple[int, ...] = ()
        self.mark_tone = "accent_soft"
        self.setReadOnly(True)
        self.setFont(font("code"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.document().setDocumentMargin(8)
        self._colours = CodeColours(self.document(), theme)
        self._gutter = _Gutter(self)
        self.blockCountChanged.connect(self._set_margin)
        self.updateRequest.connect(self._on_update_request)
        theme.changed.connect(self._show_marks)
        self._set_margin()

    @property
    def marked(self) -> tuple[int, ...]:
        """The lines that are highlighted."""
        return self._marked

    def set_source(self, text: str) -> None:
        """Show other source; stays at the same line."""
        text = text.rstrip("\n")
        if text == self.toPlainText():
            return
        place = self.verticalScrollBar().value()
        self.setPlainText(text)
        self.verticalScrollBar().setValue(place)

    def mark(self, lines: Collection[int], *, show_first: bool) -> None:
        """Highlight lines, and scroll to the first where it is out of sight."""
        self._marked = tuple(sorted(lines))
        self._show_marks()
        if self._marked and show_first and not self._sees(self._marked[0]):
            cursor = QTextCursor(self.document().findBlockByNumber(self._marked[0] - 1))
            self.setTextCursor(cursor)
            self.centerCursor()

    def gutter_width(self) -> int:
        """Room for the line numbers."""
        digits = max(2, len(str(self.blockCount())))
        letter = QFontMetrics(self.font()).horizontalAdvance("0")
        return _GUTTER_INSET_PX + digits * letter + _GUTTER_GAP_PX

    def paint_gutter(self, event: QPaintEvent) -> None:
        """Write the numbers of the lines in sight."""
        colours = self._theme.theme.colours
        painter = QPainter(self._gutter)
        painter.setFont(self.font())
        right = self._gutter.width() - _GUTTER_GAP_PX
        for number, box in self._lines_in_sight(event.rect().bottom()):
            if number in self._marked:
                line = QRectF(0, box.top(), self._gutter.width(), box.height())
                painter.fillRect(line, colours[self.mark_tone])
            painter.setPen(colours.text2 if number in self._marked else colours.text3)
            area = QRectF(0, box.top(), right, box.height())
            painter.drawText(area, Qt.AlignmentFlag.AlignRight, str(number))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        # Under the text and from edge to edge: an extra selection would leave the margin out.
        painter = QPainter(self.viewport())
        for number, box in self._lines_in_sight(event.rect().bottom()):
            if number in self._marked:
                line = QRectF(0, box.top(), self.viewport().width(), box.height())
                painter.fillRect(line, self._theme.theme.colours[self.mark_tone])
        painter.end()
        super().paintEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        area = self.contentsRect()
        self._gutter.setGeometry(QRect(area.left(), area.top(), self.gutter_width(), area.height()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            self.click_at(event.position().toPoint())

    def click_at(self, place: QPoint) -> None:
        """Announce the line at a place of the viewport."""
        self.line_clicked.emit(self.cursorForPosition(place).blockNumber() + 1)

    def _lines_in_sight(self, bottom: int) -> Iterator[tuple[int, QRectF]]:
        block = self.firstVisibleBlock()
        while block.isValid():
            box = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if box.top() > bottom:
                return
            yield block.blockNumber() + 1, box
            block = block.next()

    def _sees(self, line: int) -> bool:
        block = self.document().findBlockByNumber(line - 1)
        box = self.blockBoundingGeometry(block).translated(self.contentOffset())
        return box.top() >= 0 and box.bottom() <= self.viewport().height()

    def _show_marks(self) -> None:
        self.viewport().update()
        self._gutter.update()

    def _set_margin(self) -> None:
        self.setViewportMargins(self.gutter_width(), 0, 0, 0)

    def _on_update_request(self, area: QRect, scrolled: int) -> None:
        if scrolled:
            self._gutter.scroll(0, scrolled)
        else:
            self._gutter.update(0, area.top(), self._gutter.width(), area.height())


class _Gutter(QWidget):
    def __init__(self, view: CodeView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(self._view.gutter_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        self._view.paint_gutter(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.button() == Qt.MouseButton.LeftButton:
            self._view.click_at(event.position().toPoint())
