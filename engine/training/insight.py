"""What is told of a look into a model beyond what its layers put out, as plain values.

Whole numbers and floats that come in numbers travel as bytes in the machine's order: listener and
trainer run on the same machine.
"""

from typing import Literal

import msgspec

from engine.data.preparation import Preparation
from engine.training.messages import Event
from engine.training.texts import Writing

Why = Literal["", "gradient", "integrated", "gradcam", "occlusion"]
AnswerKind = Literal["", "classes", "yes_no", "numbers", "masks"]


class InputField(msgspec.Struct, frozen=True, kw_only=True):
    """One input of the model, as a person can fill it in."""

    name: str
    kind: str
    sizes: tuple[int, ...]
    prepare: Preparation | None = None


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """An input that is none of the few samples of a run: drawn, typed, or another of the data.

    Exactly one of the fields beside ``key`` and ``writing`` says what it is.
    """

    key: str
    """Told back with every answer."""

    place: int | None = None
    """Among the validation samples."""

    pixels: bytes = b""
    """uint8, channels x height x width, as large as the model takes them."""

    values: tuple[float, ...] = ()
    """Every number of the input, as the model takes them."""

    columns: str = ""
    """Raw values by column as JSON, to be prepared as the training data was."""

    file: str = ""
    """The path of a recording."""

    writing: Writing | None = None
    """Go on with it, where it is a text."""


class InputRefused(Event, frozen=True, kw_only=True, tag="input_refused"):
    """What a person gave is no input of this model."""

    subject: str
    title: str
    why: str
    hint: str = ""


class InputExplained(Event, frozen=True, kw_only=True, tag="input_explained"):
    """Which parts of an input speak for a class, and which against."""

    subject: str
    sample: int
    method: Why
    target: int
    """The class, or the output, that is explained."""

    shape: tuple[int, ...]
    """Of ``parts``: (height, width), (time,), (features,), (columns,)."""

    parts: bytes
    """int8 from −127 (against) to 127 (for) on the scale of ``largest``."""

    largest: float
    """The greatest magnitude, in units of the score."""

    columns: tuple[str, ...] = ()
    """What the parts are called, where the input is a row of a table."""


class ClassFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How well one class is told from the others."""

    name: str
    samples: int
    precision: float | None
    """Of the samples called so, the share that are; None where none was called so."""

    recall: float | None
    """Of the samples that are so, the share called so; None where there are none."""

    f1: float | None
    iou: float | None = None
    """The area in common over the area of both, where pixels have classes."""


class WorstSample(msgspec.Struct, frozen=True, kw_only=True):
    """A sample that the model is wrong about."""

    place: int
    """Among the validation samples."""

    truth: str
    called: str
    loss: float
    confidence: float | None = None
    """The probability of what it was called, for masks their mean IoU; None for numbers."""


class Reliability(msgspec.Struct, frozen=True, kw_only=True):
    """How often the model is right where it is so sure: one of ten equal bins of probability."""

    samples: int
    confidence: float
    accuracy: float


class ClassCurves(msgspec.Struct, frozen=True, kw_only=True):
    """How well scores tell one class from all others, at every threshold."""

    name: str
    number: int
    """Of the class."""

    false_rates: tuple[float, ...]
    """Of the samples that are not so, the share called so: across in a ROC curve."""

    recalls: tuple[float, ...]
    """For each of ``false_rates``: up in a ROC curve."""

    area: float
    """Under the ROC curve, from 0 to 1."""

    precisions: tuple[float, ...]
    precision_recalls: tuple[float, ...]
    """For each of ``precisions``."""

    average_precision: float


class Evaluated(Event, frozen=True, kw_only=True, tag="evaluated"):
    """How good the model is on the validation samples after an epoch."""

    epoch: int
    step: int
    is_best: bool = False
    kind: AnswerKind
    samples: int
    loss: float
    """The mean of the samples' own losses: cross-entropy, or the squared error."""

    classes: tuple[ClassFigures, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    """A row for each class that a sample is of, a column for each that it was called; empty for
    more than 64 classes."""

    examples: tuple[tuple[int, ...], ...] = ()
    """For each cell of ``confusion`` the place of its sample with the greatest loss; −1 where it is
    empty."""

    accuracy: float | None = None
    macro_f1: float | None = None
    mean_iou: float | None = None
    """Of the classes of pixels, each counted over all samples."""

    calibration_error: float | None = None
    """The expected calibration error over ten bins (Guo et al., 2017), from 0 to 1."""

    reliability: tuple[Reliability, ...] = ()
    sure_errors: int = 0
    """Errors at a probability of 90 % or more."""

    mean_absolute_error: float | None = None
    root_mean_square_error: float | None = None
    r_squared: float | None = None
    truths: tuple[float, ...] = ()
    """For numbers: of at most 1,000 samples in even steps, on the scale of the data."""

    predictions: tuple[float, ...] = ()
    places: tuple[int, ...] = ()
    """Which validation samples ``truths`` are of."""

    curves: tuple[ClassCurves, ...] = ()
    """Of the classes that have samples; none for more than 64 classes."""

    lows: tuple[float, ...] = ()
    """The lower ends of the band around each of ``predictions``, where the model says one."""

    highs: tuple[float, ...] = ()
    inside: float | None = None
    """How often the truth lies within the band, from 0 to 1."""

    coverage: float = 0.0
    """How often it should."""

    worst: tuple[WorstSample, ...] = ()
    """The greatest losses first."""

    surest: tuple[WorstSample, ...] = ()
    """Errors, the most confident first; none for numbers."""

    suspects: tuple[WorstSample, ...] = ()
    """Samples whose label is probably wrong, the surest first (confident learning)."""

    sample_shape: tuple[int, ...] = ()
    pixels: bytes = b""
    """uint8, the samples of ``worst``, then those of ``surest``, then those of ``suspects``."""

    texts: tuple[str, ...] = ()
    """How the same samples begin, where they are texts."""

    masks: bytes = b""
    """uint8, what each pixel of ``worst`` was called: samples x height x width."""


class WeightsTaken(Event, frozen=True, kw_only=True, tag="weights_taken"):
    """The weights of one layer."""

    node: str
    step: int
    name: str
    """Of the parameter: ``weight``; empty for a layer without any."""

    shape: tuple[int, ...]
    form: Literal["filters", "matrix", "none"]
    pixels: bytes = b""
    """int8 from −127 to 127 on the scale of ``largest``: maps x rows x columns."""

    maps: int = 0
    """Of ``filters``, in the order of the weight: each output with its inputs."""

    rows: int = 0
    columns: int = 0
    largest: float = 0.0
    low: float = 0.0
    high: float = 0.0
    counts: tuple[int, ...] = ()
    mean: float = 0.0
    deviation: float = 0.0
    zeros: float = 0.0
    norm: float = 0.0
    parameters: int = 0
    """Of the whole layer."""

    singular_values: tuple[float, ...] = ()
    """Greatest first, at most 64, of the weight as outputs x everything else."""

    update_ratio: float | None = None


class LayerGradient(msgspec.Struct, frozen=True, kw_only=True):
    """What learning does to one layer."""

    node: str
    gradient: float
    """The length of its gradient."""

    weight: float
    """The length of its weights."""

    update_ratio: float | None = None
    """The length of the last update over that of the weights."""


class GradientsTaken(Event, frozen=True, kw_only=True, tag="gradients_taken"):
    """How the gradient flows through the depth: the layers with weights, first to last."""

    step: int
    layers: tuple[LayerGradient, ...]
    """None where no gradient is known."""

    is_retaken: bool = False
    """The step was taken once more, to see what follows a moment that was recorded."""


class LayerMapped(Event, frozen=True, kw_only=True, tag="layer_mapped"):
    """The outputs of one layer for many samples as points of a plane."""

    node: str
    step: int
    epoch: float
    points: bytes
    """float32, samples x 2: principal components."""

    explained: tuple[float, float]
    """The share of the variance along each axis, from 0 to 1."""

    features: int
    used_features: int
    """Fewer than ``features`` where only values in even steps were taken."""

    places: bytes
    """int32: which validation samples."""

    truths: bytes = b""
    """int32, the class of each sample; empty where there are none."""

    called: bytes = b""
    neighbours: bytes = b""
    """int32, samples x 8: the nearest by cosine similarity, nearest first.

    By how far apart they are where the layer has one feature.
    """

    similarities: bytes = b""
    """float32, samples x 8; how far apart the two are where the layer has one feature."""

    names: tuple[str, ...] = ()
    sample_shape: tuple[int, ...] = ()
    pixels: bytes = b""
    """uint8 pictures of the samples; empty where they cannot be drawn, or are texts."""

    texts: tuple[str, ...] = ()
    """How the samples begin, where they are texts."""

    draws: bool = False
    """The rest of the model draws a picture from this layer alone: its points can be drawn."""
