"""The outline does to layers what the canvas does: by the same menus and keys."""

from builders import a_project, a_residual_cnn, node_named
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from window_hands import Windows


def _offered() -> set[str]:
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    words = {action.text() for action in menu.actions()}
    menu.close()
    return words


def test_the_outline_offers_and_does_what_the_canvas_does(windows: Windows) -> None:
    window = windows(a_project(a_residual_cnn()))
    window.activateWindow()
    graph, outline = window.document.graph, window.late.panels().outline
    pool, conv = node_named(graph, "max_pool2d"), node_named(graph, "conv2d")
    window.open_panel("outline")
    outline.tree.setFocus()

    window.document.select([pool])
    outline.menu_requested.emit(QPoint(50, 50))
    assert {"Add Layer…", "Rename", "Frame", "Repeat…"} <= _offered()
    window.document.select([pool, conv])
    outline.menu_requested.emit(QPoint(50, 50))
    several = _offered()
    assert {"Connect…", "Make Composite", "Align"} <= several and "Rename" not in several
    outline.tree.setFocus()
    QTest.keyClick(outline.tree, Qt.Key.Key_M)

    bypassed = {node.id for node in window.document.graph.nodes.values() if node.bypassed}
    assert bypassed == {pool, conv}
    QTest.keyClick(outline.tree, Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert not {pool, conv} & window.document.graph.nodes.keys()
