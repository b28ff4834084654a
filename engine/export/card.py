"""The words that go with an exported model: names of files, README, requirements, licence note."""

import importlib.metadata
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.evaluate.loading import LoadedRun
from engine.evaluate.samples import held_out
from engine.export.proof import Proof
from nodes.augmentation import Augmentation, in_words
from nodes.own_code import read_code

PACKAGES: Final = ("torch", "numpy", "safetensors", "pillow")
"""What an exported folder needs."""

SOUND_PACKAGES: Final = ("soundfile", "soxr")
"""What it needs to read recordings."""


def slug(name: str) -> str:
    """Return a name for files: ``read-handwritten-digits``."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60].strip("-") or "model"


def plain(text: str) -> str:
    """Drop halves of letters, which JSON can hold but no file of text can."""
    return text.encode("utf-8", "replace").decode("utf-8")


def version(package: str) -> str:
    """Return the version of an installed package, without what it was built for."""
    return importlib.metadata.version(package).partition("+")[0]


def requirements(description: dict[str, Any], code: Sequence[str] = ()) -> str:
    """Return what the folder was proven with, and newer ones up to the next large step.

    Args:
        code: The texts of layers of one's own, which may import packages of their own.
    """
    hears = any(field["kind"] == "audio" for field in description["inputs"])
    lines = []
    needed = (*PACKAGES, *(SOUND_PACKAGES if hears else ()), *_packages_of(code))
    for name in dict.fromkeys(needed):
        major, minor, *_ = (*version(name).split("."), "0")
        lines.append(f"{name}>={major}.{minor},<{int(major) + 1}\n")
    return "".join(lines)


def _packages_of(code: Sequence[str]) -> list[str]:
    """Return the installed packages that code imports."""
    modules = {name.split(".")[0] for text in code for name in read_code(text).imports}
    if not modules:
        return []
    known = importlib.metadata.packages_distributions()
    return sorted({known[name][0].lower() for name in modules if name in known})


def escaped(text: str) -> str:
    """Return any text as one line of Markdown that shows as it is written."""
    line = " ".join("".join(c if c.isprintable() else " " for c in plain(text)).split())
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~&:@/\"'$^=])", r"\\\1", line[:200])


def readme(loaded: LoadedRun, description: dict[str, Any], proof: Proof) -> str:
    """Return the README of an exported folder."""
    title = escaped(loaded.project.name) or "A model"
    example = _example(description["inputs"])
    parts = [
        f"# {title}",
        "A trained model, drawn in Layerloom. It runs without Layerloom.",
        "## Use",
        f"```\npip install -r requirements.txt\npython predict.py {example}\n"
        f"python predict.py --json {example}\n```",
        "```python\nfrom model import load\n\nmodel = load()  # ready to predict\n```",
        _images(description["inputs"]),
        _preparation(description),
        _augmentation(loaded.plan.data.augmentation),
        "## Inputs and outputs",
        _table(description),
        "## Proof",
        _proof(loaded, proof),
        "## Files",
        _files(),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _example(inputs: Sequence[Mapping[str, Any]]) -> str:
    kinds = {field["kind"] for field in inputs}
    types = {field.get("prepare", {}).get("type") for field in inputs}
    if None not in types and "waveform" not in types:
        return '"Some text to read."' if kinds == {"tokens"} else "rows.csv"
    if len(inputs) > 1:
        return "samples.npz"
    return {"image": "image.png", "audio": "recording.wav"}.get(inputs[0]["kind"], "samples.npz")


def _proof(loaded: LoadedRun, proof: Proof) -> str:
    share = held_out(loaded.plan, loaded.data_set)[1]
    kept_aside = "" if share == "training" else " that were kept aside from training"
    return (
        "`predict.py` was run in a process of its own, in which Layerloom cannot be imported. On "
        f"{proof.samples} samples{kept_aside}, its outputs differ from those of the live model by "
        f"at most {proof.largest_difference:g}; {proof.tolerance:g} would pass."
    )


def _images(inputs: Sequence[Mapping[str, Any]]) -> str:
    images = [field for field in inputs if field["kind"] == "image"]
    if not images:
        return ""
    size = "stretched to its size"
    if any(field.get("free") for field in images):
        size = "kept as large as it is, but with `--resize` brought to the size of training,"
    return (
        f"A picture is turned to the colours of the model, {size} and divided by "
        "255. Use `--invert` where the training pictures have light ink on a dark ground and "
        "yours the other way round."
    )


def _preparation(description: dict[str, Any]) -> str:
    if not any(field.get("prepare") for field in description["inputs"]):
        return ""
    return (
        "What comes in is prepared just as in training: `config.json` holds the constants under "
        "`prepare` (means, categories, vocabulary, rate), and `prepare.py` does it. A table needs "
        "the columns named there."
    )


def _augmentation(steps: Sequence[Augmentation]) -> str:
    """Tell how training samples were changed: a note for whoever trains the model again."""
    if not steps:
        return ""
    told = "\n".join(f"{place}. {in_words(step)}" for place, step in enumerate(steps, 1))
    return (
        "## Augmentation\n\n"
        "Training samples were changed at random each time they were seen, in these steps. "
        "Predictions need none of it.\n\n" + told
    )


def _table(description: dict[str, Any]) -> str:
    rows = ["| | name | kind | size of one sample |", "| --- | --- | --- | --- |"]
    rows += [
        f"| input | {escaped(field['name'])} | {field['kind']} | {_size(field)} |"
        for field in description["inputs"]
    ]
    for output in description["outputs"]:
        labels = ", ".join(escaped(label) for label in output["labels"][:20])
        more = f" and {len(output['labels']) - 20} more" if len(output["labels"]) > 20 else ""
        kind = output["kind"].replace("_", " or ")
        rows.append(f"| output | {escaped(output['name'])} | {kind} | {labels}{more} |")
    return "\n".join(rows)


def _size(field: Mapping[str, Any]) -> str:
    """Return the size of one sample in training, and which others there may be."""
    size = "×".join(str(length) for length in field["shape"]) or "one number"
    step = max(field.get("free", ()), default=0)
    others = ", or others" if step == 1 else f", or other multiples of {step}"
    return size + others if step else size


def _files() -> str:
    return (
        "* `model.py`: the model in plain PyTorch, and `load()`\n"
        "* `weights.safetensors`: its weights; the metadata holds the drawing, to open it again\n"
        "* `config.json`: inputs, outputs, labels, the proof and versions\n"
        "* `predict.py`: files in, answers out; `prepare.py`: what is done to them first; "
        "`reading.py`: how files are read; `writing.py`: how text is written\n"
        "* `requirements.txt`, `LICENSE.md`"
    )


def licence_note(loaded: LoadedRun) -> str:
    """Return what may be done with the files of an exported folder."""
    notice = escaped(loaded.spec.notice) or "none recorded"
    return (
        "# Licence\n\n"
        "`model.py`, `weights.safetensors` and `config.json` were made from your drawing and your "
        "data. They are yours; Layerloom claims no rights in them.\n\n"
        "`predict.py`, `prepare.py`, `reading.py` and `writing.py` are parts of Layerloom and "
        "licensed under the Apache License, Version 2.0 (https://www.apache.org/licenses/LICENSE-2.0).\n\n"
        f"Notice of the training data “{escaped(loaded.spec.title)}”: {notice}\n"
    )
