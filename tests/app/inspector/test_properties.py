import pytest
from builders import Drawing, a_project, a_residual_cnn, a_small_cnn, node_named
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.canvas.editing import Editing
from app.document import Document
from app.inspector import PropertiesPanel
from app.theme import theme_manager
from app.widgets import NumberField, Switch
from engine.graph.edits import set_params
from engine.graph.elements import Graph
from engine.project.players import Player


def shown(qtbot: QtBot, graph: Graph, *names: str) -> tuple[Document, PropertiesPanel]:
    document = Document(a_project(graph))
    panel = PropertiesPanel(document, theme_manager())
    qtbot.addWidget(panel)
    panel.resize(356, 900)
    with qtbot.waitActive(panel):
        panel.show()
        panel.activateWindow()
    document.select([node_named(graph, name) for name in names])
    return document, panel


def field(panel: QWidget, name: str) -> NumberField:
    found = [f for f in panel.findChildren(NumberField) if f.accessibleName() == name]
    return next((f for f in found if f.isVisible()), found[0])


def choice(panel: QWidget, name: str) -> QComboBox:
    found = [f for f in panel.findChildren(QComboBox) if f.accessibleName() == name]
    return next((f for f in found if f.isVisible()), found[0])


def words(panel: QWidget) -> list[str]:
    QApplication.processEvents()  # what was just added to a layout is shown by an event
    labels = [label for label in panel.findChildren(QLabel) if label.isVisible()]
    return [label.accessibleName() or label.text() for label in labels]


def pick(box: QComboBox, word: str) -> None:
    """Choose as the person does; opening the pop-up is Qt's part."""
    box.setCurrentIndex(box.findText(word))
    box.activated.emit(box.currentIndex())


def typed(qtbot: QtBot, into: NumberField, text: str) -> None:
    into.setFocus()
    into.selectAll()
    qtbot.keyClicks(into, text)
    qtbot.keyClick(into, Qt.Key.Key_Return)


def params(document: Document, name: str) -> dict[str, object]:
    return dict(document.graph.nodes[node_named(document.graph, name)].params)


def test_the_fields_show_the_parameters_of_the_selected_layer(qtbot: QtBot) -> None:
    _, panel = shown(qtbot, a_residual_cnn(), "conv2d_2")

    assert field(panel, "Output channels").value == 16
    assert field(panel, "Kernel size, height").value == 3
    assert choice(panel, "Function").currentText() == "ReLU"
    assert "conv2d_2 in Residual block" in words(panel)


def test_a_typed_number_becomes_an_edit_that_undo_takes_back(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_residual_cnn(), "conv2d_2")

    typed(qtbot, field(panel, "Output channels"), "32")

    assert params(document, "conv2d_2")["out_channels"] == 32
    assert document.history.undo_label == "Output channels of Conv2d"
    document.undo()
    assert field(panel, "Output channels").value == 16


def test_all_that_is_typed_into_one_field_is_one_undo_step(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_residual_cnn(), "conv2d_2")
    channels, kernel = field(panel, "Output channels"), field(panel, "Kernel size, height")

    typed(qtbot, channels, "32")
    typed(qtbot, channels, "64")
    typed(qtbot, kernel, "5")

    document.undo()
    assert params(document, "conv2d_2") == {"activation": "ReLU", "out_channels": 64}
    document.undo()
    assert params(document, "conv2d_2") == {"activation": "ReLU", "out_channels": 16}


def test_a_value_that_is_the_default_leaves_the_file(qtbot: QtBot) -> None:
    graph = a_small_cnn()
    document, panel = shown(qtbot, graph, "conv2d")
    typed(qtbot, field(panel, "Stride, height"), "2")
    assert params(document, "conv2d")["stride"] == [2, 1]

    typed(qtbot, field(panel, "Stride, height"), "1")

    assert "stride" not in params(document, "conv2d")


def test_axes_are_independent_and_equal_ones_become_one_number(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn(), "conv2d")

    typed(qtbot, field(panel, "Kernel size, width"), "5")
    assert params(document, "conv2d")["kernel_size"] == [3, 5]

    typed(qtbot, field(panel, "Kernel size, height"), "5")
    assert params(document, "conv2d")["kernel_size"] == 5


def test_padding_is_a_word_or_numbers_of_ones_own(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn(), "conv2d")
    assert not field(panel, "Padding, height").isVisible()

    pick(choice(panel, "Padding"), "custom")
    assert field(panel, "Padding, height").isVisible()
    typed(qtbot, field(panel, "Padding, height"), "2")
    assert params(document, "conv2d")["padding"] == [2, 1]

    pick(choice(panel, "Padding"), "same")
    assert "padding" not in params(document, "conv2d")


def test_an_optional_number_can_be_taken_away_again(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn(), "max_pool2d")
    stride = field(panel, "Stride, height")
    assert stride.is_empty

    typed(qtbot, stride, "1")
    assert params(document, "max_pool2d")["stride"] == 1

    stride.selectAll()
    qtbot.keyClick(stride, Qt.Key.Key_Delete)
    qtbot.keyClick(stride, Qt.Key.Key_Return)
    assert "stride" not in params(document, "max_pool2d")


def test_a_form_that_was_shown_before_serves_the_next_layer_of_its_kind(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_residual_cnn(), "conv2d_2")
    document.select((node_named(document.graph, "linear"),))
    document.select((node_named(document.graph, "conv2d_3"),))

    typed(qtbot, field(panel, "Output channels"), "24")

    assert params(document, "conv2d_3") == {"out_channels": 24}
    assert params(document, "conv2d_2")["out_channels"] == 16


def test_a_switch_and_the_fused_activation_are_edits(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn(), "conv2d")
    bias = next(s for s in panel.findChildren(Switch) if s.accessibleName() == "Bias")

    qtbot.mouseClick(bias, Qt.MouseButton.LeftButton)
    pick(choice(panel, "Function"), "GELU")

    assert params(document, "conv2d")["bias"] is False
    assert params(document, "conv2d")["activation"] == "GELU"


def test_freezing_is_set_on_the_node(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn(), "conv2d")
    frozen = next(s for s in panel.findChildren(Switch) if s.accessibleName() == "Frozen")

    qtbot.mouseClick(frozen, Qt.MouseButton.LeftButton)

    assert document.graph.nodes[node_named(document.graph, "conv2d")].frozen
    assert document.history.undo_label == "Freeze Conv2d"


def test_how_a_layer_learns_stands_beside_freezing(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn(), "conv2d")

    assert not field(panel, "Spread").isVisible()
    pick(choice(panel, "First weights"), "normal")
    typed(qtbot, field(panel, "Rate factor"), "0.1")

    assert field(panel, "Spread").isVisible()
    learning = document.graph.nodes[node_named(document.graph, "conv2d")].learning
    assert (learning.rate_factor, learning.initialiser) == (0.1, "normal")
    assert document.history.undo_label == "Rate factor of Conv2d"


def test_layers_and_losses_say_which_optimiser_they_belong_to(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn(), "conv2d")
    assert not choice(panel, "First weights").isHidden()
    assert "Optimiser" not in words(panel)

    players = (Player(name="One"), Player(name="Two"))
    document.set_recipe(replace(document.project.recipe, players=players), "Add an optimiser")
    for name in ("conv2d", "cross_entropy_loss"):
        document.select([node_named(document.graph, name)])
        pick(choice(panel, "Optimiser"), "Two")
        node = document.graph.nodes[node_named(document.graph, name)]
        assert node.learning.player == "Two"
    document.select([node_named(document.graph, "max_pool2d")])
    assert "Optimiser" not in words(panel)


def test_a_layer_can_use_the_weights_of_another_and_have_its_own_again(qtbot: QtBot) -> None:
    graph = a_residual_cnn()
    document, panel = shown(qtbot, graph, "conv2d_2")
    before = document.report.totals.parameters
    saved = document.report.nodes[node_named(graph, "conv2d_2")].parameters

    pick(choice(panel, "Shares with"), "conv2d_3")
    assert document.graph.nodes[node_named(graph, "conv2d_2")].shares == node_named(
        graph, "conv2d_3"
    )
    assert document.report.totals.parameters == before - saved
    assert not field(panel, "Output channels").isVisible(), "it has the parameters of the other"
    assert any("whose weights it uses" in word for word in words(panel))

    pick(choice(panel, "Shares with"), "no other layer")
    assert document.report.totals.parameters == before
    assert field(panel, "Output channels").isVisible()

    document.select([node_named(graph, "flatten")])
    assert not choice(panel, "Shares with").isVisible(), "it has no weights to share"


def test_layers_without_weights_cannot_be_frozen(qtbot: QtBot) -> None:
    _, panel = shown(qtbot, a_small_cnn(), "max_pool2d")

    assert "Training" not in words(panel)


def test_the_output_shape_is_told_with_its_arithmetic(qtbot: QtBot) -> None:
    _, panel = shown(qtbot, a_small_cnn(), "max_pool2d")

    assert {"4×28×28", "to", "4×14×14"} <= set(words(panel))
    assert "Height: ⌊(28 − 2) ÷ 2⌋ + 1 = 14, width the same" in words(panel)


def test_the_call_is_shown_as_it_stands_in_the_source(qtbot: QtBot) -> None:
    _, panel = shown(qtbot, a_small_cnn(), "linear")

    texts = [text.toPlainText() for text in panel.findChildren(QPlainTextEdit) if text.isVisible()]

    assert texts == ["nn.Linear(784, 10)"]


def test_a_wrong_parameter_is_outlined_with_the_reason_below(qtbot: QtBot) -> None:
    graph = a_small_cnn()
    graph = set_params(graph, node_named(graph, "conv2d"), {"out_channels": -3})
    _, panel = shown(qtbot, graph, "conv2d")

    assert field(panel, "Output channels").property("state") == "err"
    assert any("Output channels cannot be -3" in text for text in words(panel))


def test_an_error_of_the_layer_brings_the_button_that_mends_it(qtbot: QtBot) -> None:
    graph = a_residual_cnn()
    graph = set_params(graph, node_named(graph, "conv2d_3"), {"out_channels": 32})
    document, panel = shown(qtbot, graph, "add")
    editing = Editing(document)
    panel.fix_chosen.connect(lambda fix: editing.apply(fix))
    assert "Add needs two equal shapes" in words(panel)

    buttons = panel.findChildren(QPushButton)
    fix = next(b for b in buttons if b.text() == document.report.errors[0].fixes[0].label)
    qtbot.mouseClick(fix, Qt.MouseButton.LeftButton)

    assert not document.report.errors
    assert "Add needs two equal shapes" not in words(panel)


def test_several_layers_show_what_they_share_and_mixed_where_they_differ(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_residual_cnn(), "conv2d", "conv2d_2", "conv2d_3")
    assert "3 layers" in words(panel)
    assert choice(panel, "Function").placeholderText() == "mixed"
    assert choice(panel, "Function").currentIndex() == -1

    typed(qtbot, field(panel, "Output channels"), "8")

    names = ("conv2d", "conv2d_2", "conv2d_3")
    assert [params(document, name)["out_channels"] for name in names] == [8, 8, 8]
    document.undo()
    assert [params(document, name)["out_channels"] for name in names] == [16, 16, 16]


def test_a_mixed_number_that_is_left_alone_stays_as_it_is(qtbot: QtBot) -> None:
    graph = a_residual_cnn()
    graph = set_params(graph, node_named(graph, "conv2d_3"), {"out_channels": 24})
    document, panel = shown(qtbot, graph, "conv2d_2", "conv2d_3")
    channels = field(panel, "Output channels")
    assert channels.is_empty and channels.lineEdit().placeholderText() == "mixed"

    channels.setFocus()
    qtbot.keyClick(channels, Qt.Key.Key_Return)

    assert document.graph is graph


def test_with_nothing_selected_the_project_can_be_renamed(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn())
    name = next(f for f in panel.findChildren(QLineEdit) if f.accessibleName() == "Name")
    assert name.text() == "A test project"

    name.selectAll()
    qtbot.keyClicks(name, "Digits")
    qtbot.keyClick(name, Qt.Key.Key_Return)
    assert document.project.name == "Digits"

    document.undo()
    assert name.text() == "A test project"


def test_notes_are_taken_when_the_focus_leaves(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn())
    notes = next(f for f in panel.findChildren(QPlainTextEdit) if f.accessibleName() == "Notes")

    notes.setFocus()
    qtbot.keyClicks(notes, "Try more channels.")
    assert document.project.notes == ""
    qtbot.keyClick(notes, Qt.Key.Key_Tab)

    qtbot.waitUntil(lambda: document.project.notes == "Try more channels.")


def test_the_main_window_puts_its_recipe_form_below_the_project(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn())
    form = QLabel("the recipe")

    panel.set_project_form(form)
    panel.show_project_form()
    assert form.isVisible()

    document.select((node_named(document.graph, "conv2d"),))
    assert not form.isVisible()


def test_of_a_long_name_the_beginning_is_seen(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn())
    document.set_about(name="Which of the many letters of the alphabet comes next, and why?")

    name = next(f for f in panel.findChildren(QLineEdit) if f.accessibleName() == "Name")

    assert name.text().startswith("Which") and name.cursorPosition() == 0


def test_locked_properties_say_why_and_take_nothing(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn(), "conv2d")

    panel.set_locked("Stop or branch to edit")
    assert "Stop or branch to edit" in words(panel)
    assert not field(panel, "Output channels").isEnabled()
    document.select((node_named(document.graph, "linear"),))
    assert not field(panel, "Output features").isEnabled()

    panel.set_locked("")
    assert field(panel, "Output features").isEnabled()


def test_what_a_run_takes_at_its_next_step_can_be_changed_in_locked_properties(
    qtbot: QtBot,
) -> None:
    document, panel = shown(qtbot, a_small_cnn(), "linear")
    panel.set_locked("Pause the run to edit")

    assert field(panel, "Rate factor").isEnabled()
    assert not choice(panel, "First weights").isEnabled()
    typed(qtbot, field(panel, "Rate factor"), "0.5")
    assert document.graph.nodes[node_named(document.graph, "linear")].learning.rate_factor == 0.5

    document.select((node_named(document.graph, "cross_entropy_loss"),))
    typed(qtbot, field(panel, "Label smoothing"), "0.2")
    assert params(document, "cross_entropy_loss") == {"label_smoothing": 0.2}


def test_the_data_node_shows_its_fields_and_its_shares_in_per_cent(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn(), "data")
    assert choice(panel, "Data set").currentText() == "Handwritten digits"
    assert {"image", "1×28×28", "10 classes"} <= set(words(panel))

    typed(qtbot, field(panel, "Held out to validate"), "20")

    assert params(document, "data") == {"validation_share": 0.2}


def test_sizes_of_the_data_are_set_free_and_back(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn(), "data")
    assert choice(panel, "Height, width").currentText() == "Always 28×28"

    pick(choice(panel, "Height, width"), "Multiples of 4")
    assert "1×4H×4W" in words(panel)
    assert document.history.undo_label == "Set H and W free"

    pick(choice(panel, "Height, width"), "Always 28×28")
    assert params(document, "data") == {}


def test_a_data_set_that_is_not_at_hand_is_named(qtbot: QtBot) -> None:
    _, panel = shown(qtbot, a_small_cnn(dataset="cats"), "data")

    assert choice(panel, "Data set").currentText() == "cats, not here"


def test_choosing_a_data_set_takes_its_fields_in_one_edit(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn(dataset="cats"), "data")

    pick(choice(panel, "Data set"), "Handwritten digits")

    assert params(document, "data") == {}
    assert document.history.undo_label == "Use Handwritten digits"


def test_a_selected_wire_shows_what_it_carries(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn())

    document.select((), link=document.graph.links[1])

    assert {"Conv2d · y", "MaxPool2d · x", "4×28×28"} <= set(words(panel))


def test_the_menu_sets_all_defaults_and_copies_the_call(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn(), "conv2d")
    actions = {action.text(): action for action in panel._layers.actions_offered()}

    actions["Copy call"].trigger()
    assert QGuiApplication.clipboard().text().startswith("nn.Conv2d(1, 4, kernel_size=3")

    actions["Set all defaults"].trigger()
    assert params(document, "conv2d") == {}


@pytest.mark.parametrize("kind", ["Conv1d", "Linear", "Conv2d"])
def test_spans_have_a_field_for_each_axis(qtbot: QtBot, kind: str) -> None:
    drawing = Drawing()
    drawing.add(kind)
    name = next(iter(drawing.graph.nodes.values())).name
    _, panel = shown(qtbot, drawing.graph, name)

    spans = [f for f in panel.findChildren(NumberField) if "Kernel" in f.accessibleName()]

    assert len(spans) == {"Conv1d": 1, "Linear": 0, "Conv2d": 2}[kind]
