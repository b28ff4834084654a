"""What a run is started with, beside the project."""

from typing import Literal

import msgspec

from engine.project.recipe import Precision

Device = Literal["auto", "cpu", "cuda"]


class Ways(msgspec.Struct, frozen=True, kw_only=True):
    """How the steps of a run are computed; other ways give other last digits."""

    precision: Precision = "fp32"
    channels_last: bool = False
    """Images lie in memory with their channels last."""

    compiled: bool = False
    """By torch.compile."""


class TrainingConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How and where one run is carried out; what it learns is in the project's recipe."""

    run_folder: str
    """Absolute; made by whoever starts the run, filled by the trainer."""

    device: Device = "auto"
    threads: int = 0
    """Threads that torch may use; 0 lets a short calibration choose."""

    ways: Ways | None = None
    """How steps are computed; None lets trials decide where the recipe asks for some."""

    probe_share: float = 0.02
    """The share of training time that looking into layers may cost, from 0 to 0.1."""

    second_process: bool = False
    """Let a process of its own look into layers while the run goes on, where a core is free."""

    moments_megabytes: int = 256
    """What the moments that can be gone back to may take on the disk; 0 keeps none."""

    moment_steps: int = 0
    """Steps from one of them to the next; 0 for as often as costs next to nothing."""

    memory_megabytes: int = 0
    """What the process may take in memory; 0 lets samples take a quarter of what is free."""

    holds_on_trouble: bool = False
    """Somebody is there to answer: hold rather than fail where a step cannot be made."""

    resume: bool = False
    """Go on from the last checkpoint in the run folder."""

    shares_screen: bool = False
    """A window is open on this machine: leave it a core."""
