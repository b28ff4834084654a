"""The cards side by side, in as many columns as fit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.start_page.card import TemplateCard

GAP_PX = 14
_LEAST_CARD_PX = 240
_MOST_COLUMNS = 4


class CardGrid(QWidget):
    """Lays out the cards that are shown; the arrow keys go from one to its neighbour."""

    def __init__(self, cards: Sequence[TemplateCard]) -> None:
        super().__init__()
        self._cards = list(cards)
        self._shown = list(cards)
        for card in cards:
            card.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(self.tr("Templates"))

    @property
    def shown(self) -> list[TemplateCard]:
        """The cards that are on the page, in their order."""
        return list(self._shown)

    def show_only(self, cards: Sequence[TemplateCard]) -> None:
        """Show some of the cards."""
        self._shown = [card for card in self._cards if card in cards]
        for card in self._cards:
            card.setVisible(card in self._shown)
        self._place()
        self.updateGeometry()

    def columns(self, width: int) -> int:
        """Return how many cards stand side by side."""
        return max(1, min(_MOST_COLUMNS, (width + GAP_PX) // (_LEAST_CARD_PX + GAP_PX)))

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt override
        rows = -(-len(self._shown) // self.columns(width))
        return max(0, rows * (self._card_height() + GAP_PX) - GAP_PX)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(_LEAST_CARD_PX, self.heightForWidth(max(_LEAST_CARD_PX, self.width())))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(_LEAST_CARD_PX, self.heightForWidth(max(_LEAST_CARD_PX, self.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        self._place()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        columns = self.columns(self.width())
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
        }
        focused = [place for place, card in enumerate(self._shown) if card.hasFocus()]
        step = steps.get(Qt.Key(event.key()))
        if step is None or not focused:
            super().keyPressEvent(event)
            return
        to = focused[0] + step
        if 0 <= to < len(self._shown):
            self._shown[to].setFocus(Qt.FocusReason.TabFocusReason)
            self._shown[to].setChecked(True)

    def _card_height(self) -> int:
        return self._cards[0].sizeHint().height() if self._cards else 0

    def _place(self) -> None:
        columns = self.columns(self.width())
        width = (self.width() - GAP_PX * (columns - 1)) / columns
        height = self._card_height()
        for place, card in enumerate(self._shown):
            left = round((place % columns) * (width + GAP_PX))
            right = round((place % columns) * (width + GAP_PX) + width)
            top = (place // columns) * (height + GAP_PX)
            card.setGeometry(QRect(left, top, right - left, height))
        self.setMinimumHeight(self.heightForWidth(self.width()))
