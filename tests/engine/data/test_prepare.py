from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from engine.data import prepare
from engine.data.preparation import CategoryColumn, Features, Index, NumberColumn, Tokens, Waveform

WORDS = {
    "type": "tokens",
    "column": "t",
    "unit": "word",
    "length": 5,
    "padding": 0,
    "keeps_end": False,
}


def test_numbers_are_standardised_and_a_missing_one_is_filled_and_marked() -> None:
    how = Features(
        columns=(
            NumberColumn(name="age", fill=30, mean=20, deviation=10, marks_missing=True),
            CategoryColumn(name="job", values=("baker", "smith")),
        )
    )

    found = prepare.prepared(
        {"age": ["40", ""], "job": ["smith", "astronaut"]}, msgspec.to_builtins(how)
    )

    assert found.tolist() == [[2, 0, 0, 1], [1, 1, 0, 0]]


@given(values=st.lists(st.sampled_from(["a", "b", "c", "never seen"]), min_size=1))
def test_an_unknown_category_is_zero_and_a_known_one_is_its_place(values: list[str]) -> None:
    how = msgspec.to_builtins(Index(column="x", values=("a", "b", "c"), unknown=True))

    found = prepare.prepared({"x": values}, how)

    assert found.tolist() == [{"a": 1, "b": 2, "c": 3}.get(value, 0) for value in values]


def test_a_label_that_is_not_known_is_refused_by_name() -> None:
    how = msgspec.to_builtins(Index(column="x", values=("a",)))

    with pytest.raises(ValueError, match="“z” is none"):
        prepare.prepared({"x": ["z"]}, how)


def test_a_text_to_go_on_with_stands_at_the_start_and_loses_its_beginning() -> None:
    how = {**WORDS, "vocabulary": ["the", "cat", "sat"], "keeps_end": True, "fills_end": True}

    found = prepare.prepared({"t": ["the cat", "the cat sat the cat sat"]}, how)

    assert found.tolist() == [[2, 3, 0, 0, 0], [3, 4, 2, 3, 4]]


def test_short_texts_are_padded_in_front_and_long_ones_cut_behind() -> None:
    how = {**WORDS, "vocabulary": ["the", "cat", "sat", "."]}

    found = prepare.prepared({"t": ["The cat sat.", "the cat sat on the cat", None]}, how)

    assert found.tolist() == [[0, 2, 3, 4, 5], [2, 3, 4, 1, 2], [0, 0, 0, 0, 0]]


@given(st.text(alphabet="abc d", max_size=8))
def test_characters_come_back_from_their_numbers(text: str) -> None:
    vocabulary = tuple("abcd ")
    how = Tokens(column="t", unit="character", vocabulary=vocabulary, length=8)

    (row,) = prepare.prepared({"t": [text]}, msgspec.to_builtins(how))

    back = "".join(vocabulary[number - prepare.RESERVED] for number in row if number)
    assert back == text


def test_a_recording_is_brought_to_one_channel_the_rate_and_the_length(tmp_path: Path) -> None:
    time = np.arange(8000) / 16_000
    tone = np.sin(2 * np.pi * 440 * time)
    soundfile.write(tmp_path / "a.wav", np.stack([tone, tone], axis=1), 16_000)

    found = prepare.recording(
        tmp_path / "a.wav", msgspec.to_builtins(Waveform(rate=8000, length=6000))
    )

    assert found.shape == (1, 6000) and not found[0, 4000:].any()
    spectrum = np.abs(np.fft.rfft(found[0, :4000]))
    assert spectrum.argmax() * 8000 / 4000 == pytest.approx(440, abs=2)
