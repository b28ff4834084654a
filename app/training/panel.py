"""The Training dock: the recipe before a run, figures and curves from then on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.awaited import are_awaited
from app.redraws import Redraw
from app.training.recipe_form import RecipeForm
from app.training.record_part import RecordPart
from app.training.run_caption import Mark, RunCaption
from app.training.run_state import RunState
from app.widgets import Button, EmptyState, SectionTitle
from engine.project.recipe import LIVE, Recipe
from engine.runs.record import Branch
from engine.training.events import (
    EpochEnded,
    HealthNoted,
    RunChanged,
    RunEnded,
    RunFailed,
    RunLeft,
    RunPaused,
    RunResumed,
    RunStarted,
    RunWentBack,
    StepEnded,
    TrainingEvent,
)

if TYPE_CHECKING:
    from app.plots.curves import CurvePlot
    from app.training.run_page import RunPage
    from engine.runs.replay import Curves

_SMALLEST = QSize(360, 240)
_MARKS: dict[str, Mark] = {
    "finished": "done",
    "stopped_early": "done",
    "stopped": "stopped",
    "failed": "error",
    "lost": "error",
}


class TrainingPanel(QWidget):
    """Shows what events say; everything it wants goes out as a signal."""

    recipe_changed = Signal(object, str, object)
    """The new recipe, what changed in words, and the gesture it belongs to."""

    train_requested = Signal()
    resume_requested = Signal()
    pause_requested = Signal()
    step_requested = Signal()
    finish_epoch_requested = Signal()
    finish_requested = Signal()
    stop_requested = Signal()
    export_requested = Signal()
    compare_requested = Signal()
    rate_requested = Signal()
    node_requested = Signal(str)
    act_requested = Signal(object)
    """A ``HealthAct`` that the person wants done."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Training"))
        self.setMinimumSize(_SMALLEST)
        self.caption = RunCaption()
        """For the right end of the tab row."""

        self._state: RunState | None = None
        self._title = self.tr("Run")
        self._branched: Branch | None = None
        self._recipe = Recipe()
        self._name_of: Callable[[str], str] = str
        self._page: RunPage | None = None
        self._page_view: QWidget | None = None
        self._locked = ""
        self._refused: Mapping[str, str] = {}
        self._form: RecipeForm | None = None
        self._form_place = QVBoxLayout()
        self.record = RecordPart()
        """What is kept of the next run."""

        self._back = Button(self.tr("Back to the run"), "ghost", icon_name="arrow-left")
        self._train = Button(self.tr("Train"), icon_name="play")
        self._rate = Button(self.tr("Find a learning rate…"), "ghost")
        self._waiting = EmptyState("clock", self.tr("Preparing the data and the model…"))
        self._news = Redraw(self, self._show_state)
        self._stack = QStackedLayout(self)
        self._recipe_page = self._build_recipe_page()
        for page in (self._recipe_page, self._waiting):
            self._stack.addWidget(page)
        self._train.clicked.connect(self.train_requested)
        self._rate.clicked.connect(self.rate_requested)
        self._back.clicked.connect(self._show_page)
        self.caption.recipe_requested.connect(self.show_form)
        self.caption.curves_requested.connect(self._show_page)
        self._stack.currentChanged.connect(self._on_turned)
        for theirs, ours in (
            (self.caption.pause_requested, self.pause_requested),
            (self.caption.resume_requested, self.resume_requested),
            (self.caption.step_requested, self.step_requested),
            (self.caption.finish_epoch_requested, self.finish_epoch_requested),
            (self.caption.finish_requested, self.finish_requested),
            (self.caption.stop_requested, self.stop_requested),
        ):
            theirs.connect(ours)

    @property
    def form(self) -> RecipeForm:
        """The recipe as a form; made when it is first shown."""
        form = self._made_form()
        if self._form_place.isEmpty():
            self._form_place.addWidget(form)
        return form

    @property
    def page(self) -> RunPage:
        """The part that shows a run; made when the first run is shown."""
        page = self._made_page()
        if self._page_view is None:
            self._page_view = _scroll_area(self.tr("Run"))
            _put_into(self._page_view, page)
            self._stack.addWidget(self._page_view)
        return page

    def prepare(self) -> Iterator[QWidget]:
        """Make the parts now, one after the other, rather than when they are needed.

        Each is made in one turn and laid into the panel in the next: Qt dresses it then.
        """
        from app.plots.curves import CurvePlot

        made: list[QWidget] = [self._made_form()]
        try:
            yield made[0]
            yield self.form
            made += [loss := CurvePlot()]
            yield loss
            made += [metric := CurvePlot()]
            yield metric
            made += [page := self._made_page((loss, metric))]
            yield page
            yield self.page
        finally:
            # The window may close meanwhile, and what it does not hold yet is nobody's.
            for part in made:
                if isValid(part) and part.parent() is None:
                    part.deleteLater()

    def show_recipe(self, recipe: Recipe) -> None:
        """Show the project's recipe."""
        self._recipe = recipe
        if self._form is not None:
            self._form.show_recipe(recipe)

    def set_refused(self, why: Mapping[str, str]) -> None:
        """Grey the precisions that no device here can compute with, each with the reason."""
        self._refused = why
        if self._form is not None:
            self._form.set_refused(why)

    def show_run_title(self, title: str, branched: Branch | None = None) -> None:
        """Say what the run is called, ``Run 7``, and where it was branched from.

        It may come before its events or after them.
        """
        self._title, self._branched = title, branched
        if self._state is not None:
            self._state.title, self._state.branched = title, branched
            self._show_caption(self._state)

    def overlay(self, name: str, curves: Curves) -> None:
        """Lay the curves of another run behind those that are shown."""
        if self._state is not None:
            self.page.overlay(name, curves)

    def show_cursor(self, epoch: float | None) -> None:
        """Stand at a moment of the run on the curves, or at none."""
        if self._page is not None:
            self._page.show_cursor(epoch)

    def show_node_names(self, names: Mapping[str, str]) -> None:
        """Give the names that people know nodes by, for messages."""
        self._name_of = lambda node: names.get(node, node)

    def show_starting(self, text: str = "") -> None:
        """Say that a run is being prepared."""
        self._waiting.set_words(text or self.tr("Preparing the data and the model…"))
        self._stack.setCurrentWidget(self._waiting)

    def show_form(self) -> None:
        """Turn to the recipe; the run stays to go back to."""
        self._stack.setCurrentWidget(self._recipe_page)
        self.form.show()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt override
        super().showEvent(event)
        if self._stack.currentWidget() is self._recipe_page:
            self.show_form()

    def show_events(self, events: Sequence[TrainingEvent]) -> None:
        """Take what has come in since the last frame, oldest first, and redraw once."""
        for event in events:
            self._take(event)
        if self._state is not None and events:
            self._news.ask(at_once=are_awaited(events))

    def _show_state(self) -> None:
        if self._state is not None:
            self.page.show_state()
            self._show_caption(self._state)

    def _take(self, event: TrainingEvent) -> None:
        if isinstance(event, RunStarted):
            self._start(event)
        if isinstance(event, RunFailed):
            self._take_problem(event)
        if isinstance(event, RunLeft):
            self._leave()
        if self._state is None:
            return
        match event:
            case StepEnded():
                self._state.steps = event
                self._state.phase = "running" if self._state.phase == "ended" else self._state.phase
                self.page.take_steps(event)
            case EpochEnded():
                self._state.epoch = event
                self.page.take_epoch(event)
            case RunPaused():
                self._state.phase = "paused"
                self._lock("")
            case RunResumed():
                self._state.phase = "running"
                self.page.health.end_hold()
                self._lock(self._running())
            case HealthNoted():
                self.page.take_note(event)
            case RunChanged():
                self.page.take_change(event)
            case RunWentBack():
                self.page.take_back(event)
            case RunEnded():
                self._end(self._state, event)
            case _:
                pass

    def _start(self, event: RunStarted) -> None:
        self._state = RunState(
            event,
            title=self._title,
            schedule=self._recipe.schedule,
            branched=self._branched,
        )
        self.page.start(self._state)
        self._lock(self._running())
        self._train.hide()
        self._rate.hide()
        self._back.show()
        self._show_page()

    def _leave(self) -> None:
        """Show no run, and no way back to one."""
        self._state = None
        self.caption.hide()
        self._back.hide()
        self._train.show()
        self._rate.show()
        self._lock("")
        self.show_form()

    def _end(self, state: RunState, event: RunEnded) -> None:
        state.ended = event
        state.phase = "ended"
        self.page.take_end(event)
        self._train.show()
        self._rate.show()
        self._lock("")

    def _take_problem(self, event: RunFailed) -> None:
        node_name = self._name_of(event.node) if event.node else ""
        if self._state is None or self._stack.currentWidget() is self._waiting:
            # The run never started: there is nothing but the problem to show.
            self._state = None
            self._show_page()
        self.page.take_problem(event, node_name)

    def _show_caption(self, state: RunState) -> None:
        mark: Mark = "paused" if state.phase == "paused" else "live"
        if state.ended is not None:
            mark = _MARKS[state.ended.outcome]
        self.caption.show_run(state.caption, mark, state.phase)

    def _on_turned(self) -> None:
        self.caption.shows_curves = self._stack.currentWidget() is not self._recipe_page

    def _on_recipe_changed(self, recipe: Recipe) -> None:
        self._recipe = recipe

    def _show_page(self) -> None:
        page = self.page
        self._stack.setCurrentWidget(self._page_view or page)

    def _running(self) -> str:
        return self.tr("Fields that are open act from the next step on. Pause to change the rest.")

    def _lock(self, why: str) -> None:
        self._locked = why
        if self._form is not None:
            self._form.set_locked(why, LIVE)
        self.record.set_locked(why)
        self._train.setEnabled(not why)
        self._train.setToolTip(why)

    def _made_form(self) -> RecipeForm:
        if self._form is None:
            form = self._form = RecipeForm()
            form.show_recipe(self._recipe)
            form.set_locked(self._locked, LIVE)
            form.set_refused(self._refused)
            form.recipe_changed.connect(self.recipe_changed)
            form.recipe_changed.connect(self._on_recipe_changed)
        return self._form

    def _made_page(self, plots: tuple[CurvePlot, CurvePlot] | None = None) -> RunPage:
        # pyqtgraph takes most of a second to import; the window is open long before a run.
        from app.training.run_page import RunPage

        if self._page is None:
            page = self._page = RunPage(plots)
            page.resume_requested.connect(self.resume_requested)
            page.step_requested.connect(self.step_requested)
            page.stop_requested.connect(self.stop_requested)
            page.export_requested.connect(self.export_requested)
            page.compare_requested.connect(self.compare_requested)
            page.node_requested.connect(self.node_requested)
            page.act_requested.connect(self.act_requested)
            page.recipe_requested.connect(self.show_form)
        return self._page

    def _build_recipe_page(self) -> QWidget:
        scroll = _scroll_area(self.tr("Recipe"))
        inner = QWidget(scroll.viewport())
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self._train, self._rate):
            button.setAccessibleName(button.text())
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 14, 16, 16)
        column.setSpacing(12)
        column.addLayout(self._recipe_title())
        column.addLayout(self._form_place)
        column.addWidget(self.record)
        column.addLayout(buttons)
        column.addStretch(1)
        _put_into(scroll, inner)
        return scroll

    def _recipe_title(self) -> QHBoxLayout:
        """The way back stands above: the recipe is longer than the dock is high."""
        title = SectionTitle(self.tr("Recipe"), self.tr("how this drawing is trained"))
        self._back.setAccessibleName(self._back.text())
        self._back.hide()
        row = QHBoxLayout()
        row.addWidget(title)
        row.addStretch(1)
        row.addWidget(self._back)
        return row


def _put_into(scroll: QScrollArea, inner: QWidget) -> None:
    scroll.setWidget(inner)
    inner.setAutoFillBackground(False)


def _scroll_area(name: str) -> QScrollArea:
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setAccessibleName(name)
    return scroll
