import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.theme import theme_manager
from app.theme.tokens import ThemeName
from app.training.recipe_form import RecipeForm
from app.widgets import Button, ChoiceField, NumberField, Switch
from engine.project.optimizers import OPTIMIZERS
from engine.project.recipe import Recipe, recipe_fields
from nodes.params import fields_of


def a_form(qtbot: QtBot, recipe: Recipe | None = None) -> RecipeForm:
    form = RecipeForm()
    qtbot.addWidget(form)
    form.show_recipe(recipe or Recipe())
    form.show()
    return form


def number(form: QWidget, name: str) -> NumberField:
    fields = form.findChildren(NumberField)
    return next(field for field in fields if field.accessibleName() == name)


def press(form: QWidget, name: str) -> None:
    buttons = form.findChildren(QAbstractButton)
    next(one for one in buttons if one.accessibleName() == name and one.isVisible()).click()


def type_number(qtbot: QtBot, field: NumberField, text: str) -> None:
    field.selectAll()
    qtbot.keyClicks(field.lineEdit(), text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def test_every_setting_of_the_recipe_has_a_field(qtbot: QtBot) -> None:
    form = a_form(qtbot)

    form.set_unfolded(unfolded=True)

    named = {each.accessibleName() for each in form.findChildren(QWidget)}

    assert {field.param.label for field in recipe_fields()} <= named


def test_showing_a_recipe_announces_nothing(qtbot: QtBot) -> None:
    form = a_form(qtbot)

    with qtbot.assertNotEmitted(form.recipe_changed):
        form.show_recipe(Recipe(epochs=7, optimizer="sgd"))

    assert number(form, "Epochs").value == 7


def test_a_typed_value_becomes_a_new_recipe(qtbot: QtBot) -> None:
    form = a_form(qtbot)

    with qtbot.waitSignal(form.recipe_changed) as changed:
        type_number(qtbot, number(form, "Learning rate"), "0.02")

    recipe, label, _ = changed.args
    assert recipe == Recipe(learning_rate=0.02)
    assert label == "Set learning rate"


def test_a_chosen_optimiser_becomes_a_new_recipe_and_shows_its_momentum(qtbot: QtBot) -> None:
    form = a_form(qtbot)
    choice = next(f for f in form.findChildren(ChoiceField) if f.accessibleName() == "Optimiser")
    was_hidden = not number(form, "Momentum").isVisible()

    with qtbot.waitSignal(form.recipe_changed) as changed:
        choice.setCurrentIndex(choice.findData("sgd"))
        choice.activated.emit(choice.currentIndex())

    assert changed.args[0].optimizer == "sgd"
    assert was_hidden
    assert number(form, "Momentum").isVisible()


def test_quick_steps_in_one_field_are_one_gesture_and_another_field_is_another(
    qtbot: QtBot,
) -> None:
    form = a_form(qtbot)
    gestures: list[object] = []
    form.recipe_changed.connect(lambda _recipe, _label, gesture: gestures.append(gesture))

    number(form, "Epochs").stepBy(1)
    number(form, "Epochs").stepBy(1)
    number(form, "Seed").stepBy(1)
    number(form, "Epochs").stepBy(1)

    assert gestures[0] == gestures[1]
    assert len(set(gestures)) == 3


def test_a_value_out_of_range_goes_to_the_nearest_end(qtbot: QtBot) -> None:
    form = a_form(qtbot)

    type_number(qtbot, number(form, "Batch size"), "0")

    assert form.recipe.batch_size == 1


def test_a_locked_form_says_why(qtbot: QtBot) -> None:
    form = a_form(qtbot)

    form.set_locked("The run keeps its recipe.")

    field = number(form, "Epochs")
    assert not field.isEnabled()
    assert field.toolTip() == "The run keeps its recipe."


def test_a_locked_form_leaves_the_live_fields_open(qtbot: QtBot) -> None:
    form = a_form(qtbot)

    form.set_locked("The run keeps the rest.", live=["learning_rate"])

    assert number(form, "Learning rate").isEnabled()
    assert not number(form, "Epochs").isEnabled()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_setting_of_the_chosen_optimiser_has_a_field(qtbot: QtBot, name: str) -> None:
    form = a_form(qtbot)
    form.set_unfolded(unfolded=True)

    form.show_recipe(Recipe(optimizer=name))  # type: ignore[arg-type]

    named = {each.accessibleName() for each in form.findChildren(QWidget)}
    assert {field.param.label for field in fields_of(OPTIMIZERS[name])} <= named


def test_a_switch_of_the_optimiser_becomes_a_setting_of_it(qtbot: QtBot) -> None:
    form = a_form(qtbot, Recipe(optimizer="sgd"))
    form.set_unfolded(unfolded=True)
    nesterov = next(s for s in form.findChildren(Switch) if s.accessibleName() == "Nesterov")

    nesterov.click()
    switched = form.recipe.optimizer_settings
    nesterov.click()

    assert switched == {"nesterov": True}
    assert form.recipe.optimizer_settings == {}


def test_the_fold_says_how_many_of_its_settings_are_changed(qtbot: QtBot) -> None:
    form = a_form(qtbot, Recipe(accumulation=2, averaging=0.99))

    fold = next(b for b in form.findChildren(Button) if b.isCheckable())

    assert fold.text() == "More settings · 2 changed"


def test_a_precision_that_no_device_has_cannot_be_chosen(qtbot: QtBot) -> None:
    form = a_form(qtbot)
    form.set_refused({"fp16": "Needs a GPU."})

    form.set_unfolded(unfolded=True)

    choice = next(f for f in form.findChildren(ChoiceField) if f.accessibleName() == "Precision")
    row = choice.findData("fp16")
    assert not choice.model().flags(choice.model().index(row, 0)) & Qt.ItemFlag.ItemIsEnabled
    assert choice.itemData(row, Qt.ItemDataRole.ToolTipRole) == "Needs a GPU."


@pytest.mark.parametrize("name", ["dark", "light"])
def test_a_choice_that_cannot_be_had_is_grey_in_its_list(qtbot: QtBot, name: ThemeName) -> None:
    theme = theme_manager()
    theme.choose(name)
    choice = ChoiceField("Precision", [("fp32", "32-bit"), ("bf16", "bf16")], "fp32")
    qtbot.addWidget(choice)
    choice.set_refused({"bf16": "No."})
    choice.showPopup()

    view = choice.view()
    box = view.visualRect(view.model().index(1, 0))
    image = view.viewport().grab(box).toImage()
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    ground = theme.theme.colours.raised

    def away(colour: QColor) -> int:
        return abs(colour.lightness() - ground.lightness())

    assert 20 < max(map(away, pixels)) <= away(theme.theme.colours.text3) + 8


def test_several_optimisers_are_added_named_set_and_removed(qtbot: QtBot) -> None:
    form = RecipeForm()
    qtbot.addWidget(form)
    form.show()
    told: list[tuple[Recipe, str]] = []
    form.recipe_changed.connect(lambda recipe, label, _: told.append((recipe, label)))

    press(form, "Let several take turns")
    assert [one.name for one in form.recipe.players] == ["Optimiser 1", "Optimiser 2"]
    assert told[-1][1] == "Let several take turns"
    names = [f for f in form.findChildren(QLineEdit) if "Name of" in f.accessibleName()]
    names[1].setText("Generator")
    names[1].setModified(True)
    names[1].editingFinished.emit()
    assert [one.name for one in form.recipe.players] == ["Optimiser 1", "Generator"]
    QApplication.processEvents()  # what was just added to a layout is shown by an event
    visible = [f for f in form.findChildren(NumberField) if f.isVisible()]
    rates = [f for f in visible if f.accessibleName() == "Learning rate"]
    assert len(rates) == 2
    rates[1].committed.emit(0.25)
    assert [one.learning_rate for one in form.recipe.players] == [0.001, 0.25]
    assert told[-1][1] == "Set learning rate of Generator"
    press(form, "Remove this optimiser")
    assert form.recipe.players == () and told[-1][1] == "Remove Optimiser 1"
