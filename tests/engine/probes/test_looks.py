import numpy as np
import pytest
import torch

from engine.data.preparation import Tokens, Windows
from engine.data.showing import as_picture
from engine.probes.looks import looks_of
from nodes.io import DataField


def test_a_small_picture_is_shown_as_it_is() -> None:
    values = torch.arange(8).reshape(2, 1, 2, 2) / 7

    looks = looks_of(values, None, 4)

    assert looks.shape == (1, 2, 2)
    assert looks.pixels == bytes(round(255 * number / 7) for number in range(8))


def test_a_large_picture_is_shrunk_and_stays_as_bright_where_it_was() -> None:
    values = torch.zeros(2, 3, 66, 200)
    values[1, :, :, 100:] = 1.0

    looks = looks_of(values, None, 3 * 32 * 32)

    channels, height, width = looks.shape
    pixels = np.frombuffer(looks.pixels, np.uint8).reshape(2, *looks.shape)
    assert channels * height * width <= 3 * 32 * 32 and width / height == pytest.approx(3, rel=0.1)
    assert not pixels[0].any()
    assert not pixels[1, :, :, : width // 2 - 1].any()
    assert (pixels[1, :, :, width // 2 + 1 :] == 255).all()


def test_a_sound_is_drawn_as_in_the_data_panel() -> None:
    waves = torch.sin(torch.arange(4800) / 30)[None, None] * torch.tensor([1.0, 0.2])[:, None, None]
    waves[1, 0, :2400] = 0

    looks = looks_of(waves, None, 2400)

    field = DataField(name="sound", kind="audio", sizes=(1, 4800))
    drawn = np.frombuffer(looks.pixels, np.uint8).reshape(2, *looks.shape)
    assert (drawn == np.stack([as_picture(field, wave.numpy()) for wave in waves])).all()


def test_a_text_is_told_by_how_it_begins() -> None:
    how = Tokens(column="text", unit="word", vocabulary=("good", "tea"), length=4)

    looks = looks_of(torch.tensor([[2, 3, 0, 0]]), how, 1000)

    assert looks.texts == ("good tea",) and not looks.pixels


def test_what_is_too_large_to_be_drawn_has_no_picture() -> None:
    assert not looks_of(torch.zeros(2, 5000), None, 3000).pixels


def test_a_series_of_one_number_is_drawn_as_a_line() -> None:
    how = Windows(columns=("rides",), mean=(0.0,), deviation=(1.0,), length=5)
    rising = torch.arange(5.0)[None, :, None].repeat(2, 1, 1)

    looks = looks_of(rising, how, 3 * 32 * 32)

    assert looks.shape == (1, 48, 5)
    first = np.frombuffer(looks.pixels, np.uint8).reshape(2, 48, 5)[0]
    # Each value has ink at its height: the least at the foot, the greatest at the head.
    assert [int(np.flatnonzero(column).min()) for column in first.T] == [47, 35, 24, 12, 0]
    long = looks_of(torch.zeros(1, 5000, 1), how, 3 * 32 * 32)
    assert long.pixels and long.shape[2] == 64
