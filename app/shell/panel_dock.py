"""A dock of panels: our tab row is its title bar."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QDockWidget, QFrame, QStackedWidget, QVBoxLayout, QWidget

from app.theme import current_theme
from app.widgets import IconButton, TabRow
from app.widgets.growing import follow_minimum

_ASIDE_PX = 24


class PanelDock(QDockWidget):
    """Holds panels one behind the other; can be moved, floated and closed."""

    panel_shown = Signal(str)
    """The key of the panel that is now in front."""

    def __init__(
        self, name: str, title: str, *, size: QSize, minimum: QSize, parent: QWidget | None = None
    ) -> None:
        super().__init__(title, parent)
        # restoreState finds docks by this name.
        self.setObjectName(name)
        self.tabs = TabRow(title)
        self._stack = _Stack(size)
        follow_minimum(self._stack, minimum)
        self._panels: dict[str, QWidget] = {}
        self._titles: dict[str, str] = {}
        self.setTitleBarWidget(self.tabs)
        self.setWidget(self._stack)
        self._edges = [QFrame(self) for _ in range(4)]
        for edge in self._edges:
            edge.setProperty("kind", "edge")
            edge.hide()
        self.tabs.chosen.connect(self._on_chosen)
        self.tabs.entered.connect(self._lead_on)
        self.topLevelChanged.connect(self._place_edges)

    def float_aside(self, floats: bool) -> None:
        """Become a window of its own, a little aside so that it is seen to be one; or go back."""
        self.setFloating(floats)
        if floats:
            self.move(self.pos() + QPoint(_ASIDE_PX, _ASIDE_PX))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        self._place_edges()

    def _place_edges(self) -> None:
        """Draw the border of a window of its own, which no system frames."""
        width, height = self.width(), self.height()
        places = ((0, 0, width, 1), (0, 0, 1, height), (0, height - 1, width, 1))
        for edge, place in zip(self._edges, (*places, (width - 1, 0, 1, height)), strict=True):
            edge.setGeometry(*place)
            edge.setVisible(self.isFloating())
            edge.raise_()

    def add_close_button(self) -> None:
        """Put a button at the end of the tab row that closes the dock."""
        close = IconButton("close", self.tr("Close {0}").format(self.windowTitle()), size_px=26)
        close.clicked.connect(self.close)
        self.tabs.add_trailing(close)

    def add_footer(self, widget: QWidget) -> None:
        """Put something below the panels that stays whichever is in front."""
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._stack, stretch=1)
        column.addWidget(widget)
        self.setWidget(holder)

    def add_panel(self, key: str, title: str, panel: QWidget) -> None:
        """Add a panel behind the others."""
        self._panels[key] = panel
        self._titles[key] = title
        self._stack.addWidget(panel)
        self.tabs.add_tab(key, title)

    def replace_panel(self, key: str, panel: QWidget) -> None:
        """Put a panel in the place of the one that stood in for it."""
        old = self._panels[key]
        place = self._stack.indexOf(old)
        was_shown = self._stack.currentWidget() is old
        self._panels[key] = panel
        # Out of sight: where a widget comes or goes Qt paints anew what lies there, though hidden.
        for each in (panel, old):
            each.move(-each.width(), 0)
        self._stack.insertWidget(place, panel)
        self._stack.removeWidget(old)
        old.deleteLater()
        if was_shown:
            self._bring(panel)

    @property
    def current(self) -> str:
        """The key of the panel in front."""
        return self.tabs.current

    @property
    def title(self) -> str:
        """The title of the panel in front."""
        return self._titles[self.current]

    def show_panel(self, key: str) -> None:
        """Open the dock with this panel in front."""
        self.tabs.set_current(key)
        self.show()
        self.raise_()

    def take_keyboard(self) -> None:
        """Give the keyboard to the panel in front, where it names who is to have it."""
        panel = self._panels[self.current]
        if panel.focusProxy() is not None:
            panel.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_chosen(self, key: str) -> None:
        if key in self._panels:
            self._bring(self._panels[key])
            self.panel_shown.emit(key)

    def _bring(self, panel: QWidget) -> None:
        self._stack.setCurrentWidget(panel)
        self._lead_on()

    def _lead_on(self) -> None:
        """Let Tab lead from the tabs into the panel in front, whenever its parts were made."""
        panel = self._panels.get(self.current)
        stops = [*_stops(self.tabs), *(_stops(panel) if panel is not None else ())]
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)


def _stops(part: QWidget) -> list[QWidget]:
    """Return what Tab stops at within a part; lists that pop up are windows of their own."""
    inside = (each for each in part.findChildren(QWidget) if each.window() is part.window())
    return [each for each in inside if each.focusPolicy() & Qt.FocusPolicy.TabFocus]


class _Stack(QStackedWidget):
    """Asks for the dock's home size, whatever its panels would like."""

    def __init__(self, size: QSize) -> None:
        super().__init__()
        self._size = size
        self.setAutoFillBackground(True)
        palette = self.palette()
        palette.setColor(self.backgroundRole(), current_theme().colours.panel)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return self._size

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return self.minimumSize()
