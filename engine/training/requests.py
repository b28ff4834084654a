"""What a training run can be asked, as plain values.

Whoever steers (window, command line, the folder of a run that was let go of) sends these; the
trainer carries them out between two steps.
"""

from typing import TypeAlias

from engine.training.asides import AnyAside
from engine.training.config import Device, TrainingConfig
from engine.training.costs import MeasureLayers
from engine.training.gains import MeasureGains
from engine.training.giving_up import EndTrials
from engine.training.heat import HeatOf
from engine.training.insight import Subject, Why
from engine.training.messages import Request
from engine.training.moving import MoveRun
from engine.training.questions import AnyQuestion, OpenRun
from engine.training.waiting import GiveUp


class StartRun(Request, frozen=True, kw_only=True, tag="start_run"):
    """Train a project."""

    project: str
    """The project as the text of its file."""

    config: TrainingConfig


class FindRate(Request, frozen=True, kw_only=True, tag="find_rate"):
    """Try learning rates on a project, while nothing trains."""

    project: str
    """The project as the text of its file."""

    device: Device = "auto"


class PauseRun(Request, frozen=True, kw_only=True, tag="pause"):
    """Hold after the current step."""


class ResumeRun(Request, frozen=True, kw_only=True, tag="resume"):
    """Go on after a pause."""

    accepts_losses: bool = False
    """Let others stand in for samples that cannot be read any more."""


class StepOnce(Request, frozen=True, kw_only=True, tag="step"):
    """Do some steps, then hold."""

    count: int = 1


class FinishEpoch(Request, frozen=True, kw_only=True, tag="finish_epoch"):
    """Go on to the end of the epoch, then hold."""


class FinishRun(Request, frozen=True, kw_only=True, tag="finish"):
    """Look at the validation data now and end the run as finished."""


class ChangeRun(Request, frozen=True, kw_only=True, tag="change"):
    """Learn from the next step on with another recipe or drawing."""

    project: str
    """The project as the text of its file."""

    anew: tuple[str, ...] = ()
    """Ids of layers that get new weights, though theirs would fit."""

    title: str = ""
    """For the mark on the curve; said by what differs where it is empty."""


class ResetLayer(Request, frozen=True, kw_only=True, tag="reset_layer"):
    """Give a layer new weights."""

    node: str


class GoBack(Request, frozen=True, kw_only=True, tag="go_back"):
    """Go back to the last checkpoint, and hold there."""


class StopRun(Request, frozen=True, kw_only=True, tag="stop"):
    """Save a checkpoint and end the run."""


class WatchLayers(Request, frozen=True, kw_only=True, tag="watch"):
    """Choose the sample and the layers to report on; the newest request counts."""

    nodes: tuple[str, ...]
    """Ids of nodes that are on screen: thumbnails."""

    sample: int = 0
    detail: str = ""
    """Id of the node that is looked into: all its channels."""

    subject: Subject | None = None
    """Looked at in place of ``sample``."""

    why: Why = ""
    """How the prediction is explained."""

    why_target: int | None = None
    """The class that is explained; None for the one that is answered."""

    weights: str = ""
    """Id of the node whose weights are shown."""

    gradients: bool = False
    """Whether the gradients of all layers are shown."""

    map: str = ""
    """Id of the node whose outputs are mapped."""

    heat: HeatOf = ""
    """The figures that the canvas is coloured by."""

    heat_nodes: tuple[str, ...] = ()
    """Ids or whole paths of the nodes that are on screen: their figures."""


class LetGo(Request, frozen=True, kw_only=True, tag="let_go"):
    """Go on without a window: to the end of the run, and then end the worker."""


class Quit(Request, frozen=True, kw_only=True, tag="quit"):
    """End the worker."""


TrainerRequest: TypeAlias = (
    StartRun
    | FindRate
    | MeasureLayers
    | MeasureGains
    | EndTrials
    | PauseRun
    | ResumeRun
    | StepOnce
    | FinishEpoch
    | FinishRun
    | ChangeRun
    | ResetLayer
    | GoBack
    | MoveRun
    | StopRun
    | WatchLayers
    | AnyAside
    | OpenRun
    | AnyQuestion
    | GiveUp
    | LetGo
    | Quit
)
