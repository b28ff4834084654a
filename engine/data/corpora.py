"""Readers of shipped files that have a form of their own."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.data.content import Category, Content, Made, Ready, Words, prepared
from engine.data.preparation import Tokens, Windows
from engine.data.separated import text_of_file
from nodes.io import DataField

Array = npt.NDArray[Any]

NOVELS = {
    "emma": "Emma",
    "mansfieldpark": "Mansfield Park",
    "northangerabbey": "Northanger Abbey",
    "persuasion": "Persuasion",
    "prideprejudice": "Pride and Prejudice",
    "sensesensibility": "Sense and Sensibility",
}
_PASSAGE_WORDS = 60
WORD_ENDS_LETTERS = 100
WORD_ENDS = ("nothing", "␣")
"""What stands behind a letter; the sign is that for a gap."""

LETTERS = "abcdefghijklmnopqrstuvwxyz"
_CHAPTER = re.compile(r"^\s*CHAPTER\b.*$", re.IGNORECASE | re.MULTILINE)


def read_novels(folder: Path) -> Content:
    """Read six novels as passages of 60 words; those of one chapter belong together."""
    texts: list[str] = []
    novels: list[str] = []
    chapters: list[int] = []
    for file, title in NOVELS.items():
        text, _ = text_of_file(folder / f"{file}.txt.gz")
        # The first piece is the title page.
        for chapter in _CHAPTER.split(text)[1:]:
            found = _passages(chapter)
            texts += found
            novels += [title] * len(found)
            chapters += [chapters[-1] + 1 if chapters else 0] * len(found)
    columns = {"text": np.array(texts, object), "novel": np.array(novels, object)}
    parts = (
        Words("text", "text", words=8000, length=80),
        Category("novel", "novel", is_label=True),
    )
    return Content(len(texts), parts, columns, {"group": np.array(chapters)})


def read_vowels(file: Path) -> Content:
    """Read utterances of two vowels by nine speakers, the end of each at the end of its row."""
    with np.load(file, allow_pickle=False) as archive:
        waves = np.concatenate([archive["x_train"], archive["x_test"]])
        lengths = np.concatenate([archive["len_train"], archive["len_test"]])
        speakers = np.concatenate([archive["y_train"], archive["y_test"]]).astype(np.int64)
        part = np.repeat([0, 2], [len(archive["x_train"]), len(archive["x_test"])])
    frames = _aligned(np.nan_to_num(waves).transpose(0, 2, 1), lengths)
    names = tuple(f"speaker {number + 1}" for number in range(9))
    sound = DataField("sound", "sequence", frames.shape[1:])
    length, columns = frames.shape[1:]
    how = Windows(
        columns=tuple(f"c{number + 1}" for number in range(columns)),
        mean=(0.0,) * columns,
        deviation=(1.0,) * columns,
        length=length,
        fills=True,
    )
    speaker = DataField("speaker", "label", (), "int", 9)
    return Content(
        len(frames),
        (Ready(Made(sound, frames, how)), Ready(Made(speaker, speakers, None, names))),
        sides={"part": part},
    )


def read_word_ends(file: Path) -> Content:
    """Read a novel as letters without gaps, and what stood behind each: nothing, or a gap."""
    text, _ = text_of_file(file)
    words = [re.sub(r"[^a-z]", "", word.casefold()) for word in text.split()]
    letters = "".join(words)
    behind = np.zeros(len(letters), np.int64)
    behind[np.cumsum([len(word) for word in words if word]) - 1] = 1
    count = len(letters) // WORD_ENDS_LETTERS
    whole = count * WORD_ENDS_LETTERS
    how = Tokens(
        column="letters", unit="character", vocabulary=tuple(LETTERS), length=WORD_ENDS_LETTERS
    )
    passages = [
        letters[first : first + WORD_ENDS_LETTERS] for first in range(0, whole, WORD_ENDS_LETTERS)
    ]
    tokens = DataField("letters", "tokens", (WORD_ENDS_LETTERS,), "int", len(LETTERS) + 2)
    gaps = DataField("behind", "tokens", (WORD_ENDS_LETTERS,), "int", 2)
    return Content(
        count,
        (
            Ready(Made(tokens, prepared({"letters": passages}, how), how)),
            Ready(Made(gaps, behind[:whole].reshape(count, -1), None, WORD_ENDS)),
        ),
        {"letters": np.array(passages, object)},
    )


def _passages(chapter: str) -> list[str]:
    words = chapter.split()
    count = max(len(words) // _PASSAGE_WORDS, 1)
    return [
        " ".join(piece) for piece in np.array_split(np.array(words, object), count) if len(piece)
    ]


def _aligned(frames: Array, lengths: Array) -> Array:
    """Move each utterance to the end of its row: a recurrent network reads the last frame last."""
    moved = np.zeros_like(frames, dtype=np.float32)
    for row, source, length in zip(moved, frames, lengths, strict=True):
        row[len(row) - length :] = source[:length]
    return moved
