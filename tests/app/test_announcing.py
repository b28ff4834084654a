"""What a screen reader is told, and that everything has a name."""

import pytest
from builders import a_project, a_residual_cnn, node_named
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QGraphicsView, QListView, QWidget
from window_hands import Windows, wait_until

from app.announcing import Announcer, epoch_words
from app.main_window import MainWindow
from engine.graph.edits import set_params
from engine.training.events import EpochEnded, RunEnded


@pytest.fixture
def window(windows: Windows) -> MainWindow:
    return windows(a_project(a_residual_cnn()), with_panels=False)


@pytest.fixture
def said(window: MainWindow) -> list[str]:
    heard: list[str] = []
    window.announcer.said.connect(heard.append)
    return heard


def epoch(number: int, **values: float) -> EpochEnded:
    facts = {"epoch": number, "step": number, "training_loss": 0.5, "seconds": 1.0, **values}
    return EpochEnded(**facts)  # type: ignore[arg-type]


def test_a_new_error_is_said_with_what_mends_it(window: MainWindow, said: list[str]) -> None:
    node = node_named(window.document.graph, "conv2d_2")

    window.document.edit("Stride", lambda graph: set_params(graph, node, {"stride": 2}))

    assert len(said) == 1 and said[0].startswith("Error: ") and "Insert" in said[0]


def test_the_layer_that_one_comes_to_has_the_focus_and_is_not_said_twice(
    window: MainWindow, said: list[str]
) -> None:
    window.canvas.setFocus()
    wait_until(window.canvas.hasFocus)

    QTest.keyClick(window.canvas, Qt.Key.Key_Down)
    QTest.keyClick(window.canvas, Qt.Key.Key_Down)

    focused = QAccessible.queryAccessibleInterface(window.canvas).focusChild()
    words = focused.text(QAccessible.Text.Name)
    assert words == window.canvas.accessibleDescription()
    assert "Conv2d" in words and "2 of" in words
    assert not said
    window.canvas.select_all()
    assert said == ["9 layers, 9 selected"]


def test_a_wire_says_where_it_leads_and_what_it_carries(window: MainWindow) -> None:
    link = window.document.graph.links[0]

    window.document.select((), link=link)

    assert window.canvas.accessibleDescription() == "from Data to Conv2d, 1 by 28 by 28"


def test_epochs_are_said_at_most_every_ten_seconds(window: MainWindow) -> None:
    now = [0.0]
    announcer = Announcer(
        window.document, window.canvas, window.control, window, clock=lambda: now[0]
    )
    heard: list[str] = []
    announcer.said.connect(heard.append)

    for second, number in ((0.0, 1), (4.0, 2), (9.0, 3), (11.0, 4)):
        now[0] = second
        announcer._on_events([epoch(number)])

    assert [words.partition(",")[0] for words in heard] == ["Epoch 1", "Epoch 4"]


def test_an_epoch_says_the_figure_that_matters() -> None:
    assert epoch_words(epoch(3, validation_metric=0.968), "accuracy").endswith("96.8\u202f%")
    assert epoch_words(epoch(3, validation_loss=0.25), "").endswith("validation loss 0.250")
    assert epoch_words(epoch(3), "").endswith("training loss 0.500")


def test_the_end_of_a_run_is_said(window: MainWindow, said: list[str]) -> None:
    end = RunEnded(run="r", outcome="finished", step=1, epoch=1.0, seconds=1.0)

    window.announcer._on_events([end])

    assert said == ["Training is finished"]


def is_part_of_another(widget: QWidget) -> bool:
    """Qt's own parts: the list of a combo box, what a view draws on."""
    parent = widget.parentWidget()
    inside = isinstance(parent, QGraphicsView) or widget.objectName().startswith("qt_")
    holder = parent.parentWidget() if parent is not None else None
    return inside or (isinstance(widget, QListView) and isinstance(holder, QComboBox))


@pytest.mark.parametrize("layout", ["build", "train"])
def test_everything_that_takes_the_keyboard_has_a_name(window: MainWindow, layout: str) -> None:
    wait_until(lambda: window.run_view.has_panels)
    window.show_layout(layout)
    window.search.open_find()

    nameless = [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and not is_part_of_another(widget)
        and not QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
    ]

    assert nameless == []
