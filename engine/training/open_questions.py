"""The questions that wait for an answer, and what becomes of them where nobody waits or answers.

Nothing in here imports torch.
"""

from collections.abc import Mapping
from typing import Final

from engine.training.alike import AlikeFound
from engine.training.foreseeing import ChangeForeseen
from engine.training.generating import PicturesMade
from engine.training.insight import InputExplained, InputRefused, LayerMapped
from engine.training.messages import Event, Question, Request, tag_of
from engine.training.questions import (
    DecisionMapped,
    ExcitingFound,
    LayerArranged,
    LayersCompared,
    LookedBack,
    MomentShown,
    NotAnswered,
    PassTaken,
    PointDrawn,
    ShowMoment,
)
from engine.training.requests import Quit, StartRun, StopRun, WatchLayers
from engine.training.waiting import PREPARING, GivenUp, GiveUp

_ANSWERS: Final[Mapping[type[Event], str]] = {
    AlikeFound: "find_alike",
    ChangeForeseen: "foresee_change",
    DecisionMapped: "map_decision",
    ExcitingFound: "find_exciting",
    InputExplained: "why",
    InputRefused: "why",
    LayerArranged: "arrange_layer",
    LayerMapped: "map",
    LayersCompared: "compare_layers",
    LookedBack: "look_back",
    MomentShown: "show_moment",
    PassTaken: "pass_through",
    PicturesMade: "make_pictures",
    PointDrawn: "draw_point",
}


class OpenQuestions:
    """What was asked and is not answered yet; not for two threads at once."""

    def __init__(self) -> None:
        self._open: dict[str, None] = {}
        self._watch: WatchLayers | None = None

    def ask(self, question: Question | WatchLayers) -> bool:
        """Note a question; a map and an explanation are asked for by watching.

        Returns:
            Whether an answer is waited for that was not before.
        """
        if isinstance(question, WatchLayers):
            return self._watch_on(question)
        self._open[tag_of(question)] = None
        return True

    def take(self, event: Event) -> None:
        """Note an answer."""
        if isinstance(event, NotAnswered):
            self.drop(event.question)
        else:
            self.drop(_ANSWERS.get(type(event), ""))

    def drop(self, tag: str) -> None:
        """Note that nobody waits for this any more."""
        self._open.pop(tag, None)

    def close(self, why: str) -> tuple[NotAnswered, ...]:
        """Return what is told of all that is open, which nobody will answer any more."""
        left = tuple(self._open)
        self._open.clear()
        return tuple(lost_model(tag, why) for tag in left)

    def _watch_on(self, watch: WatchLayers) -> bool:
        before, self._watch = self._watch, watch
        is_new = {
            "map": before is None or before.map != watch.map,
            "why": before is None or _explained(before) != _explained(watch),
        }
        wanted = {"map": bool(watch.map), "why": bool(watch.why and watch.subject)}
        for tag in wanted:
            if not wanted[tag]:
                self.drop(tag)
            elif is_new[tag]:
                self._open[tag] = None
        return any(wanted[tag] and is_new[tag] for tag in wanted)


def _explained(watch: WatchLayers) -> tuple[object, ...]:
    return watch.why, watch.why_target, watch.subject


def hear(request: Request, given_up: GivenUp) -> None:
    """Note what is given up, and what is waited for again, as soon as it is asked."""
    match request:
        case GiveUp(what=what):
            given_up.give_up(what)
        case StartRun():
            given_up.want(PREPARING)
        case StopRun() | Quit():
            given_up.give_up(PREPARING)
        case ShowMoment():
            given_up.want("show_moment", "evaluate")
        case Question():
            given_up.want(tag_of(request))
        case WatchLayers():
            asked = {"map": request.map, "why": request.why}
            given_up.want(*(what for what, wish in asked.items() if wish))
        case _:
            pass


def nothing_held(question: str, why: str) -> NotAnswered:
    """Return the answer where there is no model that could be asked."""
    return NotAnswered(
        question=question,
        title="There is no trained model at hand",
        why=why,
        hint="Choose a run in the list of runs.",
    )


def lost_model(question: str, why: str) -> NotAnswered:
    """Return the answer where whatever was to give one is gone."""
    title = "The process that computes is gone"
    return NotAnswered(question=question, title=title, why=why, again=True)
