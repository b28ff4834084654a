"""One network of a drawing, taken away by itself."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from builders import Drawing, a_project
from exports_here import export_here
from safetensors.torch import load_file
from small_runs import a_small_cnn, save_run, with_any_size
from training_runs import a_gan

from engine.evaluate.loading import load_run
from engine.export.job import ExportResult, Target
from engine.export.networks import networks
from engine.export.part import find_part, source_of
from engine.project.project import Project
from nodes.errors import ExportError

pytestmark = pytest.mark.slow

SAMPLES = {"image": torch.rand(4, 1, 28, 28)}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_run(tmp_path_factory.mktemp("runs") / "run", a_gan())


def expected(run: Path, noise: torch.Tensor) -> Any:
    with torch.inference_mode():
        return load_run(run).compiled.module.get_submodule("maker")(noise).numpy()


def taken(run: Path, to: Target, folder: Path) -> ExportResult:
    return export_here(run, to, folder / "maker", part="maker")


def test_the_networks_of_a_drawing_are_those_with_weights_of_their_own(run: Path) -> None:
    assert sorted(networks(load_run(run).project)) == ["judge", "maker"]
    assert not networks(a_small_cnn())


def test_onnxruntime_gives_what_the_network_alone_gives(run: Path, tmp_path: Path) -> None:
    made = taken(run, "onnx", tmp_path)

    session = onnxruntime.InferenceSession(made.path, providers=["CPUExecutionProvider"])
    for batch in (1, 5):
        noise = torch.randn(batch, 8)
        (found,) = session.run(["y"], {"x": noise.numpy()})
        np.testing.assert_allclose(found, expected(run, noise), atol=1e-5)
    assert made.largest_difference <= made.tolerance and made.samples == 16


def test_a_folder_holds_the_network_alone_and_runs_by_itself(run: Path, tmp_path: Path) -> None:
    made = taken(run, "source", tmp_path)
    noise = torch.randn(3, 8)
    np.savez(tmp_path / "in.npz", x=noise.numpy())

    command = [sys.executable, "compute.py", str(tmp_path / "in.npz"), "out.npz"]
    subprocess.run(command, cwd=made.path, check=True)

    found = np.load(Path(made.path) / "out.npz")["y"]
    np.testing.assert_allclose(found, expected(run, noise), atol=1e-6)
    text = (Path(made.path) / "model.py").read_text(encoding="utf-8")
    assert "class Maker" in text and "Judge" not in text and "training_loss" not in text


def test_weights_are_those_of_the_network_by_its_own_names(run: Path, tmp_path: Path) -> None:
    made = taken(run, "safetensors", tmp_path)

    module = load_run(run).compiled.module.get_submodule("maker")
    found = load_file(made.path)
    assert found.keys() == module.state_dict().keys()
    assert all(torch.equal(found[name], tensor) for name, tensor in module.state_dict().items())


def test_a_network_that_is_not_there_is_told_with_those_that_are(run: Path) -> None:
    with pytest.raises(ExportError, match="no network called “teacher”") as caught:
        find_part(load_run(run), "teacher", SAMPLES)

    assert caught.value.why in ("There is judge, maker.", "There is maker, judge.")


def test_the_source_of_a_network_is_python_that_needs_nothing_else(run: Path) -> None:
    loaded = load_run(run)
    part = find_part(loaded, "judge", SAMPLES)

    text = source_of(part)

    names = [node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    assert names == ["Judge"]
    space: dict[str, Any] = {}
    exec(compile(text, "model.py", "exec"), space)
    again = space["Judge"]()
    again.load_state_dict(part.module.state_dict())
    assert torch.equal(again.eval()(part.inputs["x"]), part.answers(part.inputs)[0])


def a_network_of_any_size() -> Project:
    """Return a network for images of any size, a part of which sees a half of their height."""
    inside = Drawing()
    start = inside.add("Input")
    convolved = inside.add("Conv2d", after=start, out_channels=4, kernel_size=3)
    steps = inside.add("ImageToSequence", after=convolved)
    read = inside.add("GRU", after=steps, hidden_size=3)
    inside.add("Output", after=read)
    drawing = Drawing()
    drawing.define("backbone", inside)
    data = drawing.add("Data")
    halved = drawing.add("MaxPool2d", after=(data, "image"))
    found = drawing.use("backbone", after=halved)
    mean = drawing.add("Mean", after=found, dims=[1])
    scores = drawing.add("Linear", after=mean, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=scores)
    drawing.wire((data, "label"), loss, "target")
    return with_any_size(a_project(drawing.graph))


def test_a_network_alone_takes_the_sizes_that_are_free_in_the_drawing(tmp_path: Path) -> None:
    run = save_run(tmp_path / "run", a_network_of_any_size())
    module = load_run(run).compiled.module.get_submodule("backbone")
    images = torch.rand(3, 1, 7, 11)
    with torch.inference_mode():
        expected = module(images).numpy()

    made = export_here(run, "onnx", part="backbone")

    session = onnxruntime.InferenceSession(made.path, providers=["CPUExecutionProvider"])
    (found,) = session.run(["y"], {"x": images.numpy()})
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert session.get_inputs()[0].shape == ["batch", 1, "H", "W"]
    assert made.details["Other sizes"] == "x 1×10×10"
