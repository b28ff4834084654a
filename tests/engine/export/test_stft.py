import numpy as np
import onnxscript
import pytest
import torch

from engine.export.stft import stft


@pytest.mark.parametrize(("window", "hop"), [(400, 160), (6, 2), (27, 9)])
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
