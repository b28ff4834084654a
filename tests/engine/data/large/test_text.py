"""A text whose tokens are kept on disk is the text that is held in memory."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.data.inspect import inspect_path
from engine.data.large import text
from engine.data.loading import StreamFeed, open_feed
from engine.data.opening import open_data, own_spec, read_source
from engine.data.prepare import RESERVED
from engine.data.spec import DataSet
from nodes.io import Data
from nodes.sources import Prose, Token

WORDS = [f"{['do', 're', 'mi', 'fa', 'so'][n * 7 % 5]}{n * n % 11}" for n in range(400)]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERLOOM_CACHE", str(tmp_path / "cache"))


def one_file(folder: Path) -> tuple[Path, str]:
    whole = "".join(f"{word}{' ' if n % 9 else chr(10)}" for n, word in enumerate(WORDS))
    (folder / "a.txt").write_text(whole + "Grüße 語")
    return folder / "a.txt", whole + "Grüße 語"


def many_files(folder: Path) -> tuple[Path, str]:
    (folder / "texts").mkdir()
    for number in range(5):
        some = " ".join(WORDS[number::5])
        (folder / "texts" / f"{number}.txt").write_text(some)
    return folder / "texts", "".join(" ".join(WORDS[n::5]) + "\n" for n in range(5))


def lines(folder: Path) -> tuple[Path, str]:
    texts = [" ".join(WORDS[first : first + 20]) for first in range(0, 400, 20)]
    rows = [json.dumps({"id": n, "text": one}) for n, one in enumerate(texts)]
    (folder / "a.jsonl").write_text("\n".join(rows))
    return folder / "a.jsonl", "".join(f"{one}\n" for one in texts)


def opened(source: Prose) -> DataSet:
    content = read_source(source)
    return content.fitted(own_spec("p", source), np.arange(content.samples))


KINDS = pytest.mark.parametrize("make", [one_file, many_files, lines])


@KINDS
@pytest.mark.parametrize("unit", ["character", "word", "subword"])
def test_a_text_on_disk_is_the_one_in_memory(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Path], tuple[Path, str]],
    unit: Token,
) -> None:
    path, whole = make(tmp_path)
    column = "text" if path.suffix == ".jsonl" else ""
    source = Prose(path=str(path), unit=unit, length=7, words=90, column=column)
    held = opened(source)
    monkeypatch.setattr(text, "LARGEST_BYTES", 0)
    monkeypatch.setattr(text, "_PIECE_LETTERS", 100)

    kept = opened(source)

    every = np.arange(held.spec.samples)
    assert kept.spec.fields == held.spec.fields and kept.spec.samples == held.spec.samples
    assert kept.spec.preparations == held.spec.preparations
    for field in ("text", "next"):
        assert (kept.read(field, every) == held.read(field, every)).all()
    assert "cut into tokens once" in kept.spec.notes[-1] and not held.spec.notes
    if unit == "character":
        known = kept.spec.class_names["text"]
        numbers = kept.read("text", every).ravel().tolist()
        assert "".join(known[number] for number in numbers) == whole[: len(numbers)]
        assert min(numbers) >= RESERVED


def test_a_run_goes_on_in_the_middle_of_a_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "LARGEST_BYTES", 0)
    data_set = opened(Prose(path=str(one_file(tmp_path)[0]), length=7))
    samples = np.arange(data_set.spec.samples)
    feed = open_feed(data_set, samples, ["text"], torch.device("cpu"), bytes_in_memory=0)
    order = feed.order(seed=3, epoch=1)

    whole = [one["text"] for one in feed.batches(order, 16)]
    rest = [one["text"] for one in feed.batches(order, 16, first=3)]

    assert isinstance(feed, StreamFeed) and len(rest) == len(whole) - 3 > 3
    assert all(torch.equal(*pair) for pair in zip(whole[3:], rest, strict=True))


def test_words_are_chosen_from_some_of_a_very_long_text_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("LARGEST_BYTES", 0), ("_PIECE_LETTERS", 100), ("_SAMPLE_BYTES", 300)):
        monkeypatch.setattr(text, name, value)

    data_set = opened(Prose(path=str(one_file(tmp_path)[0]), unit="word", length=7))

    assert "from 17% of the text" in data_set.spec.notes[-1]
    assert (data_set.read("text", np.arange(data_set.spec.samples)) > 0).all()


@pytest.mark.parametrize("whole", ["x" * 950, "語" * 950, "\n" * 950, " " * 950])
def test_a_text_without_gaps_between_words_is_read_in_pieces_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: str
) -> None:
    (tmp_path / "a.txt").write_text(whole)
    monkeypatch.setattr(text, "_PIECE_LETTERS", 100)

    found = list(text.text_pieces(tmp_path / "a.txt"))

    assert "".join(found) == whole and max(map(len, found)) <= 100


@KINDS
def test_texts_without_an_answer_are_there_to_be_gone_on_with(
    tmp_path: Path, make: Callable[[Path], tuple[Path, str]]
) -> None:
    path, whole = make(tmp_path)

    found = inspect_path(path)

    assert isinstance(found.source, Prose) and found.usable
    assert found.facts[-1] == ("Words", str(len(whole.split())))
    data_set = open_data(Data(dataset=found.name, source=found.source))
    assert data_set.spec.samples == found.samples
