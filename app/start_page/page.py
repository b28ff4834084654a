"""The page over the window: choose what to begin with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.commands.matching import score
from app.start_page.card import TemplateCard
from app.start_page.facts import Facts
from app.start_page.grid import CardGrid
from app.start_page.hero import Hero
from app.start_page.reading import Reading
from app.start_page.samples import Samples
from app.start_page.side import SideColumn
from app.theme import current_theme
from app.widgets import Button, FlowText, Label, SearchField, SegmentedControl
from engine.project.templates import STARTER, Template, all_templates

_FILTERS = (
    ("all", "All"),
    ("images", "Images"),
    ("text", "Text"),
    ("tables", "Tables"),
    ("signals", "Signals"),
    ("architectures", "Architectures"),
)
_WIDEST_PX = 1250
_SEARCH_PX = (110, 220)
_NARROW_PX = 1180


class StartPage(QWidget):
    """Covers rail, canvas and docks; Esc goes back to what is open."""

    opened = Signal(object)
    """A ``Template`` is to be opened."""

    trained = Signal(object)
    """A ``Template`` is to be opened and trained at once."""

    empty_chosen = Signal()
    template_chosen = Signal(object)
    """The file of a template of the person's own: a ``Path``."""

    recent_chosen = Signal(object)
    """A project's file: a ``Path``."""

    asked = Signal(str)
    """An entry of the left column."""

    closed = Signal()

    def __init__(self, window: QMainWindow, entries: Sequence[tuple[str, str, str, str]]) -> None:
        super().__init__(window)
        self.setAccessibleName(self.tr("Start page"))
        self._templates = all_templates()
        self._reading = Reading(self._templates, self)
        self._reading.facts_read.connect(self._on_facts)
        self._reading.samples_read.connect(self._on_samples)
        self.side = SideColumn(entries)
        starter = next(item for item in self._templates if item.key == STARTER)
        self.hero = Hero(starter)
        self.cards = [TemplateCard(item) for item in self._templates if item.key != STARTER]
        self.grid = CardGrid(self.cards)
        self.filters = SegmentedControl(self.tr("Kind of data"), self._filters())
        self.search = SearchField(self.tr("Search templates"))
        self.search.setMinimumWidth(_SEARCH_PX[0])
        self.search.setMaximumWidth(_SEARCH_PX[1])
        self.empty = Button(self.tr("Empty project"), icon_name="plus")
        self._none = FlowText()
        self._lay_out()
        self._introduce(starter)
        window.installEventFilter(self)
        self.hide()

    def open(self, recent: Sequence[Path], templates: Sequence[Path] = ()) -> None:
        """Show all templates, with the keyboard on the starter.

        Args:
            recent: The files that were open last.
            templates: The files of the person's own templates.
        """
        self.side.show_templates(templates)
        self.side.show_recent(recent)
        self.search.clear()
        self._reading.go_on()
        self._cover()
        self.show()
        self.raise_()
        self.hero.train.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_page(self) -> None:
        """Go back to what is open."""
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def wait(self) -> None:
        """Wait until all cards are read."""
        self._reading.wait()

    def stop(self) -> None:
        """Read no more: a window that closes leaves no thread behind."""
        self._reading.pause()
        self._reading.wait()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt override
        super().hideEvent(event)
        self._reading.pause()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._cover()
        return super().eventFilter(watched, event)

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002, N802 - Qt override
        """Keep Tab on the page: what lies below is not to be reached."""
        moved = super().focusNextPrevChild(next)
        focus = QApplication.focusWidget()
        if focus is None or self.isAncestorOf(focus):
            return moved
        stops = [
            widget
            for widget in self.findChildren(QWidget)
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible()
        ]
        # None is left while Qt looks for another place because the page is closing.
        if stops:
            stops[0 if next else -1].setFocus(Qt.FocusReason.TabFocusReason)
        return moved

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        if event.key() == Qt.Key.Key_Escape:
            self.close_page()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        QPainter(self).fillRect(self.rect(), current_theme().colours.window)

    def _filters(self) -> list[tuple[str, str]]:
        """Offer only kinds of which there is a template."""
        tasks = {item.task for item in self._templates}
        return [(key, self.tr(word)) for key, word in _FILTERS if key == "all" or key in tasks]

    def _lay_out(self) -> None:
        content = QWidget()
        content.setProperty("surface", "window")
        content.setMaximumWidth(_WIDEST_PX)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(self.hero)
        column.addSpacing(4)
        column.addLayout(self._tools())
        column.addWidget(self._none)
        column.addWidget(self.grid)
        column.addStretch(1)
        holder = QWidget()
        holder.setProperty("surface", "window")
        centred = QHBoxLayout(holder)
        centred.setContentsMargins(32, 28, 32, 28)
        centred.addStretch(1)
        centred.addWidget(content, 1000)
        centred.addStretch(1)
        area = QScrollArea()
        area.setProperty("surface", "window")
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(holder)
        self._area = area
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.side)
        row.addWidget(area, 1)
        self._none.hide()

    def _tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(Label(self.tr("Templates"), "heading"))
        row.addWidget(self.filters)
        row.addStretch(1)
        row.addWidget(self.search, 1)
        row.addWidget(self.empty)
        return row

    def _introduce(self, starter: Template) -> None:
        self.hero.opened.connect(lambda: self.opened.emit(starter))
        self.hero.trained.connect(lambda: self.trained.emit(starter))
        for card in self.cards:
            template = card.template
            card.opened.connect(lambda item=template: self.opened.emit(item))
            card.trained.connect(lambda item=template: self.trained.emit(item))
        self.filters.chosen.connect(self._filter)
        self.search.textChanged.connect(self._filter)
        self.empty.clicked.connect(self.empty_chosen)
        self.side.recent_chosen.connect(self.recent_chosen)
        self.side.template_chosen.connect(self.template_chosen)
        self.side.asked.connect(self.asked)

    def _filter(self) -> None:
        text, task = self.search.text(), self.filters.current
        fitting = [
            card
            for card in self.cards
            if task in ("all", card.template.task) and _fits(card.template, text)
        ]
        self.grid.show_only(fitting)
        self._none.set_words(self.tr("No template called “{0}”.").format(text.strip()))
        self._none.setVisible(not fitting)

    def _on_facts(self, key: str, facts: Facts) -> None:
        if key == STARTER:
            self.hero.picture.show_facts(facts)
        for card in self.cards:
            if card.template.key == key:
                card.show_facts(facts)

    def _on_samples(self, name: str, samples: Samples) -> None:
        for item in self._templates:
            if item.data == name and item.key == STARTER:
                self.hero.picture.show_samples(samples)
        for card in self.cards:
            if card.template.data == name:
                card.show_samples(samples)

    def _cover(self) -> None:
        """Lie between the header and the status bar."""
        window = self.parentWidget()
        if not isinstance(window, QMainWindow):
            return
        header, bar = window.menuWidget(), window.statusBar()
        assert header is not None, "the window has a header"
        top = header.geometry().bottom() + 1
        self.side.set_narrow(narrow=window.width() < _NARROW_PX)
        self.setGeometry(0, top, window.width(), bar.geometry().top() - top)


def _fits(template: Template, text: str) -> bool:
    words = " ".join((template.key, template.summary, template.data, *template.tags))
    return score(text, template.title, words) > 0
