"""What is asked of a model beside watching it, and what is told of that, as plain values.

A question is answered once, between two steps, and changes nothing. It is asked alike of a run
that goes on, of one that has just ended and of one that was opened from its folder.
"""

from typing import Literal, TypeAlias

import msgspec

from engine.runs.moments import Moment
from engine.training.alike import AlikeFound, FindAlike
from engine.training.foreseeing import ChangeForeseen, ForeseeChange
from engine.training.generating import MakePictures, PicturesMade
from engine.training.insight import Evaluated, LayerMapped, Subject
from engine.training.messages import Answer, Event, Question, Request

Phase: TypeAlias = Literal["forward", "loss"]
ArrangeMethod: TypeAlias = Literal["tsne", "umap"]
Score: TypeAlias = Literal["loss", "answer", "none"]


class NotAnswered(Answer, frozen=True, kw_only=True, tag="not_answered"):
    """A question has no answer, and why."""

    question: str
    """The tag of the request: ``pass_through``."""

    title: str
    why: str = ""
    hint: str = ""
    again: bool = False
    """Another try may have one."""


class OpenRun(Request, frozen=True, kw_only=True, tag="open_run"):
    """Hold the model of a run that is over, so that it can be looked into."""

    run: str
    """The run folder."""


class RunOpened(Event, frozen=True, kw_only=True, tag="run_opened"):
    """A run that is over can be looked into: its best weights, else its last."""

    run: str
    step: int
    epoch: float
    is_best: bool = True
    """Whether these are its best weights."""


class MomentsKept(Event, frozen=True, kw_only=True, tag="moments_kept"):
    """The moments of the run that can be gone back to changed."""

    moments: tuple[Moment, ...]
    """All of them, oldest first."""


class ShowMoment(Question, frozen=True, kw_only=True, tag="show_moment"):
    """Let everything that is looked at be of a recorded moment."""

    step: int | None
    """Of the moment; None for the run as it is now."""

    evaluate: bool = False
    """Whether to measure it on the validation samples too."""


class MomentShown(Answer, frozen=True, kw_only=True, tag="moment_shown"):
    """What is looked at is of another moment from here on."""

    step: int
    epoch: float
    is_now: bool
    """Whether it is the run as it is now, not a moment that was recorded."""

    evaluated: bool = False
    """Whether it was to be measured too."""

    evaluation: Evaluated | None = None
    """Of the moment, where that was asked for and there is something to compare with."""


class PassThrough(Question, frozen=True, kw_only=True, tag="pass_through"):
    """Take one sample through the model layer by layer, forward and backward."""

    sample: int = 0
    """Among the samples that layers are looked at with."""

    subject: Subject | None = None
    """Taken in place of ``sample``."""


class ValueFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the numbers on a wire; only the counts heed those that are not finite."""

    shape: tuple[int, ...]
    """Of the sample, without the batch."""

    mean: float
    std: float
    low: float
    high: float
    norm: float
    zeros: float
    """The share of exact zeros, from 0 to 1."""

    nan: int
    """How many are not a number."""

    inf: int
    """How many are infinite."""

    values: bytes = b""
    """float32, the first of them in order, at most 1,024."""


class LayerPass(msgspec.Struct, frozen=True, kw_only=True):
    """One layer at work on one sample."""

    node: str
    """Its id; inside of composites the whole path."""

    title: str
    name: str = ""
    """Of the node in the source, by which two of a kind are told apart."""

    round: int = 0
    """Of a repeat, counted from 0."""

    phase: Phase
    output: ValueFigures
    gradient: ValueFigures | None = None
    """Of the score with respect to the output; None where nothing flows back to it."""

    weight_gradient: float | None = None
    """The length of the gradient of its weights; None without weights."""


class PassTaken(Answer, frozen=True, kw_only=True, tag="pass_taken"):
    """One sample went through the model: every layer in the order in which it was computed."""

    step: int
    epoch: float
    sample: int
    """−1 for a subject."""

    subject: str = ""
    layers: tuple[LayerPass, ...]
    score: Score
    """What was derived: the loss, or the highest score where the sample has no label."""

    problem: str = ""
    """Why it ended before the end."""

    problem_node: str = ""


class CompareLayers(Question, frozen=True, kw_only=True, tag="compare_layers"):
    """Say how alike the layers see the validation samples."""


class LayersCompared(Answer, frozen=True, kw_only=True, tag="layers_compared"):
    """How alike any two layers see the same samples."""

    step: int
    epoch: float
    nodes: tuple[str, ...]
    """The layers, first to last."""

    similarity: bytes
    """float32, layers x layers: the linear CKA, from 0 to 1."""

    samples: int


class MapDecision(Question, frozen=True, kw_only=True, tag="map_decision"):
    """Say what the model answers all over the plane of its two inputs."""


class DecisionMapped(Answer, frozen=True, kw_only=True, tag="decision_mapped"):
    """What a model of two numbers answers on a grid around its validation samples."""

    step: int
    epoch: float
    side: int
    """Of the grid: side x side, rows from low to high in the second number."""

    low: tuple[float, float]
    high: tuple[float, float]
    called: bytes
    """uint8, the class on each place of the grid; empty where the model predicts a number."""

    scores: bytes
    """float32: how sure the model is of that class, or the number that it predicts."""

    points: bytes
    """float32, samples x 2."""

    truths: bytes
    """int32, the class of each sample; empty for numbers."""

    names: tuple[str, ...] = ()


class DrawPoint(Question, frozen=True, kw_only=True, tag="draw_point"):
    """Draw what the model makes of a point of a layer's map."""

    number: int
    """Told back with the answer, so that an old one can be told from the newest."""

    node: str
    x: float
    y: float


class PointDrawn(Answer, frozen=True, kw_only=True, tag="point_drawn"):
    """The picture of a point."""

    number: int
    """Of the question."""

    shape: tuple[int, ...] = ()
    """(channels, height, width); empty where there is no such map any more."""

    pixels: bytes = b""
    """uint8"""


class FindExciting(Question, frozen=True, kw_only=True, tag="find_exciting"):
    """Say which validation samples excite a channel the most."""

    node: str
    channel: int
    """Or the unit of a vector."""


class ExcitingFound(Answer, frozen=True, kw_only=True, tag="exciting_found"):
    """The validation samples that excite a channel the most, the strongest first."""

    node: str
    channel: int
    step: int
    epoch: float
    places: tuple[int, ...]
    """Among the validation samples."""

    strengths: tuple[float, ...]
    """The greatest value of the channel on each."""

    labels: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    """How the samples begin, where they are texts."""

    sample_shape: tuple[int, ...] = ()
    pixels: bytes = b""
    """uint8 pictures of the samples; empty where they cannot be drawn, or are texts."""


class ArrangeLayer(Question, frozen=True, kw_only=True, tag="arrange_layer"):
    """Go on to arrange samples as a layer takes them for alike.

    It is asked again until the samples have arrived.
    """

    node: str
    method: ArrangeMethod = "tsne"
    is_new: bool = True
    """Begin anew with what the layer puts out now, rather than go on."""

    seconds: float = 0.1
    """How long the answer may take; at most one."""


class LayerArranged(Answer, frozen=True, kw_only=True, tag="layer_arranged"):
    """The samples on their way to their places."""

    node: str
    points: bytes
    """float32, samples x 2."""

    iteration: int
    iterations: int
    mapped: LayerMapped | None = None
    """What else there is to tell of these samples, where they are new."""


class LookBack(Question, frozen=True, kw_only=True, tag="look_back"):
    """Say how the outputs of a layer spread at a moment; what is looked at stays as it is."""

    node: str
    step: int
    """Of the moment."""


class LookedBack(Answer, frozen=True, kw_only=True, tag="looked_back"):
    """How the outputs of a layer spread at a moment."""

    node: str
    step: int
    epoch: float
    quantiles: tuple[float, ...] = ()
    """As those of a probe; none where the drawing had no such layer then."""


AnyQuestion: TypeAlias = (
    ShowMoment
    | PassThrough
    | CompareLayers
    | MapDecision
    | DrawPoint
    | FindExciting
    | FindAlike
    | ArrangeLayer
    | LookBack
    | MakePictures
    | ForeseeChange
)
AnyAnswer: TypeAlias = (
    MomentShown
    | PassTaken
    | LayersCompared
    | DecisionMapped
    | PointDrawn
    | ExcitingFound
    | AlikeFound
    | LayerArranged
    | LookedBack
    | PicturesMade
    | ChangeForeseen
    | NotAnswered
)
