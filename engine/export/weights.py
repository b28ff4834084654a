"""Weights as a safetensors file that says what they belong to."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import safetensors
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from engine.compile.module import compile_plan
from engine.data.meaning import describe
from engine.evaluate.loading import LoadedRun
from engine.export.card import plain, slug, version
from engine.export.proof import Made, Outputs, Report, details_of, prove
from engine.project.codec import to_text


def write_safetensors(
    loaded: LoadedRun, samples: Mapping[str, Tensor], folder: Path, report: Report
) -> Made:
    """Write the weights and prove them by loading them into a model made anew."""
    report("writing", "Writes the weights", 0.4)
    path = folder / f"{slug(loaded.project.name)}.safetensors"
    save_weights(loaded, path)
    report("checking", "Loads them again and compares", 0.7)
    again = compile_plan(loaded.plan)
    again.module.load_state_dict(load_file(path))
    again.module.eval()

    def answer(batch: dict[str, Tensor]) -> Outputs:
        with torch.inference_mode():
            return [np.asarray(output) for output in again.outputs(batch)]

    proof = prove(
        loaded,
        samples,
        answer,
        checked_with="PyTorch, loaded anew",
        versions={"torch": version("torch"), "safetensors": safetensors.__version__},
    )
    return Made(path=path, proof=proof, details=details_of(proof))


def save_weights(loaded: LoadedRun, path: Path) -> None:
    """Write the state of the model with its labels, inputs and drawing."""
    state = {
        # Tensors that share memory are refused, and views would save the whole of what they view.
        name: tensor.detach().clone().contiguous()
        for name, tensor in loaded.compiled.module.state_dict().items()
    }
    path.touch()
    usual = path.stat().st_mode
    save_file(state, path, metadata=metadata(loaded))
    # safetensors makes files that only their owner can read.
    path.chmod(usual)


def metadata(loaded: LoadedRun) -> dict[str, str]:
    """Return what an export carries about itself, as text."""
    description = describe(loaded.plan, loaded.spec)
    main = description["outputs"][description["main_output"]]
    return {
        "format": "pt",
        "layerloom.format": "1",
        "layerloom.name": plain(loaded.project.name),
        "layerloom.inputs": json.dumps(description["inputs"]),
        "layerloom.outputs": json.dumps(description["outputs"]),
        "layerloom.labels": json.dumps(main["labels"]),
        "layerloom.weights": loaded.weights,
        "layerloom.graph": plain(to_text(loaded.project)),
    }
