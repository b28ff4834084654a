"""What a training run reports, as plain values.

The trainer emits these; whoever listens (window, progress bar, run store, command line) gets the
same values in the same order. An event never holds a live tensor: only numbers, text and bytes.
As JSON each event is one object whose ``event`` names it.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from engine.training.asides import AnyAsideTold
from engine.training.costs import LayersMeasured
from engine.training.gains import GainsMeasured
from engine.training.heat import HeatTaken
from engine.training.insight import (
    AnswerKind,
    Evaluated,
    GradientsTaken,
    InputExplained,
    InputField,
    InputRefused,
    LayerMapped,
    WeightsTaken,
)
from engine.training.messages import Event
from engine.training.questions import AnyAnswer, MomentsKept, RunOpened
from engine.training.redrawing import LayerDrawn
from engine.training.texts import AttentionTaken, TextWritten
from engine.training.waiting import Underway
from engine.training.watch_cost import WatchCost

Outcome = Literal["finished", "stopped", "stopped_early", "failed", "lost"]


class WorkerReady(Event, frozen=True, kw_only=True, tag="worker_ready"):
    """torch is imported and the worker waits for a run."""

    pid: int
    torch: str
    devices: tuple[str, ...]
    """For people: ``CPU · 8 threads``, ``NVIDIA H100``."""

    gpu_bytes: int | None = None
    """The memory of the GPU that is taken where none is asked for; None where there is none."""

    cannot: Mapping[str, str] = {}
    """Precisions that no device here can train with, and why."""


class RunStarted(Event, frozen=True, kw_only=True, tag="run_started"):
    """The model is built and the data is in place; the first step follows."""

    run: str
    """The run folder."""

    project: str
    device: str
    threads: int
    parameters: int
    epochs: int
    steps: int
    """Of the whole run."""

    steps_per_epoch: int = 0
    batch_size: int
    training_samples: int
    validation_samples: int
    first_step: int = 0
    """The steps done before, where a run goes on."""

    epoch: float = 0.0
    """The epochs done before, with the fraction of the current one."""

    seconds: float = 0.0
    """What training took before, pauses left out."""

    metric: str = ""
    """``accuracy`` for classes, ``mean absolute error`` for numbers; empty where none applies."""

    optimizer: str = ""
    notes: tuple[str, ...] = ()
    """What was said when the samples were read, as which of them were left out."""


class StepEnded(Event, frozen=True, kw_only=True, tag="step_ended"):
    """Some optimiser steps are done; the figures of each, oldest first.

    Steps come in blocks so that a fast model does not drown its listeners.
    """

    step: int
    """Of the last step in the block, counted from 1 over the whole run."""

    epoch: float
    """Epochs done, with the fraction of the current one."""

    losses: tuple[float, ...]
    """Mean over the samples of each batch."""

    metrics: tuple[float, ...] = ()
    """The metric on each batch, from 0 to 1 for accuracy; empty without a metric."""

    parts: Mapping[str, tuple[float, ...]] = {}
    """Each loss by what people call it, before it is weighed, where there are several."""

    learning_rate: float
    steps_per_second: float
    seconds_left: float
    samples_per_second: float = 0.0
    """0 where it is not known, as in the record of a run."""

    waiting: float = 0.0
    """The share of the time in which the model waited for its batches, from 0 to 1."""


class EpochEnded(Event, frozen=True, kw_only=True, tag="epoch_ended"):
    """The training data was gone through once more and the validation data was looked at."""

    epoch: int
    step: int
    training_loss: float
    training_metric: float | None = None
    validation_loss: float | None = None
    validation_metric: float | None = None
    validation_figures: Mapping[str, float] = {}
    """Each loss where there are several, and the metric of each output where several have one."""

    seconds: float
    """Since the run began, pauses left out."""

    gpu_memory: int | None = None
    """The most bytes that tensors took on the GPU at once so far; None on a processor."""


class LayerProbe(msgspec.Struct, frozen=True, kw_only=True):
    """What one layer put out for the chosen sample, reduced where the tensor lived."""

    node: str
    form: Literal["maps", "bars", "histogram", "sequence"]
    shape: tuple[int, ...]
    """Of one sample: (channels, height, width), (features,), (time, features)."""

    pixels: bytes = b""
    """``maps``: uint8 channels x height x width on one scale from ``low`` to ``high``;
    ``sequence``: uint8 features x time."""

    channels: tuple[int, ...] = ()
    """``maps``: the channel that each map in ``pixels`` is of. For a preview the three with the
    greatest variance, greatest first; for the layer looked into the first 256, in order."""

    pixel_size: tuple[int, ...] = ()
    """Rows and columns of one map in ``pixels``; empty where they are those of ``shape``, smaller
    where the map was averaged down."""

    values: tuple[float, ...] = ()
    """``bars``: the values themselves."""

    counts: tuple[int, ...] = ()
    """Histogram of the probe batch in equal bins from ``bin_low`` to ``bin_high``."""

    bin_low: float = 0.0
    bin_high: float = 0.0
    low: float = 0.0
    high: float = 0.0
    least: float = 0.0
    """Of all that the layer put out for the chosen sample."""

    greatest: float = 0.0
    mean: float = 0.0
    deviation: float = 0.0
    zeros: float = 0.0
    """The share of exact zeros, from 0 to 1."""

    dead: tuple[int, ...] = ()
    """Channels that are zero over the whole probe batch."""

    channel_means: tuple[float, ...] = ()
    """Of the chosen sample, one for each of ``channels``; only for the layer looked into."""

    channel_maxima: tuple[float, ...] = ()

    not_finite: float = 0.0
    """The share of values that are infinite or not a number; they are left out of the rest."""

    quantiles: tuple[float, ...] = ()
    """2, 10, 25, 50, 75, 90 and 98 % of the values that are not zero."""

    gradient_norm: float | None = None
    weight_norm: float | None = None


class ProbeTaken(Event, frozen=True, kw_only=True, tag="probe_taken"):
    """What some layers put out for the chosen sample after this step."""

    step: int
    epoch: float
    sample: int
    """−1 where a subject was looked at."""

    subject: str = ""
    """The key of the subject that was looked at."""

    subject_pixels: bytes = b""
    """Of the subject: uint8, scaled as the samples are."""

    subject_text: str = ""
    """How it begins, where it is a text."""

    subject_label: str = ""
    """Its right answer, where the data knows it."""

    subject_number: int = -1
    """Which sample of the data set it is; −1 where it is none."""

    layers: tuple[LayerProbe, ...]
    prediction: tuple[float, ...] = ()
    """Probabilities of the classes for the chosen sample, where the model predicts classes."""

    answer: tuple[float, ...] = ()
    """``yes_no``: probabilities; ``numbers``: on the scale of the data; at most 64."""

    answer_kind: AnswerKind = ""
    text: str = ""
    """What the model answers, where it answers token by token."""

    band: tuple[float, ...] = ()
    """The ends between which the number should lie, where the model says so."""

    coverage: float = 0.0
    """How often it should lie there, from 0 to 1."""

    mask: bytes = b""
    """Where the model gives every pixel a class: uint8, rows x columns of ``mask_size``."""

    mask_size: tuple[int, ...] = ()
    drawn: bytes = b""
    """Where the model answers with a picture: uint8, of ``drawn_size``."""

    drawn_size: tuple[int, ...] = ()
    """Channels, rows, columns."""


class SamplesChosen(Event, frozen=True, kw_only=True, tag="samples_chosen"):
    """The samples that layers can be looked at with; sent once when a run starts."""

    shape: tuple[int, ...]
    """Of one sample of the first input."""

    pixels: bytes
    """uint8, samples x the sizes of ``shape``, scaled to the field's range."""

    labels: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    """How the samples begin, where they are texts."""

    classes: tuple[str, ...] = ()
    """The names of the classes, in order."""

    inputs: tuple[InputField, ...] = ()
    """What the model takes, so that a person can try inputs of their own."""


class CheckpointSaved(Event, frozen=True, kw_only=True, tag="checkpoint_saved"):
    """The weights can be had again from here."""

    step: int
    path: str
    best: bool = False


class HealthAct(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that would mend what was noted, as data; the window carries it out."""

    label: str
    """What the button says, verb first: ``Lower the rate to 0.0003``."""

    settings: Mapping[str, float | int | str] = {}
    """Of the recipe, to be set from the next step on."""

    reset: str = ""
    """Id of a layer that gets new weights."""

    redraws: tuple[LayerDrawn, ...] = ()
    """Layers to be drawn otherwise; those that get other first weights begin anew."""

    goes_back: bool = False
    """First go back to the last checkpoint."""

    device: Literal["", "cpu"] = ""
    """Where to compute instead; a run that goes on is saved and goes on there."""

    resumes: bool = False
    """Let a run that holds go on without the samples that it has lost."""

    moves: bool = False
    """Ask for another folder, and go on there with all that was written so far."""

    opens: Literal["", "data", "runs"] = ""
    """The panel in which it is mended."""

    shows: str = ""
    """A batch that was kept, to be looked at: its file below the run folder."""


class HealthNoted(Event, frozen=True, kw_only=True, tag="health_noted"):
    """Something about the run that a person should know."""

    code: str
    node: str | None = None
    text: str
    step: int = 0
    acts: tuple[HealthAct, ...] = ()
    """What would mend it, the safest first."""

    is_well: bool = False
    """Nothing is to be mended: it says what was done."""


class RunLeft(Event, frozen=True, kw_only=True, tag="run_left"):
    """Another project is open, and no run of it is looked into: said by the window itself."""


class RunPaused(Event, frozen=True, kw_only=True, tag="run_paused"):
    """Training holds between two steps."""

    step: int


class RunResumed(Event, frozen=True, kw_only=True, tag="run_resumed"):
    """Training goes on after a pause."""

    step: int


class RunChanged(Event, frozen=True, kw_only=True, tag="run_changed"):
    """Drawing or recipe changed while the run went on; from the next step it learns so."""

    step: int
    title: str
    """For the mark on the curve: ``Learning rate 0.001``."""

    project: str
    """The text of drawing and recipe from here on; empty where only a layer began anew."""

    reset: str = ""
    """Id of the layer that began anew because somebody asked for it."""

    anew: tuple[str, ...] = ()
    """Ids of layers that began anew together with the change, because somebody asked for it."""

    kept: tuple[str, ...] = ()
    """Ids of layers that kept their weights, where the drawing changed."""

    new: tuple[str, ...] = ()
    """Ids of layers that began with new weights."""

    dropped: tuple[str, ...] = ()
    grown: tuple[str, ...] = ()
    """Ids of layers that are larger or new, and let the model compute what it did."""

    steps: int
    """Of the whole run from here on."""

    epochs: int
    steps_per_epoch: int
    batch_size: int = 0
    """Zero in the records of before, as the next two are empty."""

    optimizer: str = ""
    schedule: str = ""


class RunWentBack(Event, frozen=True, kw_only=True, tag="run_went_back"):
    """The run stands at an earlier step again; what came after it is forgotten."""

    step: int
    epoch: float
    project: str = ""
    """The text of the drawing of that step, where the one before does not fit its weights."""


class RateTested(Event, frozen=True, kw_only=True, tag="rate_tested"):
    """What became of the loss while the learning rate grew."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    """Smoothed."""

    suggestion: float | None = None
    """None where the loss hardly falls at any rate."""

    problem: str = ""
    """What kept the test from being made."""


class RunFailed(Event, frozen=True, kw_only=True, tag="run_failed"):
    """The run met a problem; ``run_ended`` follows."""

    title: str
    why: str = ""
    hint: str = ""
    code: str = ""
    node: str | None = None
    """The block that raised, when the traceback leads to one."""

    details: str = ""
    """The traceback, folded away in the window."""

    acts: tuple[HealthAct, ...] = ()
    """What would mend it before the next run, the safest first."""


class RunEnded(Event, frozen=True, kw_only=True, tag="run_ended"):
    """The last event of a run."""

    run: str
    outcome: Outcome
    step: int
    epoch: float
    seconds: float
    training_loss: float | None = None
    training_metric: float | None = None
    validation_loss: float | None = None
    validation_metric: float | None = None
    best_epoch: int | None = None
    has_best_weights: bool = False
    """The model stands at its best epoch again, not at its last step."""

    is_unsaved: bool = False
    """The last step could not be written; the run folder holds one before it, or none."""

    metric: str = ""


TrainingEvent: TypeAlias = (
    WorkerReady
    | RunStarted
    | StepEnded
    | EpochEnded
    | ProbeTaken
    | SamplesChosen
    | InputRefused
    | InputExplained
    | TextWritten
    | AttentionTaken
    | Evaluated
    | WeightsTaken
    | GradientsTaken
    | LayerMapped
    | AnyAsideTold
    | RunOpened
    | MomentsKept
    | AnyAnswer
    | CheckpointSaved
    | HealthNoted
    | RunLeft
    | RunPaused
    | RunResumed
    | RunChanged
    | RunWentBack
    | RateTested
    | LayersMeasured
    | GainsMeasured
    | HeatTaken
    | WatchCost
    | Underway
    | RunFailed
    | RunEnded
)
