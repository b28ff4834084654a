"""Properties of composites: parameters as fields, formulas inside, definitions edited."""

from collections.abc import Sequence

from builders import a_nested_cnn, a_project, node_named
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from app.document import Document
from app.inspector import PropertiesPanel
from app.inspector.facts import call_of
from app.theme import theme_manager
from app.widgets import IconButton, NumberField, Switch
from engine.graph.elements import Formula, Graph, NodeId
from engine.graph.sharing import set_repeat


def _shown(
    qtbot: QtBot, graph: Graph, path: Sequence[NodeId] = ()
) -> tuple[Document, PropertiesPanel]:
    document = Document(a_project(graph))
    panel = PropertiesPanel(document, theme_manager())
    qtbot.addWidget(panel)
    panel.resize(356, 900)
    with qtbot.waitActive(panel):
        panel.show()
        panel.activateWindow()
    document.show_level(tuple(path))
    return document, panel


def _number(panel: PropertiesPanel, name: str) -> NumberField:
    fields = panel.findChildren(NumberField)
    return next(f for f in fields if f.accessibleName() == name and f.isVisible())


def _line(panel: PropertiesPanel, name: str) -> QLineEdit:
    QApplication.processEvents()  # what was just added to a layout is shown by an event
    fields = panel.findChildren(QLineEdit)
    return next(f for f in fields if f.accessibleName() == name and f.isVisible())


def _type(field: NumberField | QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def _words(panel: PropertiesPanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


def test_the_parameters_of_a_composite_are_fields_of_its_uses(qtbot: QtBot) -> None:
    graph = a_nested_cnn()
    block, other = node_named(graph, "residual"), node_named(graph, "residual_2")
    document, panel = _shown(qtbot, graph)
    document.select([other])
    assert _number(panel, "channels").value == 8
    document.select([block])
    assert _number(panel, "channels").value == 16

    _type(_number(panel, "channels"), "12")

    assert document.graph.nodes[block].params == {"channels": 12}
    assert document.history.undo_label == "channels of Residual"
    document.undo()
    assert document.graph == graph


def test_a_field_inside_takes_a_formula_and_shows_what_it_comes_to(qtbot: QtBot) -> None:
    graph = a_nested_cnn()
    document, panel = _shown(qtbot, graph, [node_named(graph, "residual_2")])
    conv = node_named(document.graph, "conv2d")
    document.select([conv])
    assert "= 8" in _words(panel)

    _type(_number(panel, "Output channels"), "channels * 2")

    assert document.graph.nodes[conv].params["out_channels"] == Formula("channels * 2")
    assert "= 16" in _words(panel)
    _type(_number(panel, "Output channels"), "8")
    assert document.graph.nodes[conv].params["out_channels"] == 8
    assert not any(word.startswith("= ") for word in _words(panel))


def test_a_formula_that_means_nothing_is_told_below_its_field(qtbot: QtBot) -> None:
    graph = a_nested_cnn()
    document, panel = _shown(qtbot, graph, [node_named(graph, "residual_2")])
    conv = node_named(document.graph, "conv2d")
    document.select([conv])
    _type(_number(panel, "Output channels"), "widht * 2")
    assert document.graph.nodes[conv].params["out_channels"] == Formula("widht * 2")
    assert any("There is no parameter “widht”" in word for word in _words(panel))


def test_fields_of_the_drawing_take_numbers_alone(qtbot: QtBot) -> None:
    graph = a_nested_cnn()
    document, panel = _shown(qtbot, graph)
    document.select([node_named(graph, "conv2d")])
    _type(_number(panel, "Output channels"), "channels")
    assert document.graph == graph


def test_parameters_are_added_renamed_given_defaults_and_removed(qtbot: QtBot) -> None:
    graph = a_nested_cnn()
    use = node_named(graph, "residual_2")
    document, panel = _shown(qtbot, graph, [use])
    _type(_line(panel, "Default of channels"), "24")
    _type(_line(panel, "Name of channels"), "width")
    definition = document.definition
    assert definition is not None and definition.parameters == {"width": 24}
    conv = node_named(document.graph, "conv2d")
    assert document.graph.nodes[conv].params["out_channels"] == Formula("width")
    assert document.project.graph.nodes[use].params == {"width": 8}

    add = next(b for b in panel.findChildren(QPushButton) if b.text() == "Add parameter")
    QTest.mouseClick(add, Qt.MouseButton.LeftButton)
    assert document.definition is not None
    assert document.definition.parameters == {"width": 24, "size": 1}
    QApplication.processEvents()
    remove = next(
        b
        for b in panel.findChildren(IconButton)
        if b.accessibleName() == "Remove size" and b.isVisible()
    )
    QTest.mouseClick(remove, Qt.MouseButton.LeftButton)
    assert document.definition.parameters == {"width": 24}
    for _ in range(4):
        document.undo()
    assert document.project.graph == graph


def test_tab_goes_from_the_new_name_of_a_parameter_to_its_default(qtbot: QtBot) -> None:
    graph = a_nested_cnn()
    document, panel = _shown(qtbot, graph, [node_named(graph, "residual_2")])
    name = _line(panel, "Name of channels")
    name.setFocus()
    name.selectAll()

    QTest.keyClicks(name, "width")
    QTest.keyClick(name, Qt.Key.Key_Tab)
    QApplication.processEvents()
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit) and field.accessibleName() == "Default of width"
    QTest.keyClicks(field, "24")
    QTest.keyClick(field, Qt.Key.Key_Return)

    assert document.definition is not None and document.definition.parameters == {"width": 24}


def test_a_composite_is_named_for_all_of_its_uses(qtbot: QtBot) -> None:
    graph = a_nested_cnn()
    document, panel = _shown(qtbot, graph, [node_named(graph, "residual")])
    _type(_line(panel, "Name of the composite"), "Skip block")
    titles = [found.title for found in document.model_report.nodes.values()]
    assert titles.count("Skip block") == 2


def test_rounds_share_their_weights_by_a_switch(qtbot: QtBot) -> None:
    graph = a_nested_cnn()
    block = node_named(graph, "residual")
    document, panel = _shown(qtbot, set_repeat(graph, [block], 3))
    before = document.report.nodes[block].parameters
    document.select([block])
    switch = next(
        s
        for s in panel.findChildren(Switch)
        if s.accessibleName() == "Share weights" and s.isVisible()
    )
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert document.graph.nodes[block].share_weights
    assert document.report.nodes[block].parameters == before // 3


def test_a_composite_shows_no_call_of_a_class_that_is_not_written_yet(qtbot: QtBot) -> None:
    graph = a_nested_cnn()
    document, _ = _shown(qtbot, graph)
    assert call_of(document.report.nodes[node_named(graph, "residual")]) == ""
    assert call_of(document.report.nodes[node_named(graph, "conv2d")]).startswith("nn.Conv2d(")
