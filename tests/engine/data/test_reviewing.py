"""Doubles and wrong labels that were put into data on purpose are found."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.data.builtin import open_data_set
from engine.data.doubles import find_doubles
from engine.data.label_errors import cross_validated, cross_validated_words, suspected
from engine.data.opening import open_data
from engine.data.reviewing import Review, review
from nodes.corrections import Correction
from nodes.io import Data
from nodes.sources import Images


def a_folder(folder: Path) -> None:
    """Two classes; 0 and 1 are equal, 2 is 0 saved as JPEG at half the size, 3 to 5 are others."""
    random = np.random.default_rng(0)
    digits = open_data_set("digits").read("image", np.arange(4))[:, 0]
    for name in ("cat", "dog"):
        (folder / name).mkdir()
    first = Image.fromarray(digits[0]).resize((56, 56), Image.Resampling.BICUBIC)
    first.save(folder / "cat" / "0.png")
    first.save(folder / "cat" / "1.png")
    first.resize((40, 40)).save(folder / "dog" / "2.jpg", quality=70)
    for place in (1, 2, 3):
        Image.fromarray(digits[place]).save(folder / "dog" / f"{place + 2}.png")
    Image.fromarray(random.integers(0, 255, (40, 40), np.uint8)).save(folder / "cat" / "9.png")


def reviewed(folder: Path, **params: object) -> Review:
    source = Images(path=str(folder), channels=1, height=28, width=28)
    data = Data(dataset="mine", source=source, **params)
    return review(open_data(data), data)


def test_equal_pictures_and_those_saved_smaller_are_found_and_no_others(tmp_path: Path) -> None:
    a_folder(tmp_path)

    found = reviewed(tmp_path).twins

    assert [(one.samples, one.is_exact) for one in found] == [((0, 1), True), ((0, 3), False)]


def test_doubles_name_the_parts_and_the_labels_that_they_straddle(tmp_path: Path) -> None:
    a_folder(tmp_path)

    near = reviewed(tmp_path, split_by="order", validation_share=0.6).twins[1]

    assert near.parts == ("training", "validation")
    assert near.labels == (0, 1)


def test_a_sample_that_was_left_out_is_no_double(tmp_path: Path) -> None:
    a_folder(tmp_path)

    found = reviewed(tmp_path, corrections=(Correction(1), Correction(3)))

    assert found.twins == ()


def test_an_answer_does_not_make_samples_different() -> None:
    data_set = open_data_set("bank_credit")

    found = find_doubles(data_set, np.arange(data_set.spec.samples))

    values = data_set.read("features", np.arange(data_set.spec.samples))
    _, counts = np.unique(values, axis=0, return_counts=True)
    assert sum(len(one.samples) - 1 for one in found) == int((counts - 1).sum())


def test_wrong_labels_that_were_put_in_are_found_first() -> None:
    data_set = open_data_set("digits")
    some = np.arange(2000)
    labels = data_set.read("label", some).astype(np.int64)
    pixels = data_set.read("image", some).reshape(2000, -1).astype(np.float32) / 255
    wrong = np.random.default_rng(1).choice(2000, 40, replace=False)
    labels[wrong] = (labels[wrong] + 3) % 10

    found = suspected(labels, cross_validated(pixels, labels, 10))

    assert np.isin(wrong, found).mean() > 0.7
    # By chance one of fifty would be.
    assert np.isin(found[:20], wrong).mean() > 0.7


def test_texts_are_judged_by_their_words() -> None:
    random = np.random.default_rng(0)
    labels = np.arange(200) % 2
    tokens = 2 + random.integers(0, 10, (200, 12)) + 10 * labels[:, None]
    told = labels.copy()
    told[7] = 1 - told[7]

    chances = cross_validated_words(tokens, 22, told, 2)

    assert suspected(told, chances).tolist() == [7]


@given(
    st.lists(st.tuples(st.integers(0, 2), st.tuples(*[st.floats(0.01, 1)] * 3)), min_size=1),
)
def test_a_suspect_is_of_another_class_at_least_as_surely_as_those_of_that_class(
    samples: list[tuple[int, tuple[float, float, float]]],
) -> None:
    labels = np.array([label for label, _ in samples])
    chances = np.array([given for _, given in samples])
    chances /= chances.sum(axis=1, keepdims=True)

    for place in suspected(labels, chances).tolist():
        others = [k for k in range(3) if k != labels[place] and (labels == k).any()]
        assert any(
            chances[place, k] >= chances[labels == k, k].mean() - 1e-12
            and chances[place, k] > chances[place, labels[place]]
            for k in others
        )


def test_nobody_is_suspected_where_every_label_is_the_likeliest() -> None:
    chances = np.eye(3)[np.arange(30) % 3] * 0.7 + 0.1

    assert not suspected(np.arange(30) % 3, chances).size


def test_shipped_data_is_looked_through_whole() -> None:
    data_set = open_data_set("japanese_vowels")

    found = review(data_set, Data(dataset="japanese_vowels", split_by="given"))

    assert found.judged == found.compared == data_set.spec.samples
    assert found.right > 0.9
