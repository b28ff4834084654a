"""The rows of the list of runs, which choose one to show, or several to compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QRect, QRectF, Qt, QUrl, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QKeyEvent,
    QPainter,
)
from PySide6.QtWidgets import QMenu

from app.plots.run_keys import KEY_PX, paint_key
from app.runs.reading import RunLine
from app.runs.words import best_words, facts_words, look_of, origin_words, second_words, spoken
from app.theme import ThemeManager, font, pixmap
from app.widgets.row_model import Row, RowModel
from app.widgets.row_tree import Index, RowState, RowTree

_FOLDER = Qt.ItemDataRole.UserRole
_DRAGGED = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
_ROW_PX = 48
_LEFT_PX = 16
_GLYPH_PX = 14
_STAR_PX = 12


class RunTree(RowTree):
    """Two lines for each run: name and best value, then number, note, epochs and time."""

    run_chosen = Signal(object)
    toggled = Signal(object)
    """A run is to be compared, or no longer: the ``Path`` of its folder."""

    overlay_requested = Signal(object)
    act_requested = Signal(str, object)
    """Something is to be done with a run: ``compare``, ``star``, ``note``, ``restore``,
    ``report``, ``files``, ``delete``, and the ``Path`` of its folder."""

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__("Runs", theme)
        self._lines: dict[str, RunLine] = {}
        self._keys: Mapping[Path, int] = {}
        self._compared: frozenset[Path] = frozenset()
        self._is_choosing = False
        self._model = RowModel()
        self.setModel(self._model)
        self.setDragEnabled(True)
        self.clicked.connect(self._choose)

    def row_height(self) -> int:
        return _ROW_PX

    def set_choosing(self, *, on: bool) -> None:
        """Let a click compare runs rather than show one."""
        self._is_choosing = on
        self.viewport().update()

    def show_compared(self, compared: frozenset[Path], keys: Mapping[Path, int]) -> None:
        """Show which runs are compared, and by which colour and dash each is known."""
        self._compared, self._keys = compared, keys
        for row in self._model.tops:
            line = self._lines[str(row.told(_FOLDER))]
            row.tell(self._spoken(line), Qt.ItemDataRole.AccessibleTextRole)
        self.viewport().update()

    def show_lines(self, lines: Sequence[RunLine]) -> None:
        """List runs; the chosen one stays chosen."""
        chosen = self.currentIndex().data(_FOLDER)
        self._lines = {str(line.folder): line for line in lines}
        self._model.clear_rows()
        self._model.root.extend([self._row(line) for line in lines])
        if chosen:
            self.select(Path(chosen))

    def _row(self, line: RunLine) -> Row:
        row = Row(line.name, _DRAGGED)
        row.tell(str(line.folder), _FOLDER)
        row.tell(self._spoken(line), Qt.ItemDataRole.AccessibleTextRole)
        words = (line.folder.name, self._origin(line), line.reason)
        row.tell("\n".join(word for word in words if word), Qt.ItemDataRole.ToolTipRole)
        return row

    def select(self, folder: Path) -> None:
        """Mark a run."""
        for row in range(self._model.rowCount()):
            index = self._model.index(row, 0)
            if index.data(_FOLDER) == str(folder):
                self.setCurrentIndex(index)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt override
        index = self.currentIndex()
        line = self._lines.get(str(index.data(_FOLDER)))
        if line is not None:
            menu = self.menu_of(line)
            menu.exec(event.globalPos())
            menu.deleteLater()

    def startDrag(self, supported: Qt.DropAction) -> None:  # noqa: N802 - Qt override
        """Carry a run away by its folder: onto the curves, or into a file manager."""
        del supported
        folder = self.currentIndex().data(_FOLDER)
        if folder:
            data = QMimeData()
            data.setUrls([QUrl.fromLocalFile(folder)])
            drag = QDrag(self)
            drag.setMimeData(data)
            drag.exec(Qt.DropAction.CopyAction)

    def menu_of(self, line: RunLine) -> QMenu:
        """Return what can be done with a run."""
        menu, run = QMenu(self), line.folder
        menu.addAction(self.tr("Show"), lambda: self.run_chosen.emit(run))
        menu.addAction(self.tr("Compare"), lambda: self.act_requested.emit("compare", run))
        menu.addAction(self.tr("Lay Behind the Curves"), lambda: self.overlay_requested.emit(run))
        menu.addSeparator()
        star = self.tr("Take Star Away") if line.starred else self.tr("Star")
        for word, act in (
            (star, "star"),
            (self.tr("Note…"), "note"),
            (self.tr("Restore This Version"), "restore"),
            (self.tr("Show Report"), "report"),
            (self.tr("Show Files"), "files"),
        ):
            menu.addAction(word, lambda act=act: self.act_requested.emit(act, run))  # type: ignore[misc]
        menu.addSeparator()
        delete = menu.addAction(self.tr("Delete…"), lambda: self.act_requested.emit("delete", run))
        delete.setEnabled(line.state != "running")
        if line.state == "running":
            delete.setToolTip(self.tr("Stop the run first."))
        return menu

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        keys = [Qt.Key.Key_Return, Qt.Key.Key_Enter]
        if event.key() in (*keys, Qt.Key.Key_Space if self._is_choosing else Qt.Key.Key_Enter):
            self._choose(self.currentIndex())
            return
        super().keyPressEvent(event)

    def paint_row(self, painter: QPainter, box: QRect, index: Index, state: RowState) -> None:
        line = self._lines.get(str(index.data(_FOLDER)))
        if line is None:
            return
        colours = self._theme.theme.colours
        top = box.top() + 5
        left = self._paint_mark(painter, line, top)
        area = QRect(left, top, box.width() - _LEFT_PX - left, 20)
        right = Qt.AlignmentFlag.AlignRight
        best = best_words(line)
        used = self.paint_text(painter, area, best, font(weight=600), colours.text, align=right)
        name = area.adjusted(0, 0, -used - 10, 0)
        look = font(weight=600 if state.is_selected else 400)
        taken = self.paint_text(painter, name, line.name, look, colours.text)
        if line.starred:
            star = pixmap("star", _STAR_PX, colours.warn, self.devicePixelRatioF())
            painter.drawPixmap(min(left + taken + 6, name.right() - _STAR_PX), top + 4, star)
        area.translate(0, 19)
        if line.reason:
            self.paint_text(painter, area, line.reason, font("small"), colours.err)
            return
        facts = facts_words(line)
        used = self.paint_text(painter, area, facts, font("small"), colours.text2, align=right)
        below = area.adjusted(0, 0, -used - 10, 0)
        self.paint_text(painter, below, second_words(line), font("small"), colours.text3)

    def is_chosen(self, index: Index) -> bool:
        if self._is_choosing:
            return Path(str(index.data(_FOLDER))) in self._compared
        return super().is_chosen(index)

    def _paint_mark(self, painter: QPainter, line: RunLine, top: int) -> int:
        """Paint the state of a run, or its colour and dash; return where its name begins."""
        place = self._keys.get(line.folder) if self._is_choosing else None
        if place is not None:
            paint_key(painter, QRectF(_LEFT_PX, top, KEY_PX, 20), place)
            return _LEFT_PX + KEY_PX + 8
        glyph, token, _ = look_of(line)
        ink = self._theme.theme.colours[token]
        picture = pixmap(glyph, _GLYPH_PX, ink, self.devicePixelRatioF())
        painter.drawPixmap(_LEFT_PX, top + 3, picture)
        return _LEFT_PX + (KEY_PX + 8 if self._is_choosing else 22)

    def _spoken(self, line: RunLine) -> str:
        words = spoken(line)
        if self._is_choosing and line.folder in self._compared:
            words = self.tr("{0}, compared").format(words)
        return words

    def _origin(self, line: RunLine) -> str:
        if line.branched is None:
            return ""
        source = next((o for o in self._lines.values() if o.folder.name == line.branched.run), None)
        return origin_words(line, source.label if source is not None else line.branched.run)

    def _choose(self, index: Index) -> None:
        if index.isValid():
            chosen = self.toggled if self._is_choosing else self.run_chosen
            chosen.emit(Path(str(index.data(_FOLDER))))
