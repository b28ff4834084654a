"""Letters without gaps, judged by the novel itself."""

import re

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.data.builtin import open_data_set
from engine.data.corpora import LETTERS
from engine.data.prepare import RESERVED
from engine.data.separated import text_of_file
from engine.data.writing import read_tags
from resources import path


def test_the_gaps_put_back_give_the_words_of_the_novel() -> None:
    data = open_data_set("word_ends")
    every = np.arange(data.spec.samples)
    letters = data.read("letters", every).reshape(-1) - RESERVED
    gaps = data.read("behind", every).reshape(-1)

    written = "".join(
        LETTERS[letter] + " " * gap for letter, gap in zip(letters, gaps, strict=True)
    )

    novel, _ = text_of_file(path("datasets", "austen", "persuasion.txt.gz"))
    words = [re.sub("[^a-z]", "", word.lower()) for word in novel.split()]
    # The last passage ends somewhere in a word.
    assert " ".join(word for word in words if word).startswith(written.strip())
    assert len(written) > 0.99 * len(" ".join(words))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 1)), max_size=9))
def test_tags_stand_behind_their_tokens(tokens: list[tuple[int, int]]) -> None:
    tags = torch.tensor([tag for _, tag in tokens], dtype=torch.int64)
    scores = torch.nn.functional.one_hot(tags, 2).T.float()
    row = [token for token, _ in tokens]
    signs = {1: "·", 2: "a", 3: "b", 4: "c"}
    told = [(signs[token], tag) for token, tag in tokens if token]

    words = read_tags(scores, row, ("a", "b", "c"), ("X", "Y"), "word")
    characters = read_tags(scores, row, ("a", "b", "c"), ("X", "|"), "character")

    assert words.split() == [f"{sign}/{'XY'[tag]}" for sign, tag in told]
    assert characters == "".join(sign + "|" * tag for sign, tag in told)
