"""The levels of a drawing as the outline lists them: which nodes, in which frames."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from engine.analysis.insides import inside_of
from engine.analysis.report import ShapeReport
from engine.graph.composites import at, definition_of, reachable
from engine.graph.elements import Frame, Graph, NodeId, NodePath
from engine.graph.topology import in_order


@dataclass(frozen=True, slots=True)
class Level:
    """One level: the drawing, or the inside of a composite in it."""

    path: NodePath
    graph: Graph
    report: ShapeReport
    order: tuple[NodeId, ...]
    """Its nodes in the order of the data flow."""

    shown: tuple[NodeId, ...]
    """Those of them that have rows."""

    def holds(self, node: NodeId) -> bool:
        """Whether a node has an inside."""
        return definition_of(self.graph, self.graph.nodes[node]) is not None

    def frame_of(self) -> Mapping[NodeId, Frame]:
        """Return the frame around each node that is in one."""
        return {node: frame for frame in self.graph.frames for node in frame.nodes}

    def layout(self) -> Iterator[tuple[object, ...]]:
        """Yield what the rows of this level are, without what they say."""
        frames = self.frame_of()
        for node in self.shown:
            frame = frames.get(node)
            yield *self.path, node, frame.id if frame is not None else "", self.holds(node)


def level_at(graph: Graph, report: ShapeReport, path: NodePath) -> Level:
    """Return a level with all of its nodes.

    Args:
        graph: The whole drawing.
        report: On it, or on the drawing as it was just before.
    """
    inside = at(graph, path)
    order = tuple(in_order(inside))
    return Level(path, inside, inside_of(report, path, inside), order, order)


def levels_of(graph: Graph, report: ShapeReport, opened: Collection[NodePath]) -> list[Level]:
    """Return a drawing and the insides that are open, each after the one around it."""
    paths = sorted({(), *opened}, key=lambda path: (len(path), path))
    return [level_at(graph, report, path) for path in paths if reachable(graph, path) == path]


def matching_levels(graph: Graph, report: ShapeReport, words: str) -> list[Level]:
    """Return the levels that hold what has all words, with no other nodes but those around.

    A composite that is used more than once is looked into at its first use.
    """
    sought, known = words.casefold().split(), set[str]()

    def matching(path: NodePath) -> Iterator[Level]:
        level = level_at(graph, report, path)
        fitting = set(_fitting(level, sought))
        inner: list[Level] = []
        for node in level.order:
            definition = level.graph.nodes[node].definition
            if not level.holds(node) or definition in known:
                continue
            known.add(definition)
            below = [found for found in matching((*path, node)) if found.shown]
            if below:
                fitting.add(node)
                inner += below
        yield replace(level, shown=tuple(node for node in level.order if node in fitting))
        yield from inner

    return list(matching(()))


def _fitting(level: Level, sought: list[str]) -> Iterator[NodeId]:
    frames = level.frame_of()
    for node in level.order:
        found, frame = level.report.nodes.get(node), frames.get(node)
        parts = [level.graph.nodes[node].name, level.graph.nodes[node].kind]
        parts.append(found.title if found is not None else "")
        parts.append(frame.title if frame is not None else "")
        text = " ".join(parts).casefold()
        if all(word in text for word in sought):
            yield node
