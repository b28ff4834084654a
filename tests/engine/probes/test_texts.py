"""How samples that are texts read, judged by the text that their tokens were made of."""

import msgspec
import torch

from engine.data import prepare
from engine.data.preparation import Tokens
from engine.probes.texts import SHOWN_TOKENS, beginnings


def words(length: int = 6) -> Tokens:
    vocabulary = ("good", "film", "bad", ",")
    return Tokens(column="review", unit="word", vocabulary=vocabulary, length=length)


def test_a_text_reads_as_it_was_written_but_for_words_that_are_unknown() -> None:
    how = words()
    written = ["good film, bad", "bad quux"]
    rows = prepare.prepared({"review": written}, msgspec.to_builtins(how))

    told = beginnings(torch.from_numpy(rows), how)

    assert told == ("good film, bad", "bad ·")


def test_only_the_beginning_of_a_long_text_is_told() -> None:
    (told,) = beginnings(torch.full((1, 200), 2), words(200))

    assert told.split() == ["good"] * SHOWN_TOKENS


def test_other_inputs_are_no_texts() -> None:
    assert beginnings(torch.zeros(2, 4), None) == ()
