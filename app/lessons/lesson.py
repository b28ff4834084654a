"""What a lesson is: a project to begin with, and steps that see for themselves when they are done.

A step is done by what is there, never by which menu or key brought it about.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from engine.analysis.report import ShapeReport
from engine.graph.elements import Graph, NodeId
from engine.project.project import Project
from engine.project.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that steps look at."""

    graph: Graph
    report: ShapeReport
    recipe: Recipe
    selection: frozenset[NodeId] = frozenset()
    depth: int = 0
    """How many composites are entered."""

    is_training: bool = False
    runs: int = 0
    """How many runs began during the lesson."""

    has_early_run: bool = False
    """Whether what is drawn was trained before the first step that asks for a run."""

    training: tuple[float, ...] = ()
    """The training loss of each epoch of the newest run."""

    validation: tuple[float, ...] = ()
    has_ended: bool = False
    """Whether the newest run is over."""

    has_tried: bool = False
    """Whether an input of the person's own is looked at."""

    has_driven: bool = False
    """Whether a car has been let drive by the model."""

    panels: frozenset[str] = frozenset()
    """Those that are in sight, by their keys."""

    def count(self, *kinds: str) -> int:
        """Return how many layers of these kinds there are that are understood."""
        nodes = self.report.nodes
        return sum(
            node.kind in kinds and node_id in nodes and nodes[node_id].state == "ok"
            for node_id, node in self.graph.nodes.items()
        )

    @property
    def has_repeat(self) -> bool:
        """Whether a layer stands several times in a row."""
        return any(node.repeat != 1 for node in self.graph.nodes.values())

    def has_chosen(self, *kinds: str) -> bool:
        """Whether a layer of one of these kinds is selected."""
        chosen = (self.graph.nodes.get(node) for node in self.selection)
        return any(node is not None and node.kind in kinds for node in chosen)


Check = Callable[[Situation, Situation], bool]
"""Takes what is there now, and what was there when the step began."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do."""

    words: str
    """What to do and why, at most two sentences; ``**`` around what is pressed or typed."""

    is_done: Check
    mark: str = ""
    """The part of the window that it happens in; the guide knows these."""

    layer: str = ""
    """The name of the layer that it speaks of."""

    is_passed_over: bool = False
    """Whether it says nothing to whom has done it already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """Some steps in a project of their own."""

    key: str
    title: str
    minutes: int = 0
    """About how long it takes; 0 where nobody said."""

    project: Callable[[], Project]
    steps: tuple[Step, ...] = field(default=())
    ending: str
    """What was learned."""
