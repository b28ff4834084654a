"""Where a run is computed: the device, and how many threads on a processor."""

import contextlib
import hashlib
import os
import platform
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec
import platformdirs
import psutil
import torch
from torch import Tensor

from engine.atomic import write_atomically
from engine.compile.module import CompiledModel
from engine.training.config import Device, TrainingConfig
from engine.training.trials import Step, a_step, copied, in_turn
from nodes.errors import LoomError, RunError

# More threads must pay clearly: they slow down everything else on the machine.
_WORTH_IT: Final = 1.1


def choose_device(wanted: Device, *, deterministic: bool = False) -> torch.device:
    """Return the device to compute on.

    Args:
        deterministic: Refuse kernels that do not give the same bits each time.

    Raises:
        RunError: A GPU is asked for and there is none.
    """
    if deterministic:
        # Read when the GPU is first used.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(deterministic)
    if wanted == "cpu":
        return torch.device("cpu")
    if torch.cuda.is_available():
        # The same seed gives the same numbers: no choice of kernels by the clock.
        torch.backends.cudnn.benchmark = False
        torch.backends.cudnn.deterministic = True
        torch.cuda.reset_peak_memory_stats()
        return torch.device("cuda")
    if wanted == "cuda":
        raise RunError(
            "There is no CUDA device",
            why=f"This build of torch is {torch.__version__} and sees no NVIDIA GPU.",
            hint="Train on the processor, or install a torch build for your GPU.",
        )
    return torch.device("cpu")


def device_names() -> tuple[str, ...]:
    """Return what there is to compute on, for people."""
    cores = usable_cores()
    names = [f"CPU · {cores} {'core' if cores == 1 else 'cores'}"]
    names += [torch.cuda.get_device_name(place) for place in range(torch.cuda.device_count())]
    return tuple(names)


def gpu_bytes() -> int | None:
    """Return the memory of the first GPU; None where there is none."""
    if not torch.cuda.is_available():
        return None
    return int(torch.cuda.get_device_properties(0).total_memory)


def gpu_memory(device: torch.device) -> int | None:
    """Return the most bytes that tensors took on a GPU at once; None for a processor."""
    return torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None


def still_computes() -> bool:
    """Say whether a GPU that was used still answers: a failed assertion on it ends a process."""
    if not torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        return True
    try:
        torch.cuda.synchronize()
    except RuntimeError:
        return False
    return True


def usable_cores() -> int:
    """Return the physical cores that this process may use."""
    physical = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else physical
    return max(1, min(physical, allowed))


def most_threads(config: TrainingConfig) -> int:
    """Return how many threads a run may have: one core is left for a window."""
    cores = usable_cores()
    return max(1, cores - 1) if config.shares_screen else cores


def choose_threads(
    config: TrainingConfig, compiled: CompiledModel, batch: Mapping[str, Tensor], *, before: int = 0
) -> int:
    """Set and return how many threads torch uses.

    One thread and many give different last digits. So a run that goes on keeps its number, and the
    number that a trial found for a model on this machine is kept for its later runs: the same seed
    gives the same numbers again.

    Args:
        batch: What the trial computes with.
        before: The number of the run that goes on; 0 for a new run.
    """
    most = most_threads(config)
    chosen = config.threads or before
    if not chosen and (most == 1 or next(iter(batch.values())).is_cuda):
        chosen = most
    if not chosen:
        chosen = remembered_threads(
            _key(compiled, batch, most), lambda: _faster(compiled, batch, most)
        )
    torch.set_num_threads(chosen)
    return chosen


def remembered_threads(key: str, trial: Callable[[], int], file: Path | None = None) -> int:
    """Return the number that is known for ``key``, or what the trial finds."""
    file = file or platformdirs.user_state_path("layerloom") / "threads.json"
    known: dict[str, int] = {}
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        known = msgspec.json.decode(file.read_bytes(), type=dict[str, int])
    if key not in known:
        known[key] = trial()
        # Without a place to remember it the trial is made again next time.
        with contextlib.suppress(OSError, LoomError):
            file.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(file, msgspec.json.encode(known))
    return known[key]


def _faster(compiled: CompiledModel, batch: Mapping[str, Tensor], most: int) -> int:
    """Try one thread and many in turn, on a copy of the model, and return the better number."""
    step = a_step(copied(compiled), batch)

    def on(threads: int) -> Step:
        def run() -> None:
            torch.set_num_threads(threads)
            step()

        return run

    with torch.random.fork_rng(devices=()):
        one, many = in_turn(on(1), on(most))
    return most if many * _WORTH_IT < one else 1


def _key(compiled: CompiledModel, batch: Mapping[str, Tensor], most: int) -> str:
    sizes = sorted((name, tuple(tensor.shape)) for name, tensor in batch.items())
    text = f"{compiled.source.text}{sizes}{most}{torch.__version__}{platform.node()}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]
