"""Byte-pair encoding, judged by the algorithm as its paper prints it."""

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from engine.data import prepare
from engine.data.opening import open_data
from engine.data.preparation import Tokens
from engine.data.subwords import learn_subwords
from nodes.io import Data
from nodes.sources import Column, Prose, Table, Texts

texts = st.text(alphabet="abcé .,\n'", max_size=40)


def as_printed(chunks: Counter[str], most: int) -> list[str]:
    """Sennrich, Haddow and Birch (2016), algorithm 1, counting all pairs anew for every merge."""
    letters: Counter[str] = Counter()
    for chunk, count in chunks.items():
        for letter in chunk:
            letters[letter] += count
    found = sorted(letters, key=lambda letter: (-letters[letter], letter))[:most]
    vocabulary = {"\x00".join(chunk): count for chunk, count in chunks.items()}
    while len(found) < most:
        pairs: Counter[tuple[str, str]] = Counter()
        for word, count in vocabulary.items():
            symbols = word.split("\x00")
            for pair in pairwise(symbols):
                pairs[pair] += count
        best = min(pairs, key=lambda pair: (-pairs[pair], pair), default=None)
        if best is None or pairs[best] < 2:
            break
        found += [token] if (token := "".join(best)) not in found else []
        bigram = re.compile(r"(?<![^\x00])" + re.escape("\x00".join(best)) + r"(?![^\x00])")
        vocabulary = {
            bigram.sub(lambda _, token=token: token, word): count
            for word, count in vocabulary.items()
        }
    return found


@given(
    st.dictionaries(st.text("abc ", min_size=1, max_size=8), st.integers(1, 9), max_size=12),
    st.integers(1, 30),
)
def test_the_same_tokens_are_learned_as_by_the_algorithm_of_the_paper(
    chunks: dict[str, int], most: int
) -> None:
    assert list(learn_subwords(chunks, most)) == as_printed(Counter(chunks), most)


@given(learned=st.lists(texts), text=texts)
def test_a_text_is_its_subwords_one_behind_the_other(learned: list[str], text: str) -> None:
    counts = Counter(chunk for one in learned for chunk in prepare.pieces(one, "subword"))

    split = prepare.splitter("subword", learn_subwords(counts, 40))

    assert "".join(split(text)) == text


def test_a_common_word_becomes_one_token_and_an_unknown_one_pieces() -> None:
    counts = Counter(prepare.pieces("low lower lowest " * 9, "subword"))

    split = prepare.splitter("subword", learn_subwords(counts, 24))

    assert split(" lower") == [" lower"]
    assert split(" lowlow") == [" low", "low"]


def test_subwords_of_a_table_are_learned_from_its_training_rows_alone(tmp_path: Path) -> None:
    rows = [f"{word},{part}" for word, part in (("maps maps", "train"), ("zzz zzz", "test")) * 8]
    (tmp_path / "t.csv").write_text("\n".join(["words,part", *rows]))
    columns = (
        Column(name="words", kind="text"),
        Column(name="part", kind="category", role="part"),
    )
    source = Table(path=str(tmp_path / "t.csv"), columns=columns, unit="subword", words=40)

    found = open_data(Data(dataset="t", source=source, split_by="given"))

    how = found.spec.preparations["words"]
    assert isinstance(how, Tokens) and "maps" in how.vocabulary
    assert not any("z" in token for token in how.vocabulary)


def test_passages_of_subwords_read_as_the_text_they_were_cut_from(tmp_path: Path) -> None:
    text = "It was the best of times, it was the worst of times.\n" * 20
    (tmp_path / "p.txt").write_text(text)
    source = Prose(path=str(tmp_path / "p.txt"), unit="subword", words=60, length=8)

    found = open_data(Data(dataset="p", source=source))

    how = found.spec.preparations["text"]
    assert isinstance(how, Tokens)
    rows = found.read("text", prepare.np.arange(found.spec.samples)).reshape(-1)
    written = "".join(how.vocabulary[number - prepare.RESERVED] for number in rows.tolist())
    assert text.startswith(written) and len(written) > len(text) / 2


def test_texts_of_a_folder_are_prepared_by_what_an_export_carries(tmp_path: Path) -> None:
    for name in ("glad", "sad"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.txt").write_text(f"a {name} day, a {name} night")
    source = Texts(path=str(tmp_path), unit="subword", words=30, length=6)

    found = open_data(Data(dataset="t", source=source, validation_share=0.0))

    how = msgspec.to_builtins(found.spec.preparations["text"])
    again = prepare.prepared({"text": ["a glad day, a glad night"]}, how)
    assert again.tolist() == found.read("text", prepare.np.arange(1)).tolist()
