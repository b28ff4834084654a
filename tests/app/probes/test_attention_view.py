"""Attention in the Activations panel: heads, tokens and words for what is seen."""

import numpy as np
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from app.probes.attention_view import AttentionView
from app.probes.panel import ActivationsPanel
from engine.training.events import LayerProbe, ProbeTaken
from engine.training.texts import AttentionTaken

HEADS = np.array([[[255, 0, 0], [51, 204, 0]], [[0, 255, 0], [0, 0, 255]]], np.uint8)
TAKEN = AttentionTaken(
    node="look",
    step=4,
    shape=(2, 2, 3),
    shares=HEADS.tobytes(),
    largest=1.0,
    rows=("1", " "),
    columns=("a", "b", "c"),
)


def a_view(qtbot: QtBot) -> AttentionView:
    view = AttentionView()
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show_attention(TAKEN)
    view.show()
    return view


def test_the_mean_of_all_heads_comes_first_and_each_head_can_be_seen(qtbot: QtBot) -> None:
    view = a_view(qtbot)
    mean = view.map.accessibleDescription()

    view.heads.segment("1").click()

    assert mean.startswith("“1” looks at “a” with 50.0\u202f%")
    assert view.map.accessibleDescription().startswith("“1” looks at “b” with 100.0\u202f%")


def test_newer_weights_leave_the_chosen_head(qtbot: QtBot) -> None:
    view = a_view(qtbot)
    view.heads.segment("0").click()

    view.show_attention(TAKEN)

    assert view.heads.current == "0" and "“␣” looks at “b”" in view.map.accessibleDescription()


def test_the_cell_below_the_pointer_is_the_one_that_is_drawn_there(qtbot: QtBot) -> None:
    view = a_view(qtbot)
    box = view.map._box()

    found = view.map.cell_at(QPointF(box.right() - 1, box.bottom() - 1))

    assert found == (1, 2) and view.map.cell_at(QPointF(box.left() - 2, box.top())) is None


def test_the_panel_shows_attention_in_the_place_of_the_output(qtbot: QtBot) -> None:
    panel = ActivationsPanel()
    qtbot.addWidget(panel)
    qtbot.addWidget(panel.pin)
    panel.show_node("look", "Look", "MultiheadAttention", "attn")
    panel.show()
    layer = LayerProbe(node="look", form="histogram", shape=(4,), counts=(1, 2))
    probe = ProbeTaken(step=1, epoch=1, sample=0, layers=(layer,))

    panel.show_events([probe, TAKEN])
    panel.redraw()

    assert panel.output.attention.isVisible()
    panel.show_node("other", "Other", "Linear", "linear")
    panel.show_events(
        [
            ProbeTaken(
                step=2,
                epoch=1,
                sample=0,
                layers=(LayerProbe(node="other", form="histogram", shape=(4,), counts=(1, 2)),),
            )
        ]
    )
    panel.redraw()
    assert not panel.output.attention.isVisible()
