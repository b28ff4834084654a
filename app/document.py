"""The open document: the project with its history, the selection, and the newest analysis.

Panels read from here and ask for edits here; none keeps a copy of what the graph knows. The
analysis runs on a snapshot: at once while it is quick, else on a thread of its own where the
newest graph wins.
"""

import dataclasses
import itertools
import time
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from engine.analysis.report import Fix, Problem, ShapeReport
from engine.analysis.shapes import infer_shapes
from engine.graph.difference import Difference, difference
from engine.graph.elements import Graph, Link, NodeId
from engine.graph.history import History
from engine.project.project import Project
from engine.project.recipe import Recipe
from nodes.errors import LoomError

_QUICK_S = 0.008
"""An analysis that took longer than this runs on a thread the next time."""

_gestures = itertools.count(1)


def new_gesture() -> int:
    """Return a number for one gesture; edits of the same gesture are one undo step."""
    return next(_gestures)


class Document(QObject):
    """One open project."""

    changed = Signal(object)
    """The drawing is another one: a ``Difference``."""

    recipe_changed = Signal(object)
    """The recipe is another one: a ``Recipe``."""

    report_changed = Signal(object)
    """The analysis of the newest drawing is there: a ``ShapeReport``."""

    selection_changed = Signal(object)
    """Other nodes or wires are selected: a frozenset of node ids."""

    history_changed = Signal()
    """What undo and redo would do, or whether there is something to save, is another."""

    refused = Signal(object)
    """An edit was refused: the ``LoomError`` that says why."""

    noted = Signal(str)
    """Something that a person should know of an edit that was carried out."""

    problem_raised = Signal(object)
    """An edit of the person's own caused a new error: the ``Problem``."""

    _analysed = Signal(object, object)

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history: History[Project] = History(project)
        self._selection: frozenset[NodeId] = frozenset()
        self._selected_link: Link | None = None
        self._report = infer_shapes(project.graph)
        self._analysis_s = 0.0
        self._executor: ThreadPoolExecutor | None = None
        self._analysed.connect(self._on_analysed)

    @property
    def project(self) -> Project:
        """The project as the person sees it now."""
        return self._history.value

    @property
    def graph(self) -> Graph:
        """The drawing as the person sees it now."""
        return self._history.value.graph

    @property
    def report(self) -> ShapeReport:
        """The newest analysis; of an older drawing while one is under way."""
        return self._report

    @property
    def history(self) -> History[Project]:
        """What was done, for the menus."""
        return self._history

    @property
    def selection(self) -> frozenset[NodeId]:
        """The selected nodes."""
        return self._selection

    @property
    def selected_link(self) -> Link | None:
        """The selected wire, if one is."""
        return self._selected_link

    def edit(
        self, label: str, change: Callable[[Graph], Graph], *, gesture: int | None = None
    ) -> bool:
        """Carry out an edit as one undo step, or as part of its gesture's.

        A refused edit changes nothing; ``refused`` says why.
        """
        try:
            graph = change(self.graph)
        except LoomError as error:
            self.refused.emit(error)
            return False
        if graph is self.graph:
            return False
        self._show(replace(self.project, graph=graph), label, gesture=gesture)
        return True

    def set_recipe(self, recipe: Recipe, label: str, *, gesture: int | None = None) -> None:
        """Change how the drawing is trained."""
        self._show(replace(self.project, recipe=recipe), label, gesture=gesture)

    def set_about(self, *, name: str | None = None, notes: str | None = None) -> None:
        """Change the project's name or its notes."""
        project = self.project
        if name is not None and name != project.name:
            self._show(replace(project, name=name), "Rename project")
        elif notes is not None and notes != project.notes:
            self._show(replace(project, notes=notes), "Change notes")

    def undo(self) -> None:
        """Take the last step back; what was selected before it is selected again."""
        before, context = self.project, self._history.context
        self._history.undo()
        self._announce(before)
        if self.project is not before and isinstance(context, frozenset):
            self.select(context)

    def redo(self) -> None:
        """Do the step again that was taken back last."""
        before = self.project
        self._history.redo()
        self._announce(before)
        if self.project.graph is not before.graph:
            change = difference(before.graph, self.graph)
            self.select([*change.added, *change.changed])

    def go_to(self, step: int) -> None:
        """Show the drawing as it was after a step of the history, from 0 for the oldest."""
        before = self.project
        self._history.go_to(step)
        self._announce(before)

    def open(self, project: Project) -> None:
        """Show another project with a history of its own."""
        before = self.project
        self._history = History(project)
        self.select(())
        self._announce(before)

    def mark_saved(self) -> None:
        """Remember that the project is in its file as it is now."""
        self._history.mark_saved()
        self.history_changed.emit()

    def mark_unsaved(self) -> None:
        """Remember that the project is in no file as it is now."""
        self._history.mark_unsaved()
        self.history_changed.emit()

    def select(self, nodes: Collection[NodeId], *, link: Link | None = None) -> None:
        """Select nodes, or one wire; not part of the history."""
        chosen = frozenset(node for node in nodes if node in self.graph.nodes)
        if chosen == self._selection and link == self._selected_link:
            return
        self._selection = chosen
        self._selected_link = link
        self.selection_changed.emit(chosen)

    def _show(self, project: Project, label: str, *, gesture: int | None = None) -> None:
        before = self.project
        self._history.push(project, label, gesture=gesture, context=self._selection)
        self._announce(before, by_hand=True)

    def _announce(self, before: Project, *, by_hand: bool = False) -> None:
        now = self.project
        if now.graph is not before.graph:
            change = difference(before.graph, now.graph)
            self._forget_removed(change)
            self.changed.emit(change)
            if change.concerns_model:
                self._analyse(by_hand=by_hand)
        if now.recipe is not before.recipe:
            self.recipe_changed.emit(now.recipe)
        self.history_changed.emit()

    def _forget_removed(self, change: Difference) -> None:
        link = self._selected_link
        if link is not None and link in change.links_removed:
            link = None
        if change.removed or link != self._selected_link:
            self.select(self._selection - set(change.removed), link=link)

    def _analyse(self, *, by_hand: bool) -> None:
        graph, previous = self.graph, self._report
        if self._analysis_s < _QUICK_S:
            started = time.thread_time()
            report = infer_shapes(graph, previous)
            self._analysis_s = time.thread_time() - started
            self._take(report, by_hand=by_hand)
            return
        if self._executor is None:
            self._executor = ThreadPoolExecutor(1, thread_name_prefix="analysis")
        future = self._executor.submit(self._analysed_later, graph, previous)
        future.add_done_callback(lambda done: self._hand_over(done, by_hand))

    def _analysed_later(self, graph: Graph, previous: ShapeReport) -> ShapeReport | None:
        if graph is not self.graph:  # a newer edit came meanwhile
            return None
        started = time.thread_time()
        report = infer_shapes(graph, previous)
        self._analysis_s = time.thread_time() - started
        return report

    def _hand_over(self, done: "Future[ShapeReport | None]", by_hand: bool) -> None:
        if not done.cancelled() and done.result() is not None:
            self._analysed.emit(done.result(), by_hand)

    def _on_analysed(self, report: ShapeReport, by_hand: bool) -> None:
        if report.graph is self.graph:
            self._take(report, by_hand=by_hand)

    def _take(self, report: ShapeReport, *, by_hand: bool) -> None:
        before = self._report
        known = {(problem.code, problem.node) for problem in before.errors}
        self._report = report
        self.report_changed.emit(report)
        if by_hand:
            fresh = [p for p in report.errors if (p.code, p.node) not in known and p.node]
            if fresh:
                self.problem_raised.emit(self._with_way_back(fresh[0], before.graph))

    def _with_way_back(self, problem: Problem, before: Graph) -> Problem:
        """Offer to take back the edit that caused a problem, after what mends it."""
        label = f"Take back “{self._history.undo_label}”"
        way_back = Fix(label=label, edit=lambda _: before, takes_back=True)
        return dataclasses.replace(problem, fixes=(*problem.fixes[:2], way_back))

    def close(self) -> None:
        """Let the analysis thread end."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
