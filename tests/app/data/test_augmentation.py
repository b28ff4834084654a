from typing import Any

import numpy as np
import pytest
from builders import a_project, a_small_cnn, node_named
from pytestqt.qtbot import QtBot

from app.data.augmentation import AugmentationPart
from app.document import Document
from app.widgets import NumberField
from engine.data.augmentation import data_of, with_augmentation
from engine.data.opening import open_data
from engine.data.previewing import SAMPLES, stages
from engine.graph.edits import set_params
from engine.graph.elements import Graph
from engine.training.asides import AugmentationShown, ShowAugmented
from engine.training.asides_told import tell
from nodes.augmentation import Augmentation, Colour, Cutout, Flip, MixUp, Noise, Rotate
from nodes.io import Data


def shown(qtbot: QtBot, graph: Graph) -> tuple[Document, AugmentationPart]:
    document = Document(a_project(graph))
    part = AugmentationPart(document)
    qtbot.addWidget(part)

    def follow() -> None:
        found = data_of(document.project.graph)
        part.show_data(*(found or (None, None)))

    document.report_changed.connect(follow)
    follow()
    part.resize(300, 600)
    part.show()
    return document, part


def steps_of(document: Document) -> tuple[Augmentation, ...]:
    found = data_of(document.project.graph)
    assert found is not None
    return found[1].augmentation


def with_steps(*steps: Augmentation) -> Graph:
    graph = a_small_cnn()
    return with_augmentation(graph, node_named(graph, "data"), steps)


def choose(part: AugmentationPart, title: str) -> None:
    menu = part.add.menu()
    assert menu is not None
    next(action for action in menu.actions() if action.text() == title).trigger()


def test_steps_are_added_changed_and_removed_each_as_one_undo_step(qtbot: QtBot) -> None:
    document, part = shown(qtbot, a_small_cnn())

    choose(part, "Rotate")
    choose(part, "Noise")
    part._cards[0].changed.emit("degrees", 20.0)
    part._cards[0].changed.emit("degrees", 25.0)
    part._cards[1].removed.emit()

    assert steps_of(document) == (Rotate(degrees=25),)
    document.undo()
    assert steps_of(document) == (Rotate(degrees=25), Noise())
    document.undo()
    assert steps_of(document) == (Rotate(), Noise())
    document.undo()
    document.undo()
    assert steps_of(document) == ()


def test_a_number_typed_into_a_step_changes_it(qtbot: QtBot) -> None:
    document, part = shown(qtbot, with_steps(Rotate()))
    field = next(f for f in part.findChildren(NumberField) if f.accessibleName() == "Up to")

    field.committed.emit(40.0)

    assert steps_of(document) == (Rotate(degrees=40),)


def test_only_steps_that_have_something_to_change_are_offered(qtbot: QtBot) -> None:
    graph = a_small_cnn()
    sound = [{"name": "sound", "kind": "audio", "sizes": [1, 800]}]
    row = [{"name": "row", "kind": "label", "dtype": "int", "classes": 3}]
    data = node_named(graph, "data")

    _, part = shown(qtbot, set_params(graph, data, {"fields": sound}))
    menu = part.add.menu()
    assert menu is not None
    titles = {action.text() for action in menu.actions()}
    assert "Time shift" in titles and "Rotate" not in titles
    _, none = shown(qtbot, set_params(graph, data, {"fields": row}))
    none.show_data(*(data_of(set_params(graph, data, {"fields": row})) or (None, None)))
    assert none.isHidden()


def test_pictures_are_asked_for_and_shown_and_another_asks_again(qtbot: QtBot) -> None:
    _, part = shown(qtbot, with_steps(Rotate()))
    with qtbot.waitSignal(part.asked) as asked:
        pass
    question: Any = asked.args[0] if asked.args else None
    assert isinstance(question, ShowAugmented) and question.data.augmentation == (Rotate(),)

    part.show_events([tell(question)])

    assert part.pictures.isVisible() and part._another.isVisible()
    with qtbot.waitSignal(part.asked) as again:
        part._another.click()
    assert again.args and again.args[0].number != question.number


def test_an_answer_to_an_older_question_is_passed_over(qtbot: QtBot) -> None:
    _, part = shown(qtbot, with_steps(Rotate()))
    part.show_another()

    part.show_events([AugmentationShown(number=0, problem="old")])

    assert not part.pictures.isVisible() and not part._problem.isVisible()


def test_a_locked_part_says_no_more_than_it_shows(qtbot: QtBot) -> None:
    _, part = shown(qtbot, with_steps(Rotate()))

    part.set_locked(locked=True)

    assert not part.add.isEnabled() and not part._cards[0].isEnabled()


@pytest.mark.parametrize(
    ("step", "changes"), [(Flip(chance=1), True), (Colour(), True), (Cutout(side=0), False)]
)
def test_before_and_after_differ_by_what_the_steps_do(step: Any, changes: bool) -> None:
    stored, changed = stages(Data(augmentation=(step,)), 3)

    before, after = stored.pictures, changed.pictures
    assert before.shape == after.shape == (SAMPLES, 1, 28, 28)
    assert (before != after).any() == changes
    if isinstance(step, Flip):
        assert np.array_equal(after, before[..., ::-1])


def test_data_that_cannot_be_opened_is_told(qtbot: QtBot) -> None:
    told = tell(ShowAugmented(number=4, data=Data(dataset="nowhere", augmentation=(Flip(),))))

    assert told.number == 4 and "no data set called" in told.problem


def test_each_of_several_steps_has_a_row_of_its_own_and_mixing_comes_last(qtbot: QtBot) -> None:
    _, part = shown(qtbot, with_steps(MixUp(), Flip(chance=1), Cutout(chance=1)))
    with qtbot.waitSignal(part.asked) as asked:
        pass
    question: Any = asked.args[0] if asked.args else None

    part.show_events([tell(question)])

    rows = [row.words for row in part.pictures.rows()]
    assert rows == ["As read", "Flip", "Cutout", "MixUp: as learned from"]
    stored, flipped, cut, _ = (stage.pictures for stage in stages(question.data, 0))
    assert np.array_equal(flipped, stored[..., ::-1])
    is_cut = cut != flipped
    assert is_cut.any() and not cut[is_cut].any()


def test_what_a_model_learns_from_is_the_last_row(qtbot: QtBot) -> None:
    steps = (Rotate(), Noise(), Flip(chance=1), Colour())
    whole = stages(Data(augmentation=steps), 5)
    first = stages(Data(augmentation=steps[:2]), 5)

    assert all(
        np.array_equal(one.pictures, other.pictures)
        for one, other in zip(whole, first, strict=False)
    )
    assert len(whole) == 5 and not np.array_equal(whole[-1].pictures, whole[-2].pictures)


def test_a_row_of_a_table_is_shown_as_bars() -> None:
    steps = (Noise(deviation=2.0), MixUp())

    stored, noisy, mixed = stages(Data(dataset="bank_credit", augmentation=steps), 1)

    assert stored.pictures.shape == noisy.pictures.shape and stored.pictures.shape[:3] == (4, 1, 96)
    assert (stored.pictures != noisy.pictures).any() and mixed.title == "MixUp"
    # The first column of each sample: up from the middle where it is above zero, else down.
    for sample in stored.pictures[:, 0]:
        column = sample[:, 0] > 0
        assert not (column[:48].any() and column[48:].any())
    columns = open_data(Data(dataset="bank_credit")).read("features", np.array([0])).shape[-1]
    width = stored.pictures.shape[-1] // columns
    assert not stored.pictures[..., width - 1 :: width].any()
