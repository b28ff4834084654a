"""The moments of the road, in order."""

from pathlib import Path

from hand import Hand
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication, QWidget

from app.dialogs.export import ExportDialog
from app.main_window import MainWindow
from app.settings import Settings
from app.start import open_window
from app.widgets import NumberField
from engine.graph.elements import NodeId


def walk(theme: str, out: Path) -> None:
    """Walk the road in one theme."""
    QApplication([])
    settings = Settings()
    settings.theme = "dark" if theme == "dark" else "light"
    window = open_window(settings)
    window.setWindowState(Qt.WindowState.WindowFullScreen)
    hand = Hand(out, theme)
    hand.wait(lambda: window.control.phase == "ready", "the worker is warm")
    hand.settle(1.0)
    hand.shot("1-first-start")
    _draw(window, hand)
    _err(window, hand)
    _train(window, hand)
    _look(window, hand)
    _export(window, hand)
    window.document.mark_saved()
    window.close()


def _node(window: MainWindow, name: str) -> NodeId:
    node = window.document.graph.named(name)
    assert node is not None, f"no node is called {name}"
    return node.id


def _on_card(window: MainWindow, name: str, *, right: float = 90.0, down: float = 18.0) -> QPoint:
    x, y = window.document.graph.nodes[_node(window, name)].position
    return _on_canvas(window, QPointF(x + right, y + down))


def _on_canvas(window: MainWindow, place: QPointF) -> QPoint:
    return window.canvas.viewport().mapToGlobal(window.canvas.mapFromScene(place))


def _field(panel: QWidget, name: str) -> QWidget:
    """Return the first visible number field of a panel that is called so."""
    fields = panel.findChildren(NumberField)
    found = [f for f in fields if f.isVisible() and name.lower() in f.accessibleName().lower()]
    assert found, f"{name} is none of {[f.accessibleName() for f in fields if f.isVisible()]}"
    return found[0]


def _draw(window: MainWindow, hand: Hand) -> None:
    """Add a layer by quick add, and take it back."""
    graph = window.document.graph
    hand.click(_on_card(window, "max_pool2d"))
    hand.key("Tab")
    hand.settle(0.5)
    hand.type("drop")
    hand.settle(0.5)
    hand.shot("2-quick-add")
    hand.key("Return")
    hand.wait(lambda: len(window.document.graph.nodes) > len(graph.nodes), "a layer is added")
    hand.settle()
    hand.shot("3-layer-added")
    hand.key("ctrl+z")
    hand.wait(lambda: window.document.graph == graph, "undo brings the drawing back")


def _err(window: MainWindow, hand: Hand) -> None:
    """Set a stride that does not fit, read the card, press its first button, undo."""
    graph = window.document.graph
    hand.click(_on_card(window, "conv2d_2"))
    hand.settle(0.5)
    hand.shot("4-layer-selected")
    field = _field(window.properties, "Stride")
    hand.click(field.mapToGlobal(QPoint(24, field.height() // 2)))
    hand.key("ctrl+a")
    hand.type("2")
    hand.key("Return")
    hand.wait(lambda: window.document.report.errors, "the stride does not fit")
    hand.settle(0.6)
    hand.shot("5-shape-error")
    hand.key("ctrl+z")
    hand.wait(lambda: window.document.graph == graph, "undo brings the drawing back")
    hand.settle()


def _train(window: MainWindow, hand: Hand) -> None:
    """Press Train and watch the curves grow."""
    hand.click(_on_card(window, "conv2d_2"))
    hand.key("F5")
    hand.wait(lambda: window.control.phase == "training", "training begins")
    hand.wait(lambda: window.run_view.share_done > 0.55, "half of the run is done", 240)
    hand.settle(0.5)
    hand.shot("6-training")


def _look(window: MainWindow, hand: Hand) -> None:
    """Look into other layers while it trains."""
    hand.click(_on_card(window, "linear"))
    hand.settle(1.5)
    hand.shot("7-bars-of-a-vector")
    hand.click(_on_card(window, "conv2d"))
    hand.settle(1.5)
    hand.key("F7")
    hand.wait(lambda: window.control.phase == "paused", "training holds")
    hand.settle(0.6)
    hand.shot("8-paused")
    hand.key("F5")
    hand.wait(lambda: window.control.phase == "ready", "the run ends", 240)
    hand.settle(0.8)
    hand.shot("9-finished")


def _export(window: MainWindow, hand: Hand) -> None:
    """Export to ONNX, name the file, and read the proof."""
    hand.in_dialog(lambda: hand.key("ctrl+e"), lambda: _in_export(hand))


def _in_export(hand: Hand) -> None:
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ExportDialog)
    hand.shot("10-export")
    hand.in_dialog(lambda: hand.click_widget(dialog._go), lambda: _name_file(hand))
    hand.wait(lambda: dialog._result is not None, "the export is proven", 180)
    hand.settle(0.5)
    hand.shot("11-exported")
    hand.key("Escape")


def _name_file(hand: Hand) -> None:
    hand.key("ctrl+a")
    hand.type(str(Path.home() / "digits.onnx"))
    hand.key("Return")
