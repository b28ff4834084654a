import numpy as np
import pytest
import torch

from engine.probes.feature_maps import every_channel, form_of, heat_map, preview


@pytest.mark.parametrize(
    ("shape", "form"),
    [
        ((16, 14, 14), "maps"),
        ((1, 28, 28), "maps"),
        ((10,), "bars"),
        ((64,), "bars"),
        ((65,), "histogram"),
        ((32, 1, 1), "bars"),
        ((512, 1, 1), "histogram"),
        ((12, 40), "sequence"),
        ((), "bars"),
        ((2, 3, 4, 5), "histogram"),
    ],
)
def test_the_form_follows_the_shape_of_a_sample(shape: tuple[int, ...], form: str) -> None:
    assert form_of(shape) == form


def test_a_preview_shows_the_six_channels_that_vary_most_greatest_first() -> None:
    sample = torch.randn(8, 5, 5, generator=torch.Generator().manual_seed(0))
    strengths = torch.tensor([1.0, 9.0, 0.1, 30.0, 4.0, 0.0, 90.0, 0.3])
    sample *= strengths.reshape(8, 1, 1)

    maps = preview(sample)

    assert maps.channels == (6, 3, 1, 4, 0, 7)
    assert len(maps.pixels) == 6 * 5 * 5


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5])
def test_a_preview_shows_every_channel_of_a_few(channels: int) -> None:
    assert sorted(preview(torch.rand(channels, 4, 4)).channels) == list(range(channels))


def test_a_preview_keeps_its_channels_until_others_vary_much_more() -> None:
    sample = torch.randn(4, 9, 9, generator=torch.Generator().manual_seed(0))
    sample /= sample.std((1, 2), keepdim=True)
    first = preview(sample * torch.tensor([1.0, 1.01, 1.02, 1.03]).reshape(4, 1, 1))
    nearly = preview(sample * torch.tensor([1.1, 1.0, 1.0, 1.0]).reshape(4, 1, 1), first.channels)
    clearly = preview(sample * torch.tensor([5.0, 1.0, 1.0, 1.0]).reshape(4, 1, 1), first.channels)

    assert first.channels == (3, 2, 1, 0)
    assert nearly.channels == (3, 2, 1, 0)
    assert 0 in clearly.channels[:3]
    assert sorted(clearly.channels) == [0, 1, 2, 3]


def test_all_maps_of_a_node_share_one_scale() -> None:
    sample = torch.stack([torch.full((2, 2), value) for value in (0.0, 1.0, 4.0)])

    maps = every_channel(sample)

    assert (maps.low, maps.high) == (0.0, 4.0)
    pixels = np.frombuffer(maps.pixels, np.uint8).reshape(3, 2, 2)
    assert pixels[:, 0, 0].tolist() == [0, 64, 255]


def test_large_maps_are_averaged_down_and_say_so() -> None:
    maps = every_channel(torch.rand(300, 224, 200))

    rows, columns = maps.size
    assert maps.channels == tuple(range(256))
    assert len(maps.pixels) == 256 * rows * columns <= 1 << 20
    assert abs(rows / columns - 224 / 200) < 0.05


def test_a_map_without_contrast_or_with_broken_values_is_still_a_picture() -> None:
    flat = every_channel(torch.full((1, 3, 3), 7.0))
    broken = every_channel(torch.tensor([[[float("nan"), 1.0], [0.0, float("inf")]]]))

    assert flat.pixels == bytes(9)
    assert list(broken.pixels) == [0, 255, 0, 0]


def test_a_heat_map_has_a_row_for_each_feature() -> None:
    maps = heat_map(torch.arange(6.0).reshape(2, 3), side=64)

    assert list(maps.pixels) == [0, 51, 102, 153, 204, 255]
