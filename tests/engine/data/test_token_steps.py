"""A text is shown with the tokens that a model reads of it."""

import pytest

from engine.data.builtin import open_data_set
from engine.data.preparation import Tokens
from engine.data.token_steps import text_step, text_steps


def words(length: int, **more: bool) -> Tokens:
    return Tokens(
        column="text", unit="word", vocabulary=("good", "bad", "not"), length=length, **more
    )


def test_each_piece_of_a_text_stands_with_its_number() -> None:
    step = text_step("Not GOOD enough", words(5))

    assert step.before == "Not GOOD enough" and step.before_size == "15 characters"
    assert step.after == (("not", 4), ("good", 2), ("enough", 1))
    assert [token.is_known for token in step.after] == [True, True, False]
    assert step.after_size == "5 tokens, 2 empty, 1 unknown"


@pytest.mark.parametrize(
    ("how", "left"),
    [(words(2), ["good", "bad"]), (words(2, keeps_end=True), ["bad", "not"])],
)
def test_a_longer_text_is_cut_where_the_model_cuts_it(how: Tokens, left: list[str]) -> None:
    step = text_step("good bad not", how)

    assert [token.piece for token in step.after] == left
    assert step.after_size == "2 tokens, 1 cut off"


def test_a_text_that_is_filled_up_behind_keeps_its_numbers() -> None:
    step = text_step("bad", words(4, fills_end=True))

    assert step.after == (("bad", 3),) and step.after_size == "4 tokens, 3 empty"


def test_subwords_are_the_pieces_that_were_learned() -> None:
    how = Tokens(
        column="text", unit="subword", vocabulary=(" ", "l", "o", "w", "lo", "low"), length=4
    )

    assert [token.piece for token in text_step("low", how).after] == ["low"]


def test_of_a_data_set_the_texts_are_shown_whose_letters_are_at_hand() -> None:
    (step,) = text_steps(open_data_set("food_reviews"), 0)

    assert step.before.startswith("this stuff is") and step.after[0].piece == "this"
    assert text_steps(open_data_set("bank_credit"), 0) == ()
    assert text_steps(open_data_set("pride"), 0) == ()
