"""A person's hands on a canvas in tests: the pointer with its buttons held, keys, places.

QTest sends moves without buttons, so the events are made here.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.canvas.view import CanvasView
from app.document import Document
from app.theme import theme_manager
from engine.graph.elements import Graph, NodeId
from engine.project.project import Project
from engine.project.recipe import Recipe

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


class Hands:
    """The pointer and the keyboard over one canvas."""

    def __init__(self, view: CanvasView) -> None:
        self.view = view

    def at(self, x: float, y: float) -> QPointF:
        """Return where a point of the canvas is in the view."""
        return self.view.viewportTransform().map(QPointF(x, y))

    def card(self, node: NodeId) -> QPointF:
        """Return a place on a card beside its words."""
        box = self.view.canvas.nodes[node].box()
        return self.at(box.left + 6, box.top + 30)

    def port(self, node: NodeId, name: str) -> QPointF:
        """Return the place of a port; of a list input the last one."""
        item = self.view.canvas.nodes[node]
        places = [p for p in (*item.facts.inputs, *item.facts.outputs) if p.name == name]
        at = item.port_point(places[-1])
        return self.at(at.x(), at.y())

    def press(
        self, at: QPointF, button: Qt.MouseButton = LEFT, held: Qt.KeyboardModifier = NONE
    ) -> None:
        self._send(QEvent.Type.MouseButtonPress, at, button, button, held)

    def move(
        self, at: QPointF, button: Qt.MouseButton = LEFT, held: Qt.KeyboardModifier = NONE
    ) -> None:
        self._send(QEvent.Type.MouseMove, at, Qt.MouseButton.NoButton, button, held)

    def release(
        self, at: QPointF, button: Qt.MouseButton = LEFT, held: Qt.KeyboardModifier = NONE
    ) -> None:
        self._send(QEvent.Type.MouseButtonRelease, at, button, Qt.MouseButton.NoButton, held)

    def click(
        self, at: QPointF, button: Qt.MouseButton = LEFT, held: Qt.KeyboardModifier = NONE
    ) -> None:
        self.press(at, button, held)
        self.release(at, button, held)

    def double_click(self, at: QPointF) -> None:
        self.click(at)
        self._send(QEvent.Type.MouseButtonDblClick, at, LEFT, LEFT, NONE)
        self.release(at)

    def carry(
        self,
        start: QPointF,
        end: QPointF,
        button: Qt.MouseButton = LEFT,
        held: Qt.KeyboardModifier = NONE,
    ) -> None:
        """Press and move, without letting go."""
        self.press(start, button, held)
        for share in (0.2, 0.5, 0.8, 1.0):
            self.move(start + (end - start) * share, button, held)

    def drag(
        self,
        start: QPointF,
        end: QPointF,
        button: Qt.MouseButton = LEFT,
        held: Qt.KeyboardModifier = NONE,
    ) -> None:
        self.carry(start, end, button, held)
        self.release(end, button, held)

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.view, key, held)

    def tap(self, key: Qt.Key, held: Qt.KeyboardModifier) -> None:
        """Press a key while others stay held; ``key`` lets go of them every time."""
        QApplication.sendEvent(self.view, QKeyEvent(QEvent.Type.KeyPress, key, held))

    def wheel(self, at: QPointF, turns: int) -> None:
        event = QWheelEvent(
            at,
            self.view.viewport().mapToGlobal(at),
            QPoint(),
            QPoint(0, 120 * turns),
            Qt.MouseButton.NoButton,
            NONE,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(self.view.viewport(), event)

    def _send(
        self,
        kind: QEvent.Type,
        at: QPointF,
        button: Qt.MouseButton,
        buttons: Qt.MouseButton,
        held: Qt.KeyboardModifier,
    ) -> None:
        event = QMouseEvent(kind, at, self.view.viewport().mapToGlobal(at), button, buttons, held)
        QApplication.sendEvent(self.view.viewport(), event)


def document_of(graph: Graph) -> Document:
    """Open a drawing."""
    return Document(Project(name="Drawing", graph=graph, recipe=Recipe()))


def canvas_of(graph: Graph) -> CanvasView:
    """Show a drawing at 100 %, its top left corner near that of the view."""
    theme_manager().choose("dark")
    view = CanvasView(document_of(graph), theme_manager())
    view.resize(1100, 1000)
    view.show()
    view.zoom_to_100()
    view.horizontalScrollBar().setValue(-200)
    view.verticalScrollBar().setValue(-60)
    return view


def undo_label(view: CanvasView) -> str:
    return view.document.history.undo_label


def steps(view: CanvasView) -> int:
    """Count the undo steps."""
    return len(list(view.document.history.labels())) - 1
