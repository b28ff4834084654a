"""The drawing as a model: frames with their nodes, composites with their insides, in data flow.

What is inside of a composite gets rows when its row is opened: a drawing may unfold into more
layers than anybody looks at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt

from app.outline.levels import Level, level_at, levels_of, matching_levels
from app.spoken import spoken_node
from app.theme import activation_icon
from app.widgets.row_model import Row, RowModel
from app.widgets.row_tree import Index
from engine.analysis.insides import category_of
from engine.analysis.report import NodeReport, ShapeReport
from engine.analysis.shapes import infer_shapes
from engine.graph.elements import EMPTY, Frame, Graph, Node, NodeId, NodePath, path_told, told
from nodes.catalogue import kind_named

NODE = Qt.ItemDataRole.UserRole
"""The path of the node as ``told`` writes it; empty for a frame."""

FRAME = Qt.ItemDataRole.UserRole + 1
"""The id of the frame; empty for a node."""

PARAMETERS = Qt.ItemDataRole.UserRole + 2
SEVERITY = Qt.ItemDataRole.UserRole + 3
"""The worst problem of the row and of what is in it: ``error``, ``warning`` or nothing."""

NOTE = Qt.ItemDataRole.UserRole + 4
"""Of a frame: how many nodes it holds. Of a node: its name, where others have the same title."""

HOLDS = Qt.ItemDataRole.UserRole + 5
"""Whether the node is a composite, whose inside can be opened."""

CATEGORY = Qt.ItemDataRole.UserRole + 6
GLYPH = Qt.ItemDataRole.UserRole + 7


class Rows(RowModel):
    """Follows the drawing; rebuilt when nodes or frames come, go or change places."""

    def __init__(self) -> None:
        super().__init__()
        self._drawing: tuple[Graph, ShapeReport] = EMPTY, infer_shapes(EMPTY)
        self._layout: tuple[object, ...] = ()
        self._items: dict[NodeId, Row] = {}
        self._frames: dict[tuple[NodePath, str], Row] = {}
        self._known: dict[NodeId, tuple[object, ...]] = {}
        self._kept: dict[NodeId, tuple[NodeReport, Node]] = {}
        """Holds what ``_known`` names by its id, so that no id is used again meanwhile."""
        self._opened: set[NodePath] = set()
        self.largest = 0
        """The most parameters that one row of the first level has, for the bars."""

    def show_drawing(self, graph: Graph, report: ShapeReport, words: str) -> bool:
        """Show a drawing; returns whether rows came, went or changed places.

        Args:
            words: Only nodes that have these in their title or name, and what is around them.
        """
        self._drawing = graph, report
        if words:
            levels = matching_levels(graph, report, words)
        else:
            levels = levels_of(graph, report, self._opened)
        layout = _layout(levels)
        is_new = layout != self._layout
        if is_new:
            self._layout = layout
            self._rebuild(levels)
        for level in reversed(levels):
            self._describe(level)
        self.largest = max(map(_parameters, self.tops), default=0)
        return is_new

    def open_level(self, path: NodePath) -> None:
        """Make rows for the inside of a composite, and of those around it."""
        for depth in range(1, len(path) + 1):
            item = self._items.get(told(path[:depth]))
            if item is not None and not item.rows:
                self._opened.add(path[:depth])
                level = level_at(*self._drawing, path[:depth])
                self._append(level)
                self._describe(level)
                self._layout = _layout(levels_of(*self._drawing, self._opened))

    def index_of(self, path: NodePath) -> QModelIndex:
        """The row of a node; invalid where it is filtered out or not open."""
        item = self._items.get(told(path))
        return item.index if item is not None else QModelIndex()

    def parents_of(self, index: QModelIndex) -> Iterator[QModelIndex]:
        """Yield the rows that a row stands in, the innermost first."""
        while (index := index.parent()).isValid():
            yield index

    def nodes_of(self, index: Index) -> list[NodePath]:
        """The node of a row, or all nodes of a frame."""
        if index.data(NODE):
            return [path_told(NodeId(index.data(NODE)))]
        return [path_told(NodeId(str(row.told(NODE)))) for row in self.row_of(index).rows]

    def parents(self) -> Iterator[QModelIndex]:
        """Yield the rows that can be opened: frames and composites."""
        yield from (item.index for item in self._frames.values())
        yield from (item.index for item in self._items.values() if item.told(HOLDS))

    # A composite has an inside before there are rows for it.

    def hasChildren(  # noqa: N802 - Qt override
        self,
        parent: QModelIndex | QPersistentModelIndex = QModelIndex(),  # noqa: B008
    ) -> bool:
        return bool(parent.data(HOLDS)) or super().hasChildren(parent)

    def canFetchMore(  # noqa: N802 - Qt override
        self, parent: QModelIndex | QPersistentModelIndex
    ) -> bool:
        return bool(parent.data(HOLDS)) and self.rowCount(parent) == 0

    def fetchMore(  # noqa: N802 - Qt override
        self, parent: QModelIndex | QPersistentModelIndex
    ) -> None:
        if parent.data(HOLDS):
            self.open_level(path_told(NodeId(parent.data(NODE))))

    def _rebuild(self, levels: Sequence[Level]) -> None:
        self.clear_rows()
        self._items.clear()
        self._frames.clear()
        self._known.clear()
        for level in levels:
            self._append(level)

    def _append(self, level: Level) -> None:
        frames = level.frame_of()
        fresh: list[Row] = []
        for node in level.shown:
            key = told((*level.path, node))
            item = self._items[key] = Row()
            item.tell(str(key), NODE)
            item.tell(level.holds(node), HOLDS)
            frame = frames.get(node)
            if frame is None:
                fresh.append(item)
            else:
                self._frame(level.path, frame, fresh).append(item)
        around = self._items[told(level.path)] if level.path else self.root
        # All at once: a view looks at its rows again whenever some come.
        around.extend(fresh)

    def _frame(self, path: NodePath, frame: Frame, fresh: list[Row]) -> Row:
        """Return the row of a frame, put among the fresh ones where it is new."""
        if (path, frame.id) not in self._frames:
            row = self._frames[path, frame.id] = Row()
            row.tell(frame.id, FRAME)
            fresh.append(row)
        return self._frames[path, frame.id]

    def _describe(self, level: Level) -> None:
        places = {node: place for place, node in enumerate(level.order, start=1)}
        titles_seen = Counter(found.title for found in level.report.nodes.values())
        for node in level.shown:
            found = level.report.nodes.get(node)
            if found is not None:
                item = self._items[told((*level.path, node))]
                name = level.graph.nodes[node].name if titles_seen[found.title] > 1 else ""
                self._describe_node(item, level, node, found, places)
                item.tell(name, NOTE)
        for frame in level.graph.frames:
            if (level.path, frame.id) in self._frames:
                _describe_frame(self._frames[level.path, frame.id], frame.title)

    def _describe_node(
        self,
        item: Row,
        level: Level,
        node_id: NodeId,
        found: NodeReport,
        places: Mapping[NodeId, int],
    ) -> None:
        node, key = level.graph.nodes[node_id], NodeId(str(item.told(NODE)))
        problems = level.report.of_node(node_id)
        place = places[node_id]
        titles = tuple((problem.severity, problem.title) for problem in problems)
        # The analysis hands on what did not change, so most rows of a large drawing are skipped.
        known = (id(found), id(node), titles, place, len(places))
        if self._known.get(key) == known:
            return
        self._known[key] = known
        self._kept[key] = (found, node)
        worst = {problem.severity for problem in problems}
        item.tell(found.title, Qt.ItemDataRole.DisplayRole)
        item.tell(found.parameters, PARAMETERS)
        item.tell("error" if "error" in worst else "warning" if worst else "", SEVERITY)
        category, glyph = _look(node, found)
        item.tell(category, CATEGORY)
        item.tell(glyph, GLYPH)
        said = spoken_node(node, found, problems, place, len(places))
        item.tell(said, Qt.ItemDataRole.AccessibleTextRole)


def _layout(levels: Sequence[Level]) -> tuple[object, ...]:
    return tuple(row for level in levels for row in level.layout())


def _look(node: Node, found: NodeReport) -> tuple[str, str]:
    """Return the category and the glyph of a row."""
    kind = kind_named(node.kind)
    if kind is None:
        return "shape", "help"
    category = category_of(found) if found.layer is not None else kind.info.category
    plain = category == "act" and not kind.info.glyph
    return category, activation_icon(kind.__name__) if plain else kind.info.glyph


def _describe_frame(item: Row, title: str) -> None:
    severities = {str(row.told(SEVERITY) or "") for row in item.rows}
    parameters = sum(map(_parameters, item.rows))
    worst = "error" if "error" in severities else "warning" if "warning" in severities else ""
    item.tell(title, Qt.ItemDataRole.DisplayRole)
    item.tell(parameters, PARAMETERS)
    item.tell(worst, SEVERITY)
    item.tell(str(len(item.rows)), NOTE)
    said = f"{title}, frame of {len(item.rows)} layers, {parameters} parameters"
    item.tell(f"{said}, {worst}" if worst else said, Qt.ItemDataRole.AccessibleTextRole)


def _parameters(item: Row) -> int:
    found = item.told(PARAMETERS)
    return found if isinstance(found, int) else 0
