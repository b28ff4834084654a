"""A card that floats over the canvas keeps out of the way of the drawing."""

from collections.abc import Callable

import pytest
from builders import a_small_cnn
from canvas_hands import Hands
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFrame, QWidget
from window_hands import wait_until

from app.canvas import standing
from app.canvas.covering import Ground
from app.canvas.heat_legend import LegendWords
from app.canvas.standing import Standing
from app.canvas.view import CanvasView
from app.shell.hint_card import HintCard
from engine.graph.edits import add_frame
from engine.graph.elements import Graph

Open = Callable[[Graph], tuple[CanvasView, Hands]]


def _card(view: CanvasView) -> QFrame:
    card = QFrame(view)
    card.setProperty("kind", "card")
    Standing(card, view, lambda: card.resize(300, 120)).place()
    card.show()
    return card


def _covers(view: CanvasView, card: QWidget) -> bool:
    cards = [view.view_rect(item.far_rect()) for item in view.canvas.nodes.values()]
    return any(card.geometry().intersects(one) for one in cards)


def test_a_card_stands_where_no_layer_is_and_makes_way_when_the_drawing_comes(
    open_canvas: Open,
) -> None:
    view, _ = open_canvas(a_small_cnn())
    card = _card(view)
    assert not _covers(view, card)
    before = card.pos()

    lowest = max(view.canvas.nodes.values(), key=lambda item: item.y())
    way = card.geometry().center() - view.view_rect(lowest.far_rect()).center()
    view.pan_by(way.x(), way.y())
    assert _covers(view, card)

    wait_until(lambda: not _covers(view, card))
    assert card.pos() != before and view.rect().contains(card.geometry())


def test_a_sentence_is_said_above_the_card_that_would_hide_it(open_canvas: Open) -> None:
    view, _ = open_canvas(a_small_cnn())
    notice = view.overlays.notice
    view.tell("Nothing is in the way of this.")
    before = notice.geometry()
    card = QFrame(view)
    card.setProperty("kind", "card")
    card.setGeometry(before.adjusted(-100, -90, -40, 20))
    card.show()

    view.tell("Nothing is in the way of this.")

    assert not notice.geometry().intersects(card.geometry())
    assert notice.x() == before.x() and notice.y() < card.y()


def test_two_cards_do_not_lie_on_each_other(open_canvas: Open) -> None:
    view, _ = open_canvas(a_small_cnn())

    first, second = _card(view), _card(view)

    assert not first.geometry().intersects(second.geometry())
    assert view.rect().contains(second.geometry())


def test_a_card_becomes_narrower_where_it_then_covers_nothing(open_canvas: Open) -> None:
    view, _ = open_canvas(a_small_cnn())
    view.resize(760, 700)
    view.fit_all()
    room = min(view.view_rect(item.far_rect()).left() for item in view.canvas.nodes.values())
    card = QFrame(view)
    widths = {True: room - 40, False: room + 60}
    standing = Standing(
        card,
        view,
        lambda: card.resize(widths[False], 500),
        narrow=lambda: card.resize(widths[True], 500),
    )

    standing.place()
    assert not _covers(view, card) and card.width() == widths[True]

    widths[True] = room + 30
    standing.place()
    assert card.width() == widths[False]


def test_a_card_rather_keeps_off_a_frame(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, _ = open_canvas(add_frame(graph, "Head", list(graph.nodes)[-2:]))
    view.resize(760, 700)
    view.fit_all()
    room = min(view.view_rect(item.far_rect()).left() for item in view.canvas.nodes.values())
    card = QFrame(view)

    Standing(card, view, lambda: card.resize(room - 30, 100)).place()

    frame = next(iter(view.canvas.frames.values())).sceneBoundingRect()
    assert not card.geometry().intersects(view.view_rect(frame))


def test_a_card_rather_covers_others_than_the_layer_it_speaks_of(open_canvas: Open) -> None:
    view, _ = open_canvas(a_small_cnn())
    view.resize(560, 600)
    view.fit_all()
    card = QFrame(view)
    standing = Standing(card, view, lambda: card.resize(view.width() - 40, 260))
    standing.place()
    covered = [
        item
        for item in view.canvas.nodes.values()
        if card.geometry().intersects(view.view_rect(item.far_rect()))
    ]

    standing.spoken_of = frozenset({covered[0].node})
    standing.place()

    assert len(covered) > 1
    assert not card.geometry().intersects(view.view_rect(covered[0].far_rect()))


@pytest.mark.parametrize("width", [900, 260])
def test_every_button_of_a_card_is_seen_whole_however_narrow_the_canvas_is(
    open_canvas: Open, width: int
) -> None:
    view, _ = open_canvas(a_small_cnn())
    card = HintCard("What was lost is here again.", "Bring it back", view)
    other = card.add_button("Delete the copy")
    view.resize(width, 700)
    wait_until(lambda: view.rect().contains(card.geometry()))

    wait_until(lambda: card.rect().contains(other.geometry()))
    for button in (card.action, other):
        assert card.rect().contains(button.geometry())
        assert button.width() >= button.sizeHint().width()
    assert not card.action.geometry().intersects(other.geometry())


def test_a_chip_stands_for_a_card_that_would_lie_on_layers_and_opens_it_until_a_press_beside(
    open_canvas: Open,
) -> None:
    view, hands = open_canvas(a_small_cnn())
    card = HintCard("Train, then draw a digit.", "Browse", view, name="First steps")
    chip = card._standing.chip
    assert card.isVisible() and chip.isHidden()

    view.resize(360, 700)
    view.fit_all()
    wait_until(card.isHidden)
    assert chip.isVisible() and not _covers(view, chip) and view.rect().contains(chip.geometry())

    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert card.isVisible() and chip.isHidden()
    hands.click(QPointF(4, 300))
    wait_until(card.isHidden)

    view.resize(1200, 700)
    wait_until(card.isVisible)
    assert chip.isHidden() and not _covers(view, card)
    card.put_away()
    assert card.isHidden() and chip.isHidden()


def test_the_drawing_is_looked_at_once_for_a_card_and_its_chip(
    open_canvas: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, _ = open_canvas(a_small_cnn())
    card = HintCard("Train, then draw a digit.", "Browse", view, name="First steps")
    view.resize(360, 700)
    view.fit_all()
    wait_until(card.isHidden)
    looked: list[Ground] = []

    def look(*where: object) -> Ground:
        looked.append(Ground(*where))  # type: ignore[arg-type]
        return looked[-1]

    monkeypatch.setattr(standing, "Ground", look)
    card._standing.place()

    assert card._standing.chip.isVisible() and len(looked) == 1
    card.put_away()


def test_the_chip_of_a_card_opens_it_by_key_and_gives_the_keyboard_to_it(
    open_canvas: Open,
) -> None:
    view, _ = open_canvas(a_small_cnn())
    view.resize(360, 700)
    view.fit_all()
    card = HintCard("Train, then draw a digit.", "Browse", view, name="First steps")
    chip = card._standing.chip
    wait_until(chip.isVisible)

    view.activateWindow()
    chip.setFocus()
    wait_until(chip.hasFocus)
    QTest.keyClick(chip, Qt.Key.Key_Space)

    focus = QApplication.focusWidget()
    assert card.isVisible() and focus is not None and card.isAncestorOf(focus)


def test_the_legend_of_colours_goes_where_no_layer_is(open_canvas: Open) -> None:
    view, _ = open_canvas(a_small_cnn())
    view.show_heat({}, LegendWords(title="Activation", low="0", high="1"))
    legend = view.overlays.legend
    lowest = max(view.canvas.nodes.values(), key=lambda item: item.y())

    way = legend.geometry().center() - view.view_rect(lowest.far_rect()).center()
    view.pan_by(way.x(), way.y())
    assert _covers(view, legend)

    wait_until(lambda: not _covers(view, legend))
    zoom = view.overlays.zoom
    assert view.rect().contains(legend.geometry())
    assert not legend.geometry().intersects(zoom.geometry())


@pytest.mark.parametrize("width", [900, 260])
def test_no_chip_at_the_top_of_a_canvas_lies_on_another(open_canvas: Open, width: int) -> None:
    view, _ = open_canvas(a_small_cnn())
    view.set_live("live")

    view.resize(width, 700)

    trail, live = view.overlays.trail.geometry(), view.overlays.live.geometry()
    assert live.isValid() and not trail.intersects(live)
    assert view.rect().contains(trail) and view.rect().contains(live)
