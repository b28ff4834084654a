"""What a person changes while a run goes on, handed to the run.

Numbers that each step reads, layers frozen and thawed, dropout and losses are taken at the next
step. Everything else waits until the person lets a paused run go on.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.document import Document
from app.training_control import TrainingControl
from engine.project.project import Project
from engine.project.recipe import with_live
from engine.training.changes import Outlook, is_same_training, outlook, with_soft_changes
from engine.training.events import (
    HealthAct,
    RunChanged,
    RunStarted,
    RunWentBack,
    TrainingEvent,
)
from engine.training.redrawing import redrawn


class LiveChanges(QObject):
    """Keeps a run at the recipe and the drawing that are on screen."""

    unlike = Signal(str)
    """A run trains something else than what is on screen from now on, and what can be done."""

    def __init__(self, document: Document, control: TrainingControl, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._control = control
        self._is_redrawing = self._is_unlike = False
        document.changed.connect(self._follow)
        document.recipe_changed.connect(self._follow)
        control.arrived.connect(self._on_arrived)

    @property
    def waiting(self) -> Outlook | None:
        """What would become of the layers if the run took the drawing on screen; None if it has it.

        Nothing waits while another drawing is on screen than the one that is trained.
        """
        trained = self._trained()
        if trained is None or is_same_training(trained, self._document.project):
            return None
        return outlook(trained, self._document.project)

    def settle(self, window: QWidget) -> bool:
        """Ask what becomes of changes that wait; False where the run should go on holding."""
        waiting = self.waiting
        if waiting is None:
            return True
        from app.dialogs.changed_run import ask_about_changes

        has_errors = bool(self._document.model_report.errors)
        answer = ask_about_changes(
            waiting,
            window,
            before=self._control.trained or self._document.project,
            after=self._document.project,
            control=self._control,
            has_errors=has_errors,
        )
        if answer == "take":
            self._control.change(self._document.project)
        return answer != "cancel"

    def redraw(self, act: HealthAct) -> None:
        """Draw layers otherwise in one undo step; a run learns so from its next step on."""
        self._is_redrawing = True
        edited = self._document.edit_model(act.label, lambda graph: redrawn(graph, act.redraws))
        self._is_redrawing = False
        trained = self._trained()
        if edited and trained is not None:
            # Other edits that wait for a pause go on waiting.
            wanted = msgspec.structs.replace(trained, graph=redrawn(trained.graph, act.redraws))
            anew = [each.node for each in act.redraws if each.begins_anew]
            self._control.change(wanted, anew, act.label)

    def _on_arrived(self, events: Sequence[TrainingEvent]) -> None:
        if any(isinstance(event, RunStarted) for event in events):
            self._is_unlike = False
            self._compare(
                self.tr("This run trains what it was begun with. Pause it to give it your changes.")
            )
        elif any(isinstance(event, RunChanged | RunWentBack) for event in events):
            self._is_unlike = self._differs()

    def _compare(self, words: str) -> None:
        """Say so once the run has what is on screen no longer; a run that holds asks about it."""
        was_unlike, self._is_unlike = self._is_unlike, self._differs()
        if self._is_unlike and not was_unlike and self._control.phase == "training":
            self.unlike.emit(words)

    def _differs(self) -> bool:
        trained = self._trained()
        return trained is not None and not is_same_training(trained, self._document.project)

    def _follow(self, _change: object) -> None:
        trained = self._trained()
        if trained is None or self._is_redrawing:
            return
        now = self._document.project
        wanted = msgspec.structs.replace(
            trained,
            recipe=with_live(trained.recipe, now.recipe),
            graph=with_soft_changes(trained.graph, now.graph),
        )
        if not is_same_training(trained, wanted):
            self._control.change(wanted)
        self._compare(self.tr("The run goes on as it was. Pause it to give it this change."))

    def _trained(self) -> Project | None:
        """Return what the run trains, where it is the drawing on screen."""
        trained = self._control.trained if self._control.is_running else None
        graph = self._document.project.graph
        if trained is None or trained.graph.nodes.keys().isdisjoint(graph.nodes):
            return None
        return trained
