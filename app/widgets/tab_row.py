"""The row of tabs on top of a dock."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QTabBar, QWidget

from app.theme.fonts import font
from app.theme.theme import current_theme
from app.widgets.growing import follow_height

_INSET_PX = 16
_GAP_PX = 18
_UNDERLINE_PX = 2


class TabRow(QWidget):
    """40 px of tabs, the active one underlined, with room for a note or buttons at the right.

    Serves as the title bar of a dock: the free part lets the dock be dragged.
    """

    chosen = Signal(str)
    """The key of the tab that is now active, by the person's choice or by ``set_current``."""

    entered = Signal()
    """The keyboard came to the tabs."""

    def __init__(self, name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tabs = _Tabs(name)
        self._tabs.currentChanged.connect(self._on_current_changed)
        self._tabs.entered.connect(self.entered)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(_INSET_PX - _GAP_PX // 2, 0, _INSET_PX - 8, 0)
        self._row.setSpacing(6)
        self._row.addWidget(self._tabs)
        self._row.addStretch(1)
        follow_height(self, lambda: current_theme().size.tab_row)
        self.setAccessibleName(name)

    @property
    def current(self) -> str:
        """Key of the active tab; empty while there is none."""
        return self._tabs.key(self._tabs.currentIndex())

    def add_tab(self, key: str, title: str) -> None:
        """Add a tab at the right end; the first one is active."""
        self._tabs.add(key, title)

    def remove_tab(self, key: str) -> None:
        """Take a tab away; its neighbour becomes active."""
        self._tabs.removeTab(self._tabs.index(key))

    def set_current(self, key: str) -> None:
        """Make a tab the active one."""
        self._tabs.setCurrentIndex(self._tabs.index(key))

    def set_count(self, key: str, count: int) -> None:
        """Show a count behind a title: Problems 2; none for 0."""
        self._tabs.set_count(self._tabs.index(key), count)

    def set_tab_enabled(self, key: str, enabled: bool, why: str = "") -> None:
        """Switch a tab off; ``why`` tells the person who points at it."""
        index = self._tabs.index(key)
        self._tabs.setTabEnabled(index, enabled)
        self._tabs.setTabToolTip(index, "" if enabled else why)

    def add_trailing(self, widget: QWidget) -> None:
        """Put a widget at the right end."""
        self._row.addWidget(widget)
        if not isinstance(widget, QAbstractButton):
            self._row.addSpacing(_INSET_PX // 2 - self._row.spacing())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        colours = current_theme().colours
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.panel)
        painter.fillRect(0, self.height() - 1, self.width(), 1, colours.line)

    def _on_current_changed(self, index: int) -> None:
        self.chosen.emit(self._tabs.key(index))


class _Tabs(QTabBar):
    """Draws its tabs itself: QTabBar brings keys, touch and screen readers."""

    entered = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(False)
        self.setAccessibleName(name)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._counts: dict[str, int] = {}

    def add(self, key: str, title: str) -> None:
        self.setTabData(self.addTab(title), key)

    def index(self, key: str) -> int:
        return next(index for index in range(self.count()) if self.tabData(index) == key)

    def key(self, index: int) -> str:
        return str(self.tabData(index) or "")

    def set_count(self, index: int, count: int) -> None:
        self._counts[self.key(index)] = count
        title = self.tabText(index)
        self.setAccessibleTabName(index, f"{title}, {count}" if count else title)
        self.setTabText(index, title)  # measures the tab again

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt override
        super().focusInEvent(event)
        self.entered.emit()

    def tabSizeHint(self, index: int) -> QSize:  # noqa: N802 - Qt override
        bold = QFontMetrics(font(weight=600))
        width = bold.horizontalAdvance(self._label(index))
        return QSize(width + _GAP_PX, current_theme().size.tab_row)

    def minimumTabSizeHint(self, index: int) -> QSize:  # noqa: N802 - Qt override
        return self.tabSizeHint(index)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        painter = QPainter(self)
        for index in range(self.count()):
            self._paint_tab(painter, index)

    def _paint_tab(self, painter: QPainter, index: int) -> None:
        colours = current_theme().colours
        is_active = index == self.currentIndex()
        box = self.tabRect(index).adjusted(_GAP_PX // 2, 0, -(_GAP_PX // 2), 0)
        painter.setFont(font(weight=600 if is_active else 400))
        painter.setPen(colours.text if is_active else colours.text2)
        if not self.isTabEnabled(index):
            painter.setPen(colours.text3)
        painter.drawText(
            box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._label(index)
        )
        if is_active:
            line = QRect(box.left(), box.bottom() + 1 - _UNDERLINE_PX, box.width(), _UNDERLINE_PX)
            painter.fillRect(line, colours.accent)

    def _label(self, index: int) -> str:
        count = self._counts.get(self.key(index), 0)
        return f"{self.tabText(index)}  {count}" if count else self.tabText(index)
