"""Checkpoints: everything a run needs to go on bit by bit, written so that no kill can tear it.

A checkpoint is a folder with ``weights.safetensors``, ``optimizer.safetensors`` and
``state.json``, whose manifest has the sha256 of both. It is written beside the one before, flushed
to disk, and put in its place; nothing is pickled.
"""

import base64
import ctypes
import hashlib
import math
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from engine.runs.record import CheckpointName, find_checkpoint, set_aside
from engine.training.config import Ways
from nodes.errors import RunError

WEIGHTS: Final = "weights.safetensors"
OPTIMIZER: Final = "optimizer.safetensors"
STATE: Final = "state.json"

_SWAP: Final = 2
_HERE: Final = -100


class Place(msgspec.Struct, kw_only=True):
    """How far a run has come, and the sums of the epoch that it is in."""

    step: int = 0
    epoch: int = 0
    """Whole epochs done."""

    seen: int = 0
    """Samples done of the next one."""

    seconds: float = 0.0
    loss_sum: float = 0.0
    metric_sum: float = 0.0
    samples: int = 0
    """That the sums are over."""

    best_loss: float | None = None
    best_epoch: int | None = None
    training_loss: float | None = None
    training_metric: float | None = None
    validation_loss: float | None = None
    validation_metric: float | None = None
    """Of the last whole epoch."""

    better_loss: float | None = None
    better_epoch: int | None = None
    """The last epoch that was better by what counts as better."""

    drops: int = 0
    """Of the learning rate, where it waits for plateaus."""

    plateau_best: float | None = None
    plateau_epochs: int = 0
    """Without a better loss."""

    loss_scale: float = 0.0
    scale_steps: int = 0
    """Of gradient scaling, since it last changed."""

    def copied(self) -> "Place":
        """Return one that training does not change any more."""
        return msgspec.structs.replace(self)

    def go_to(self, other: "Place") -> None:
        """Become equal to another place."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(other, name))

    def forget_losses(self) -> None:
        """Let no loss so far be compared with those to come: they measure something else."""
        self.best_loss = self.better_loss = self.plateau_best = None

    def close_epoch(self, loss: float | None, metric: float | None, *, measured: bool) -> float:
        """Count an epoch as done, with what validation gave; return its training loss."""
        self.epoch, self.seen = self.epoch + 1, 0
        self.training_loss = training = self.loss_sum / self.samples
        self.training_metric = self.metric_sum / self.samples if measured else None
        self.validation_loss, self.validation_metric = loss, metric
        self.loss_sum, self.metric_sum, self.samples = 0.0, 0.0, 0
        return training

    def take_as_best(self) -> None:
        """Let the newest epoch count as the best.

        Of optimisers that work against each other each lowers what the other raises: no sum of
        their losses says how good the model is.
        """
        self.best_epoch = self.epoch

    def judge(self, loss: float, least: float) -> None:
        """Compare the epoch that was closed with the best; ``least`` is what counts as better."""
        if not math.isfinite(loss):
            return
        if self.best_loss is None or loss < self.best_loss:
            self.best_loss, self.best_epoch = loss, self.epoch
        if self.better_loss is None or loss < self.better_loss - least:
            self.better_loss, self.better_epoch = loss, self.epoch


class SavedState(msgspec.Struct, frozen=True, kw_only=True):
    """What ``state.json`` holds."""

    version: int = 1
    place: Place
    random: Mapping[str, str]
    """States of the random number generators by device, base64."""

    project: str = ""
    """The text of drawing and recipe, where they are not those that the run began with."""

    ways: Ways | None = None
    """How steps are computed; None in the checkpoints of before."""

    manifest: Mapping[str, str] = {}
    """sha256 of the other files."""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A run at one step."""

    weights: Mapping[str, Tensor]
    optimizer: Mapping[str, Tensor]
    state: SavedState

    def copied(self) -> "Snapshot":
        """Return one that training does not change any more."""
        return Snapshot(
            weights={name: tensor.detach().clone() for name, tensor in self.weights.items()},
            optimizer={name: tensor.detach().clone() for name, tensor in self.optimizer.items()},
            state=self.state,
        )


def random_states() -> dict[str, str]:
    """Return the states of torch's generators as text."""
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        for number, state in enumerate(torch.cuda.get_rng_state_all()):
            states[f"cuda:{number}"] = state
    return {
        device: base64.b64encode(state.numpy().tobytes()).decode()
        for device, state in states.items()
    }


def restore_random_states(states: Mapping[str, str]) -> None:
    """Put torch's generators back into the states that they had."""
    for device, text in states.items():
        state = torch.frombuffer(bytearray(base64.b64decode(text)), dtype=torch.uint8)
        if device == "cpu":
            torch.set_rng_state(state)
        elif (
            torch.cuda.is_available() and int(device.partition(":")[2]) < torch.cuda.device_count()
        ):
            torch.cuda.set_rng_state(state, device)


def save_checkpoint(checkpoints: Path, name: CheckpointName, snapshot: Snapshot) -> Path:
    """Write a checkpoint in the place of the one before.

    Raises:
        OSError: There is no room or no permission; the one before is untouched.
    """
    fresh = checkpoints / f".tmp-{name}"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        write_snapshot(fresh, snapshot)
        _replace(fresh, checkpoints, name)
    except SafetensorError as error:
        raise OSError(str(error)) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return checkpoints / name


def load_checkpoint(checkpoints: Path, name: CheckpointName) -> Snapshot | None:
    """Read a checkpoint and prove its files; None where there is none.

    Raises:
        RunError: It is damaged.
    """
    folder = find_checkpoint(checkpoints, name)
    return read_snapshot(folder) if folder is not None else None


def read_snapshot(folder: Path) -> Snapshot:
    """Read what a folder holds and prove its files.

    Raises:
        RunError: It is damaged, or not there.
    """
    state = read_state(folder)
    try:
        for file, digest in state.manifest.items():
            if _digest(folder / Path(file).name) != digest:
                raise _damaged(folder, f"{file} is not the file that was saved.")
        return Snapshot(
            weights=load_file(folder / WEIGHTS),
            optimizer=load_file(folder / OPTIMIZER),
            state=state,
        )
    except (OSError, SafetensorError) as error:
        raise _damaged(folder, f"{error}.") from error


def read_state(folder: Path) -> SavedState:
    """Read what a snapshot is of, and none of its tensors.

    Raises:
        RunError: It is damaged, or not there.
    """
    try:
        return msgspec.json.decode((folder / STATE).read_bytes(), type=SavedState)
    except (OSError, msgspec.DecodeError) as error:
        raise _damaged(folder, f"{error}.") from error


def write_snapshot(folder: Path, snapshot: Snapshot, *, flushes: bool = True) -> None:
    """Write a snapshot into a folder of its own.

    Args:
        flushes: Whether it must outlive a loss of power; that takes most of the time.

    Raises:
        OSError: There is no room or no permission.
        SafetensorError: The same.
    """
    manifest = {}
    for file, tensors in ((WEIGHTS, snapshot.weights), (OPTIMIZER, snapshot.optimizer)):
        save_file(_plain(tensors), folder / file, metadata={"format": "pt"})
        if flushes:
            _flush(folder / file)
        manifest[file] = _digest(folder / file)
    state = msgspec.structs.replace(snapshot.state, manifest=manifest)
    # Last: a folder with a state is whole.
    (folder / STATE).write_bytes(msgspec.json.format(msgspec.json.encode(state)))
    for file in manifest:
        # safetensors makes files that only their owner can read.
        shutil.copymode(folder / STATE, folder / file)
    if flushes:
        _flush(folder / STATE)
        _flush_folder(folder)


def _replace(fresh: Path, checkpoints: Path, name: CheckpointName) -> None:
    place, former = checkpoints / name, set_aside(checkpoints, name)
    if not place.exists():
        fresh.rename(place)
    elif not _swapped(fresh, place):
        # Between the two renames readers find the former one; see find_checkpoint.
        shutil.rmtree(former, ignore_errors=True)
        place.rename(former)
        fresh.rename(place)
    _flush_folder(checkpoints)
    shutil.rmtree(former, ignore_errors=True)


def _swapped(one: Path, other: Path) -> bool:
    """Exchange two folders in one act, where the system can."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            swap = libc.renamex_np
            return bool(swap(os.fsencode(one), os.fsencode(other), _SWAP) == 0)
        swap = libc.renameat2
        return bool(swap(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _SWAP) == 0)
    except (AttributeError, OSError, TypeError):
        return False


def _plain(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return tensors as safetensors wants them: in memory, whole, none sharing with another."""
    seen: set[int] = set()
    plain = {}
    for name, tensor in tensors.items():
        here = tensor.detach().cpu().contiguous()
        plain[name] = here.clone() if here.data_ptr() in seen else here
        seen.add(here.data_ptr())
    return plain


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _flush(file: Path) -> None:
    with file.open("r+b") as opened:
        os.fsync(opened.fileno())


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _damaged(folder: Path, why: str) -> RunError:
    return RunError(
        "This checkpoint is damaged",
        why=why,
        where=str(folder),
        hint="Use the other checkpoint of the run, or train again.",
    )
