"""Files of trained models that hold no drawing: what they are, and what to open instead."""

from pathlib import Path
from typing import Final

from nodes.errors import ProjectError

_ONNX: Final = ".onnx"
_WEIGHTS: Final = (".pt", ".pth", ".ckpt", ".safetensors", ".h5", ".keras")

MODEL_SUFFIXES: Final = (_ONNX, *_WEIGHTS)
"""Of files that people may take for a drawing."""


def no_drawing(path: Path) -> ProjectError:
    """Say why a file of a trained model cannot be opened; the file is not read."""
    is_onnx = path.suffix.lower() == _ONNX
    why = (
        "It is an ONNX file: they are written when a model is exported, and are not read."
        if is_onnx
        else "It holds weights: numbers, and not how the layers are connected."
    )
    hint = "Open the PyTorch source of the model, a project, or the folder of a run."
    if path.suffix.lower() == ".safetensors":
        hint += " A layer takes weights from a file in Properties, under Learning."
    return ProjectError("There is no drawing in this file", why=why, where=str(path), hint=hint)
