from builders import a_project, a_residual_cnn, node_named
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.canvas.editing import Editing
from app.document import Document
from app.inspector import PropertiesPanel
from app.inspector.banner import ProblemBanner
from app.theme import theme_manager
from engine.analysis.report import Fix
from engine.graph.edits import set_params


def test_a_fix_above_the_form_is_shown_while_it_is_pointed_at(qtbot: QtBot) -> None:
    graph = a_residual_cnn()
    document = Document(
        a_project(set_params(graph, node_named(graph, "conv2d_3"), {"out_channels": 32}))
    )
    panel = PropertiesPanel(document, theme_manager())
    qtbot.addWidget(panel)
    editing = Editing(document)
    panel.fix_chosen.connect(lambda fix: editing.apply(fix))
    panel.show()
    document.select({node_named(graph, "add")})
    (banner,) = panel.findChildren(ProblemBanner)
    first = banner.findChildren(QPushButton)[0]
    pointed: list[Fix | None] = []
    panel.fix_pointed_at.connect(pointed.append)

    QApplication.sendEvent(first, QEnterEvent(QPointF(2, 2), QPointF(2, 2), QPointF(2, 2)))
    QApplication.sendEvent(first, QEvent(QEvent.Type.Leave))

    assert [fix.label if fix else "" for fix in pointed] == [first.text(), ""]

    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert document.history.undo_label == first.text() and pointed[-1] is None
