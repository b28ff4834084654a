"""The proof of an export: the same samples through the live model and through the exported one."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.data.meaning import main_meaning
from engine.evaluate.loading import LoadedRun
from engine.export.job import Stage
from nodes.errors import ExportError
from nodes.tensors import text_of

Outputs: TypeAlias = Sequence[npt.NDArray[Any]]

SAMPLES: Final = 16
BATCHES: Final = (16, 1, 3)
TOLERANCE: Final = 1e-4
"""Of the largest output, but at least of 1."""


class Report(Protocol):
    """Says what an export is at."""

    def __call__(self, stage: Stage, text: str, share: float) -> None: ...


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What was compared, and how far apart it lay."""

    largest_difference: float
    tolerance: float
    samples: int
    batch_sizes: tuple[int, ...]
    same_label: int | None = None
    """How many samples got the same class, where the model predicts classes."""

    checked_with: str
    versions: dict[str, str]
    other_sizes: dict[str, tuple[int, ...]] = {}
    """Sizes of inputs that the data set does not have and that were compared as well."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """An export that was made and proven, not yet in its place."""

    path: Path
    proof: Proof
    details: dict[str, str]


def prove(
    loaded: LoadedRun,
    samples: Mapping[str, Tensor],
    answer: Callable[[dict[str, Tensor]], Outputs],
    *,
    checked_with: str,
    versions: dict[str, str],
) -> Proof:
    """Compare an exported model with the live one, in batches of several sizes.

    Args:
        answer: Runs the exported model on the fields of ``plan.inputs``.

    Raises:
        ExportError: An output has another shape, or lies further apart than the tolerance.
    """
    inputs = {name: samples[name] for name in loaded.plan.inputs}
    place = _main_class(loaded)
    return prove_alike(
        inputs,
        loaded.compiled.outputs,
        answer,
        classes=place,
        checked_with=checked_with,
        versions=versions,
    )


def prove_alike(
    inputs: Mapping[str, Tensor],
    live: Callable[[dict[str, Tensor]], tuple[Tensor, ...]],
    answer: Callable[[dict[str, Tensor]], Outputs],
    *,
    classes: int | None = None,
    checked_with: str,
    versions: dict[str, str],
) -> Proof:
    """Compare what a module and what was made of it answer, in batches of several sizes.

    Args:
        inputs: What both are given.
        classes: The output that tells classes.

    Raises:
        ExportError: An output has another shape, or lies further apart than the tolerance.
    """
    count = len(next(iter(inputs.values())))
    sizes = sizes_of(count)
    largest, reach, agreeing = 0.0, 1.0, 0
    for size in sizes:
        batch = {name: values[:size] for name, values in inputs.items()}
        mine, exported = _arrays(live, batch), answer(batch)
        _needs_shapes(mine, exported, checked_with)
        for one, other in zip(mine, exported, strict=True):
            largest = max(largest, _difference(one, other))
            reach = max(reach, float(np.abs(one).max(initial=0)))
        if size == sizes[0] and classes is not None:
            agreeing = _agreeing(classes, mine, exported)
    proof = Proof(
        largest_difference=largest,
        tolerance=TOLERANCE * reach,
        samples=count,
        batch_sizes=sizes,
        same_label=agreeing if classes is not None else None,
        checked_with=checked_with,
        versions=versions,
    )
    _needs_equality(proof)
    return proof


def prove_also(
    proof: Proof,
    others: Mapping[str, Tensor],
    live: Callable[[dict[str, Tensor]], tuple[Tensor, ...]],
    answer: Callable[[dict[str, Tensor]], Outputs],
) -> Proof:
    """Compare at sizes that the data set does not have, and return what holds for both.

    Raises:
        ExportError: An output has another shape, or lies further apart than the tolerance.
    """
    also = prove_alike(
        others,
        live,
        answer,
        checked_with=proof.checked_with,
        versions=proof.versions,
    )
    return msgspec.structs.replace(
        proof,
        largest_difference=max(proof.largest_difference, also.largest_difference),
        tolerance=max(proof.tolerance, also.tolerance),
        other_sizes={name: tuple(values.shape[1:]) for name, values in others.items()},
    )


def sizes_of(count: int) -> tuple[int, ...]:
    """Return the batch sizes to compare with ``count`` samples, the largest first."""
    return tuple(dict.fromkeys(min(size, count) for size in BATCHES))


def details_of(proof: Proof) -> dict[str, str]:
    """Return a proof as lines to show."""
    lines = {
        "Checked with": proof.checked_with,
        "Samples": str(proof.samples),
        "Batch sizes": ", ".join(str(size) for size in proof.batch_sizes),
        **_other_sizes(proof),
        "Largest difference": _short(proof.largest_difference),
        "Tolerance": _short(proof.tolerance),
    }
    if proof.same_label is not None:
        lines["Same class"] = f"{proof.same_label} of {proof.samples}"
    return lines | proof.versions


def _other_sizes(proof: Proof) -> dict[str, str]:
    if not proof.other_sizes:
        return {}
    told = (f"{name} {text_of(sizes)}" for name, sizes in proof.other_sizes.items())
    return {"Other sizes": ", ".join(told)}


def _short(number: float) -> str:
    """Write a small number as people read it: ``1.8e−7``."""
    if not number or math.isinf(number):
        return "0" if not number else "∞"
    mantissa, exponent = f"{number:.1e}".split("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}".replace("-", "−")


def _arrays(
    live: Callable[[dict[str, Tensor]], tuple[Tensor, ...]], batch: dict[str, Tensor]
) -> list[npt.NDArray[Any]]:
    with torch.inference_mode():
        return [output.numpy() for output in live(batch)]


def _difference(mine: npt.NDArray[Any], other: npt.NDArray[Any]) -> float:
    apart = np.abs(mine.astype(np.float64) - other.astype(np.float64))
    largest = float(apart.max(initial=0))
    return largest if math.isfinite(largest) else math.inf


def _main_class(loaded: LoadedRun) -> int | None:
    meaning = main_meaning(loaded.plan)
    return meaning.output if meaning and meaning.kind == "classes" else None


def _agreeing(place: int, live: Outputs, exported: Outputs) -> int:
    same = live[place].argmax(1) == exported[place].argmax(1)
    return int(same.reshape(len(same), -1).all(axis=1).sum())


def _needs_shapes(live: Outputs, exported: Outputs, checked_with: str) -> None:
    mine = [output.shape for output in live]
    other = [output.shape for output in exported]
    if mine != other:
        raise ExportError(
            "The exported model has other outputs",
            why=f"{checked_with} gives {other}, PyTorch gives {mine}.",
            hint="Export PyTorch source instead.",
        )


def _needs_equality(proof: Proof) -> None:
    if proof.largest_difference <= proof.tolerance:
        return
    raise ExportError(
        "The exported model gives other answers",
        why=f"Its outputs differ by up to {_short(proof.largest_difference)} on "
        f"{proof.samples} samples; {_short(proof.tolerance)} would pass.",
        where=proof.checked_with,
        hint="Export PyTorch source or safetensors instead.",
    )
