from hypothesis import given
from hypothesis import strategies as st
from strategies import edit_lists

from engine.graph.elements import EMPTY
from engine.graph.history import History


@given(edit_lists)
def test_undoing_everything_returns_to_the_first_drawing_and_redoing_to_the_last(
    changes: list,
) -> None:
    history = History(EMPTY)
    for change in changes:
        history.push(change(history.value), "Edit")
    last = history.value

    while history.can_undo:
        history.undo()
    first = history.value
    while history.can_redo:
        history.redo()

    assert first is EMPTY
    assert history.value is last


@given(st.lists(st.tuples(st.integers(1, 3), st.integers()), max_size=20))
def test_each_gesture_is_one_undo_step(moves: list[tuple[int, int]]) -> None:
    history: History[object] = History(object())
    for gesture, _ in moves:
        history.push(object(), "Drag", gesture=gesture)
    gestures = [gesture for gesture, _ in moves]
    changes_of_gesture = sum(
        before != after for before, after in zip([None, *gestures], gestures, strict=False)
    )

    steps = 0
    while history.can_undo:
        history.undo()
        steps += 1

    assert steps == changes_of_gesture


def test_a_new_step_after_an_undo_forgets_what_could_be_redone() -> None:
    history = History("a")
    history.push("b", "Write b")
    history.undo()
    history.push("c", "Write c")

    assert not history.can_redo
    assert history.undo() == "a"


def test_the_menus_name_what_they_would_do() -> None:
    history = History("a")
    history.push("b", "Write b")
    assert (history.undo_label, history.redo_label) == ("Write b", "")

    history.undo()

    assert (history.undo_label, history.redo_label) == ("", "Write b")


def test_what_was_saved_is_known_again_after_undo_and_redo() -> None:
    history = History("a")
    history.push("b", "Write b")
    assert not history.is_saved
    history.mark_saved()

    history.undo()
    assert not history.is_saved
    history.redo()
    assert history.is_saved

    history.mark_unsaved()
    assert not history.is_saved


def test_a_thousand_steps_are_kept_and_older_ones_let_go() -> None:
    history = History(0)
    for number in range(1, 1500):
        history.push(number, "Count")

    steps = 0
    while history.can_undo:
        history.undo()
        steps += 1

    assert steps == 999
    assert list(history.labels())[-1] == "Count"


def test_showing_what_is_shown_is_no_step() -> None:
    value = object()
    history = History(value)

    history.push(value, "Nothing")

    assert not history.can_undo
