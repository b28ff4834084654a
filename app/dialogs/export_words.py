"""What the export dialog says of each target."""

from __future__ import annotations

from dataclasses import dataclass

from app.figures import byte_size, count
from engine.export.job import ExportResult, Target


@dataclass(frozen=True, slots=True)
class TargetWords:
    """One target, in words."""

    title: str
    use: str
    """When to use it, one line."""

    holds: str
    suffix: str
    kinds: str


TARGET_WORDS: dict[Target, TargetWords] = {
    "onnx": TargetWords(
        "ONNX",
        "Servers, phones, browsers",
        "One file with the network and its weights, for any batch size. "
        "It runs in ONNX Runtime and in most other engines.",
        ".onnx",
        "ONNX (*.onnx)",
    ),
    "source": TargetWords(
        "PyTorch source",
        "Readable code to go on with",
        "A folder with the model as PyTorch source, its weights, and a program that "
        "predicts. It runs without Layerloom.",
        "",
        "Folder (*)",
    ),
    "safetensors": TargetWords(
        "Weights",
        "Numbers alone, safe to share",
        "The weights as safetensors: no code inside, readable by every framework.",
        ".safetensors",
        "Weights (*.safetensors)",
    ),
}

SNIPPETS: dict[Target, str] = {
    "onnx": "import onnxruntime\n\nsession = onnxruntime.InferenceSession({0!r})\n",
    "source": "import sys\n\nsys.path.append({0!r})\nfrom model import load\n\nmodel = load()\n",
    "safetensors": "from safetensors.torch import load_file\n\nweights = load_file({0!r})\n",
}


def proof_lines(result: ExportResult) -> list[str]:
    """Say what was made and that it answers alike."""
    if result.largest_difference == 0:
        answer = "equal to the last bit"
    else:
        answer = f"at most {_power(result.largest_difference)} apart"
    return [
        f"**Done and proven.** {byte_size(result.size_bytes)}",
        f"The answers on {count(result.samples)} samples are {answer}; "
        f"up to {_power(result.tolerance)} would have passed.",
        result.path,
    ]


def _power(number: float) -> str:
    """Write a small number as people do: ``3e−7`` with a true minus."""
    return f"{number:.1e}".replace("e-0", "e−").replace("e-", "e−")
