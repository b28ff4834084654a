"""Ways to mend a problem, in a menu that shows each before it is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from app.widgets import Button
from app.widgets.buttons import Extent
from engine.analysis.report import Fix, Problem


def fixes_beside(problem: Problem, most: int) -> tuple[tuple[Fix, ...], tuple[Fix, ...]]:
    """Return the fixes with a button of their own, and those that a menu has.

    Args:
        most: How many buttons there should be. What takes the edit back keeps one, and a single
            fix more gets one too: a menu of one would be in the way.
    """
    mending = tuple(fix for fix in problem.fixes if not fix.takes_back)
    back = tuple(fix for fix in problem.fixes if fix.takes_back)
    if problem.choices:
        return (*mending[:1], *back), problem.choices
    shown = most - len(back)
    shown = len(mending) if len(mending) == shown + 1 else shown
    return (*mending[:shown], *back), mending[shown:]


def all_fixes(problem: Problem) -> tuple[Fix, ...]:
    """Return every way to mend a problem, the safest first."""
    return problem.choices or problem.fixes


class FixMenu(QMenu):
    """Lists fixes; the one pointed at can be shown before it is chosen."""

    chosen = Signal(object)
    """A ``Fix`` is to be carried out."""

    pointed_at = Signal(object)
    """The change of a ``Fix`` is to be shown; None where that of no fix is."""

    def __init__(self, fixes: Iterable[Fix], parent: QWidget) -> None:
        super().__init__(parent)
        for fix in fixes:
            self.addAction(self._action(fix))
        self.aboutToHide.connect(lambda: self.pointed_at.emit(None))

    def _action(self, fix: Fix) -> QAction:
        action = QAction(f"{fix.label}\t{fix.detail}", self)
        action.hovered.connect(lambda: self.pointed_at.emit(fix))
        action.triggered.connect(lambda: self.chosen.emit(fix))
        return action


class FixChoices(Button):
    """Opens a menu of fixes."""

    chosen = Signal(object)
    """A ``Fix`` is to be carried out."""

    pointed_at = Signal(object)
    """The change of a ``Fix`` is to be shown; None where that of no fix is."""

    def __init__(self, fixes: Sequence[Fix], extent: Extent = "normal") -> None:
        super().__init__(self.tr("Choose…"), icon_name="wand", extent=extent)
        self.choices = FixMenu(fixes, self)
        self.choices.setAccessibleName(self.tr("Choose…"))
        self.choices.chosen.connect(self.chosen)
        self.choices.pointed_at.connect(self.pointed_at)
        self.clicked.connect(self._open)

    def _open(self) -> None:
        self.choices.popup(self.mapToGlobal(self.rect().bottomLeft()))
