"""The chips, the minimap and the cards that float over the canvas, and where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QKeySequence, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app.canvas.chips import Notice, ZoomBar
from app.canvas.covering import INSET_PX, Ground, others_below
from app.canvas.error_card import WIDTH, ErrorCard
from app.canvas.heat_legend import HeatLegend, LegendWords
from app.canvas.items import NodeItem, WireItem
from app.canvas.minimap import FROM_NODES, Minimap
from app.canvas.rounds import RoundBar
from app.canvas.trail import Trail
from app.code_offer import code_offer
from app.widgets import Chip
from engine.analysis.insides import titles_along
from engine.analysis.report import Problem

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

_CHIP_GAP_PX = 8
_GAP_PX = 96
_SOON_MS = 100
_LEAST_GAP_PX = 16
_EDGE_PX = 6
_REST_MS = 250
_NOTICE_PX = 60
"""From a sentence to the lower edge."""


class Overlays(QObject):
    """Everything that stands still while the canvas moves.

    They are children of the viewport, which carries them along when it scrolls, and are put back
    at once. As its siblings, on top of it, they would keep Qt from copying what was painted
    before: every pan would repaint everything.
    """

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        port = view.viewport()
        self.trail = Trail(port)
        self.rounds = RoundBar(port)
        self.live = Chip("", parent=port)
        self.live.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.live.hide()
        self.zoom = ZoomBar(port)
        self.minimap = Minimap(view.canvas, view.far, port)
        self.legend = HeatLegend(port)
        self.notice = Notice(port)
        self.card = ErrorCard(port)
        corners = (self.trail, self.rounds, self.live, self.zoom, self.minimap, self.legend)
        for widget in (*corners, self.notice, self.card):
            # A press beside a button is no press on the canvas below.
            widget.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
            widget.setCursor(Qt.CursorShape.ArrowCursor)
        self.minimap.setCursor(Qt.CursorShape.PointingHandCursor)
        self.minimap_wanted = True
        self._has_minimap = False
        self.minimap.moved_to.connect(self._on_moved_to)
        self._legend_place = 0
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._clear_legend)
        view.scrolled.connect(self._on_scrolled)
        view.scale_changed.connect(self.zoom.show_zoom)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON_MS)
        self._soon.timeout.connect(self._follow_shift)
        view.canvas.altered.connect(self.follow_drawing)
        view.canvas.shifted.connect(self._follow_soon)
        view.document.history_changed.connect(self.follow_name)
        for changed in (view.document.report_changed, view.document.selection_changed):
            changed.connect(self.follow_name)
        view.document.round_changed.connect(self.follow_name)
        self.rounds.chosen.connect(view.document.show_round)
        self.card.closed.connect(view.viewport().update)
        self.card.closed.connect(self.place)
        self.follow_name()
        self.follow_drawing()

    def place(self) -> None:
        """Put everything into its corner."""
        width, height = self._view.width(), self._view.height()
        self.trail.move(INSET_PX, INSET_PX)
        self.rounds.move(self.trail.geometry().right() + 1 + _CHIP_GAP_PX, INSET_PX)
        self.live.move(width - INSET_PX - self.live.width(), self._live_top())
        self.zoom.move(INSET_PX, height - INSET_PX - self.zoom.height())
        self.legend.move(self.chip_places(self.legend.size())[self._legend_place].topLeft())
        corner = QPoint(width - self.minimap.width(), height - self.minimap.height())
        self.minimap.move(corner - QPoint(INSET_PX, INSET_PX))
        self._put_notice()
        self._place_card()
        self.minimap.setVisible(self._has_minimap and not self._minimap_is_in_the_way())

    def _put_notice(self) -> None:
        """Put the sentence at the lower edge, or higher where a floating card would hide it."""
        view, notice = self._view, self.notice
        across = (view.width() - notice.width()) // 2
        lowest = view.height() - INSET_PX - _NOTICE_PX
        floating = [child for child in view.children() if isinstance(child, QWidget)]
        parts = [child for child in floating if child.property("kind") == "card"]
        cards = [part.geometry() for part in (*parts, self.minimap) if not part.isHidden()]
        rows = range(lowest, _NOTICE_PX, -notice.height() - _CHIP_GAP_PX)
        places = (QRect(QPoint(across, row), notice.size()) for row in rows)
        free = (place for place in places if not any(place.intersects(card) for card in cards))
        notice.move(next(free, QRect(across, lowest, 0, 0)).topLeft())

    def show_legend(self, words: LegendWords | None) -> None:
        """Say what the colours of cards stand for, where no card is; nothing for no words."""
        self.legend.show_words(words)
        self._clear_legend()
        self.place()

    def chip_places(self, size: QSize) -> list[QRect]:
        """Return where a chip may stand, the usual place first: beside the others, or beyond."""
        beside = self.zoom.geometry().right() + 1 + _CHIP_GAP_PX
        behind = max(chip.geometry().right() for chip in (self.trail, self.rounds)) + 1
        right = self._view.width() - INSET_PX - size.width()
        low, row = self._view.height() - INSET_PX - size.height(), size.height() + _CHIP_GAP_PX
        places = (
            (beside, low),
            (right, low),
            (INSET_PX, low - row),
            (right, INSET_PX),
            (right, INSET_PX + row),
            (INSET_PX, INSET_PX + row),
            (behind + _CHIP_GAP_PX, INSET_PX),
        )
        return [QRect(QPoint(max(0, min(x, right)), y), size) for x, y in places]

    def _clear_legend(self) -> None:
        """Put the legend where it covers the least, where it lies on a card now."""
        if self.legend.isHidden():
            return
        places = self.chip_places(self.legend.size())
        ground = Ground(self._view)
        below = [
            ground.layers_below(place) + others_below(self._view, place, self.legend)
            for place in places
        ]
        if below[self._legend_place]:
            self._legend_place = below.index(min(below))
            self.place()

    def _live_top(self) -> int:
        """Return where the chip at the right stands: in a narrow view below those at the left."""
        before = self.trail if self.rounds.isHidden() else self.rounds
        needed = before.geometry().right() + 1 + _CHIP_GAP_PX + self.live.width() + INSET_PX
        return (
            INSET_PX if needed <= self._view.width() else before.geometry().bottom() + _CHIP_GAP_PX
        )

    def covers_cards(self) -> bool:
        """Whether a chip at the top lies over a card."""
        for chip in (self.trail, self.rounds, self.live):
            area = QRectF(chip.geometry())
            seen = QRectF(
                self._view.scene_point(area.topLeft()), self._view.scene_point(area.bottomRight())
            )
            if not chip.isHidden() and self._view.canvas.cards_in(seen):
                return True
        return False

    def follow_name(self) -> None:
        """Show the project's name, whether it is saved, and the composites that are entered."""
        document = self._view.document
        note = "" if document.history.is_saved else self.tr("edited")
        titles = titles_along(document.model_report, document.path)
        is_other = self.trail.show_way(document.project.name, note, titles)
        before = self.rounds.words
        row = document.report.nodes.get(document.row) if document.row is not None else None
        name = row.title if row is not None else ""
        self.rounds.show_round(document.round_number, document.rounds, name)
        if is_other or self.rounds.words != before:
            self.place()

    def follow_drawing(self) -> None:
        """Show the minimap from some nodes on, as large as the drawing asks for."""
        count = len(self._view.document.graph.nodes)
        wanted = self.minimap_wanted and count >= FROM_NODES
        self._has_minimap = wanted
        if wanted:
            self.minimap.fit_size()
        self._on_scrolled()

    def name_keys(self, keys: Mapping[str, QKeySequence]) -> None:
        """Say in the tooltips which keys do the same, by the name of the action."""
        self.zoom.name_keys(keys)
        self.rounds.name_keys(keys)

    def _follow_soon(self) -> None:
        """Follow what is dragged at a calm pace: the minimap is not where one looks meanwhile."""
        if not self._soon.isActive():
            self._soon.start()

    def _follow_shift(self) -> None:
        self.minimap.outdate()
        self.follow_drawing()

    def show_live(self, state: str, note: str = "", tip: str = "") -> None:
        """Show that previews are live or held; nothing for an empty state."""
        words = {"live": self.tr("Live previews"), "paused": self.tr("Paused")}
        self.live.setVisible(bool(state))
        self.live.set_words(words.get(state, state), note)
        self.live.setToolTip(tip)
        self.live.set_dot("warn" if state == "paused" else "ok")
        self.live.adjustSize()
        self.place()

    def show_problem(self, problem: Problem) -> None:
        """Explain a problem beside its node."""
        model = self._view.document.project.graph
        self.card.show_problem(problem, code_offer(model, problem.own_layer))
        self._make_room()
        self.place()
        self._clear_chips()
        self._view.viewport().update()

    def follow_problems(self) -> None:
        """Close the card once its problem is gone, or show its newer version."""
        shown = self.card.problem
        if shown is None:
            return
        problems = self._view.document.report.problems
        same = [p for p in problems if (p.code, p.node) == (shown.code, shown.node)]
        if not same:
            self.card.dismiss()
        elif same[0] is not shown:
            self.show_problem(same[0])

    def paint_lead(self, painter: QPainter) -> None:
        """Paint the dotted line from a node to the card that explains it."""
        node = self._node_rect()
        if node is None or self.card.isHidden() or self.card.geometry().intersects(node):
            return
        colours = self._view.style_now().colours
        problem = self.card.problem
        is_error = problem is None or problem.severity == "error"
        pen = QPen(colours.err if is_error else colours.warn, 1.2)
        pen.setCosmetic(True)
        pen.setDashPattern([1.5, 3])
        painter.setPen(pen)
        card = self.card.geometry()
        right = card.left() > node.right()
        y = node.center().y()
        if card.top() <= y <= card.bottom():
            start = QPointF(node.right() + 4 if right else node.left() - 4, y)
            end = QPointF(card.left() if right else card.right(), y)
            painter.save()
            painter.resetTransform()
            painter.drawLine(start, end)
            painter.restore()

    def _node_rect(self) -> QRect | None:
        problem = self.card.problem
        if problem is None or problem.node not in self._view.canvas.nodes:
            return None
        return self._view.view_rect(self._view.canvas.nodes[problem.node].far_rect())

    def _place_card(self) -> None:
        if self.card.isHidden():
            return
        node = self._node_rect()
        width, height = self._view.width(), self._view.height()
        tall = self.card.height()
        if node is None:
            self.card.move((width - WIDTH) // 2, max(INSET_PX, (height - tall) // 3))
            return
        left = self._card_left(node, width)
        beside = max(INSET_PX, min(node.center().y() - 100, height - tall - INSET_PX))
        across = max(_EDGE_PX, min(node.left(), width - WIDTH - _EDGE_PX))
        below, above = node.bottom() + _LEAST_GAP_PX, node.top() - _LEAST_GAP_PX - tall
        places = [QPoint(left, beside)]
        places += [QPoint(across, y) for y in (below, above) if INSET_PX <= y <= height - tall]
        self.card.move(min(places, key=self._cards_below))

    def _cards_below(self, place: QPoint) -> float:
        """Return how much of layers the card would cover at a place."""
        area = QRectF(QRect(place, self.card.size()))
        seen = self._view.viewportTransform().inverted()[0].mapRect(area)
        cards = (item for item in self._view.canvas.near(seen) if isinstance(item, NodeItem))
        covered = (item.far_rect() & seen for item in cards)
        return sum(max(0.0, part.width()) * max(0.0, part.height()) for part in covered)

    def _make_room(self) -> None:
        """Move the drawing to the left where the card would cover its node, as far as it can go."""
        node, width = self._node_rect(), self._view.width()
        if node is None or node.left() - _LEAST_GAP_PX - WIDTH >= _EDGE_PX:
            return
        missing = node.right() + _LEAST_GAP_PX + WIDTH + _EDGE_PX - width
        room = node.left() - _EDGE_PX
        if 0 < missing <= room:
            self._view.pan_by(-missing, 0)

    def _clear_chips(self) -> None:
        """Move the drawing down where a chip lies over one of its cards, if it has room below."""
        if not self.covers_cards():
            return
        content = self._view.view_rect(self._view.canvas.content_rect())
        missing = self.trail.geometry().bottom() + _CHIP_GAP_PX - content.top()
        if 0 < missing <= self._view.height() - INSET_PX - content.bottom():
            self._view.pan_by(0, missing)

    def _card_left(self, node: QRect, width: int) -> int:
        """Place the card right of its node, else left of it, else where it covers the least."""
        for x in (node.right() + _GAP_PX, node.right() + _LEAST_GAP_PX):
            if x + WIDTH + _EDGE_PX <= width:
                return x
        beside = node.left() - _LEAST_GAP_PX - WIDTH
        if beside >= _EDGE_PX:
            return beside
        at_right, at_left = width - WIDTH - _EDGE_PX, _EDGE_PX
        return at_right if node.right() - at_right <= at_left + WIDTH - node.left() else at_left

    def _on_moved_to(self, point: QPointF) -> None:
        self._view.centre_rect(QRectF(point, point))

    def _on_scrolled(self) -> None:
        self.minimap.show_seen(self._view.seen_rect())
        self.place()
        if not self.legend.isHidden():
            self._rest.start()

    def _minimap_is_in_the_way(self) -> bool:
        """Whether another part has its place, or it lies over a drawing that is seen whole."""
        place = self.minimap.geometry()
        if not self.card.isHidden() and self.card.geometry().intersects(place):
            return True
        if self.zoom.geometry().intersects(place):
            return True
        canvas = self._view.canvas
        if not self._view.seen_rect().contains(canvas.content_rect()):
            return False
        port = self._view.viewportTransform().inverted()[0]
        area = port.mapRect(QRectF(self.minimap.geometry()))
        wires = (item for item in canvas.near(area) if isinstance(item, WireItem))
        return canvas.cards_in(area) or any(wire.stroke().intersects(area) for wire in wires)
