"""The drawing as a model: frames with their nodes, in the order of the data flow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

from app.outline.spoken import spoken_node
from engine.analysis.report import NodeReport, ShapeReport
from engine.graph.elements import Frame, Graph, Node, NodeId
from engine.graph.topology import in_order

NODE = Qt.ItemDataRole.UserRole
"""The id of the node; empty for a frame."""

FRAME = Qt.ItemDataRole.UserRole + 1
"""The id of the frame; empty for a node."""

PARAMETERS = Qt.ItemDataRole.UserRole + 2
SEVERITY = Qt.ItemDataRole.UserRole + 3
"""The worst problem of the row and of what is in it: ``error``, ``warning`` or nothing."""

NOTE = Qt.ItemDataRole.UserRole + 4
"""Of a frame: how many nodes it holds. Of a node: its name, where others have the same title."""


class Rows(QStandardItemModel):
    """Follows the drawing; rebuilt when nodes or frames come, go or change places."""

    def __init__(self) -> None:
        super().__init__()
        self._layout: tuple[object, ...] = ()
        self._items: dict[NodeId, QStandardItem] = {}
        self._frames: dict[str, QStandardItem] = {}
        self._known: dict[NodeId, tuple[object, ...]] = {}
        self._kept: dict[NodeId, tuple[NodeReport, Node]] = {}
        """Holds what ``_known`` names by its id, so that no id is used again meanwhile."""
        self.largest = 0
        """The most parameters that one row of the first level has, for the bars."""

    def show_drawing(self, graph: Graph, report: ShapeReport, words: str) -> bool:
        """Show a drawing; returns whether rows came, went or changed places.

        Args:
            words: Only nodes that have these in their title or name, and the frames of these.
        """
        order = in_order(graph)
        wanted = _matching(graph, report, order, words)
        layout = tuple(_layout(graph, wanted))
        is_new = layout != self._layout
        if is_new:
            self._layout = layout
            self._rebuild(graph, wanted)
        self._describe(graph, report, order)
        return is_new

    def index_of(self, node: NodeId) -> QModelIndex:
        """The row of a node; invalid where it is filtered out."""
        item = self._items.get(node)
        return item.index() if item is not None else QModelIndex()

    def frame_of(self, node: NodeId) -> QModelIndex:
        """The row of the frame around a node; invalid where there is none."""
        item = self._items.get(node)
        parent = item.parent() if item is not None else None
        return parent.index() if parent is not None else QModelIndex()

    def nodes_of(self, index: QModelIndex) -> list[NodeId]:
        """The node of a row, or all nodes of a frame."""
        if index.data(NODE):
            return [NodeId(index.data(NODE))]
        rows = range(self.rowCount(index))
        return [NodeId(self.index(row, 0, index).data(NODE)) for row in rows]

    def _rebuild(self, graph: Graph, wanted: list[NodeId]) -> None:
        self.clear()
        self._items.clear()
        self._frames.clear()
        self._known.clear()
        frames = _frame_by_node(graph)
        for node in wanted:
            item = QStandardItem()
            item.setData(str(node), NODE)
            self._items[node] = item
            self._parent(frames.get(node)).appendRow(item)

    def _parent(self, frame: Frame | None) -> QStandardItem:
        if frame is None:
            return self.invisibleRootItem()
        if frame.id not in self._frames:
            item = QStandardItem()
            item.setData(frame.id, FRAME)
            self._frames[frame.id] = item
            self.appendRow(item)
        return self._frames[frame.id]

    def _describe(self, graph: Graph, report: ShapeReport, order: list[NodeId]) -> None:
        places = {node: place for place, node in enumerate(order, start=1)}
        titles_seen = Counter(found.title for found in report.nodes.values())
        for node, item in self._items.items():
            found = report.nodes.get(node)
            if found is not None:
                self._describe_node(item, graph.nodes[node], found, report, places)
                _set(item, graph.nodes[node].name if titles_seen[found.title] > 1 else "", NOTE)
        titles = {frame.id: frame.title for frame in graph.frames}
        for frame_id, item in self._frames.items():
            _describe_frame(item, titles.get(frame_id, ""))
        tops = (self.item(row) for row in range(self.rowCount()))
        self.largest = max((int(item.data(PARAMETERS) or 0) for item in tops), default=0)

    def _describe_node(
        self,
        item: QStandardItem,
        node: Node,
        found: NodeReport,
        report: ShapeReport,
        places: Mapping[NodeId, int],
    ) -> None:
        problems = report.of_node(node.id)
        place = places[node.id]
        titles = tuple((problem.severity, problem.title) for problem in problems)
        # The analysis hands on what did not change, so most rows of a large drawing are skipped.
        known = (id(found), id(node), titles, place, len(places))
        if self._known.get(node.id) == known:
            return
        self._known[node.id] = known
        self._kept[node.id] = (found, node)
        worst = {problem.severity for problem in problems}
        _set(item, found.title, Qt.ItemDataRole.DisplayRole)
        _set(item, found.parameters, PARAMETERS)
        _set(item, "error" if "error" in worst else "warning" if worst else "", SEVERITY)
        said = spoken_node(node, found, problems, place, len(places))
        _set(item, said, Qt.ItemDataRole.AccessibleTextRole)


def _describe_frame(item: QStandardItem, title: str) -> None:
    children = [item.child(row) for row in range(item.rowCount())]
    severities = {str(child.data(SEVERITY) or "") for child in children}
    parameters = sum(int(child.data(PARAMETERS) or 0) for child in children)
    worst = "error" if "error" in severities else "warning" if "warning" in severities else ""
    _set(item, title, Qt.ItemDataRole.DisplayRole)
    _set(item, parameters, PARAMETERS)
    _set(item, worst, SEVERITY)
    _set(item, str(len(children)), NOTE)
    said = f"{title}, frame of {len(children)} layers, {parameters} parameters"
    _set(item, f"{said}, {worst}" if worst else said, Qt.ItemDataRole.AccessibleTextRole)


def _set(item: QStandardItem, value: object, role: int) -> None:
    if item.data(role) != value:
        item.setData(value, role)


def _layout(graph: Graph, wanted: list[NodeId]) -> Iterator[tuple[object, ...]]:
    frames = _frame_by_node(graph)
    for node in wanted:
        frame = frames.get(node)
        yield node, frame.id if frame is not None else ""


def _frame_by_node(graph: Graph) -> dict[NodeId, Frame]:
    return {node: frame for frame in graph.frames for node in frame.nodes}


def _matching(graph: Graph, report: ShapeReport, order: list[NodeId], words: str) -> list[NodeId]:
    sought = words.casefold().split()
    if not sought:
        return order
    frames = _frame_by_node(graph)

    def text(node: NodeId) -> str:
        found = report.nodes.get(node)
        frame = frames.get(node)
        parts = [graph.nodes[node].name, graph.nodes[node].kind]
        parts.append(found.title if found is not None else "")
        parts.append(frame.title if frame is not None else "")
        return " ".join(parts).casefold()

    return [node for node in order if all(word in text(node) for word in sought)]
