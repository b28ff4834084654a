"""One export from start to end: load, make, prove, move into place."""

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from safetensors import SafetensorError
from torch import Tensor

from engine.atomic import why_unwritten
from engine.evaluate.loading import LoadedRun, load_run
from engine.evaluate.samples import held_out, read_batch
from engine.export.card import slug
from engine.export.job import ExportResult, Target
from engine.export.part import Part, find_part
from engine.export.part_forms import write_part_source, write_part_weights
from engine.export.proof import SAMPLES, Made, Report
from engine.export.source import SOURCE_FORMAT, write_source_folder
from engine.export.weights import write_safetensors
from engine.runs.record import CheckpointName
from nodes.errors import ExportError

_SUFFIXES = {"onnx": ".onnx", "source": "", "safetensors": ".safetensors"}


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the process was started with."""

    run: Path
    to: Target
    path: Path | None
    scratch: Path
    weights: CheckpointName
    part: str = ""
    """The network to take away alone; empty for the whole."""


def carry_out(request: Request, report: Report) -> ExportResult:
    """Make the export beside its place, prove it, and only then move it there.

    Raises:
        ExportError: The model cannot be taken away so.
        LoomError: The run cannot be read.
    """
    loaded = load_run(request.run, request.weights)
    target = _target(request, loaded)
    _needs_room_for(request.to, target)
    with _scratch(request.scratch), _told(target):
        made = _made(request, loaded, report)
        _place(made.path, target, request.scratch)
        size = _size(target)
    return ExportResult(
        to=request.to,
        path=str(target),
        size_bytes=size,
        largest_difference=made.proof.largest_difference,
        samples=made.proof.samples,
        tolerance=made.proof.tolerance,
        weights=loaded.weights,
        details=made.details,
    )


def _made(request: Request, loaded: LoadedRun, report: Report) -> Made:
    samples = _samples(loaded)
    if not request.part:
        return _writer(request.to)(loaded, samples, request.scratch, report)
    part = find_part(loaded, request.part, samples)
    return _part_writer(request.to)(part, request.scratch, report)


def _writer(to: Target) -> Callable[[LoadedRun, dict[str, Tensor], Path, Report], Made]:
    """Return what writes a whole model; only ONNX needs its libraries, which take seconds."""
    if to == "onnx":
        from engine.export.onnx import write_onnx

        return write_onnx
    return write_source_folder if to == "source" else write_safetensors


def _part_writer(to: Target) -> Callable[[Part, Path, Report], Made]:
    if to == "onnx":
        from engine.export.part_onnx import write_part_onnx

        return write_part_onnx
    return write_part_source if to == "source" else write_part_weights


def _samples(loaded: LoadedRun) -> dict[str, Tensor]:
    """Return up to 16 samples that the model was not trained with."""
    indices, _ = held_out(loaded.plan, loaded.data_set)
    return read_batch(loaded.data_set, loaded.plan, indices[:SAMPLES])


def _target(request: Request, loaded: LoadedRun) -> Path:
    name = slug(request.part or loaded.project.name) + _SUFFIXES[request.to]
    if request.path is None:
        return request.run.absolute() / "exports" / name
    path = request.path.absolute()
    return path / name if request.to != "source" and path.is_dir() else path


@contextlib.contextmanager
def _scratch(folder: Path) -> Iterator[None]:
    try:
        folder.mkdir(parents=True)
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _told(target: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, SafetensorError) as error:
        raise ExportError(
            "The export could not be written",
            why=why_unwritten(error, target.parent),
            where=str(target),
            hint="Choose another folder, or free some space.",
        ) from error


def _needs_room_for(to: Target, target: Path) -> None:
    """Refuse a place that holds something else, before any work is done."""
    if to == "source" and target.exists():
        _needs_own_folder(target)
    if to != "source" and target.is_dir():
        raise ExportError(
            "There is a folder of this name",
            why="The export is one file.",
            where=str(target),
            hint="Choose another name.",
        )


def _place(made: Path, target: Path, scratch: Path) -> None:
    """Move a finished export to its place; one of ours that stood there makes room."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if made.is_dir():
        if target.exists():
            target.rename(scratch / "before")
        made.rename(target)
        return
    with made.open("rb") as file:
        os.fsync(file.fileno())
    made.replace(target)


def _needs_own_folder(target: Path) -> None:
    """Refuse to replace a folder that holds anything but an earlier export."""
    if target.is_dir() and not any(target.iterdir()):
        return
    with contextlib.suppress(OSError, ValueError):
        config = json.loads((target / "config.json").read_text(encoding="utf-8"))
        if isinstance(config, dict) and config.get("format") == SOURCE_FORMAT:
            return
    raise ExportError(
        "The folder holds other files",
        why="An export of source replaces its whole folder.",
        where=str(target),
        hint="Choose a new folder, or an earlier export.",
    )


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
