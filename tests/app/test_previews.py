import numpy as np
import pytest

from app.previews import (
    BarsPreview,
    CurvePreview,
    HistogramPreview,
    MapsPreview,
    curve_preview,
    preview_of,
    sample_thumbnails,
    thumbnails,
)
from app.theme import load_theme
from engine.training.events import LayerProbe, SamplesChosen

DARK = load_theme("dark")


def maps(channels: int, strengths: dict[int, int]) -> LayerProbe:
    pixels = np.zeros((channels, 2, 2), dtype=np.uint8)
    for channel, strength in strengths.items():
        pixels[channel, 0, 0] = strength
    return LayerProbe(node="n", form="maps", shape=(channels, 2, 2), pixels=pixels.tobytes())


def test_the_three_maps_that_vary_most_are_shown() -> None:
    images = thumbnails(maps(6, {1: 255, 4: 100, 5: 200}), DARK)

    strengths = [image.pixelColor(0, 0).lightness() for image in images]
    assert len(images) == 3
    assert strengths == sorted(strengths, reverse=True)
    assert images[0].pixelColor(0, 0) == DARK.activation_map[-1]


def test_from_close_by_up_to_six_maps_are_shown_the_same_three_first() -> None:
    preview = preview_of(maps(8, {1: 255, 4: 100, 5: 200, 0: 50, 7: 20, 2: 10, 3: 5}), DARK)

    assert isinstance(preview, MapsPreview)
    assert len(preview.more_images) == 6
    assert list(preview.images) == list(preview.more_images[:3])


def test_of_maps_that_were_chosen_before_the_first_are_shown() -> None:
    probe = LayerProbe(
        node="n",
        form="maps",
        shape=(16, 28, 28),
        pixels=b"".join(bytes([51 * place] * 4) for place in range(6)),
        channels=(9, 2, 3, 4, 5, 6),
        pixel_size=(2, 2),
    )

    three, six = (thumbnails(probe, DARK, most) for most in (3, 6))

    assert three == six[:3]
    assert [image.pixelColor(0, 0) for image in three] == [
        DARK.activation_map[51 * place * (len(DARK.activation_map) - 1) // 255]
        for place in range(3)
    ]


def test_maps_that_were_chosen_before_keep_their_order() -> None:
    probe = LayerProbe(
        node="n",
        form="maps",
        shape=(16, 28, 28),
        pixels=bytes([0] * 4 + [255] * 4),
        channels=(7, 2),
        pixel_size=(2, 2),
    )

    preview = preview_of(probe, DARK)

    assert isinstance(preview, MapsPreview)
    assert [image.pixelColor(0, 0) for image in preview.images] == [
        DARK.activation_map[0],
        DARK.activation_map[-1],
    ]


def test_a_sequence_is_one_map_of_features_by_time() -> None:
    probe = LayerProbe(node="n", form="sequence", shape=(5, 3), pixels=bytes(15))

    (image,) = thumbnails(probe, DARK)

    assert (image.width(), image.height()) == (5, 3)


def test_bars_stand_on_zero() -> None:
    probe = LayerProbe(node="n", form="bars", shape=(3,), values=(-1.0, 3.0, 0.0))

    assert preview_of(probe, DARK) == BarsPreview((0.0, 1.0, 0.25), zero=0.25, largest=1)


def test_any_histogram_becomes_twenty_bars() -> None:
    probe = LayerProbe(node="n", form="histogram", shape=(100,), counts=tuple(range(40)))

    preview = preview_of(probe, DARK)

    assert isinstance(preview, HistogramPreview)
    assert len(preview.heights) == 20
    assert max(preview.heights) == 1


def test_a_probe_without_values_shows_nothing() -> None:
    assert preview_of(LayerProbe(node="n", form="maps", shape=(1, 2, 2)), DARK) is None


def test_the_loss_curve_is_short_and_from_zero_to_one() -> None:
    curve = curve_preview([float("nan"), *np.linspace(2, 1, 500)])

    assert len(curve.heights) == 60
    assert (curve.heights[0], curve.heights[-1]) == (1.0, 0.0)
    assert curve_preview([]) == CurvePreview(())


@pytest.mark.parametrize("shape", [(1, 4, 4), (3, 4, 4), (4, 4), (7,)])
def test_each_sample_gets_its_picture(shape: tuple[int, ...]) -> None:
    event = SamplesChosen(shape=shape, pixels=bytes(2 * int(np.prod(shape))))

    assert len(sample_thumbnails(event, DARK)) == 2


def test_a_sound_is_drawn_by_how_far_it_swings() -> None:
    swing = np.full((1, 4800), 128, np.uint8)
    swing[:, 2400::2], swing[:, 2401::2] = 255, 0

    (drawn,) = sample_thumbnails(SamplesChosen(shape=(1, 4800), pixels=swing.tobytes()), DARK)

    inks = [
        [drawn.pixelColor(x, y) != drawn.pixelColor(0, 0) for y in range(drawn.height())]
        for x in range(drawn.width())
    ]
    assert sum(inks[3]) <= 3 and sum(inks[-4]) == drawn.height()
