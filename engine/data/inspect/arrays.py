"""Looking at NumPy and IDX files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.data.amounts import grouped
from engine.data.arrays import array_keys, not_finite, open_array
from engine.data.inspect.classes import about_classes, counted
from engine.data.inspect.report import MOST_NAMED, Finding, Inspection
from engine.graph.names import identifier, unique
from nodes.errors import DataError
from nodes.sources import Arrays

Array = npt.NDArray[Any]

_MOST_CLASSES = 1000
_OF_SEVERAL = (".npz", ".safetensors")
_PARTNERS = (("images-idx3", "labels-idx1"), ("data", "labels"), ("x", "y"), ("X", "y"))


def inspect_arrays(path: Path) -> Inspection:
    """Look at the arrays of a file, and at the labels beside it."""
    try:
        keys = array_keys(path) if path.suffix in _OF_SEVERAL else (path.name, *_beside(path))
        found = {key: open_array(path, key) for key in keys}
    except DataError as error:
        stop = Finding(code="unreadable", title=error.title, why=error.why, weight="stop")
        return Inspection(path=str(path), title="Arrays", findings=(stop,))
    lengths = [len(array) for array in found.values() if array.ndim]
    samples = max(lengths, key=lengths.count) if lengths else 0
    used = {key: array for key, array in found.items() if array.ndim and len(array) == samples}
    names = _names(used)
    labels = tuple(names[key] for key, array in used.items() if _is_label(array))
    images = tuple(names[key] for key, array in used.items() if _is_image(array))
    classes = _classes(used, names, labels)
    return Inspection(
        path=str(path),
        title="Arrays",
        name=path.name.partition(".")[0] or "arrays",
        source=Arrays(
            path=str(path.absolute()),
            fields=tuple((names[key], key) for key in used),
            labels=labels,
            images=images,
        ),
        samples=samples,
        files=1 if path.suffix in _OF_SEVERAL else len(used),
        size_bytes=path.stat().st_size,
        classes=classes,
        class_column=labels[0] if labels else "",
        facts=tuple((names[key], _described(array)) for key, array in used.items()),
        findings=(
            *_left_out(found, used, samples),
            *_about_broken(used, samples),
            *about_classes(classes),
        ),
        split_by="stratified" if labels else "random",
    )


def _beside(path: Path) -> tuple[str, ...]:
    """Return the file of labels that goes with a file of samples."""
    for first, second in _PARTNERS:
        partner = path.with_name(path.name.replace(first, second))
        if partner != path and partner.is_file():
            return (partner.name,)
    return ()


def _names(used: dict[str, Array]) -> dict[str, str]:
    names: dict[str, str] = {}
    for key, array in used.items():
        usual = "label" if _is_label(array) else "image" if _is_image(array) else ""
        plain = key.partition(".")[0] if len(key) > 2 and not usual else usual or key
        names[key] = unique(identifier(plain, fallback="field"), set(names.values()))
    return names


def _is_label(array: Array) -> bool:
    is_flat = array.ndim == 1 or array.shape[1:] == (1,)
    if not is_flat or array.dtype.kind not in "iub" or not len(array):
        return False
    return int(array.min()) >= 0 and int(array.max()) < _MOST_CLASSES


def _is_image(array: Array) -> bool:
    if array.ndim == 4:
        return bool(min(array.shape[1], array.shape[3]) <= 4)
    return bool(array.ndim == 3 and array.dtype == np.uint8)


def _classes(
    used: dict[str, Array], names: dict[str, str], labels: tuple[str, ...]
) -> tuple[tuple[str, int], ...]:
    for key, array in used.items():
        if labels and names[key] == labels[0]:
            counts = np.bincount(array.reshape(-1).astype(np.int64))
            return tuple((str(number), int(count)) for number, count in enumerate(counts) if count)
    return counted(())


def _described(array: Array) -> str:
    sizes = "×".join(str(size) for size in array.shape[1:]) or "one number"
    return f"{sizes}, {array.dtype}"


def _left_out(found: dict[str, Array], used: dict[str, Array], samples: int) -> list[Finding]:
    others = [key for key in found if key not in used]
    findings = []
    if not samples:
        findings.append(Finding(code="nothing", title="The arrays are empty", weight="stop"))
    if others:
        findings.append(
            Finding(
                code="lengths",
                title=f"{len(others)} arrays are passed over",
                why=f"{', '.join(others[:3])}: they do not hold {samples} samples.",
                count=len(others),
            )
        )
    return findings


def _about_broken(used: Mapping[str, Array], samples: int) -> list[Finding]:
    """Say which samples hold values that are no numbers."""
    broken = {key: not_finite(array) for key, array in used.items() if array.dtype.kind == "f"}
    places = np.unique(np.concatenate([np.empty(0, np.int64), *broken.values()]))
    if not len(places):
        return []
    names = ", ".join([key for key, found in broken.items() if len(found)][:3])
    some = ", ".join(str(place) for place in places[:3])
    more = f" and {len(places) - 3} more" if len(places) > 3 else ""
    return [
        Finding(
            code="not_finite",
            title=f"{grouped(len(places))} of {grouped(samples)} samples hold values that are "
            "infinite or not a number",
            why=f"They are in {names}: sample {some}{more}. Training would end at once.",
            weight="choice" if len(places) < samples else "stop",
            count=len(places),
            examples=tuple(str(place) for place in places[:MOST_NAMED]),
        )
    ]
