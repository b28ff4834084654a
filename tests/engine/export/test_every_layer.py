from pathlib import Path

import pytest
from small_runs import Drawing, save_run

from engine.export.job import export_run
from engine.project.project import Project

pytestmark = pytest.mark.slow


def layers_of_images() -> Project:
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("Conv2d", "conv", "data.image", out_channels=8, kernel_size=3, stride=2)
    drawing.put("BatchNorm2d", "batch_norm", "conv")
    drawing.put("ELU", "elu", "batch_norm")
    drawing.put("AvgPool2d", "average", "elu")
    drawing.put("GroupNorm", "group_norm", "average")
    drawing.put("GELU", "gelu", "group_norm")
    drawing.put("Dropout2d", "dropout", "gelu")
    drawing.put("Conv2d", "gate", "dropout", out_channels=8, kernel_size=3, activation="Hardswish")
    drawing.put("Multiply", "multiply", "dropout", "gate")
    drawing.put("Upsample", "upsample", "multiply")
    drawing.put("ConvTranspose2d", "transposed", "upsample", out_channels=4, kernel_size=2)
    drawing.put("SiLU", "silu", "transposed")
    drawing.put("Concat", "concat", "silu", "transposed")
    drawing.put("AdaptiveAvgPool2d", "adaptive", "concat", output_size=5)
    drawing.put("GlobalAvgPool2d", "pooled", "adaptive")
    return scored(drawing, "pooled")


def layers_of_sequences() -> Project:
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("Reshape", "rows", "data.image", sizes=(28, 28))
    last = drawing.put("Conv1d", "conv", "rows", out_channels=8, kernel_size=3)
    for kind in (
        *("BatchNorm1d", "MaxPool1d", "AvgPool1d", "LayerNorm", "RMSNorm", "Softplus"),
        *("Tanh", "Sigmoid", "LeakyReLU", "Softmax", "Dropout"),
    ):
        last = drawing.put(kind, kind, last)
    return scored(drawing, last)


def scored(drawing: Drawing, last: str) -> Project:
    drawing.put("Flatten", "flatten", last)
    drawing.put("Linear", "scores", "flatten", out_features=10)
    drawing.put("CrossEntropyLoss", "loss", "scores", "data.label")
    return drawing.project("Many layers")


@pytest.mark.parametrize("project", [layers_of_images(), layers_of_sequences()])
def test_every_kind_of_layer_can_be_taken_to_onnx(tmp_path: Path, project: Project) -> None:
    made = export_run(save_run(tmp_path / "run", project), "onnx")

    assert made.largest_difference <= 1e-5
    assert made.details["Same class"] == "16 of 16"
