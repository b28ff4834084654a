import numpy as np
import onnxscript
import pytest
import torch
from torch import Tensor

from engine.export.stft import stft


@pytest.mark.parametrize(("window", "hop"), [(400, 160), (512, 128), (6, 2), (27, 9)])
def test_the_transform_is_as_exact_as_single_precision_for_windows_of_any_length(
    window: int, hop: int
) -> None:
    waves = torch.from_numpy(np.random.default_rng(0).standard_normal((2, 5 * window), np.float32))
    hann = torch.hann_window(window)

    found = stft(
        onnxscript.tensor.Tensor(waves.numpy()),
        window,
        hop,
        window=onnxscript.tensor.Tensor(hann.numpy()),
    ).value

    exact = torch.stft(
        waves.double(), window, hop, window=hann.double(), center=False, return_complex=True
    )
    largest = float(exact.abs().max())
    np.testing.assert_allclose(found, torch.view_as_real(exact).numpy(), atol=1e-6 * largest)


@pytest.mark.parametrize("window", [256, 400, 512])
def test_quiet_tones_beside_a_loud_one_are_no_less_exact_than_in_torch(window: int) -> None:
    steps = np.arange(5 * window)
    hiss = 1e-4 * np.random.default_rng(0).standard_normal(len(steps))
    tone = np.sin(2 * np.pi * 5.3 * steps / window) + hiss
    wave, hann = torch.from_numpy(tone[None].astype(np.float32)), torch.hann_window(window)
    exact, live = (
        torch.stft(kind(wave), window, 80, window=kind(hann), center=False, return_complex=True)
        for kind in (torch.Tensor.double, torch.Tensor.float)
    )

    found = stft(
        onnxscript.tensor.Tensor(wave.numpy()),
        window,
        80,
        window=onnxscript.tensor.Tensor(hann.numpy()),
    ).value

    assert _apart(torch.from_numpy(found), exact) <= _apart(torch.view_as_real(live), exact)


def _apart(parts: Tensor, exact: Tensor) -> float:
    """Return how far the logarithms of the power lie apart at most."""
    power = parts.double().square().sum(-1)
    return float((torch.log(power + 1e-6) - torch.log(exact.abs().square() + 1e-6)).abs().max())
