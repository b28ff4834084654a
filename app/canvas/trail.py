"""The way from the project down to the level on show, as chips that lead back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.theme import font
from app.widgets import Chip

_GAP_PX = 4
_LONGEST_PX = 180
_MOST = 4


class Trail(QWidget):
    """A chip for the project, and one for each composite that is entered."""

    chosen = Signal(int)
    """A level is wanted: 0 for the drawing."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Levels"))
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(_GAP_PX)
        self._chips: list[Chip] = []
        self._shown: tuple[str, ...] = ()
        self._add_chip("")

    @property
    def words(self) -> list[str]:
        """What the chips say, from the project down."""
        return [chip.accessibleName() for chip in self._chips if not chip.isHidden()]

    def chip(self, depth: int) -> Chip:
        """Return the chip of a level."""
        return self._chips[depth]

    def show_way(self, project: str, note: str, titles: Sequence[str]) -> bool:
        """Show the project with a note, and the composites from the outermost in.

        Of a long way the first levels below the project are left out.

        Returns:
            Whether anything is other than before.
        """
        if (project, note, *titles) == self._shown:
            return False
        self._shown = (project, note, *titles)
        while len(self._chips) <= len(titles):
            self._add_chip("chevron-right")
        self._chips[0].set_words(_shortened(project), note)
        self._chips[0].setToolTip(project if _shortened(project) != project else "")
        hidden = len(titles) - _MOST
        for depth, chip in enumerate(self._chips[1:], start=1):
            chip.setVisible(hidden < depth <= len(titles))
            if depth <= len(titles):
                chip.set_words(_shortened(titles[depth - 1]))
                chip.setToolTip(titles[depth - 1])
        for chip in self._chips:
            chip.adjustSize()
        self.adjustSize()
        return True

    def _add_chip(self, icon_name: str) -> None:
        depth = len(self._chips)
        chip = Chip("", icon_name=icon_name)
        chip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        chip.clicked.connect(lambda: self.chosen.emit(depth))
        self._chips.append(chip)
        self._row.addWidget(chip)


def _shortened(title: str) -> str:
    metrics = QFontMetrics(font("small", weight=500))
    return metrics.elidedText(title, Qt.TextElideMode.ElideMiddle, _LONGEST_PX)
