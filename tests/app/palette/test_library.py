from collections import Counter

from builders import a_project, a_small_cnn, node_named
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.document import Document
from app.palette import LAYER_MIME, LibraryPanel
from app.palette.entries import KIND, Entries, closest
from app.palette.help_card import HelpCard
from app.theme import theme_manager
from engine.project.templates import all_templates, open_template
from nodes.catalogue import CATEGORIES, LAYERS


def a_library(qtbot: QtBot) -> LibraryPanel:
    panel = LibraryPanel(Document(a_project()), theme_manager())
    qtbot.addWidget(panel)
    panel.resize(240, 900)
    panel.show()
    return panel


def chosen_in(panel: LibraryPanel) -> list[str]:
    chosen: list[str] = []
    panel.layer_chosen.connect(chosen.append)
    return chosen


def row_of(panel: LibraryPanel, kind: str) -> QPoint:
    """Return the place of a layer's row in the viewport."""
    model = panel.tree.entries
    found = model.match(model.index(0, 0), KIND, kind, 1, Qt.MatchFlag.MatchRecursive)
    return panel.tree.visualRect(found[0]).center()


def words(widget: QWidget) -> list[str]:
    labels = [label for label in widget.findChildren(QLabel) if not label.isHidden()]
    return [label.accessibleName() or label.text() for label in labels]


def listed(entries: Entries) -> list[str]:
    return [entries.index(row, 0).data() for row in range(entries.rowCount())]


def test_every_category_that_has_layers_is_listed_with_their_number(qtbot: QtBot) -> None:
    panel = a_library(qtbot)

    used = {layer.info.category for layer in LAYERS.values()}

    assert listed(panel.tree.entries) == [t for c, t in CATEGORIES.items() if c in used]
    assert f"Search {len(LAYERS)} layers" == panel.search.placeholderText()


def test_a_double_click_chooses_a_layer(qtbot: QtBot) -> None:
    panel = a_library(qtbot)
    chosen = chosen_in(panel)

    qtbot.mouseDClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=row_of(panel, "Conv2d"))

    assert chosen == ["Conv2d"]


def test_a_click_on_a_category_folds_it_and_opens_it_again(qtbot: QtBot) -> None:
    panel = a_library(qtbot)
    titles = listed(panel.tree.entries)
    index = panel.tree.entries.index(titles.index("Convolution"), 0)
    place = panel.tree.visualRect(index).center()
    assert panel.tree.isExpanded(index)

    qtbot.mouseClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert not panel.tree.isExpanded(index)

    qtbot.mouseClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert panel.tree.isExpanded(index)


def test_the_layers_that_projects_use_most_are_seen_before_a_category_is_opened_whole(
    qtbot: QtBot,
) -> None:
    entries = a_library(qtbot).tree.entries
    drawings = [open_template(template.key).graph for template in all_templates()]
    uses = Counter(
        kind
        for drawing in drawings
        for kind in {
            node.kind
            for graph in (drawing, *(made.graph for made in drawing.definitions.values()))
            for node in graph.nodes.values()
            if node.kind in LAYERS
        }
    )

    seen = {row.told(KIND) for category in entries.tops for row in category.rows}

    assert [kind for kind, projects in uses.items() if projects > 3 and kind not in seen] == []


def test_more_shows_the_rest_of_a_category(qtbot: QtBot) -> None:
    panel = a_library(qtbot)
    row = listed(panel.tree.entries).index("Activation")
    parent = panel.tree.entries.index(row, 0)
    total = sum(layer.info.category == "act" for layer in LAYERS.values())
    more = panel.tree.entries.index(6, 0, parent)
    assert more.data() == f"{total - 6} more"

    place = panel.tree.visualRect(more).center()
    qtbot.mouseClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)

    parent = panel.tree.entries.index(row, 0)
    rows = range(panel.tree.entries.rowCount(parent))
    kinds = [panel.tree.entries.index(row, 0, parent).data(KIND) for row in rows]
    assert len(kinds) == total and all(kinds)


def test_a_layer_is_found_and_added_by_keys_alone(qtbot: QtBot) -> None:
    panel = a_library(qtbot)
    chosen = chosen_in(panel)
    panel.focus_search()

    qtbot.keyClicks(panel.search, "dense")
    qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    qtbot.keyClick(panel.search, Qt.Key.Key_Down)
    qtbot.keyClick(panel.tree, Qt.Key.Key_Return)

    assert chosen == ["Linear", "Linear"]


def test_a_name_that_does_not_exist_is_said_with_the_three_closest(qtbot: QtBot) -> None:
    panel = a_library(qtbot)

    qtbot.keyClicks(panel.search, "drop2")

    assert "No layer called “drop2”." in words(panel)
    assert len(closest("drop2")) == 3
    assert listed(panel.tree.entries) == [LAYERS[kind].info.title for kind in closest("drop2")]

    qtbot.keyClick(panel.search, Qt.Key.Key_Escape)
    assert "Convolution" in listed(panel.tree.entries)


def test_a_search_that_finds_nothing_alike_says_what_to_try(qtbot: QtBot) -> None:
    panel = a_library(qtbot)

    qtbot.keyClicks(panel.search, "%%%%")

    assert not closest("%%%%") and not listed(panel.tree.entries)
    assert "Try what it does, such as “pool” or “attention”, or write it yourself." in words(panel)


def test_a_dragged_layer_carries_its_kind_and_a_card(qtbot: QtBot) -> None:
    panel = a_library(qtbot)
    model = panel.tree.entries
    index = model.match(model.index(0, 0), KIND, "Linear", 1, Qt.MatchFlag.MatchRecursive)[0]

    data = model.mimeData([index])

    assert bytes(data.data(LAYER_MIME).data()) == b"Linear"
    assert not panel.tree.ghost("Linear").isNull()
    assert index.flags() & Qt.ItemFlag.ItemIsDragEnabled


def test_help_appears_under_a_resting_pointer_and_goes_with_it(qtbot: QtBot) -> None:
    panel = a_library(qtbot)
    card = panel.findChild(HelpCard)
    assert isinstance(card, HelpCard)

    qtbot.mouseMove(panel.tree.viewport(), row_of(panel, "Conv2d"))
    qtbot.waitUntil(card.isVisible, timeout=3000)
    assert LAYERS["Conv2d"].info.summary in words(card)
    assert LAYERS["Conv2d"].info.shape in words(card)

    qtbot.keyClicks(panel.search, "x")
    assert not card.isVisible()


def test_help_says_what_would_come_out_after_the_selected_layer(qtbot: QtBot) -> None:
    graph = a_small_cnn()
    document = Document(a_project(graph))
    document.select((node_named(graph, "conv2d"),))
    panel = LibraryPanel(document, theme_manager())
    qtbot.addWidget(panel)
    card = panel.findChild(HelpCard)
    assert isinstance(card, HelpCard)

    card.show_layer("MaxPool2d", QRect(0, 0, 200, 30))

    assert "After Conv2d: 4×28×28 to 4×14×14" in words(card)
    card.hide()
