"""What is said of other ways to compute a step: how much each gains, measured on one batch."""

import msgspec

from engine.training.config import Device
from engine.training.messages import Event, Request


class Gain(msgspec.Struct, frozen=True, kw_only=True):
    """One way, tried by itself."""

    title: str
    seconds: float | None = None
    """Of a step; None where it could not be tried."""

    times: float | None = None
    """How many times as fast as the model is without it."""

    pays: bool = False
    """It is clearly faster."""

    note: str = ""
    """What it costs, or why it was not tried."""


class GainsMeasured(Event, frozen=True, kw_only=True, tag="gains_measured"):
    """Ways to compute a step were tried, each by itself, beside single precision as it comes."""

    device: str = ""
    threads: int = 1
    """That the steps were computed with."""

    samples: int = 0
    """Of the batch."""

    step_seconds: float = 0.0
    """One step forward and back, without the optimiser."""

    gains: tuple[Gain, ...] = ()
    problem: str = ""
    """Why nothing could be measured."""


class MeasureGains(Request, frozen=True, kw_only=True, tag="measure_gains"):
    """Try other ways to compute the steps of a project; ``GainsMeasured`` answers."""

    project: str
    """The project as the text of its file."""

    device: Device = "auto"
    shares_screen: bool = False
    """A window is open on this machine: a core is left for it."""
