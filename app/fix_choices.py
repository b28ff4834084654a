"""A button that offers further ways to mend a problem, in a menu."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from app.widgets import Button
from app.widgets.buttons import Extent
from engine.analysis.report import Fix, Problem


def fixes_beside(problem: Problem) -> tuple[Fix, ...]:
    """Return the fixes with a button of their own: the first, where a menu has the others."""
    fixes = problem.fixes
    return (*fixes[:1], *(fix for fix in fixes[1:] if fix.takes_back or not problem.choices))


class FixChoices(Button):
    """Opens a menu of fixes; the one pointed at can be shown before it is chosen."""

    chosen = Signal(object)
    """A ``Fix`` is to be carried out."""

    pointed_at = Signal(object)
    """The change of a ``Fix`` is to be shown; None where that of no fix is."""

    def __init__(self, fixes: Sequence[Fix], extent: Extent = "normal") -> None:
        super().__init__(self.tr("Choose…"), icon_name="wand", extent=extent)
        self.choices = QMenu(self)
        self.choices.setAccessibleName(self.tr("Choose…"))
        for fix in fixes:
            self.choices.addAction(self._action(fix))
        self.choices.aboutToHide.connect(lambda: self.pointed_at.emit(None))
        self.clicked.connect(self._open)

    def _open(self) -> None:
        self.choices.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _action(self, fix: Fix) -> QAction:
        action = QAction(f"{fix.label}\t{fix.detail}", self.choices)
        action.hovered.connect(lambda: self.pointed_at.emit(fix))
        action.triggered.connect(lambda: self.chosen.emit(fix))
        return action
