"""A sample as its file holds it is put beside what the model gets of it."""

import shutil
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from engine.data.builtin import open_data_set
from engine.data.changes import Change, changes
from engine.data.opening import open_data
from engine.data.spec import DataSet
from nodes.corrections import Correction
from nodes.io import Data
from nodes.sources import Column, Images, Pairs, PictureTable, Sounds, Source

RED, BLUE = (200, 30, 30), (30, 30, 200)


def opened(source: Source, *corrections: Correction) -> DataSet:
    return open_data(Data(dataset="own", source=source, corrections=corrections))


def only(data_set: DataSet, sample: int) -> Change:
    (change,) = changes(data_set, sample)
    return change


def save_picture(file: Path, colour: tuple[int, int, int], size: tuple[int, int]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(file)


def some_pictures(folder: Path) -> Path:
    save_picture(folder / "blue" / "0.png", BLUE, (480, 360))
    save_picture(folder / "red" / "0.png", RED, (20, 40))
    return folder


def save_tone(file: Path, hertz: float, seconds: float, rate: int, channels: int = 1) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    wave = 0.5 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)
    soundfile.write(file, np.stack([wave] * channels, axis=1), rate)


def test_a_picture_is_shown_in_its_own_size_beside_the_one_that_is_read(tmp_path: Path) -> None:
    data_set = opened(Images(path=str(some_pictures(tmp_path))))

    before, after = only(data_set, 0)

    assert (before.size, after.size) == ("480×360", "64×64")
    assert before.pictures[0].shape == (3, 240, 320)
    assert before.pictures[0][:, 0, 0].tolist() == list(BLUE)
    assert np.array_equal(after.pictures[0], data_set.read("image", np.array([0]))[0])
    assert only(data_set, 1).before.size == "20×40"


def test_colour_that_is_lost_is_told(tmp_path: Path) -> None:
    grey = opened(Images(path=str(some_pictures(tmp_path)), channels=1))

    before, after = only(grey, 0)

    assert (before.size, after.size) == ("480×360, in colour", "64×64, grey")
    assert before.pictures[0].shape[0] == 3 and after.pictures[0].shape == (1, 64, 64)


def test_a_label_that_was_corrected_leaves_the_picture_as_it_is(tmp_path: Path) -> None:
    folder = some_pictures(tmp_path)
    corrected = opened(Images(path=str(folder)), Correction(1, 0, 1))

    assert only(corrected, 1).before.pictures[0][:, 0, 0].tolist() == list(RED)


def test_what_cannot_be_read_and_is_left_out_moves_no_picture(tmp_path: Path) -> None:
    folder = some_pictures(tmp_path)
    (folder / "blue" / "00.png").write_bytes(b"no picture")
    (folder / "a.csv").write_text("file,answer\nblue/00.png,1\nblue/0.png,2\nred/0.png,3\n")
    in_folders = opened(Images(path=str(folder), skip_problems=True))
    in_table = opened(
        PictureTable(
            path=str(folder / "a.csv"),
            picture="file",
            columns=(Column(name="answer", role="target"),),
            skip_problems=True,
        )
    )

    for data_set in (in_folders, in_table):
        shown = [changes(data_set, sample)[0].before.size for sample in range(2)]
        assert shown == ["480×360", "20×40"]


def test_a_picture_is_shown_with_its_mask_and_a_file_that_is_gone_is_not(tmp_path: Path) -> None:
    pictures, masks = some_pictures(tmp_path / "pictures"), tmp_path / "masks"
    for name, size in (("blue", (480, 360)), ("red", (20, 40))):
        (masks / name).mkdir(parents=True)
        mask = Image.new("L", size, 0)
        mask.paste(255, (0, 0, size[0] // 2, size[1]))
        mask.save(masks / name / "0.png")
    data_set = opened(Pairs(path=str(pictures), masks=str(masks)))

    before, after = only(data_set, 0)

    assert (before.size, after.size) == ("480×360 and its mask", "64×64")
    for side, width in ((before, 320), (after, 64)):
        mask = side.pictures[1]
        assert mask.shape[-1] == width and mask[0].max(axis=0).argmin() == width // 2
        assert {*np.unique(mask).tolist()} == {0, 230}
    shutil.rmtree(masks)
    assert changes(data_set, 0) == ()


def test_a_recording_loses_its_end_and_the_tones_above_half_its_rate(tmp_path: Path) -> None:
    save_tone(tmp_path / "a" / "0.wav", 12_000, 2, 48_000, channels=2)
    save_tone(tmp_path / "b" / "0.wav", 1_000, 2, 48_000)
    data_set = opened(Sounds(path=str(tmp_path), rate=16_000, length=16_000))

    high, low = only(data_set, 0), only(data_set, 1)

    assert high.before.size == "48 kHz, 2 s, 2 channels"
    assert high.after.size == "16 kHz, 1 s, mixed to one"
    assert (low.before.size, low.after.size) == ("48 kHz, 2 s", "16 kHz, 1 s")
    wave, tones = low.after.pictures
    half, third = wave.shape[-1] // 2, tones.shape[-2] // 3
    assert wave[..., : half - 1].any(axis=1).all() and not wave[..., half + 1 :].any()
    assert tones[:, -third:].any() and not tones[:, : 2 * third].any()
    # A tone at the middle of the range is gone from what is read; a low one stays where it was.
    assert high.before.pictures[1][0, :, 10].argmax() == tones.shape[-2] // 2 - 1
    assert low.before.pictures[1][0, :, 10].argmax() == tones[0, :, 10].argmax()


def test_a_recording_in_an_archive_is_shown_too() -> None:
    before, after = only(open_data_set("spoken_words"), 3)

    assert before.size.startswith("8 kHz, 0.") and after.size == "8 kHz, 1 s"


def test_a_window_is_marked_among_the_rows_around_it() -> None:
    before, after = only(open_data_set("sunspots"), 60)

    assert before.size == "24 of 308 rows, 7 to 154"
    assert only(open_data_set("sunspots"), 0).before.size == "24 of 308 rows, 0 to 63"
    assert after.size.startswith("24×1, −")
    (line,) = before.pictures
    rows = 2 * 48 + 24
    strong = line.max(axis=0) > 200
    width = line.shape[-1] // rows
    assert strong.tolist() == [False] * 48 * width + [True] * 24 * width + [False] * 48 * width
    assert after.pictures[0].max() > 200


def test_of_several_columns_the_first_three_are_shown() -> None:
    before, after = only(open_data_set("chicago_rides"), 100)

    assert (before.size, after.size) == ("14 of 5\u202f697 rows", "14×7")
    assert len(before.pictures) == len(after.pictures) == 3


def test_what_is_read_as_it_is_stored_shows_no_change() -> None:
    for name in ("digits", "japanese_vowels", "bank_credit", "food_reviews"):
        assert changes(open_data_set(name), 0) == (), name
