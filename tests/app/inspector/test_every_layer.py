import pytest
from builders import Drawing, a_project
from pytestqt.qtbot import QtBot

from app.document import Document
from app.inspector import PropertiesPanel
from app.inspector.form import help_of
from app.inspector.values import own_default, plain, value_of, with_value
from app.theme import theme_manager
from nodes.catalogue import LAYERS
from nodes.params import fields_of


@pytest.mark.parametrize("kind", LAYERS)
def test_every_kind_of_layer_has_a_form_that_changes_nothing_by_itself(
    qtbot: QtBot, kind: str
) -> None:
    drawing = Drawing()
    node = drawing.add(kind)
    document = Document(a_project(drawing.graph))
    panel = PropertiesPanel(document, theme_manager())
    qtbot.addWidget(panel)
    panel.show()

    document.select((node.id,))

    assert document.graph is drawing.graph


@pytest.mark.parametrize("kind", LAYERS)
def test_setting_every_parameter_to_what_it_is_leaves_the_file_empty(kind: str) -> None:
    drawing = Drawing()
    node = drawing.add(kind)

    graph = drawing.graph
    for field in fields_of(LAYERS[kind]):
        if not field.required:
            graph = with_value(graph, (node.id,), field, plain(own_default(node, field)))
            assert value_of(graph.nodes[node.id], field) == plain(field.default)

    assert graph is drawing.graph


@pytest.mark.parametrize("kind", LAYERS)
def test_every_parameter_has_a_help_that_names_its_default(kind: str) -> None:
    for field in fields_of(LAYERS[kind]):
        assert field.param.help
        if not field.required and field.editor != "fields":
            assert "Default" in help_of(field)
