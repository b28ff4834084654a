"""Looking at NumPy and IDX files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.data.amounts import grouped
from engine.data.arrays import are_alike, array_keys, not_finite, open_array
from engine.data.inspect.classes import about_classes, counted
from engine.data.inspect.report import MOST_NAMED, Finding, Inspection
from engine.graph.names import identifier, unique
from nodes.errors import DataError
from nodes.sources import Arrays

Array = npt.NDArray[Any]

_MOST_CLASSES = 1000
_MOST_JOINED = 1 << 30
"""Bytes of arrays that a test part is put behind; more are mapped, and stay as they are."""

_TRAINING, _TESTS = "train", ("test", "t10k")
_OF_SEVERAL = (".npz", ".safetensors")
_PARTNERS = (("images-idx3", "labels-idx1"), ("data", "labels"), ("x", "y"), ("X", "y"))


def inspect_arrays(path: Path) -> Inspection:
    """Look at the arrays of a file, at the labels beside it and at the test part of both."""
    try:
        keys = array_keys(path) if path.suffix in _OF_SEVERAL else (path.name, *_beside(path))
        tests = _tests(path, keys)
        found = {key: open_array(path, key) for key in keys if key not in tests.values()}
        training, used = _of_most_samples(found)
        held_out = _held_out(path, used, tests)
    except DataError as error:
        stop = Finding(code="unreadable", title=error.title, why=error.why, weight="stop")
        return Inspection(path=str(path), title="Arrays", findings=(stop,))
    whole = {
        key: np.concatenate([array, held_out[key]]) if held_out else array
        for key, array in used.items()
    }
    samples = max(map(len, whole.values()), default=0)
    names = _names(whole, _TRAINING if held_out else "")
    labels = tuple(names[key] for key, array in whole.items() if _is_label(array))
    images = tuple(names[key] for key, array in whole.items() if _is_image(array))
    classes = _classes(whole, names, labels)
    test = tuple((names[key], tests[key]) for key in held_out)
    passed_over = [key for key in keys if key not in used and key not in dict(test).values()]
    return Inspection(
        path=str(path),
        title="Arrays",
        name=path.name.partition(".")[0] or "arrays",
        source=Arrays(
            path=str(path.absolute()),
            fields=tuple((names[key], key) for key in used),
            test=test,
            labels=labels,
            images=images,
        ),
        samples=samples,
        files=1 if path.suffix in _OF_SEVERAL else len(used) + len(test),
        size_bytes=path.stat().st_size,
        classes=classes,
        class_column=labels[0] if labels else "",
        facts=(
            *((names[key], _described(array)) for key, array in whole.items()),
            *_about_test(test, samples - training),
        ),
        findings=(
            *_left_out(passed_over, training),
            *_about_broken(whole, samples),
            *about_classes(classes),
        ),
        split_by="given" if test else "stratified" if labels else "random",
    )


def _of_most_samples(found: Mapping[str, Array]) -> tuple[int, dict[str, Array]]:
    """Return how many samples most arrays hold, and those that do."""
    lengths = [len(array) for array in found.values() if array.ndim]
    samples = max(lengths, key=lengths.count) if lengths else 0
    used = {key: array for key, array in found.items() if array.ndim and len(array) == samples}
    return samples, used


def _tests(path: Path, keys: Sequence[str]) -> dict[str, str]:
    """Return the array of the test part that goes with each of the training part, by their names.

    MNIST calls it ``t10k``.
    """
    found = {}
    for key in keys:
        for word in _TESTS:
            test = key.replace(_TRAINING, word)
            is_there = test in keys if path.suffix in _OF_SEVERAL else _is_file(path, test)
            if test != key and is_there:
                found[key] = test
    return found


def _is_file(path: Path, name: str) -> bool:
    return path.with_name(name).is_file()


def _held_out(path: Path, used: Mapping[str, Array], tests: Mapping[str, str]) -> dict[str, Array]:
    """Open the test part; nothing where it does not go with the training part as a whole."""
    if not set(used) <= set(tests) or sum(array.nbytes for array in used.values()) > _MOST_JOINED:
        return {}
    found = {key: open_array(path, tests[key]) for key in used}
    are_whole = len({len(array) if array.ndim else 0 for array in found.values()}) == 1
    return found if are_whole and all(are_alike(used[key], found[key]) for key in used) else {}


def _about_test(test: Sequence[tuple[str, str]], samples: int) -> tuple[tuple[str, str], ...]:
    if not test:
        return ()
    files = ", ".join(key for _, key in test)
    return (("Test", f"{grouped(samples)} samples, as given by {files}"),)


def _beside(path: Path) -> tuple[str, ...]:
    """Return the file of labels that goes with a file of samples."""
    for first, second in _PARTNERS:
        partner = path.with_name(path.name.replace(first, second))
        if partner != path and partner.is_file():
            return (partner.name,)
    return ()


def _names(used: Mapping[str, Array], part: str) -> dict[str, str]:
    """Name the fields; the word for the part that all are of is left out."""
    names: dict[str, str] = {}
    for key, array in used.items():
        usual = "label" if _is_label(array) else "image" if _is_image(array) else ""
        own = key.replace(part, "").strip("_-. ") or key
        plain = own.partition(".")[0] if len(own) > 2 and not usual else usual or own
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
    used: Mapping[str, Array], names: Mapping[str, str], labels: tuple[str, ...]
) -> tuple[tuple[str, int], ...]:
    for key, array in used.items():
        if labels and names[key] == labels[0]:
            counts = np.bincount(array.reshape(-1).astype(np.int64))
            return tuple((str(number), int(count)) for number, count in enumerate(counts) if count)
    return counted(())


def _described(array: Array) -> str:
    sizes = "×".join(str(size) for size in array.shape[1:]) or "one number"
    return f"{sizes}, {array.dtype}"


def _left_out(others: Sequence[str], samples: int) -> list[Finding]:
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
