import csv
from pathlib import Path

import pytest
from builders import Drawing, a_nested_cnn, a_project, a_residual_cnn, node_named
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from app.document import Document
from app.figures import count
from app.summary import SummaryPanel
from app.summary.columns import COLUMNS
from app.summary.rows import PATH, SHARE
from app.theme import theme_manager
from engine.graph.edits import set_params
from engine.graph.elements import EMPTY, Graph

_KEYS = [column.key for column in COLUMNS]


def a_panel(qtbot: QtBot, graph: Graph) -> tuple[Document, SummaryPanel]:
    document = Document(a_project(graph))
    panel = SummaryPanel(document, theme_manager())
    qtbot.addWidget(panel)
    panel.resize(1100, 400)
    panel.show()
    return document, panel


def column_of(panel: SummaryPanel, key: str) -> list[str]:
    rows = panel.rows
    return [rows.index(row, _KEYS.index(key)).data() for row in range(rows.rowCount())]


def test_there_is_a_row_for_each_layer_and_the_sums_stand_below(qtbot: QtBot) -> None:
    document, panel = a_panel(qtbot, a_residual_cnn())

    assert panel.rows.rowCount() == len(document.graph.nodes)
    assert count(document.report.totals.parameters) in panel.said


def test_an_edit_changes_the_rows(qtbot: QtBot) -> None:
    document, panel = a_panel(qtbot, a_residual_cnn())
    linear = node_named(document.graph, "linear")

    document.edit("Widen", lambda graph: set_params(graph, linear, {"out_features": 77}))

    qtbot.waitUntil(lambda: "77" in column_of(panel, "output"))


def test_a_panel_out_of_sight_works_nothing_out(qtbot: QtBot) -> None:
    document, panel = a_panel(qtbot, a_residual_cnn())
    panel.hide()
    linear = node_named(document.graph, "linear")

    document.edit("Widen", lambda graph: set_params(graph, linear, {"out_features": 77}))
    qtbot.wait(100)
    assert "77" not in column_of(panel, "output")

    panel.show()
    assert "77" in column_of(panel, "output")


def test_selecting_goes_both_ways(qtbot: QtBot) -> None:
    document, panel = a_panel(qtbot, a_residual_cnn())
    linear = node_named(document.graph, "linear")

    document.select((linear,))
    (index,) = panel.table.selectionModel().selectedRows()
    assert index.data(PATH) == (linear,)

    other = panel.rows.index(1, 0)
    panel.table.setCurrentIndex(other)
    assert document.selection == {other.data(PATH)[-1]}


def test_a_layer_inside_of_a_composite_is_shown_on_its_own_level(qtbot: QtBot) -> None:
    document, panel = a_panel(qtbot, a_nested_cnn())
    composite = next(row for row in panel.rows.rows if row.inside)
    panel.table.expand(panel.rows.index_of(composite.path))

    panel.table.setCurrentIndex(panel.rows.index_of(composite.inside[0].path))

    assert document.path == composite.path
    assert document.selection == {composite.inside[0].path[-1]}


def test_a_click_on_a_header_sorts_and_a_third_brings_the_flow_back(qtbot: QtBot) -> None:
    _, panel = a_panel(qtbot, a_residual_cnn())
    in_flow = column_of(panel, "layer")
    column = _KEYS.index("parameters")
    header = panel.table.header()
    where = header.viewport()
    x = header.sectionViewportPosition(column) + 10

    seen = []
    for _ in range(3):
        point = where.rect().center()
        point.setX(x)
        qtbot.mouseClick(where, Qt.MouseButton.LeftButton, pos=point)
        seen.append([row.parameters for row in panel.rows.in_order()])

    assert sorted(seen[0]) == seen[0] and sorted(seen[1], reverse=True) == seen[1]
    assert column_of(panel, "layer") == in_flow


def test_what_is_open_and_selected_stays_so_when_it_is_sorted(qtbot: QtBot) -> None:
    _, panel = a_panel(qtbot, a_nested_cnn())
    composite = next(row for row in panel.rows.rows if row.inside)
    panel.table.expand(panel.rows.index_of(composite.path))
    panel.table.setCurrentIndex(panel.rows.index_of(composite.inside[0].path))

    panel.table.sortByColumn(_KEYS.index("multiply_adds"), Qt.SortOrder.DescendingOrder)

    assert panel.table.isExpanded(panel.rows.index_of(composite.path))
    assert panel.table.currentIndex().data(PATH) == composite.inside[0].path


def test_the_shares_of_a_column_add_up_to_one(qtbot: QtBot) -> None:
    _, panel = a_panel(qtbot, a_residual_cnn())
    rows = panel.rows
    for number, column in enumerate(COLUMNS):
        if panel.rows.sum_of(column):
            shares = [rows.index(row, number).data(SHARE) for row in range(rows.rowCount())]
            assert sum(shares) == pytest.approx(1.0)


def test_the_table_is_copied_and_saved(qtbot: QtBot, tmp_path: Path) -> None:
    document, panel = a_panel(qtbot, a_nested_cnn())
    path = tmp_path / "summary.csv"

    panel.copy()
    panel.save(path)

    copied = QGuiApplication.clipboard().text().splitlines()
    with path.open(newline="", encoding="utf-8") as file:
        saved = list(csv.DictReader(file))
    inside = sum(len(row.inside) for row in panel.rows.in_order())
    assert len(copied) == len(saved) + 1 == len(document.graph.nodes) + inside + 1
    top = {row.name for row in panel.rows.rows}
    weights = sum(int(line["parameters"]) for line in saved if line["name"] in top)
    assert weights >= document.report.totals.parameters


def test_an_empty_drawing_says_what_would_stand_here(qtbot: QtBot) -> None:
    document, panel = a_panel(qtbot, EMPTY)
    assert not panel.table.isVisible()

    drawing = Drawing()
    drawing.add("Data")
    document.edit("Draw", lambda _: drawing.graph)
    qtbot.waitUntil(panel.table.isVisible)
