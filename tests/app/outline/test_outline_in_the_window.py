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


def test_a_layer_is_added_from_the_outline_and_the_keyboard_stays_there(windows: Windows) -> None:
    window = windows(a_project(a_residual_cnn()))
    window.activateWindow()
    outline = window.late.panels().outline
    window.open_panel("outline")
    window.document.select(())
    outline.tree.setFocus()

    QTest.keyClick(outline.tree, Qt.Key.Key_Home)
    assert len(window.document.selection) == 1
    window.document.select([node_named(window.document.graph, "max_pool2d")])
    QTest.keyClick(outline.tree, Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    field = window.canvas.adding.list.focusWidget()
    assert field is not None and field.hasFocus()
    QTest.keyClicks(field, "dropout .3")
    QTest.keyClick(field, Qt.Key.Key_Return)

    (added,) = window.document.selection
    assert window.document.graph.nodes[added].kind == "Dropout"
    assert outline.tree.hasFocus()
