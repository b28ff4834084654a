"""A folder of readable PyTorch that runs without Layerloom, proven where Layerloom cannot run."""

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from engine.data import prepare, writing
from engine.data.meaning import answer_field, describe, main_meaning
from engine.evaluate import reading, standalone
from engine.evaluate.loading import LoadedRun
from engine.export import isolation
from engine.export.card import PACKAGES, licence_note, plain, readme, requirements, slug, version
from engine.export.free_axes import other_sizes
from engine.export.proof import (
    Made,
    Outputs,
    Proof,
    Report,
    details_of,
    prove,
    prove_also,
    sizes_of,
)
from engine.export.weights import save_weights
from nodes.errors import ExportError

SOURCE_FORMAT: Final = "layerloom.source"
PATIENCE_SECONDS: Final = 300

_LOAD: Final = '''

def load() -> {name}:
    """Return the trained model, ready to predict; its weights lie beside this file."""
    import pathlib

    import safetensors.torch

    model = {name}()
    folder = pathlib.Path(__file__).resolve().parent
    model.load_state_dict(safetensors.torch.load_file(folder / "weights.safetensors"))
    return model.eval()
'''


def write_source_folder(
    loaded: LoadedRun, samples: Mapping[str, Tensor], folder: Path, report: Report
) -> Made:
    """Write the folder, then run its ``predict.py`` as a stranger would and compare.

    Raises:
        ExportError: The folder does not run, or gives other answers.
    """
    report("writing", "Writes the source and the weights", 0.3)
    made = folder / slug(loaded.project.name)
    made.mkdir()
    description = describe(loaded.plan, loaded.spec)
    _write(made / "model.py", loaded.compiled.source.text + _load_function(loaded))
    _write_config(made, loaded, description, None)
    _write_programs(made)
    save_weights(loaded, made / "weights.safetensors")
    report("checking", "Runs it where Layerloom cannot be imported", 0.6)
    proof = _prove(loaded, _as_asked(loaded, samples), made, folder)
    _write_config(made, loaded, description, proof)
    _write(made / "requirements.txt", requirements(description, loaded.plan.code))
    _write(made / "README.md", readme(loaded, description, proof))
    _write(made / "LICENSE.md", licence_note(loaded))
    return Made(path=made, proof=proof, details=details_of(proof))


def _write_programs(made: Path) -> None:
    """Write ``predict.py``, and beside it what prepares its inputs just as in training."""
    files = {"predict.py": standalone, "reading.py": reading, "writing.py": writing}
    for name, module in files.items():
        program = Path(str(module.__file__)).read_text(encoding="utf-8")
        program = program.replace("from engine.evaluate.reading import", "from reading import")
        _write(made / name, program.replace("from engine.data import ", "import "))
    shutil.copyfile(prepare.__file__, made / "prepare.py")


def _load_function(loaded: LoadedRun) -> str:
    return _LOAD.format(name=loaded.compiled.source.class_name)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_config(
    folder: Path, loaded: LoadedRun, description: dict[str, Any], proof: Proof | None
) -> None:
    config = {
        "format": SOURCE_FORMAT,
        "version": 1,
        "name": plain(loaded.project.name),
        **description,
        "weights": loaded.weights,
        "versions": _versions(),
        "proof": msgspec.to_builtins(proof),
    }
    _write(folder / "config.json", json.dumps(config, indent=2) + "\n")


def _versions() -> dict[str, str]:
    return {package: version(package) for package in PACKAGES}


def _as_asked(loaded: LoadedRun, samples: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """Put what the model answers where the data set has the right answer, as ``predict.py`` does.

    Else a model that is not perfect yet would be compared with itself after other tokens.
    """
    name, main = answer_field(loaded.plan, loaded.spec), main_meaning(loaded.plan)
    if not name or main is None:
        return samples
    inputs = {each: samples[each] for each in loaded.plan.inputs}
    with torch.inference_mode():
        return writing.fill_answer(
            lambda known: loaded.compiled.outputs(dict(known))[main.output], inputs, name
        )


def _prove(loaded: LoadedRun, samples: Mapping[str, Tensor], made: Path, folder: Path) -> Proof:
    proof = prove(
        loaded,
        samples,
        _answering(loaded, samples, made, folder),
        checked_with="predict.py, in a process without Layerloom",
        versions=_versions(),
    )
    others = other_sizes(loaded.plan, samples)
    if others is None:
        return proof
    asked = _as_asked(loaded, others)
    answer = _answering(loaded, asked, made, folder)
    return prove_also(proof, asked, loaded.compiled.outputs, answer)


def _answering(
    loaded: LoadedRun, samples: Mapping[str, Tensor], made: Path, folder: Path
) -> Callable[[dict[str, Tensor]], Outputs]:
    """Ask the folder for batches of each size, and return what gives its answers."""
    count = len(samples[loaded.plan.inputs[0]])
    files = {size: _file_of(loaded, samples, size, folder) for size in sizes_of(count)}
    answers = _predict(made, list(files.values()), folder)
    by_size: dict[int, Outputs] = {}
    for size in files:
        by_size[size] = _stacked(answers[:size], size)
        answers = answers[size:]
    return lambda batch: by_size[len(batch[loaded.plan.inputs[0]])]


def _file_of(loaded: LoadedRun, samples: Mapping[str, Tensor], size: int, folder: Path) -> Path:
    """Write samples as a person would give them: one as a picture where it is one, else arrays."""
    inputs = {name: samples[name][:size].numpy() for name in loaded.plan.inputs}
    picture = _as_picture(next(iter(inputs.values()))) if size == len(inputs) == 1 else None
    if picture is not None:
        path = folder / "sample.png"
        picture.save(path)
        return path
    path = folder / f"samples-{size}.npz"
    save_arrays(path, inputs)
    return path


def save_arrays(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write arrays by name, as ``np.load`` reads them."""
    # np.savez takes names as arguments, and an input may be called ``file``.
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w") as file:
                np.lib.format.write_array(file, array, allow_pickle=False)


def _as_picture(images: npt.NDArray[Any]) -> Image.Image | None:
    """Return the one image of a batch; None where 8 bits a colour do not hold it exactly."""
    if images.ndim != 4 or images.shape[1] not in (1, 3):
        return None
    pixels = np.rint(images[0] * 255)
    exact = pixels.min() >= 0 and pixels.max() <= 255
    if not exact or np.abs(pixels / 255 - images[0]).max() > 1e-6:
        return None
    rows = pixels.astype(np.uint8).transpose(1, 2, 0)
    return Image.fromarray(rows[..., 0] if rows.shape[2] == 1 else rows)


def _predict(made: Path, files: Sequence[Path], folder: Path) -> list[dict[str, Any]]:
    command = [sys.executable, "-I", isolation.__file__, str(made / "predict.py"), "--json"]
    command += [str(file) for file in files]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, timeout=PATIENCE_SECONDS, check=True
        )
    except subprocess.TimeoutExpired as error:
        raise _does_not_run(f"It gave no answer within {PATIENCE_SECONDS} s.") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines() or ["It said nothing."]
        raise _does_not_run(said[-1]) from error
    # Compiled files of this process would be no use to others.
    shutil.rmtree(made / "__pycache__", ignore_errors=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _stacked(answers: Sequence[dict[str, Any]], size: int) -> Outputs:
    if len(answers) != size:
        raise _does_not_run(f"It gave {len(answers)} answers for {size} samples.")
    outputs = zip(*(answer["outputs"] for answer in answers), strict=True)
    return [np.array(output) for output in outputs]


def _does_not_run(why: str) -> ExportError:
    return ExportError(
        "The exported folder does not run by itself",
        why=why,
        where="predict.py",
        hint="Export ONNX or safetensors instead.",
    )
