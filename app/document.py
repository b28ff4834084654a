"""The open document: the project with its history, the selection, and the newest analysis.

Panels read from here and ask for edits here; none keeps a copy of what the graph knows. What they
see is one level: the drawing, or the inside of a composite in it. The analysis runs on a snapshot,
and that of the newest drawing wins.
"""

import itertools
from collections.abc import Callable, Collection
from functools import partial
from typing import NamedTuple

import psutil
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from app.newest import Newest
from engine.analysis.insides import inside_of, rounds_of, rounds_of_layer
from engine.analysis.recipe_advice import advise_recipe
from engine.analysis.report import Fix, Problem, ShapeReport
from engine.analysis.shapes import infer_shapes
from engine.graph.composites import at, definition_of, reachable, replace_at
from engine.graph.definitions import without_unused
from engine.graph.difference import Difference, difference
from engine.graph.elements import Definition, Graph, Link, NodeId, NodePath, in_round, told
from engine.graph.history import History
from engine.graph.names import whole
from engine.project.playing import with_recipe
from engine.project.project import Project
from engine.project.recipe import Recipe
from nodes.errors import LoomError

_gestures = itertools.count(1)


def new_gesture() -> int:
    """Return a number for one gesture; edits of the same gesture are one undo step."""
    return next(_gestures)


class Place(NamedTuple):
    """Where a person is: the composites that are entered, and what is selected there."""

    path: NodePath
    selection: frozenset[NodeId]


class _Analysed(NamedTuple):
    report: ShapeReport
    by_hand: bool


class Document(QObject):
    """One open project."""

    changed = Signal(object)
    """The level on show is another drawing, by an edit or another level: a ``Difference``."""

    level_left = Signal()
    """Another level is about to be shown; everything is still as it was."""

    level_changed = Signal()
    """Another level is shown."""

    round_changed = Signal()
    """Another round of the composite on show is looked at."""

    recipe_changed = Signal(object)
    """The recipe is another one: a ``Recipe``."""

    memory_changed = Signal()
    """What fits is judged by another device."""

    report_changed = Signal(object)
    """The analysis of the newest drawing is there: the ``ShapeReport`` on the level on show."""

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

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history: History[Project] = History(project)
        self._selection: frozenset[NodeId] = frozenset()
        self._selected_link: Link | None = None
        self._path: NodePath = ()
        self._rounds: dict[NodePath, int] = {}
        self._graph = project.graph
        self._model_report = self._report = infer_shapes(project.graph)
        self._advice: tuple[ShapeReport, Recipe, tuple[Problem, ...]] | None = None
        self.memory_bytes = psutil.virtual_memory().total
        """Of the device that trains."""

        self._analysis = Newest(self, self._on_analysed, "analysis")

    @property
    def project(self) -> Project:
        """The project as the person sees it now."""
        return self._history.value

    @property
    def graph(self) -> Graph:
        """The level on show: the drawing, or the inside of a composite as a drawing."""
        return self._graph

    @property
    def path(self) -> NodePath:
        """The composites that are entered, outermost first; none at the top."""
        return self._path

    @property
    def way(self) -> NodePath:
        """The composites that are entered, each that is repeated in the round looked at."""
        return self._way_to(self._path)

    @property
    def row(self) -> NodeId | None:
        """The selected layer where it stands in a row; its rounds are looked at one at a time."""
        node = next(iter(self._selection), None) if len(self._selection) == 1 else None
        is_row = node is not None and rounds_of_layer(self._report, node) > 1
        return node if is_row else None

    @property
    def rounds(self) -> int:
        """How many rounds the row, else the composite on show, stands in; 1 where it does once."""
        if self.row is not None:
            return rounds_of_layer(self._report, self.row)
        return rounds_of(self._model_report, (*self.way[:-1], *self._path[-1:]))

    @property
    def round_number(self) -> int:
        """Which round of it is looked at, from 0; of a row it is the last at first."""
        if self.row is not None:
            return min(self._rounds.get((*self._path, self.row), self.rounds), self.rounds - 1)
        return self._rounds.get(self._path, 0)

    @property
    def definition(self) -> Definition | None:
        """The composite whose inside is on show; None at the top."""
        if not self._path:
            return None
        around = at(self.project.graph, self._path[:-1])
        return definition_of(around, around.nodes[self._path[-1]])

    @property
    def report(self) -> ShapeReport:
        """The newest analysis of the level on show; of an older one while it is under way."""
        return self._report

    @property
    def model_report(self) -> ShapeReport:
        """The newest analysis of the whole drawing; of an older one while it is under way."""
        return self._model_report

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the drawing, and with training it by its recipe."""
        recipe = self.project.recipe
        return (*self._model_report.problems, *self._advise(self._model_report, recipe))

    @property
    def problems_on_show(self) -> tuple[Problem, ...]:
        """What is wrong on the level on show; at the top, with training it by its recipe too."""
        advice = () if self.path else self._advise(self._model_report, self.project.recipe)
        return (*self._report.problems, *advice)

    def problems_of(self, node: NodeId) -> tuple[Problem, ...]:
        """What is wrong with a node of the level on show."""
        return tuple(
            problem
            for problem in self.problems_on_show
            if problem.node == node or node in problem.also
        )

    def _advise(self, report: ShapeReport, recipe: Recipe) -> tuple[Problem, ...]:
        known = self._advice
        if known is None or known[0] is not report or known[1] is not recipe:
            advice = advise_recipe(report, recipe, self.memory_bytes)
            self._advice = known = (report, recipe, advice)
        return known[2]

    def set_memory(self, memory_bytes: int) -> None:
        """Judge what fits by the memory of another device."""
        if memory_bytes != self.memory_bytes:
            self.memory_bytes = memory_bytes
            self._advice = None
            self.memory_changed.emit()

    def take(self, fix: Fix) -> bool:
        """Carry out a fix of the recipe as one undo step; False where it is one of the drawing."""
        if not fix.settings:
            return False
        self.set_recipe(replace(self.project.recipe, **fix.settings), fix.label)
        return True

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
        """Carry out an edit of the level on show as one undo step, or as part of its gesture's.

        A refused edit changes nothing; ``refused`` says why.
        """
        inside, path = self._graph, self._path

        def change_model(graph: Graph) -> Graph:
            changed = change(inside)
            return graph if changed is inside else replace_at(graph, path, changed)

        return self.edit_model(label, change_model, gesture=gesture)

    def edit_model(
        self, label: str, change: Callable[[Graph], Graph], *, gesture: int | None = None
    ) -> bool:
        """Carry out an edit of the whole drawing; definitions that nothing uses any more go."""
        try:
            graph = change(self.project.graph)
        except LoomError as error:
            self.refused.emit(error)
            return False
        if graph is self.project.graph:
            return False
        self._show(replace(self.project, graph=without_unused(graph)), label, gesture=gesture)
        return True

    def show_level(self, path: NodePath) -> None:
        """Show the inside of a composite, or the drawing for no path; not part of the history."""
        path = reachable(self.project.graph, path)
        if path != self._path:
            self.select(())
            self._go(path)

    def show_round(self, number: int) -> None:
        """Look at another round of the row or of the composite on show; not part of the history."""
        number = max(0, min(number, self.rounds - 1))
        if number == self.round_number:
            return
        if self.row is not None:
            self._rounds[(*self._path, self.row)] = number
            self.round_changed.emit()
            return
        self._rounds[self._path] = number
        self._report = inside_of(self._model_report, self.way, self._graph)
        self.report_changed.emit(self._report)
        self.round_changed.emit()

    def told(self, node: NodeId) -> NodeId:
        """Return the id by which the engine knows a node of the level on show.

        Of a row it is that of the round looked at; what the last one puts out is what the row does.
        """
        last = rounds_of_layer(self._report, node) - 1
        number = self._rounds.get((*self._path, node), last) if last else 0
        return told((*self.way, in_round(node, number) if number < last else node))

    def leave(self) -> bool:
        """Go out of the composite that is on show, and select it; say whether one was."""
        if not self._path:
            return False
        self.reveal(self._path)
        return True

    def reveal(self, path: NodePath) -> None:
        """Show the level that a node stands on and select it."""
        self.show_level(path[:-1])
        self.select(path[-1:])

    def set_recipe(self, recipe: Recipe, label: str, *, gesture: int | None = None) -> None:
        """Change how the drawing is trained."""
        self._show(with_recipe(self.project, recipe), label, gesture=gesture)

    def set_about(self, *, name: str | None = None, notes: str | None = None) -> None:
        """Change the project's name or its notes."""
        project = self.project
        if name is not None and name != project.name:
            self._show(replace(project, name=whole(name)), "Rename project")
        elif notes is not None and notes != project.notes:
            self._show(replace(project, notes=whole(notes)), "Change notes")

    def show_version(self, project: Project, label: str) -> None:
        """Show another version of the same project: a step that can be undone."""
        self._show(project, label)

    def undo(self) -> None:
        """Take the last step back; where it was done is shown, with what was selected before."""
        before, context = self.project, self._history.context
        self._history.undo()
        self._announce(before, context)
        if self.project is not before and isinstance(context, Place):
            self.select(context.selection)

    def redo(self) -> None:
        """Do the step again that was taken back last, where it was done."""
        before = self.project
        self._history.redo()
        self._announce(before, self._history.context)
        if self.project.graph is not before.graph and reachable(before.graph, self._path) == (
            self._path
        ):
            change = difference(at(before.graph, self._path), self.graph)
            self.select([*change.added, *change.changed])

    def go_to(self, step: int) -> None:
        """Show the drawing as it was after a step of the history, from 0 for the oldest."""
        before = self.project
        self._history.go_to(step)
        self._announce(before)

    def open(self, project: Project) -> None:
        """Show another project with a history of its own."""
        before = self.project
        self.select(())
        self._history = History(project)
        self._rounds.clear()
        self._announce(before, Place((), frozenset()))

    def look_again(self) -> None:
        """Analyse the whole drawing anew: what its own layers do was found, or they may run now."""
        self._analyse(None, by_hand=False)

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

    def _keep_round(self) -> None:
        """Stay in the row where it became shorter."""
        if self._path in self._rounds:
            self._rounds[self._path] = min(self._rounds[self._path], self.rounds - 1)

    def _way_to(self, path: NodePath) -> NodePath:
        numbers = (self._rounds.get(path[: depth + 1], 0) for depth in range(len(path)))
        return tuple(
            in_round(node, number) if number else node
            for node, number in zip(path, numbers, strict=True)
        )

    def _show(self, project: Project, label: str, *, gesture: int | None = None) -> None:
        before, place = self.project, Place(self._path, self._selection)
        self._history.push(project, label, gesture=gesture, context=place)
        self._announce(before, by_hand=True)

    def _announce(self, before: Project, context: object = None, *, by_hand: bool = False) -> None:
        """Tell what is other than before; ``context`` is the place where it was done."""
        now = self.project
        if now.graph is not before.graph:
            path = context.path if isinstance(context, Place) else self._path
            self._go(reachable(now.graph, path))
            if difference(before.graph, now.graph).concerns_model:
                self._analyse(self._model_report, by_hand=by_hand)
        if now.recipe is not before.recipe:
            self.recipe_changed.emit(now.recipe)
        self.history_changed.emit()

    def _go(self, path: NodePath) -> None:
        """Show a level as it is now."""
        is_other = path != self._path
        if is_other:
            self.level_left.emit()
        shown = self._graph
        self._path, self._graph = path, at(self.project.graph, path)
        if is_other:
            self._report = inside_of(self._model_report, self.way, self._graph)
        change = difference(shown, self._graph)
        self._forget_removed(change)
        self.changed.emit(change)
        if is_other:
            self.report_changed.emit(self._report)
            self.level_changed.emit()

    def _forget_removed(self, change: Difference) -> None:
        link = self._selected_link
        if link is not None and link in change.links_removed:
            link = None
        if change.removed or link != self._selected_link:
            self.select(self._selection - set(change.removed), link=link)

    def _analyse(self, previous: ShapeReport | None, *, by_hand: bool) -> None:
        self._analysis.do(partial(_analysed, self.project.graph, previous, by_hand=by_hand))

    def _on_analysed(self, found: _Analysed) -> None:
        if found.report.graph is self.project.graph:
            self._take(found.report, by_hand=found.by_hand)

    def _take(self, report: ShapeReport, *, by_hand: bool) -> None:
        before = self._report
        known = {(problem.code, problem.node) for problem in before.errors}
        self._model_report = report
        self._keep_round()
        self._report = inside_of(report, self.way, self._graph)
        self.report_changed.emit(self._report)
        if by_hand:
            errors = self._report.errors
            fresh = [p for p in errors if (p.code, p.node) not in known and p.node]
            if fresh:
                self.problem_raised.emit(self._with_way_back(fresh[0], before.graph))

    def _with_way_back(self, problem: Problem, before: Graph) -> Problem:
        """Offer to take back the edit that caused a problem, after what mends it."""
        label = f"Take back “{self._history.undo_label}”"
        way_back = Fix(label=label, edit=lambda _: before, takes_back=True)
        return replace(problem, fixes=(*problem.fixes, way_back))

    def close(self) -> None:
        """Let the analysis end."""
        self._analysis.close()


def _analysed(graph: Graph, previous: ShapeReport | None, *, by_hand: bool) -> _Analysed:
    return _Analysed(infer_shapes(graph, previous), by_hand)
