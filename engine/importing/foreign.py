"""Files that hold no drawing and no data that is read: what they are, and what to open instead."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from engine.data.kinds import PICTURES, RECORDINGS
from nodes.errors import LoomError, ProjectError

_ONNX: Final = ".onnx"
_PROGRAMS: Final = (".pt2", ".torchscript", ".tflite", ".pb", ".mlmodel", ".mlpackage", ".gguf")
_WEIGHTS: Final = (".pt", ".pth", ".ckpt", ".bin", ".safetensors", ".h5", ".hdf5", ".keras")

MODEL_SUFFIXES: Final = (_ONNX, *_PROGRAMS, *_WEIGHTS)
"""Of files that people may take for a drawing."""

_OPENED: Final = (
    "Drop a project (.loom), a PNG picture that carries a drawing, PyTorch source (.py), the folder"
    " of a run, or data: a table, arrays, a text, an archive, a folder with one folder per class."
)


def no_drawing(path: Path) -> ProjectError:
    """Say why a file of a trained model cannot be opened; the file is not read."""
    suffix = path.suffix.lower()
    hint = "Open the PyTorch source of the model, a project, or the folder of a run."
    if suffix == _ONNX or suffix in _PROGRAMS:
        what = "an ONNX file" if suffix == _ONNX else f"an exported model ({suffix})"
        why = f"It is {what}: made to be run by other programs, and not to be drawn again."
    else:
        why = "It holds weights: numbers, and not how the layers are connected."
        hint += (
            " A layer takes weights from a file in Properties, under Training."
            if suffix == ".safetensors"
            else " Saved as .safetensors, the weights can be given to a layer in Properties."
        )
    return ProjectError("There is no drawing in this file", why=why, where=str(path), hint=hint)


def not_opened(files: Sequence[Path]) -> LoomError:
    """Say why what was dropped is opened by nothing; no file is read."""
    if len(files) > 1:
        return ProjectError(
            "Several files cannot be opened at once",
            why=f"{len(files)} were dropped. A project or a data set is one file or one folder.",
            where=str(files[0].parent),
            hint="To learn from them, put them into one folder for each class and drop the folder "
            "around these.",
        )
    (file,) = files
    suffix = file.suffix.lower()
    sample = {**dict.fromkeys(PICTURES, "picture"), **dict.fromkeys(RECORDINGS, "recording")}
    if suffix in sample:
        return ProjectError(
            f"A single {sample[suffix]} is no data set",
            why="A network learns from many, each with what is to be said about it.",
            where=str(file),
            hint=f"Drop a folder with one folder of {sample[suffix]}s for each class. To see what "
            f"a trained model says about this {sample[suffix]}, drop it on Try it.",
        )
    named = f"Files that end in “{suffix}” are not read." if suffix else "Its name has no ending."
    return ProjectError("This file cannot be opened", why=named, where=str(file), hint=_OPENED)
