"""Previews of a run on the cards of the level on show."""

from builders import a_plain_network, a_small_cnn, node_named
from canvas_hands import document_of
from pytestqt.qtbot import QtBot

from app.canvas.view import CanvasView
from app.live_previews import LivePreviews
from app.previews import BarsPreview
from app.theme import theme_manager
from engine.graph.elements import NodeId
from engine.training.events import LayerProbe, SamplesChosen


def _maps(node: NodeId) -> LayerProbe:
    return LayerProbe(node=node, form="maps", shape=(1, 2, 2), pixels=bytes((0, 80, 160, 255)))


def _bars(node: NodeId, *values: float) -> LayerProbe:
    return LayerProbe(node=node, form="bars", shape=(len(values),), values=values)


def test_a_probe_repaints_the_card_of_its_layer_alone(qtbot: QtBot) -> None:
    theme_manager().choose("light")
    document = document_of(a_small_cnn())
    view = CanvasView(document, theme_manager())
    qtbot.addWidget(view)
    previews = LivePreviews(document, view, [], {})
    conv, linear = (node_named(document.graph, name) for name in ("conv2d", "linear"))
    cards = view.canvas.nodes

    previews.take([_maps(conv), _bars(linear, 1.0, 2.0)])
    previews.draw()
    light = cards[conv].state
    previews.take([_bars(linear, 3.0, 0.0)])
    previews.draw()

    assert cards[conv].state is light
    assert cards[linear].state.preview == BarsPreview((1.0, 0.0), zero=0.0, largest=0)
    theme_manager().choose("dark")
    previews.draw()
    assert cards[conv].state.preview != light.preview


def test_previews_that_came_while_one_was_far_away_are_there_when_one_is_near(
    qtbot: QtBot,
) -> None:
    document = document_of(a_small_cnn())
    view = CanvasView(document, theme_manager())
    qtbot.addWidget(view)
    view.resize(900, 700)
    view.show()
    qtbot.waitExposed(view)
    conv = node_named(document.graph, "conv2d")
    view.centre_on(conv)
    previews = LivePreviews(document, view, [], {})
    before = view.viewport().grab().toImage()

    view.zoom_to(0.5)
    qtbot.wait(20)
    previews.take([_maps(conv)])
    previews.draw()
    view.zoom_to(1.0)
    come_near = view.viewport().grab().toImage()
    view.canvas.nodes[conv].update()

    assert come_near != before
    assert view.viewport().grab().toImage() == come_near
    previews.take([_bars(conv, 1.0, 2.0)])
    previews.draw()
    assert view.viewport().grab().toImage() != come_near


def test_previews_come_as_often_as_the_person_wants_them(qtbot: QtBot) -> None:
    document = document_of(a_small_cnn())
    view = CanvasView(document, theme_manager())
    qtbot.addWidget(view)
    view.show()
    previews = LivePreviews(document, view, [], {})
    linear = node_named(document.graph, "linear")

    def shown_after(step: int) -> object:
        epoch = step / 50
        previews.take([_bars(linear, 100.0, float(step))], step=step, epoch=epoch, asked=False)
        qtbot.waitUntil(lambda: not previews.is_behind)
        preview = view.canvas.nodes[linear].state.preview
        return round(100 * preview.tops[1]) if isinstance(preview, BarsPreview) else None

    previews.choose_pace("ten")
    assert [shown_after(step) for step in (1, 9, 10, 19, 20)] == [1, 1, 10, 10, 20]
    previews.choose_pace("epoch")
    assert [shown_after(step) for step in (21, 49, 50)] == [21, 21, 50]
    previews.choose_pace("off")
    assert shown_after(51) is None
    previews.choose_pace("step")
    assert view.canvas.nodes[linear].state.preview == BarsPreview((1.0, 0.51), zero=0.0, largest=0)


def test_the_loss_of_a_run_of_another_drawing_is_not_shown(qtbot: QtBot) -> None:
    document = document_of(a_small_cnn())
    view = CanvasView(document, theme_manager())
    qtbot.addWidget(view)
    loss = node_named(document.graph, "cross_entropy_loss")
    previews = LivePreviews(document, view, [2.0, 1.0], {})

    previews.begin(document.project.graph)
    previews.draw()
    assert view.canvas.nodes[loss].state.preview is not None
    previews.begin(a_plain_network())
    previews.draw()

    assert view.canvas.nodes[loss].state.preview is None


def test_samples_of_a_run_of_another_drawing_leave_those_of_the_data(qtbot: QtBot) -> None:
    document = document_of(a_small_cnn())
    view = CanvasView(document, theme_manager())
    qtbot.addWidget(view)
    previews = LivePreviews(document, view, [], {})
    shown: list[object] = []
    view.set_samples = shown.append  # type: ignore[method-assign,assignment]
    samples = SamplesChosen(shape=(1, 2, 2), pixels=bytes(4))

    previews.begin(a_plain_network())
    previews.show_samples(samples)
    assert not shown
    previews.begin(document.project.graph)
    previews.show_samples(samples)

    assert len(shown) == 1


def test_the_card_of_texts_shows_no_bars_of_their_numbers(qtbot: QtBot) -> None:
    document = document_of(a_small_cnn())
    view = CanvasView(document, theme_manager())
    qtbot.addWidget(view)
    previews = LivePreviews(document, view, [], {})
    shown: list[object] = []
    view.set_samples = shown.append  # type: ignore[method-assign,assignment]

    previews.begin(document.project.graph)
    previews.show_samples(SamplesChosen(shape=(3,), pixels=bytes(6), texts=("good", "bad")))

    assert shown == [[]]
