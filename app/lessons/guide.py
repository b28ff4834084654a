"""Who walks a person through a lesson: opens its project, shows its steps, sees them done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.lessons.acts import began, nodes_named
from app.lessons.card import LessonCard
from app.lessons.lesson import Lesson, Situation
from app.lessons.lessons import LESSONS
from app.lessons.projects import lesson_of
from app.widgets.ring import Ring
from engine.graph.elements import Graph
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.training.events import EpochEnded, RunEnded, RunStarted, TrainingEvent

if TYPE_CHECKING:
    from app.main_window import MainWindow


HERE = "here"
"""The lesson of the project that is open."""


class Guide(QObject):
    """One lesson at a time; it asks nothing and holds nothing up."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._lesson: Lesson | None = None
        self._step = 0
        self._start: Situation | None = None
        self._was_done = False
        self._runs = 0
        self._trained: tuple[Graph, Recipe] | None = None
        self._training: list[float] = []
        self._validation: list[float] = []
        self._has_ended = False
        self.card: LessonCard | None = None
        self.ring: Ring | None = None
        window.files.opened.connect(self.leave)

    @property
    def step(self) -> int:
        """Which step is on show, from 0."""
        return self._step

    def begin(self, key: str) -> None:
        """Show the first step of a lesson in a project of its own; ``HERE`` stays in this one."""
        if key == HERE:
            self._begin_here()
            return
        lesson = next(one for one in LESSONS if one.key == key)
        if self._window.beginning.show_project(lesson.project()):
            self._window.show_layout("build")
            self._follow(lesson)

    def _begin_here(self) -> None:
        lesson = lesson_of(self._window.document.project)
        if lesson is None:
            self._window.canvas.tell(self.tr("Only built-in projects have a lesson."))
        else:
            self._follow(lesson)

    def offer(self) -> None:
        """Show the lesson of a built-in project when it is opened for the first time."""
        lesson = lesson_of(self._window.document.project)
        if lesson is not None and not self._window.settings.is_done(f"offered-{lesson.key}"):
            self._window.settings.set_done(f"offered-{lesson.key}")
            self._follow(lesson)

    def _follow(self, lesson: Lesson) -> None:
        self.leave()
        self._lesson, self._step = lesson, 0
        self._runs, self._has_ended = 0, False
        self._trained = None
        if self._window.control.is_running:
            self._trained = _what_learns(self._window.document.project)
        self._training, self._validation = [], []
        self.card = LessonCard(lesson, self._window.canvas)
        self.ring = Ring(self._window)
        self.card.skipped.connect(self._go_on)
        self.card.ended.connect(self.leave)
        self._listen(on=True)
        self._show_step()

    def leave(self) -> None:
        """Put the card away."""
        if self.card is None or self.ring is None:
            return
        self._listen(on=False)
        self.card.put_away()
        self.ring.hide()
        self.ring.deleteLater()
        self.card = self.ring = self._lesson = None
        self._window.canvas.setFocus()

    def situation(self) -> Situation:
        """Return what is there now."""
        document, control = self._window.document, self._window.control
        return Situation(
            graph=document.project.graph,
            report=document.model_report,
            recipe=document.project.recipe,
            selection=document.selection,
            depth=len(document.path),
            is_training=control.is_running,
            runs=self._runs,
            has_early_run=self._has_early_run(),
            training=tuple(self._training),
            validation=tuple(self._validation),
            has_ended=self._has_ended,
            has_tried=bool(self._window.run_view.looking.name),
            has_driven=self._has_driven(),
            panels=frozenset(
                dock.current
                for dock in self._window.docks.values()
                if dock.isVisibleTo(self._window)
            ),
        )

    def _has_early_run(self) -> bool:
        """Whether what is drawn now was trained before a step asked for it."""
        assert self._lesson is not None, "a lesson is under way"
        was_asked_for = any(step.is_done is began for step in self._lesson.steps[: self._step])
        return not was_asked_for and self._trained == _what_learns(self._window.document.project)

    def _has_driven(self) -> bool:
        from app.tryout.drive_pad import DrivePad

        window = self._window
        pad = window.late.panels().tryout.pad if window.run_view.has_panels else None
        return isinstance(pad, DrivePad) and (pad.is_driving or pad.metres > 0)

    def _listen(self, *, on: bool) -> None:
        window = self._window
        document = window.document
        signals = (
            document.changed,
            document.report_changed,
            document.recipe_changed,
            document.selection_changed,
            document.level_changed,
            window.control.phase_changed,
            window.run_view.looking.named,
            window.layouts.arranged,
            *(dock.panel_shown for dock in window.docks.values()),
        )
        for signal in signals:
            (signal.connect if on else signal.disconnect)(self._check)
        arranged = window.layouts.arranged
        (arranged.connect if on else arranged.disconnect)(self.mark)
        arrived = window.control.arrived
        (arrived.connect if on else arrived.disconnect)(self._on_arrived)

    def _on_arrived(self, events: Sequence[TrainingEvent]) -> None:
        for event in events:
            match event:
                case RunStarted():
                    self._runs += 1
                    self._trained = _what_learns(self._window.document.project)
                    self._training, self._validation = [], []
                    self._has_ended = False
                case EpochEnded():
                    self._training.append(event.training_loss)
                    if event.validation_loss is not None:
                        self._validation.append(event.validation_loss)
                case RunEnded():
                    self._has_ended = True
                case _:
                    pass
        self._check()

    def _check(self, *_news: object) -> None:
        if self._lesson is None or self._start is None or self._step >= len(self._lesson.steps):
            return
        is_done = self._lesson.steps[self._step].is_done(self.situation(), self._start)
        if is_done and not self._was_done:
            self._go_on()
        elif self._was_done and not is_done and self.card is not None:
            self._was_done = False
            self._show_card()

    def _is_done(self, start: Situation) -> bool:
        """Whether there is nothing left to do in a step that begins now."""
        assert self._lesson is not None, "a lesson is under way"
        steps = self._lesson.steps[self._step : self._step + 1]
        return any(step.is_done(start, start) for step in steps)

    def _go_on(self) -> None:
        self._step += 1
        self._show_step()

    def _show_step(self) -> None:
        assert self._lesson is not None and self.card is not None, "a lesson is under way"
        assert self.ring is not None, "it has a ring"
        self._start = self.situation()
        steps = self._lesson.steps
        self._was_done = self._is_done(self._start)
        if self._was_done and steps[self._step].is_passed_over:
            self._go_on()
            return
        is_over = self._step >= len(steps)
        self._show_card()
        self.mark()
        self._window.announcer.say(self.card.accessibleName())
        if is_over:
            self._window.settings.set_done(f"lesson-{self._lesson.key}")

    def _show_card(self) -> None:
        assert self._lesson is not None and self.card is not None, "a lesson is under way"
        names = [step.layer for step in self._lesson.steps[self._step : self._step + 1]]
        nodes = nodes_named(self._window.document.graph, names)
        self.card.show_step(
            self._step, is_done=self._was_done, spoken_of=[node.id for node in nodes]
        )

    def mark(self) -> None:
        """Ring the part of the window that the step happens in, or the way to it.

        There is none where all is done, or under the start page.
        """
        if self._lesson is None or self.ring is None:
            return
        part = None
        if self._step < len(self._lesson.steps) and not self._window.beginning.is_page_open:
            part = self._part(self._lesson.steps[self._step].mark)
        is_hidden = part is not None and not part.isVisibleTo(self._window)
        self.ring.mark(self._window.header.layouts if is_hidden else part)

    def _part(self, mark: str) -> QWidget | None:
        """Return the part of the window that a step happens in; the canvas needs no mark."""
        window = self._window
        parts: dict[str, QWidget] = {
            "train": window.header.train,
            "layouts": window.header.layouts,
            "properties": window.docks["right"],
            "training": window.docks["training"],
            "activations": window.docks["inspection"],
        }
        return parts.get(mark)


def _what_learns(project: Project) -> tuple[Graph, Recipe]:
    return project.graph, project.recipe
