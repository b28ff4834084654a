"""What the trainer and the process beside it say to each other.

Every request has a number, and what the process says has that of the newest request it had read:
what belongs to a model or a moment that is looked at no more is known by it.
"""

from typing import TypeAlias

import msgspec

from engine.training.events import TrainingEvent
from engine.training.messages import Event, Request
from engine.training.questions import AnyQuestion
from engine.training.requests import WatchLayers
from engine.training.waiting import GiveUp


class HoldModel(Request, frozen=True, kw_only=True, tag="hold_model"):
    """Make the same model, and read its weights from shared memory."""

    number: int
    project: str
    """The project as the text of its file."""

    seed: int
    """That the samples to look with were chosen by."""

    run: str
    memory: str
    size: int
    """Of the memory, in bytes."""


class LookOn(Request, frozen=True, kw_only=True, tag="look_on"):
    """Look at these layers from now on, whenever there is a new copy."""

    number: int
    watch: WatchLayers


class Ask(Request, frozen=True, kw_only=True, tag="ask"):
    """Answer from the newest copy."""

    number: int
    question: AnyQuestion


BesideRequest: TypeAlias = HoldModel | LookOn | Ask | GiveUp


class ProcessReady(Event, frozen=True, kw_only=True, tag="process_ready"):
    """torch is imported."""


class ModelHeld(Event, frozen=True, kw_only=True, tag="model_held"):
    """The model is made, or cannot be."""

    number: int
    problem: str = ""


class Seen(Event, frozen=True, kw_only=True, tag="seen"):
    """What is to be passed on as if the trainer had said it."""

    number: int
    told: TrainingEvent


class Answered(Event, frozen=True, kw_only=True, tag="answered"):
    """The oldest question that was open is answered."""

    number: int
    events: tuple[TrainingEvent, ...]


BesideEvent: TypeAlias = ProcessReady | ModelHeld | Seen | Answered

request_decoder = msgspec.msgpack.Decoder(BesideRequest)
event_decoder = msgspec.msgpack.Decoder(BesideEvent)
