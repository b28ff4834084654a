import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from exports_here import export_here
from PIL import Image
from small_runs import save_run, what_reads_images_of_any_size

from engine.evaluate.loading import load_run

pytestmark = pytest.mark.slow


def test_sizes_that_are_free_in_the_drawing_are_free_in_the_file(tmp_path: Path) -> None:
    run = save_run(tmp_path / "run", what_reads_images_of_any_size())
    made = export_here(run, "onnx")
    model = onnx.load(made.path)
    images = np.random.default_rng(0).random((3, 1, 9, 20), np.float32)
    with torch.inference_mode():
        expected = load_run(run).compiled.module(torch.from_numpy(images)).numpy()

    session = onnxruntime.InferenceSession(made.path, providers=["CPUExecutionProvider"])
    found = session.run(None, {"image": images})[0]

    np.testing.assert_allclose(found, expected, atol=1e-5)
    sizes = model.graph.input[0].type.tensor_type.shape.dim
    assert [size.dim_param or size.dim_value for size in sizes] == ["batch", 1, "H", "W"]
    assert made.details["Other sizes"] == "image 1×21×21"


def test_a_folder_takes_a_picture_as_large_as_it_is(tmp_path: Path) -> None:
    run = save_run(tmp_path / "run", what_reads_images_of_any_size())
    made = export_here(run, "source")
    pixels = np.random.default_rng(0).integers(0, 255, (9, 20), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    np.save(tmp_path / "wide.npy", np.stack([pixels, pixels]))
    with torch.inference_mode():
        whole = torch.from_numpy(pixels)[None, None] / 255
        expected = load_run(run).compiled.module(whole).numpy()

    command = [sys.executable, "predict.py", "--json", str(tmp_path / "wide.png")]
    command.append(str(tmp_path / "wide.npy"))
    done = subprocess.run(command, cwd=made.path, capture_output=True, check=True)

    found = np.array([json.loads(line)["outputs"][0] for line in done.stdout.splitlines()])
    np.testing.assert_allclose(found, np.repeat(expected, 3, axis=0), atol=1e-5)
    assert made.details["Other sizes"] == "image 1×21×21"
    assert "1×28×28, or others" in (Path(made.path) / "README.md").read_text(encoding="utf-8")
