"""Arrays that come in a training and a test part."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from engine.data.inspect import Inspection, inspect_path
from engine.data.opening import open_data
from engine.data.splitting import Split, split_of
from nodes.io import Data

IMAGES = np.arange(20 * 4, dtype=np.uint8).reshape(20, 2, 2)
LABELS = np.arange(20, dtype=np.uint8) % 3


def write_idx(file: Path, values: np.ndarray) -> None:
    header = bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">u4").tobytes()
    file.write_bytes(header + values.tobytes())


def write_mnist(folder: Path, *, tested: np.ndarray = IMAGES[15:]) -> None:
    write_idx(folder / "train-images-idx3-ubyte", IMAGES[:15])
    write_idx(folder / "train-labels-idx1-ubyte", LABELS[:15])
    write_idx(folder / "t10k-images-idx3-ubyte", tested)
    write_idx(folder / "t10k-labels-idx1-ubyte", LABELS[15:])


def as_keras(folder: Path) -> None:
    np.savez(
        folder / "digits.npz",
        x_train=IMAGES[:15],
        y_train=LABELS[:15],
        x_test=IMAGES[15:],
        y_test=LABELS[15:],
    )


def as_files(folder: Path) -> None:
    for name, values in (("x", IMAGES), ("y", LABELS)):
        np.save(folder / f"{name}_train.npy", values[:15])
        np.save(folder / f"{name}_test.npy", values[15:])


def used(found: Inspection) -> tuple[np.ndarray, Split]:
    """Return the pictures and the parts, as somebody gets them who uses what was found."""
    data = Data(dataset="own", source=found.source, split_by=found.split_by, validation_share=0.2)
    data_set = open_data(data)
    return data_set.read("image", np.arange(data_set.spec.samples)), split_of(data_set, data)


@pytest.mark.parametrize("write", [write_mnist, as_keras, as_files])
def test_the_test_part_of_arrays_tests_and_is_never_learnt_from(
    tmp_path: Path, write: Callable[[Path], None]
) -> None:
    write(tmp_path)
    path = tmp_path / "digits.npz"

    found = inspect_path(path if path.exists() else tmp_path)

    assert found.samples == 20 and found.split_by == "given" and found.findings == ()
    assert dict(found.facts)["Test"].startswith("5 samples, as given by ")
    values, parts = used(found)
    assert parts.test.tolist() == [15, 16, 17, 18, 19]
    assert (len(parts.training), len(parts.validation)) == (12, 3)
    assert (values[:, 0] == IMAGES).all()


def test_a_test_part_of_other_sizes_is_passed_over_and_named(tmp_path: Path) -> None:
    write_mnist(tmp_path, tested=np.zeros((5, 3, 3), np.uint8))

    found = inspect_path(tmp_path)

    assert found.samples == 15 and found.split_by == "stratified"
    assert [one.code for one in found.findings] == ["others"]
    assert "t10k-images-idx3-ubyte" in found.findings[0].why


def test_samples_without_a_number_leave_the_test_part_as_it_is(tmp_path: Path) -> None:
    x = np.arange(20, dtype=np.float32)[:, None] * np.ones(3, np.float32)
    x[2, 1] = np.nan
    np.savez(tmp_path / "a.npz", points_train=x[:15], points_test=x[15:])

    source = replace(inspect_path(tmp_path / "a.npz").source, skip_problems=True)
    data = Data(dataset="own", source=source, split_by="given", validation_share=0.0)
    data_set = open_data(data)

    test = split_of(data_set, data).test
    assert data_set.read("points", test)[:, 0].tolist() == [15, 16, 17, 18, 19]
