from builders import a_project, node_named
from pytestqt.qtbot import QtBot

from app.docs import DocsPanel
from app.document import Document
from app.theme import theme_manager


def test_the_page_follows_the_selection_and_stays_when_nothing_is_selected(qtbot: QtBot) -> None:
    document = Document(a_project())
    panel = DocsPanel(document, theme_manager())
    qtbot.addWidget(panel)
    assert panel.kind == ""

    document.select([node_named(document.graph, "conv2d")])
    assert panel.kind == "Conv2d"

    document.select([])
    assert panel.kind == "Conv2d"


def test_a_kind_can_be_asked_for_without_a_layer_of_it(qtbot: QtBot) -> None:
    panel = DocsPanel(Document(a_project()), theme_manager())
    qtbot.addWidget(panel)

    panel.show_kind("GroupNorm")
    panel.show_kind("no such kind")

    assert panel.kind == "GroupNorm"
