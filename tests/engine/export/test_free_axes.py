from pathlib import Path

import msgspec
import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from exports_here import export_here
from small_runs import Drawing, save_run

from engine.analysis.free_sizes import with_free_sizes
from engine.evaluate.loading import load_run
from engine.project.project import Project

pytestmark = pytest.mark.slow


def what_reads_images_of_any_size() -> Project:
    """Return what reads an image place by place: any number of them."""
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("ImageToSequence", "steps", "data.image")
    drawing.put("LSTM", "lstm", "steps", hidden_size=4)
    drawing.put("Mean", "mean", "lstm", dims=[1])
    drawing.put("Linear", "scores", "mean", out_features=10)
    drawing.put("CrossEntropyLoss", "loss", "scores", "data.label")
    project = drawing.project("Any size")
    data = next(node.id for node in project.graph.nodes.values() if node.kind == "Data")
    graph = with_free_sizes(project.graph, data, ("H", "W"), 1)
    return msgspec.structs.replace(project, graph=graph)


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
