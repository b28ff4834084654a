"""Find: a field over the canvas that goes from one layer that fits to the next."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from app.document import Document
from app.widgets import IconButton, Label, SearchField
from app.widgets.growing import follow_width
from engine.analysis.finding import find_everywhere, find_nodes
from engine.graph.composites import at, reachable
from engine.graph.elements import NodePath

_FIELD_PX = 240
_TOP_PX = 12


class FindBar(QFrame):
    """Selects what fits while one types; Enter goes to the next, Shift+Enter to the one before."""

    found = Signal(object)
    """A layer is to be shown: its ``NodeId``."""

    closed = Signal()

    def __init__(self, document: Document, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._document = document
        self._matches: tuple[NodePath, ...] = ()
        self._place = 0
        self.setProperty("kind", "card")
        self.setAccessibleName(self.tr("Find in graph"))
        self.field = SearchField(self.tr("Name, kind, parameter or shape"))
        follow_width(self.field, _FIELD_PX)
        self._count = Label("", "small", "text2")
        self._count.setMinimumWidth(60)
        self._previous = IconButton("chevron-up", self.tr("Previous (Shift+Enter)"))
        self._next = IconButton("chevron-down", self.tr("Next (Enter)"))
        self._close = IconButton("close", self.tr("Close (Esc)"))
        row = QHBoxLayout(self)
        row.setContentsMargins(7, 7, 7, 7)
        row.setSpacing(6)
        for part in (self.field, self._count, self._previous, self._next, self._close):
            row.addWidget(part)
        self.field.installEventFilter(self)
        canvas.installEventFilter(self)
        self.field.textChanged.connect(self._search)
        self._previous.clicked.connect(lambda: self.step(-1))
        self._next.clicked.connect(lambda: self.step(1))
        self._close.clicked.connect(self.close_bar)
        self.hide()

    @property
    def count(self) -> str:
        """What is said of how many fit."""
        return self._count.text()

    def open(self) -> None:
        """Show the field with the keyboard in it; what stands there from before is selected."""
        self.show()
        self.raise_()
        self.move_to_top()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self._search()

    def close_bar(self) -> None:
        """Hide; what was found stays selected."""
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def step(self, by: int) -> None:
        """Go to the next layer that fits, or to one before; around at the ends."""
        if not self._matches:
            return
        # The drawing may have changed since the last key.
        graph = self._document.project.graph
        alive = [
            path
            for path in self._matches
            if path[-1] in at(graph, reachable(graph, path[:-1])).nodes
        ]
        if len(alive) != len(self._matches):
            self._search()
            return
        self._place = (self._place + by) % len(self._matches)
        self._document.reveal(self._matches[self._place])
        self._show_current()

    def move_to_top(self) -> None:
        """Stand in the middle of the canvas' upper edge."""
        self.adjustSize()
        canvas = self.parentWidget()
        if canvas is not None:
            self.move(max(0, (canvas.width() - self.width()) // 2), _TOP_PX)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        if watched is self.field and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
                event.accept()
                return False
            return event.type() == QEvent.Type.KeyPress and self._take_key(event)
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self.move_to_top()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        # Keys of the bar are not keys of the canvas below it.
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        event.accept()

    def _take_key(self, event: QKeyEvent) -> bool:
        match event.key():
            case Qt.Key.Key_Escape:
                self.close_bar()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                is_back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
                self.step(-1 if is_back else 1)
            case _:
                return False
        return True

    def _search(self) -> None:
        text = self.field.text()
        document = self._document
        here = [
            (*document.path, node) for node in find_nodes(document.graph, document.report, text)
        ]
        known = {path[-1] for path in here}
        elsewhere = find_everywhere(document.model_report, text)
        self._matches = (*here, *(path for path in elsewhere if path[-1] not in known))
        # Enter then goes to the first of several.
        self._place = 0 if len(self._matches) == len(here) == 1 else -1
        document.select(known)
        for button in (self._previous, self._next):
            button.setEnabled(bool(self._matches))
        if here:
            # The level on show is left only when the person goes on.
            self.found.emit(here[0][-1])
        if self._matches:
            self._say(self.tr("{0} found").format(len(self._matches)))
        else:
            self._say(self.tr("None found") if text.strip() else "")

    def _show_current(self) -> None:
        self.found.emit(self._matches[self._place][-1])
        self._say(self.tr("{0} of {1}").format(self._place + 1, len(self._matches)))

    def _say(self, text: str) -> None:
        self._count.setText(text)
        self.field.setAccessibleDescription(text)
        self.move_to_top()
