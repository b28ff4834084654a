from pathlib import Path

import pytest
from exports_here import export_here
from small_runs import Drawing, save_run

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
        *("Tanh", "Sigmoid", "LeakyReLU", "RReLU", "Softmax", "Dropout"),
    ):
        last = drawing.put(kind, kind, last)
    return scored(drawing, last)


def layers_of_text() -> Project:
    """Some rows of an image are a token: where their brightest pixel stands."""
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("Reshape", "rows", "data.image", sizes=(4, 196))
    drawing.put("ArgMax", "tokens", "rows", dim=2)
    drawing.put("Compare", "padding", "tokens", value=200.0)
    last = drawing.put("Embedding", "embedding", "tokens", embedding_dim=8)
    for kind, params in (
        ("Standardize", {"dim": -1}),
        ("LearnedPositions", {}),
        ("SinusoidalPositions", {}),
        ("CausalSelfAttention", {"num_heads": 2, "rotary": True}),
        ("GatedMLP", {"hidden_features": 6}),
        ("ClassToken", {}),
    ):
        last = drawing.put(kind, kind, last, **params)
    small = {"num_heads": 2, "dim_feedforward": 6}
    drawing.put("TransformerEncoder", "encoder", last, causal=True, **small, num_layers=1)
    drawing.put("TransformerDecoderLayer", "decoder", "embedding", "encoder", "padding", **small)
    drawing.put("MultiheadAttention", "attention", "decoder", "encoder", num_heads=2)
    drawing.put("ScaledDotProductAttention", "looks", "attention", "encoder", "encoder")
    drawing.put("ScaledDotProductAttention", "back", "looks", "looks", "looks", causal=True)
    drawing.put("LSTM", "lstm", "back", hidden_size=6, num_layers=2)
    drawing.put("GRU", "gru", "lstm", "lstm.h", hidden_size=6, num_layers=2)
    drawing.put("RNN", "rnn", "gru", hidden_size=5, bidirectional=True, return_sequence=False)
    return scored(drawing, "rnn")


def operations() -> Project:
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("PatchEmbedding", "patches", "data.image", features=16, patch_size=7)
    drawing.put("Chunk", "halves", "patches", dim=2)
    drawing.put("MatMul", "likeness", "halves.y1", "halves.y2", transpose_b=True)
    drawing.put("Einsum", "mixed", "likeness", "halves.y1", equation="bts,bsd->btd")
    drawing.put("Split", "parts", "mixed", dim=2, sizes=(3, 5))
    drawing.put("Slice", "every_other", "parts.y2", dim=2, start=1, step=2)
    drawing.put("Sin", "waves", "every_other")
    drawing.put("Stack", "stacked", "every_other", "waves")
    drawing.put("Permute", "turned", "stacked", order=(3, 1, 2))
    drawing.put("ReflectionPad2d", "padded", "turned")
    drawing.put("LPPool2d", "pooled", "padded")
    drawing.put("InstanceNorm2d", "norm", "pooled")
    drawing.put("SqueezeExcite", "excited", "norm", reduction=1)
    drawing.put("Interpolate", "resized", "excited", size=(4, 3), mode="bilinear")
    drawing.put("Std", "spread", "resized", dims=(2, 3), keepdim=True)
    drawing.put("Divide", "scaled", "resized", "spread")
    drawing.put("ImageToSequence", "steps", "scaled")
    drawing.put("Compare", "flags", "steps", relation="above")
    drawing.put("Square", "squared", "steps")
    drawing.put("Where", "chosen", "flags", "squared", "steps")
    drawing.put("CumulativeSum", "summed", "chosen")
    drawing.put("Normalize", "unit", "summed")
    return scored(drawing, "unit")


def scored(drawing: Drawing, last: str) -> Project:
    drawing.put("Flatten", "flatten", last)
    drawing.put("Linear", "scores", "flatten", out_features=10)
    drawing.put("CrossEntropyLoss", "loss", "scores", "data.label")
    return drawing.project("Many layers")


@pytest.mark.parametrize(
    "project", [layers_of_images(), layers_of_sequences(), layers_of_text(), operations()]
)
def test_every_kind_of_layer_can_be_taken_to_onnx(tmp_path: Path, project: Project) -> None:
    made = export_here(save_run(tmp_path / "run", project), "onnx")

    assert made.largest_difference <= 1e-5
    assert made.details["Same class"] == "16 of 16"
