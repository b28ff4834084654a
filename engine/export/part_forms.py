"""One network of a drawing taken away as source or weights, proven on what it was given."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import safetensors
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from engine.compile.module import compile_plan
from engine.export import isolation
from engine.export.card import escaped, plain, slug, version
from engine.export.part import Part, as_tuple, source_of
from engine.export.proof import Made, Outputs, Proof, Report, details_of, prove_alike, prove_also
from engine.export.source import SOURCE_FORMAT, save_arrays
from nodes.errors import ExportError
from nodes.tensors import text_of

_PATIENCE_SECONDS: Final = 300

_LOAD: Final = '''

def load() -> {name}:
    """Return the trained network, ready to compute; its weights lie beside this file."""
    import pathlib

    import safetensors.torch

    network = {made_by}
    folder = pathlib.Path(__file__).resolve().parent
    network.load_state_dict(safetensors.torch.load_file(folder / "weights.safetensors"))
    return network.eval()
'''

_COMPUTE: Final = '''"""Arrays in, arrays out: ``python compute.py INPUTS.npz OUTPUTS.npz``."""

import sys

import numpy as np
import torch

from model import load

INPUTS = {inputs!r}
OUTPUTS = {outputs!r}


def main() -> None:
    """Compute the outputs of a batch."""
    given = np.load(sys.argv[1], allow_pickle=False)
    with torch.inference_mode():
        found = load()(*(torch.from_numpy(given[name]) for name in INPUTS))
    found = (found,) if isinstance(found, torch.Tensor) else tuple(found)
    arrays = {{name: values.numpy() for name, values in zip(OUTPUTS, found)}}
    np.savez(sys.argv[2], **arrays)


if __name__ == "__main__":
    main()
'''


def write_part_source(part: Part, folder: Path, report: Report) -> Made:
    """Write a folder with the network alone, and run it where Layerloom cannot be imported.

    Raises:
        ExportError: The folder does not run, or gives other answers.
    """
    report("writing", "Writes the source and the weights", 0.3)
    made = folder / slug(part.name)
    made.mkdir()
    load = _LOAD.format(name=part.class_name, made_by=part.made_by)
    _write(made / "model.py", source_of(part) + load)
    compute = _COMPUTE.format(inputs=list(part.inputs), outputs=list(part.outputs))
    _write(made / "compute.py", compute)
    _save(part, made / "weights.safetensors")
    report("checking", "Runs it where Layerloom cannot be imported", 0.6)
    proof = proven(
        part,
        lambda batch: _computed(part, batch, made, folder),
        "compute.py, in a process without Layerloom",
        {name: version(name) for name in ("torch", "numpy", "safetensors")},
    )
    shutil.rmtree(made / "__pycache__", ignore_errors=True)
    _write(made / "README.md", _readme(part, proof))
    config = {"format": SOURCE_FORMAT, "name": plain(part.name), "proof": proof}
    _write(made / "config.json", msgspec.json.format(msgspec.json.encode(config)).decode() + "\n")
    return Made(path=made, proof=proof, details=details_of(proof))


def write_part_weights(part: Part, folder: Path, report: Report) -> Made:
    """Write the weights and prove them by loading them into a network made anew."""
    report("writing", "Writes the weights", 0.4)
    path = folder / f"{slug(part.name)}.safetensors"
    _save(part, path)
    report("checking", "Loads them again and compares", 0.7)
    again = compile_plan(part.loaded.plan).module.get_submodule(part.attribute)
    again.load_state_dict(load_file(path))
    again.eval()

    def answer(batch: dict[str, Tensor]) -> Outputs:
        with torch.inference_mode():
            return [np.asarray(output) for output in as_tuple(again(*batch.values()))]

    versions = {"torch": version("torch"), "safetensors": safetensors.__version__}
    proof = proven(part, answer, "PyTorch, loaded anew", versions)
    return Made(path=path, proof=proof, details=details_of(proof))


def proven(
    part: Part,
    answer: Callable[[dict[str, Tensor]], Outputs],
    checked_with: str,
    versions: dict[str, str],
) -> Proof:
    """Return how far its answers are from those of the live network.

    Raises:
        ExportError: They are others.
    """
    proof = prove_alike(
        part.inputs, part.answers, answer, checked_with=checked_with, versions=versions
    )
    return proof if part.others is None else prove_also(proof, part.others, part.answers, answer)


def _save(part: Part, path: Path) -> None:
    state = {name: t.detach().clone().contiguous() for name, t in part.module.state_dict().items()}
    path.touch()
    usual = path.stat().st_mode
    save_file(state, path, metadata={"format": "pt", **metadata(part)})
    # safetensors makes files that only their owner can read.
    path.chmod(usual)


def metadata(part: Part) -> dict[str, str]:
    """Return what a file says of where it comes from."""
    return {
        "layerloom.name": plain(part.loaded.project.name),
        "layerloom.part": plain(part.name),
        "layerloom.weights": part.loaded.weights,
    }


def _computed(part: Part, batch: Mapping[str, Tensor], made: Path, folder: Path) -> Outputs:
    given, found = folder / "given.npz", folder / "found.npz"
    save_arrays(given, {name: values.numpy() for name, values in batch.items()})
    command = [sys.executable, "-I", isolation.__file__, str(made / "compute.py")]
    try:
        subprocess.run(
            [*command, str(given), str(found)],
            cwd=folder,
            capture_output=True,
            timeout=_PATIENCE_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise _does_not_run(f"It gave no answer within {_PATIENCE_SECONDS} s.") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines() or ["It said nothing."]
        raise _does_not_run(said[-1]) from error
    with np.load(found, allow_pickle=False) as arrays:
        return [arrays[name] for name in part.outputs]


def _readme(part: Part, proof: Proof) -> str:
    inputs = "\n".join(
        f"* `{name}`: {text_of(values.shape[1:])}{', or others' if part.axes[name] else ''}"
        for name, values in part.inputs.items()
    )
    return (
        f"# {escaped(part.name)}\n\n"
        f"One trained network of “{escaped(part.loaded.project.name)}”, drawn in Layerloom. It "
        "runs without Layerloom, with torch, numpy and safetensors.\n\n"
        "## Use\n\n"
        "```python\nfrom model import load\n\nnetwork = load()\n```\n\n"
        "`python compute.py INPUTS.npz OUTPUTS.npz` computes a batch of arrays.\n\n"
        f"## Inputs, one sample each\n\n{inputs}\n\n"
        "## Proof\n\n"
        f"On {proof.samples} samples its outputs differ from those of the live network by at most "
        f"{proof.largest_difference:g}; {proof.tolerance:g} would pass.\n\n"
        "## Licence\n\n"
        "`model.py` and the weights were made from your drawing and your data and are yours. "
        "`compute.py` is licensed under the Apache License, Version 2.0.\n\n"
        f"Notice of the training data: {escaped(part.loaded.spec.notice) or 'none recorded'}\n"
    )


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _does_not_run(why: str) -> ExportError:
    return ExportError(
        "The exported folder does not run by itself",
        why=why,
        where="compute.py",
        hint="Export ONNX or safetensors instead.",
    )
