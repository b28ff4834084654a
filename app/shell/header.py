"""The header: mark, menus, layout switch, undo and redo, device, and the Train button."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QMenuBar, QSizePolicy, QWidget

from app.shell.train_buttons import TrainButtons
from app.theme import current_theme, mark_pixmap, theme_manager
from app.widgets import IconButton, SegmentedControl
from app.widgets.growing import follow_height

_MARK_PX = 20
_PROGRESS_PX = 2
_GAP_PX = 12
_NARROW_PX = 1280
_MARGINS_PX = 110
"""The mark, and what stands between the parts."""


class Header(QWidget):
    """48 px along the top of the window."""

    layout_chosen = Signal(str)
    """The key of the layout that the person chose."""

    def __init__(self, undo: QAction, redo: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._progress = 0.0
        self.menu_bar = QMenuBar(self)
        self.menu_bar.setNativeMenuBar(True)
        self.menu_bar.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.layouts = SegmentedControl(
            self.tr("Layout"),
            [
                ("build", self.tr("Build")),
                ("train", self.tr("Train")),
                ("try", self.tr("Try")),
                ("compare", self.tr("Compare")),
            ],
            parent=self,
        )
        self.layouts.chosen.connect(self.layout_chosen)
        self.train = TrainButtons(self)
        self.menu_button = IconButton("menu", self.tr("Menu"), parent=self)
        self.menu_button.clicked.connect(self._open_menus)
        self.menu_button.hide()
        QShortcut(Qt.Key.Key_F10, self, self.open_menus)
        self._mark = QLabel(self)
        self._mark.setAccessibleName(self.tr("Layerloom"))
        self._undo = _action_button("undo", undo)
        self._redo = _action_button("redo", redo)
        self._lay_out()
        follow_height(self, lambda: current_theme().size.header)
        self.setAccessibleName(self.tr("Header"))
        theme_manager().changed.connect(self._draw_mark)
        self._draw_mark()

    def set_plain(self, *, plain: bool) -> None:
        """Leave out what concerns the drawing while the start page lies over it."""
        for part in (self.layouts, self._undo, self._redo, self.train):
            part.setVisible(not plain)

    def set_progress(self, share: float) -> None:
        """Draw how much of the run is done along the lower edge, from 0 to 1; 0 draws nothing."""
        self._progress = max(0.0, min(1.0, share))
        self.update(0, self.height() - _PROGRESS_PX - 1, self.width(), _PROGRESS_PX + 1)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        self.train.set_narrow(narrow=self.width() < _NARROW_PX)
        self._fold_menus()
        self._centre_layouts()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            # The buttons at the right are others now, or wider.
            self._fold_menus()
            self._centre_layouts()
        return done

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        colours = current_theme().colours
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.window)
        painter.fillRect(0, self.height() - 1, self.width(), 1, colours.line)
        if self._progress > 0:
            width = round(self.width() * self._progress)
            line = QRect(0, self.height() - _PROGRESS_PX, width, _PROGRESS_PX)
            painter.fillRect(line, colours.accent)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(13, 0, 12, 0)
        row.setSpacing(4)
        row.addWidget(self._mark)
        row.addSpacing(8)
        row.addWidget(self.menu_button)
        row.addWidget(self.menu_bar)
        row.addStretch(1)
        row.addWidget(self._undo)
        row.addWidget(self._redo)
        row.addSpacing(10)
        row.addWidget(self.train)

    def _fold_menus(self) -> None:
        """Let one button stand for all menus where they have no room beside the rest."""
        if self.menu_bar.isNativeMenuBar():
            return
        others = (self._undo, self._redo, self.train, self.layouts)
        needed = sum(part.sizeHint().width() for part in others) + _MARGINS_PX
        fits = needed + self.menu_bar.sizeHint().width() <= self.width()
        if fits == self.menu_bar.isHidden():
            self.menu_bar.setVisible(fits)
            self.menu_button.setVisible(not fits)

    def open_menus(self) -> None:
        """Open the first menu, from where the arrow keys lead to the others."""
        if self.menu_bar.isHidden():
            self._open_menus()
        else:
            self.menu_bar.setActiveAction(self.menu_bar.actions()[0])

    def _open_menus(self) -> None:
        """Open a menu of the menus."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self.menu_bar.actions())
        menu.popup(self.menu_button.mapToGlobal(self.menu_button.rect().bottomLeft()))

    def _centre_layouts(self) -> None:
        """Centre in the window, not in the leftover space; give way to what stands at the sides."""
        row = self.layout()
        if row is not None:
            row.activate()
        size = self.layouts.sizeHint()
        left = (self.width() - size.width()) // 2
        left = min(left, self._undo.x() - _GAP_PX - size.width())
        menus = self.menu_button if self.menu_bar.isHidden() else self.menu_bar
        left = max(left, menus.geometry().right() + _GAP_PX)
        self.layouts.setGeometry(left, (self.height() - size.height()) // 2, *_pair(size))

    def _draw_mark(self) -> None:
        self._mark.setPixmap(mark_pixmap(_MARK_PX, current_theme(), self.devicePixelRatioF()))


def _pair(size: QSize) -> tuple[int, int]:
    return size.width(), size.height()


def _action_button(icon_name: str, action: QAction) -> IconButton:
    """Return an icon button that follows an action's name and whether it can be done."""
    button = IconButton(icon_name, action.text(), keys=action.shortcut())
    button.clicked.connect(action.trigger)

    def follow() -> None:
        button.setEnabled(action.isEnabled())
        button.set_name(action.text(), action.shortcut())

    action.changed.connect(follow)
    follow()
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
