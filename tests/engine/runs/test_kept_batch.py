from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from engine.runs.kept_batch import read_batch
from nodes.errors import RunError


def test_a_kept_batch_is_told_field_by_field(tmp_path: Path) -> None:
    images = np.linspace(-1, 1, 3 * 2 * 2, dtype=np.float32).reshape(3, 1, 2, 2)
    images[1, 0, 0, 0] = np.nan
    file = tmp_path / "batch.safetensors"
    save_file({"image": images, "label": np.array([4, 0, 9])}, file)

    batch = read_batch(file)

    image, label = batch.fields
    assert (image.name, image.sizes, image.lost) == ("image", (3, 1, 2, 2), 1)
    assert (label.low, label.high, label.lost) == (0.0, 9.0, 0)
    assert len(batch.pictures) == 3
    assert batch.pictures[0][0, 0, 0] == 0 and batch.pictures[2][0, 1, 1] == 255


def test_a_batch_without_any_number_is_told_too(tmp_path: Path) -> None:
    save_file({"x": np.full((2, 3), np.inf, np.float32)}, tmp_path / "batch.safetensors")

    batch = read_batch(tmp_path / "batch.safetensors")

    assert batch.fields[0].low is None and batch.fields[0].lost == 6
    assert not batch.pictures


@pytest.mark.parametrize("content", [None, b"", b"torn"])
def test_a_batch_that_is_gone_or_torn_is_told_in_words(
    tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "batch.safetensors"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(RunError, match="cannot be read"):
        read_batch(file)
