"""Header, rail, status bar and panes: what they say and where the keyboard goes."""

from itertools import pairwise

import pytest
from builders import a_project, a_residual_cnn, node_named
from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QTabBar, QWidget
from pytestqt.qtbot import QtBot
from window_hands import Windows, wait_until

from app.figures import rough_percent
from app.main_window import MainWindow
from app.shell.layouts import Layouts
from app.shell.panel_dock import PanelDock
from app.shell.rail import Rail
from app.shell.status_bar import StatusBar
from app.shell.train_buttons import Phase, TrainButtons
from engine.analysis.cost import LayerCost
from engine.graph.edits import set_params
from engine.training.costs import LayersMeasured
from engine.training.events import RunChanged, RunStarted, StepEnded, WorkerReady
from engine.training.waiting import PREPARING, Underway
from engine.training.watch_cost import WatchCost


@pytest.fixture
def window(windows: Windows) -> MainWindow:
    shown = windows(a_project(a_residual_cnn()))
    shown.activateWindow()
    return shown


class Seen(QObject):
    """Counts the events of one kind that come to a widget."""

    def __init__(self, widget: QWidget, kind: QEvent.Type) -> None:
        super().__init__(widget)
        self.times = 0
        self._kind = kind
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.times += event.type() == self._kind
        return False


def pane_with_focus(window: MainWindow) -> str:
    focus = QApplication.focusWidget()
    places: dict[str, QWidget] = {
        "header": window.header,
        "rail": window.rail,
        **window.docks,
        "canvas": window.canvas,
        "status": window.bar,
    }
    found = [n for n, w in places.items() if focus and (w is focus or w.isAncestorOf(focus))]
    return found[0] if found else ""


def test_f6_goes_through_the_panes_in_their_order_and_back(window: MainWindow) -> None:
    window.panes.step(1)
    order = [pane_with_focus(window)]
    for _ in range(6):
        window.next_pane()
        order.append(pane_with_focus(window))
    start = order.index("header")
    assert (order[start:6] + order[:start])[:6] == [
        "header",
        "rail",
        "left",
        "canvas",
        "right",
        "status",
    ]
    assert order[6] == order[0]

    window.previous_pane()

    assert pane_with_focus(window) == order[5]


def test_f6_passes_over_docks_that_are_closed(window: MainWindow) -> None:
    window.docks["left"].hide()
    window.rail._buttons["library"].setFocus()

    window.next_pane()

    assert pane_with_focus(window) == "canvas"


def test_the_keyboard_is_on_train_at_the_start_and_enter_presses_it(window: MainWindow) -> None:
    assert QApplication.focusWidget() is window.header.train._train
    asked: list[None] = []
    window.header.train.train_asked.disconnect(window.train)
    window.header.train.train_asked.connect(lambda: asked.append(None))

    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
        QTest.keyClick(QApplication.focusWidget(), key)

    assert len(asked) == 3


def test_the_keyboard_is_on_the_canvas_once_the_button_that_had_it_is_gone(
    window: MainWindow,
) -> None:
    train = window.header.train
    for phase, button in (("preparing", train._train), ("stopping", train._stop)):
        button.setFocus()
        assert button.hasFocus()

        train.set_phase(phase)

        assert window.canvas.hasFocus(), phase


def test_a_run_that_locks_the_field_that_is_typed_in_leaves_the_keyboard_on_the_canvas(
    window: MainWindow,
) -> None:
    node = node_named(window.document.graph, "conv2d")
    window.document.edit("Widen", lambda graph: set_params(graph, node, {"out_channels": 2}))
    window.document.select([node])
    window.properties.focus_first()
    field = QApplication.focusWidget()
    assert window.properties.isAncestorOf(field)

    window.run_view.lock_changed.emit("Pause the run to edit what is grey.")

    assert not field.isEnabled()
    wait_until(window.canvas.hasFocus)


@pytest.mark.parametrize("width", [1024, 1280, 1600])
def test_nothing_in_the_header_lies_over_another(window: MainWindow, width: int) -> None:
    window.resize(width, 700)
    for phase in ("ready", "preparing", "training", "paused", "stopping"):
        window.header.train.set_epoch(9, 100_000)
        window.header.train.set_phase(phase)
        window.header.train.device.setText("CPU · 16 threads")
        QTest.qWait(20)
        header = window.header
        menus = header.menu_button if header.menu_bar.isHidden() else header.menu_bar
        parts = [menus, header.layouts, header._undo]
        edges = [(part.geometry().left(), part.geometry().right()) for part in parts]
        assert all(a[1] < b[0] for a, b in pairwise(edges)), (phase, edges)
        assert window.header.train.geometry().right() <= window.header.width()


@pytest.mark.parametrize(
    ("phase", "seen"),
    [
        ("ready", {"_train"}),
        ("preparing", {"_epoch", "_pause", "_stop"}),
        ("training", {"_epoch", "_pause", "_stop"}),
        ("paused", {"_epoch", "_pause", "_stop"}),
        ("stopping", {"_epoch", "_pause", "_stop"}),
    ],
)
def test_the_header_offers_what_can_be_done_now(qtbot: QtBot, phase: Phase, seen: set[str]) -> None:
    buttons = TrainButtons()
    qtbot.addWidget(buttons)

    buttons.set_phase(phase)

    names = ("_train", "_epoch", "_pause", "_stop")
    assert {name for name in names if not getattr(buttons, name).isHidden()} == seen
    assert buttons._pause.isEnabled() is (phase in ("training", "paused"))
    assert buttons._stop.isEnabled() is (phase != "stopping")


def test_at_most_one_button_of_the_header_is_filled(qtbot: QtBot) -> None:
    buttons = TrainButtons()
    qtbot.addWidget(buttons)

    for phase in ("ready", "preparing", "training", "paused", "stopping"):
        for errors in (0, 2):
            for finished in (False, True):
                buttons.set_phase(phase)
                buttons.set_errors(errors)
                buttons.set_finished(finished)
                all_of_them = (buttons._train, buttons._pause, buttons._stop, buttons.device)
                filled = [b for b in all_of_them if b.property("kind") == "primary"]
                assert len([b for b in filled if not b.isHidden()]) <= 1


def test_the_rail_asks_shows_what_is_open_and_counts(qtbot: QtBot) -> None:
    rail = Rail(
        [("library", "library", "Library", "Ctrl+L")], [("problems", "problems", "Problems", "")]
    )
    qtbot.addWidget(rail)
    asked: list[str] = []
    rail.asked.connect(asked.append)

    rail._buttons["library"].click()
    rail._buttons["problems"].click()
    rail.set_open("library")
    rail.set_badge("problems", 3)

    assert asked == ["library", "problems"]
    assert rail._buttons["library"].isChecked()
    assert rail._buttons["problems"].accessibleName() == "Problems, 3"


def test_the_status_bar_says_how_far_the_data_of_a_run_is_read(window: MainWindow) -> None:
    reading = Underway(what=PREPARING, done=30, total=120)
    window.control.arrived.emit([reading, Underway(what="map", done=1, total=2)])

    assert window.bar.text_of("step") == f"{rough_percent(0.25)} of the data read"


def test_the_status_bar_says_what_the_drawing_costs(window: MainWindow) -> None:
    assert window.bar.text_of("parameters").endswith("parameters")
    assert window.bar.text_of("problems") == "No problems"
    node = node_named(window.document.graph, "conv2d_2")

    window.document.edit("Stride", lambda graph: set_params(graph, node, {"stride": 2}))

    assert window.bar.text_of("problems") == "1 error"
    assert window.bar.text_of("state") == "1 error blocks training"
    assert "after the errors" in window.bar.text_of("flops")
    assert window.bar.text_of("parameters").endswith("so far")


def test_the_status_bar_follows_a_run(window: MainWindow) -> None:
    window.control.close()
    started = RunStarted(
        run="",
        project="",
        device="cpu",
        threads=1,
        parameters=1,
        epochs=2,
        steps=1064,
        batch_size=64,
        training_samples=1,
        validation_samples=1,
    )
    step = StepEnded(
        step=96, epoch=0.1, losses=(1.0,), learning_rate=0.1, steps_per_second=50, seconds_left=19.0
    )
    window.status.set_phase("training")

    window.status.take([WorkerReady(pid=1, torch="9", devices=("CPU",)), started, step])

    assert window.bar.text_of("step") == "Step 96 of 1\u202f064"
    assert window.bar.text_of("speed") == "50 steps/s"
    assert window.bar.text_of("left") == "0:19 left"
    assert window.bar.text_of("device") == "CPU · 1 thread"
    # Of a run that another process trains, its own is told before one stands here.
    window.status.take([WorkerReady(pid=1, torch="9", devices=("CPU · 8 cores",))])
    assert window.bar.text_of("device") == "CPU · 1 thread"
    changed = RunChanged(step=96, title="", project="", steps=532, epochs=1, steps_per_epoch=532)
    window.status.take([changed, step])
    assert window.bar.text_of("step") == "Step 96 of 532"
    window.status.set_phase("ready")
    assert window.bar.text_of("step") == window.bar.text_of("left") == ""


def test_the_status_bar_says_what_looking_in_costs_and_who_looks(window: MainWindow) -> None:
    told = [
        WatchCost(share=0.004, per_second=27.6, here=""),
        WatchCost(share=0.019, per_second=11, here="gpu"),
    ]

    for event, words in zip(told, ("process of its own looks", "on a GPU"), strict=True):
        window.status.take([event])
        part = window.bar._parts["looking"]
        assert f"{event.share:.1%}"[:3] in part.text()
        assert f"{round(event.per_second)} times a second" in part.toolTip()
        assert words in part.toolTip()
    window.status.set_phase("ready")
    assert window.bar.text_of("looking") == ""


@pytest.mark.parametrize("width", [1600, 1279, 1024])
def test_the_status_bar_drops_parts_before_it_cuts_words(qtbot: QtBot, width: int) -> None:
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.resize(width, 28)
    bar.show()
    words = {
        "state": ("Training", "Read handwritten digits"),
        "step": ("Step 100\u202f000", "of 100\u202f000"),
        "speed": ("1\u202f234", "steps/s"),
        "left": ("12:34", "left"),
        "looking": ("0.4\u202f%", "for looking in"),
        "parameters": ("23\u202f834\u202f568", "parameters"),
        "flops": ("2.09\u2009M", "FLOPs / sample"),
        "memory": ("8.01\u2009MB", "of 25.3\u2009GB for training"),
        "device": ("", "NVIDIA H100 80GB HBM3"),
        "problems": ("", "No problems"),
    }

    for key, (strong, quiet) in words.items():
        bar.show_part(key, strong, quiet)
    QTest.qWait(20)

    for key, part in bar._parts.items():
        assert part.isHidden() or part.width() >= part.sizeHint().width(), key
    assert not bar._parts["state"].isHidden() and not bar._parts["problems"].isHidden()


def test_counting_steps_lays_nothing_out_anew(qtbot: QtBot) -> None:
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.resize(1600, 28)
    bar.show_part("step", "Step 1234", "of 9000")
    bar.show()
    QTest.qWait(20)
    seen = Seen(bar, QEvent.Type.LayoutRequest)

    bar.show_part("step", "Step 1235", "of 9000")
    QApplication.processEvents()
    assert (bar.text_of("step"), seen.times) == ("Step 1235 of 9000", 0)

    bar.show_part("step", "Step 12345", "of 90000")
    QApplication.processEvents()
    assert seen.times


def test_a_press_on_a_part_of_the_status_bar_opens_its_panel(window: MainWindow) -> None:
    for key, panel in {
        "problems": "problems",
        "parameters": "summary",
        "memory": "summary",
    }.items():
        window.bar.asked.emit(key)
        dock = next(dock for dock in window.docks.values() if panel in dock._panels)
        assert not dock.isHidden() and dock.current == panel


def test_a_dock_shows_one_panel_and_replaces_what_stood_in(qtbot: QtBot) -> None:
    dock = PanelDock("left", "Panels", size=QSize(240, 500), minimum=QSize(200, 200))
    qtbot.addWidget(dock)
    first, stand_in, second = QWidget(), QWidget(), QWidget()
    dock.add_panel("first", "First", first)
    dock.add_panel("second", "Second", stand_in)
    told: list[str] = []
    dock.panel_shown.connect(told.append)

    dock.show_panel("second")
    dock.replace_panel("second", second)

    assert (dock.current, told) == ("second", ["second"])
    assert dock._stack.currentWidget() is second
    dock.show_panel("first")
    assert dock._stack.currentWidget() is first


def test_a_panel_that_is_made_behind_another_paints_nothing_of_it_anew(qtbot: QtBot) -> None:
    dock = PanelDock("left", "Panels", size=QSize(240, 500), minimum=QSize(200, 200))
    qtbot.addWidget(dock)
    first = QWidget()
    dock.add_panel("first", "First", first)
    dock.add_panel("second", "Second", QWidget())
    dock.show_panel("first")
    QTest.qWait(20)
    seen = Seen(first, QEvent.Type.Paint)

    dock.replace_panel("second", _two_fields())
    QTest.qWait(20)

    assert seen.times == 0
    dock.show_panel("second")
    assert dock._stack.currentWidget().geometry().left() == 0


def test_tab_leads_from_the_tabs_into_the_panel_in_front(qtbot: QtBot) -> None:
    dock = PanelDock("left", "Panels", size=QSize(240, 500), minimum=QSize(200, 200))
    qtbot.addWidget(dock)
    dock.add_panel("first", "First", _two_fields())
    dock.add_panel("second", "Second", QWidget())
    elsewhere = QLineEdit(dock)
    dock.replace_panel("second", _two_fields())
    for key in ("second", "first", "second"):
        dock.show_panel(key)
        stop: QWidget = dock.tabs.findChildren(QTabBar)[0]
        fields = dock._stack.currentWidget().findChildren(QLineEdit)

        reached = []
        for _ in fields:
            stop = _next_stop(stop)
            reached.append(stop)

        assert reached == fields and elsewhere not in reached


def test_tab_leads_to_what_a_panel_was_given_while_it_was_in_front(qtbot: QtBot) -> None:
    dock = PanelDock("left", "Panels", size=QSize(240, 500), minimum=QSize(200, 200))
    qtbot.addWidget(dock)
    panel = _two_fields()
    dock.add_panel("first", "First", panel)
    dock.show_panel("first")
    elsewhere = QLineEdit(dock)

    late = QLineEdit(panel)
    late.show()
    tabs = dock.tabs.findChildren(QTabBar)[0]
    QApplication.sendEvent(tabs, QFocusEvent(QEvent.Type.FocusIn))

    reached: list[QWidget] = [tabs]
    for _ in range(3):
        reached.append(_next_stop(reached[-1]))
    assert reached[1:] == panel.findChildren(QLineEdit) and elsewhere not in reached


def _two_fields() -> QWidget:
    panel = QWidget()
    for _ in range(2):
        QLineEdit(panel)
    return panel


def _next_stop(widget: QWidget) -> QWidget:
    """Return where Tab goes on to."""
    found = widget.nextInFocusChain()
    while not found.focusPolicy() & Qt.FocusPolicy.TabFocus or found.isHidden():
        found = found.nextInFocusChain()
    return found


def test_a_layout_that_was_never_moved_begins_as_it_was_made(window: MainWindow) -> None:
    layouts: Layouts = window.layouts

    layouts.show("train")
    QTest.qWait(50)

    right = window.docks["training"].width() / window.width()
    assert right == pytest.approx(0.56, abs=0.03)
    assert window.docks["training"].height() < window.docks["inspection"].height()


def test_a_layout_is_painted_in_a_turn_after_the_one_that_arranges_it(window: MainWindow) -> None:
    seen = Seen(window.docks["training"], QEvent.Type.Paint)

    window.show_layout("train")
    QApplication.sendPostedEvents()

    assert window.docks["training"].isVisible() and not seen.times
    wait_until(lambda: seen.times > 0, "the layout is painted")
    assert window.updatesEnabled()


def test_an_overlay_is_chosen_in_the_menu_and_told_in_the_legend(window: MainWindow) -> None:
    actions = window.actions_by_key
    assert actions["overlay_none"].isChecked()

    actions["overlay_parameters"].trigger()

    assert actions["overlay_parameters"].isChecked() and not actions["overlay_none"].isChecked()
    assert window.canvas.overlays.legend.words.title == "Parameters"
    assert any(item.state.heat for item in window.canvas.canvas.nodes.values())
    actions["overlay_none"].trigger()
    assert not any(item.state.heat for item in window.canvas.canvas.nodes.values())


def test_what_a_batch_was_measured_to_take_is_told_beside_the_work(window: MainWindow) -> None:
    cost = LayerCost(node="x", forward_seconds=0.001, backward_seconds=0.002, kept_bytes=0)

    window.tell_measured(LayersMeasured(device="cpu", samples=64, passes=5, layers=(cost,)))

    assert "64 took 3.00\u202fms" in window.bar._parts["flops"].toolTip()
