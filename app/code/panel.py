"""The Code panel: the source of the drawing, its lines tied to the selection."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from app.code.view import CodeView
from app.code.writing import Writing, Written, written_of
from app.document import Document
from app.theme import ThemeManager
from app.widgets import Button, EmptyState, Glyph
from app.widgets.elided_label import ElidedLabel
from engine.analysis.report import ShapeReport
from engine.compile.source import Source

_SETTLE_MS = 50
_THANKS_MS = 1500


class CodePanel(QWidget):
    """Shows what the drawing is in PyTorch; with an error, what it was before."""

    copied = Signal()
    """The source is on the clipboard."""

    def __init__(
        self, document: Document, theme: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Code"))
        self._document = document
        self._source: Source | None = None
        self._last_good: ShapeReport | None = None
        self._name = document.project.name
        self._is_selecting = False
        self.view = CodeView(theme)
        self.view.setAccessibleName(self.tr("PyTorch source"))
        self._writing = Writing(self)
        self._timer = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._build()
        self._connect()
        if not document.model_report.errors:
            self._last_good = document.model_report

    @property
    def source(self) -> Source | None:
        """The source on show."""
        return self._source

    @property
    def note(self) -> str:
        """The line above the code where it is not of the present drawing."""
        return "" if self._note_row.isHidden() else self._note.text()

    def copy(self) -> None:
        """Put the source on the clipboard."""
        if self._source is None:
            return
        QGuiApplication.clipboard().setText(self._source.text)
        self._copy.setText(self.tr("Copied"))
        self._copy.set_icon_name("check")
        self._thanks.start()
        self.copied.emit()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt override
        super().showEvent(event)
        self._write()

    def _build(self) -> None:
        self._class = ElidedLabel("", "small", "text3")
        self._copy = Button(self.tr("Copy"), "ghost", icon_name="copy", extent="small")
        self._thanks = QTimer(self, singleShot=True, interval=_THANKS_MS)
        self._note = ElidedLabel("", "small", "text3")
        self._note_row = QWidget()
        note = QHBoxLayout(self._note_row)
        note.setContentsMargins(16, 0, 16, 6)
        note.setSpacing(6)
        note.addWidget(Glyph("info", "text3", size_px=14))
        note.addWidget(self._note, stretch=1)
        self._note_row.hide()
        head = QHBoxLayout()
        head.setContentsMargins(16, 8, 8, 4)
        head.addWidget(self._class, stretch=1)
        head.addWidget(self._copy)
        shown = QWidget()
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._note_row)
        column.addWidget(self.view, stretch=1)
        self._stack = QStackedLayout(self)
        self._empty = EmptyState("code", self.tr("Add a layer to see its code."))
        self._stack.addWidget(self._empty)
        self._stack.addWidget(shown)

    def _connect(self) -> None:
        self._copy.clicked.connect(self.copy)
        self._thanks.timeout.connect(self._end_thanks)
        self._timer.timeout.connect(self._write)
        self._writing.done.connect(self._show)
        self.view.line_clicked.connect(self._on_line_clicked)
        self._document.report_changed.connect(self._on_report_changed)
        self._document.history_changed.connect(self._on_history_changed)
        self._document.selection_changed.connect(self._mark_selection)

    def _on_report_changed(self) -> None:
        report = self._document.model_report
        if not report.errors:
            self._last_good = report
        self._timer.start()

    def _on_history_changed(self) -> None:
        if self._document.project.name != self._name:
            self._timer.start()

    def _write(self) -> None:
        report, project = self._document.model_report, self._document.project
        if self.isVisible() and report.graph is project.graph:
            self._name = project.name
            self._writing.write(report, self._name)

    def _show(self, written: Written) -> None:
        if written.source is not None:
            self._source = written.source
        else:
            self._source = self._earlier()
        self._show_note(written)
        self._show_empty(written)
        self._stack.setCurrentIndex(0 if self._source is None else 1)
        if self._source is not None:
            self.view.set_source(self._source.text)
            self._class.setText(self._source.class_name)
            self._mark_selection()

    def _earlier(self) -> Source | None:
        """Return the source of this drawing from before its error, where there was one."""
        source = self._source
        if source is None and self._last_good is not None:
            source = written_of(self._last_good, self._name).source
        return source if source is not None and self._is_of_this_drawing(source) else None

    def _show_empty(self, written: Written) -> None:
        place = _place(written)
        if place:
            self._empty.set_words(
                self.tr("The code is shown once the error in {0} is mended.").format(place)
            )
        elif written.report.questions:
            self._empty.set_words(self.tr("The code is shown once all shapes are found."))
        else:
            self._empty.set_words(self.tr("Add a layer to see its code."))

    def _show_note(self, written: Written) -> None:
        place = _place(written)
        words = self.tr("Code before the error in {0}") if place else self.tr("Code before")
        self._note.setText(words.format(place))
        self._note_row.setVisible(written.source is None)

    def _is_of_this_drawing(self, source: Source) -> bool:
        """Say whether any line came from a node that is still there: else it is another project."""
        nodes = self._document.project.graph.nodes
        return any(node in nodes for node in source.lines.values())

    def _mark_selection(self) -> None:
        if self._source is None:
            return
        nodes, paths = self._document.selection, self._source.paths
        lines = [line for line, path in paths.items() if not nodes.isdisjoint(path)]
        self.view.mark(lines, show_first=not self._is_selecting)

    def _on_line_clicked(self, line: int) -> None:
        path = self._source.paths.get(line) if self._source is not None else None
        if path is None:
            return
        self._is_selecting = True  # the line is in sight already
        if path[-1] in self._document.graph.nodes:
            self._document.select(path[-1:])
        else:
            self._document.reveal(path)
        self._is_selecting = False

    def _end_thanks(self) -> None:
        self._copy.setText(self.tr("Copy"))
        self._copy.set_icon_name("copy")


def _place(written: Written) -> str:
    """Return the title of the node whose error stands in the way."""
    if written.problem is None or written.problem.node is None:
        return ""
    report = written.report.nodes.get(written.problem.node)
    return report.title if report is not None else ""
