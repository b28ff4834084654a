from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.data import disturbing, warping
from engine.data.augmenting import Augmenter, MixedBatch
from engine.data.loading import Batch
from engine.data.preparation import Standard
from engine.data.spec import DataSpec
from nodes import augmentation as steps
from nodes.errors import DataError
from nodes.io import DataField

IMAGE = DataField("image", "image", (3, 16, 12))
MASK = DataField("mask", "mask", (16, 12), "int", 4)
LABEL = DataField("label", "label", (), "int", 10)
ANSWER = DataField("answer", "number", (1,))
SOUND = DataField("sound", "audio", (1, 256))

A_STEP = st.one_of(
    st.builds(steps.Flip, chance=st.floats(0, 1), vertical=st.booleans()),
    st.builds(steps.Rotate, degrees=st.floats(0, 180), edge=st.sampled_from(["zero", "mirror"])),
    st.builds(steps.Shift, share=st.floats(0, 1)),
    st.builds(steps.Scale, share=st.floats(0, 0.9)),
    st.builds(steps.Crop, padding=st.integers(0, 8)),
    st.builds(steps.Colour, brightness=st.floats(0, 1)),
    st.builds(steps.Cutout, side=st.floats(0, 1)),
    st.builds(steps.Noise, deviation=st.floats(0, 1)),
    st.builds(steps.MixUp, alpha=st.floats(0.01, 10)),
    st.builds(steps.CutMix, alpha=st.floats(0.01, 10)),
)


def a_spec(*fields: DataField, **preparations: Any) -> DataSpec:
    return DataSpec(
        name="d", title="D", summary="", fields=fields, samples=8, preparations=preparations
    )


def augmented(
    batch: Batch,
    some: Sequence[Any],
    *fields: DataField,
    inputs: Sequence[str] = ("image",),
    seed: int = 0,
    epoch: int = 0,
    seen: int = 0,
    **preparations: Any,
) -> Batch:
    names = [field.name for field in fields]
    targets = [name for name in names if name not in inputs]
    augmenter = Augmenter(some, a_spec(*fields, **preparations), inputs, targets, seed)
    return next(augmenter.batches(iter([batch]), epoch=epoch, seen=seen))


def a_batch(count: int = 8) -> dict[str, torch.Tensor]:
    numbers = torch.Generator().manual_seed(3)
    return {
        "image": torch.rand(count, 3, 16, 12, generator=numbers),
        "mask": torch.randint(4, (count, 16, 12), generator=numbers),
        "label": torch.arange(count),
    }


@given(some=st.lists(A_STEP, max_size=4), seed=st.integers(0, 9), seen=st.integers(0, 10**6))
def test_the_same_place_of_the_same_run_gives_the_same_bits(
    some: list[Any], seed: int, seen: int
) -> None:
    fields = (IMAGE, MASK, LABEL)
    untouched = a_batch()
    batch = a_batch()

    first = augmented(batch, some, *fields, seed=seed, epoch=2, seen=seen)
    again = augmented(batch, some, *fields, seed=seed, epoch=2, seen=seen)

    assert all(torch.equal(first[name], again[name]) for name in first)
    assert all(torch.equal(batch[name], untouched[name]) for name in batch)
    assert all(first[name].dtype == batch[name].dtype for name in batch)
    assert all(first[name].shape == batch[name].shape for name in batch)


@pytest.mark.parametrize("other", [{"seed": 1}, {"epoch": 1}, {"seen": 8}])
def test_another_seed_epoch_or_place_gives_other_pictures(other: dict[str, int]) -> None:
    some = [steps.Rotate(degrees=90)]

    one = augmented(a_batch(), some, IMAGE)
    two = augmented(a_batch(), some, IMAGE, **other)

    assert not torch.equal(one["image"], two["image"])


@given(some=st.lists(A_STEP, max_size=4))
def test_a_step_that_no_sample_gets_changes_nothing(some: list[Any]) -> None:
    spared = [type(step)(chance=0.0) for step in some]

    found = augmented(a_batch(), spared, IMAGE, MASK, LABEL)

    assert all(torch.equal(found[name], value) for name, value in a_batch().items())


def test_pictures_turn_as_pillow_turns_them() -> None:
    picture = np.zeros((17, 17), np.uint8)
    picture[2:9, 7:10] = 255
    by_pillow = Image.fromarray(picture).rotate(-90)

    found = warping.warped(
        torch.from_numpy(picture)[None, None] / 255,
        warping.rotations(torch.tensor([90.0])),
        "zero",
        is_mask=False,
    )

    assert np.allclose(found[0, 0].numpy() * 255, np.asarray(by_pillow), atol=0.01)


def test_a_picture_moves_by_whole_pixels_to_the_right_and_down() -> None:
    pictures = a_batch()["image"]

    found = warping.warped(
        pictures,
        warping.shifts(torch.full((8,), 3.0), torch.full((8,), 2.0)),
        "zero",
        is_mask=False,
    )

    assert torch.allclose(found[..., 2:, 3:], pictures[..., :-2, :-3], atol=1e-5)
    assert float(found[..., :2, :].abs().max()) < 1e-5


@given(
    some=st.lists(
        st.one_of(
            st.builds(steps.Flip),
            st.builds(steps.Crop, padding=st.integers(1, 4)),
            st.builds(steps.Rotate, degrees=st.just(0.0)),
        ),
        max_size=3,
    ),
    seed=st.integers(0, 50),
)
def test_a_mask_moves_with_its_picture(some: list[Any], seed: int) -> None:
    mask = torch.randint(1, 4, (8, 16, 12), generator=torch.Generator().manual_seed(seed))
    batch = {"image": mask[:, None].expand(-1, 3, -1, -1).float(), "mask": mask}

    found = augmented(batch, some, IMAGE, MASK, seed=seed)

    assert torch.allclose(found["image"][:, 0], found["mask"].float(), atol=1e-4)


def test_a_mirrored_road_is_steered_the_other_way() -> None:
    how = Standard(columns=("answer",), mean=(0.5,), deviation=(2.0,))
    degrees = torch.linspace(-3, 5, 8)[:, None]
    batch = {"image": a_batch()["image"], "answer": (degrees - 0.5) / 2}

    found = augmented(batch, [steps.Flip(chance=1.0, negates=True)], IMAGE, ANSWER, answer=how)

    assert torch.equal(found["image"], batch["image"].flip(-1))
    assert torch.allclose(found["answer"] * 2 + 0.5, -degrees, atol=1e-6)


@given(alpha=st.floats(0.1, 5), seed=st.integers(0, 99))
def test_a_blend_counts_both_answers_by_their_share(alpha: float, seed: int) -> None:
    batch = a_batch()

    found = augmented(batch, [steps.MixUp(alpha=alpha)], IMAGE, LABEL, seed=seed)

    assert isinstance(found, MixedBatch) and 0.5 <= found.share <= 1
    partners = batch["image"][found.other["label"]]
    expected = batch["image"] * found.share + partners * (1 - found.share)
    assert torch.allclose(found["image"], expected, atol=1e-6)
    assert torch.equal(found["label"], batch["label"])


@given(seed=st.integers(0, 99))
def test_a_pasted_part_counts_by_its_area_and_brings_its_mask(seed: int) -> None:
    batch = a_batch()
    # Every pixel says which sample it is of.
    batch["image"] = torch.arange(8.0).view(8, 1, 1, 1).expand(8, 3, 16, 12).clone()
    batch["mask"] = torch.arange(8).view(8, 1, 1).expand(8, 16, 12).clone()

    found = augmented(
        batch, [steps.CutMix(chance=1.0)], IMAGE, DataField("mask", "mask", (16, 12), "int", 8),
        LABEL, seed=seed,
    )  # fmt: skip

    assert isinstance(found, MixedBatch)
    strangers = found["image"][:, 0] != torch.arange(8.0).view(8, 1, 1)
    moved = found.other["label"] != batch["label"]
    for sample in range(8):
        share = strangers[sample].float().mean()
        assert float(share) == pytest.approx(1 - found.share if moved[sample] else 0, abs=1e-6)
    assert torch.equal(found["image"][:, 0].long(), found["mask"])
    assert torch.equal(found.other["mask"], found["mask"])


def test_words_cannot_be_blended() -> None:
    words = DataField("text", "tokens", (8,), "int", 100)

    with pytest.raises(DataError, match="MixUp cannot blend text"):
        Augmenter([steps.MixUp()], a_spec(words, LABEL), ["text"], ["label"], 0)


def test_taking_out_frequencies_silences_a_tone_in_the_band_and_leaves_the_others() -> None:
    time = torch.arange(256) / 256
    low, high = torch.sin(2 * torch.pi * 16 * time), torch.sin(2 * torch.pi * 96 * time)

    found = disturbing.without_band(
        (low + high).view(1, 1, -1), torch.tensor([0.6]), torch.tensor([0.3])
    )

    assert torch.allclose(found[0, 0], low, atol=1e-4)


@given(steps_later=st.lists(st.integers(-256, 256), min_size=3, max_size=3))
def test_a_sound_begins_later_with_silence_before_it(steps_later: list[int]) -> None:
    waves = torch.arange(1.0, 769).view(3, 1, 256)

    found = disturbing.shifted_in_time(waves, torch.tensor(steps_later))

    for wave, before, by in zip(found[:, 0], waves[:, 0], steps_later, strict=True):
        kept = torch.roll(before, by)
        if by > 0:
            kept[:by] = 0
        elif by < 0:
            kept[by:] = 0
        assert torch.equal(wave, kept)


def test_sounds_get_louder_and_softer_within_the_decibels() -> None:
    batch = {"sound": torch.ones(64, 1, 256)}

    found = augmented(batch, [steps.Gain(decibels=6)], SOUND, inputs=["sound"])["sound"]

    loudness = 20 * torch.log10(found[:, 0, 0])
    assert float(loudness.abs().max()) <= 6.001 and float(loudness.std()) > 1


def test_masking_silences_a_stretch_of_a_sequence_and_a_band_of_its_features() -> None:
    field = DataField("frames", "sequence", (20, 10))
    batch = {"frames": torch.ones(16, 20, 10)}

    found = augmented(batch, [steps.Masking(time=0.5, frequency=0.5)], field, inputs=["frames"])[
        "frames"
    ]

    times, features = (found.amax(2) == 0).sum(1), (found.amax(1) == 0).sum(1)
    assert int(times.max()) <= 10 and int(features.max()) <= 5
    assert int(times.sum()) > 0 and int(features.sum()) > 0
    for sample, kept in enumerate(found):
        assert int((kept == 0).sum()) == int(200 - (20 - times[sample]) * (10 - features[sample]))


def test_pictures_stay_within_the_range_of_pictures() -> None:
    strong = steps.Colour(brightness=1, contrast=1, saturation=1)

    found = augmented(a_batch(64), [strong], IMAGE)["image"]

    assert float(found.min()) >= 0 and float(found.max()) <= 1
