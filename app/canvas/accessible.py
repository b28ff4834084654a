"""The canvas as screen readers read it: a list of layers in data flow, each with its ports.

Graphics items are in no tree that a screen reader knows. These interfaces are made when one asks,
hold ids only, and read the document anew at every question. Qt takes None for what is not there,
which the types of PySide leave out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface, QColor, QWindow
from PySide6.QtWidgets import QAccessibleWidget

from app.canvas.words import spoken, spoken_port
from engine.graph.elements import NodeId
from engine.graph.topology import in_order

if TYPE_CHECKING:
    from app.canvas.geometry import PortPlace
    from app.canvas.view import CanvasView

_PORT_PX = 20

_views: dict[QObject, CanvasView] = {}
_trees: dict[CanvasView, CanvasTree] = {}


def make_readable(view: CanvasView) -> None:
    """Let screen readers look into a canvas."""
    if not _views:
        QAccessible.installFactory(_made)
    _views[view] = view
    view.destroyed.connect(lambda: _forget(view))


def tell_focus(view: CanvasView, node: NodeId) -> None:
    """Tell screen readers that the keyboard is on a card."""
    if not QAccessible.isActive():
        return
    tree = _trees.get(view)
    card = tree.card(node) if tree is not None else None
    if card is not None:
        QAccessible.updateAccessibility(QAccessibleEvent(card, QAccessible.Event.Focus))


def _made(_class_name: str, owner: QObject | None) -> QAccessibleInterface | None:
    view = _views.get(owner) if owner is not None else None
    if view is None:
        return None
    _trees[view] = tree = CanvasTree(view)
    return tree


def _forget(view: CanvasView) -> None:
    _views.pop(view, None)
    _trees.pop(view, None)


class CanvasTree(QAccessibleWidget):
    """The list of the layers of the level on show."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view, QAccessible.Role.List, view.accessibleName())
        self._view = view
        self._cards: dict[NodeId, CardInterface] = {}

    def card(self, node: NodeId) -> CardInterface | None:
        """Return the interface of a layer; None for one that is not on show."""
        if node not in self._view.document.graph.nodes:
            return None
        if node not in self._cards:
            self._cards[node] = CardInterface(self._view, self, node)
            QAccessible.registerAccessibleInterface(self._cards[node])
        return self._cards[node]

    def order(self) -> list[NodeId]:
        """Return the layers in the order in which they are read."""
        return list(in_order(self._view.document.graph))

    def childCount(self) -> int:  # noqa: N802 - Qt override
        return len(self._view.document.graph.nodes)

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        order = self.order()
        return self.card(order[index]) if 0 <= index < len(order) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:  # noqa: N802 - Qt override
        order = self.order()
        return order.index(child.node) if isinstance(child, CardInterface) else -1

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override] # noqa: N802 - Qt override
        chosen = self._view.document.selection
        one = next(iter(chosen)) if len(chosen) == 1 and self._view.hasFocus() else None
        return self.card(one) if one is not None else None

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override] # noqa: N802 - Qt override
        place = self._view.viewport().mapFromGlobal(QRect(x, y, 1, 1).topLeft())
        hit = self._view.canvas.hit(self._view.scene_point(place.toPointF()))
        return self.card(hit.node) if hit.node is not None else None


class _Part(QAccessibleInterface):
    """What cards and ports have in common."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__()
        self._view = view

    def object(self) -> QObject | None:  # type: ignore[override]
        return None

    def window(self) -> QWindow | None:  # type: ignore[override]
        return self._view.window().windowHandle()

    def setText(self, text: QAccessible.Text, value: str) -> None:  # noqa: N802 - Qt override
        """Change nothing: names are given on the canvas."""

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override] # noqa: N802 - Qt override
        children = (self.child(number) for number in range(self.childCount()))
        return next((child for child in children if child.rect().contains(x, y)), None)

    def foregroundColor(self) -> QColor:  # noqa: N802 - Qt override
        return self._view.style_now().colours.text

    def backgroundColor(self) -> QColor:  # noqa: N802 - Qt override
        return self._view.style_now().colours.raised

    def _on_screen(self, box: QRect) -> QRect:
        return QRect(self._view.viewport().mapToGlobal(box.topLeft()), box.size())


class CardInterface(_Part):
    """A layer: all that its card says, and its ports."""

    def __init__(self, view: CanvasView, tree: CanvasTree, node: NodeId) -> None:
        super().__init__(view)
        self.node = node
        self._tree = tree
        self._ports: dict[int, PortInterface] = {}

    def isValid(self) -> bool:  # noqa: N802 - Qt override
        return self.node in self._view.document.graph.nodes

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def text(self, text: QAccessible.Text) -> str:
        is_name = text == QAccessible.Text.Name and self.isValid()
        return spoken(self._view.document, self.node) if is_name else ""

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        document = self._view.document
        is_chosen = self.node in document.selection
        state.focusable = state.selectable = True
        state.selected = is_chosen
        state.focused = is_chosen and self._view.hasFocus()
        return state

    def rect(self) -> QRect:
        item = self._view.canvas.nodes.get(self.node)
        return self._on_screen(self._view.view_rect(item.far_rect())) if item else QRect()

    def parent(self) -> QAccessibleInterface | None:  # type: ignore[override]
        return self._tree

    def ports(self) -> list[PortPlace]:
        """Return the ports in the order in which they are read: inputs, then outputs."""
        item = self._view.canvas.nodes.get(self.node)
        return [*item.facts.inputs, *item.facts.outputs] if item is not None else []

    def childCount(self) -> int:  # noqa: N802 - Qt override
        return len(self.ports())

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        if not 0 <= index < self.childCount():
            return None
        if index not in self._ports:
            self._ports[index] = PortInterface(self._view, self, index)
            QAccessible.registerAccessibleInterface(self._ports[index])
        return self._ports[index]

    def indexOfChild(self, child: QAccessibleInterface) -> int:  # noqa: N802 - Qt override
        return child.number if isinstance(child, PortInterface) else -1


class PortInterface(_Part):
    """A port: what arrives or leaves there, and where it comes from or goes to."""

    def __init__(self, view: CanvasView, card: CardInterface, number: int) -> None:
        super().__init__(view)
        self.number = number
        self._card = card

    def isValid(self) -> bool:  # noqa: N802 - Qt override
        return self._card.isValid() and self.number < self._card.childCount()

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.StaticText

    def text(self, text: QAccessible.Text) -> str:
        if text != QAccessible.Text.Name or not self.isValid():
            return ""
        return spoken_port(self._view.document, self._card.node, self._place())

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        state.readOnly = True
        return state

    def rect(self) -> QRect:
        item = self._view.canvas.nodes.get(self._card.node)
        if item is None or not self.isValid():
            return QRect()
        place = self._place()
        box = item.far_rect()
        area = QRect(0, 0, _PORT_PX, _PORT_PX)
        box.setRect(item.x() + place.x, item.y() + place.y, 0, 0)
        area.moveCenter(self._view.view_rect(box).topLeft())
        return self._on_screen(area)

    def parent(self) -> QAccessibleInterface | None:  # type: ignore[override]
        return self._card

    def childCount(self) -> int:  # noqa: N802 - Qt override
        return 0

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:  # noqa: N802 - Qt override
        return -1

    def _place(self) -> PortPlace:
        return self._card.ports()[self.number]
