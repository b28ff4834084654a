import numpy as np
import pytest

from engine.data.builtin import data_sets, open_data_set, thumbnails
from engine.data.sample_steps import sample_steps
from engine.data.showing import as_picture, label_of, picture_field, steps_of, words_of
from engine.data.spec import DataSpec
from nodes.io import DataField

every = pytest.mark.parametrize("spec", data_sets(), ids=lambda spec: spec.name)


@every
def test_each_data_set_can_be_looked_at(spec: DataSpec) -> None:
    data_set = open_data_set(spec.name)

    field = picture_field(spec)
    if field is None:
        assert words_of(data_set, 3)
    else:
        pictures = thumbnails(spec.name)
        assert len(pictures) == 3 and pictures.dtype == np.uint8 and pictures.max() > 0
    assert len(steps_of(data_set.spec)) == len(spec.fields)
    assert all(step.after for step in sample_steps(data_set, 3))


def test_a_row_is_told_as_it_stands_in_the_file_and_its_answer_beside() -> None:
    bank = open_data_set("bank_credit")

    assert words_of(bank, 0).startswith("Seniority 9, Time 60, Age 30") and "good" not in words_of(
        bank, 0
    )
    assert label_of(bank, 0) == "good"


def test_tokens_are_told_as_the_text_they_came_from() -> None:
    assert words_of(open_data_set("pride"), 0).lstrip().startswith("PRIDE AND PREJUDICE")


def test_an_answer_that_is_a_number_is_told_on_its_own_scale() -> None:
    assert float(label_of(open_data_set("lecture_ratings"), 0)) == pytest.approx(5)


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 7])
def test_images_of_any_number_of_channels_are_shown(channels: int) -> None:
    field = DataField("image", "image", (channels, 6, 5))
    values = np.random.default_rng(0).normal(size=(channels, 6, 5)).astype(np.float32)

    picture = as_picture(field, values)

    assert picture.shape[0] in (1, 3) and picture.shape[1:] == (6, 5)


def test_a_loud_sound_is_drawn_wider_than_a_quiet_one() -> None:
    field = DataField("sound", "audio", (1, 1000))
    wave = np.sin(np.arange(1000) / 3)[None]
    wave[:, :500] *= 0.1

    inked = (as_picture(field, wave)[0] > 0).sum(axis=0)

    assert inked[:20].max() < inked[-20:].min()
