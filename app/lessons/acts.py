"""Steps by what is done in them, for lessons that are made of the same few acts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.lessons.lesson import Situation, Step
from engine.graph.elements import Graph, Node


@dataclass(frozen=True, slots=True)
class Told:
    """What a built-in project has to teach."""

    steps: tuple[Step, ...]
    ending: str
    """What was learned."""


def told(*steps: Step, ending: str) -> Told:
    """Put the steps of a lesson one behind the other."""
    return Told(steps, ending)


def train(words: str) -> Step:
    """Wait for a run to begin."""
    return Step(words, began, "train")


def wait(words: str = "Wait until the run ends.") -> Step:
    """Wait until the newest run is over, if it is not."""
    return Step(
        words,
        lambda now, _start: now.has_ended and not now.is_training,
        "training",
        is_passed_over=True,
    )


def read(words: str) -> Step:
    """Wait for the button alone."""
    return Step(words, at_once, "training")


def look(name: str, words: str, mark: str = "activations", *, panel: str = "") -> Step:
    """Wait until the layer of this name is selected, and seen in a panel where one is told."""
    return Step(
        words,
        lambda now, _start: _is_selected(now, name) and (not panel or panel in now.panels),
        mark,
        name,
    )


def change(name: str, words: str) -> Step:
    """Wait until a parameter of the layer of this name is another."""
    return Step(
        words,
        lambda now, start: _params(now.graph, name) != _params(start.graph, name),
        "properties",
    )


def ask(words: str) -> Step:
    """Wait for an input of the person's own."""
    return Step(words, lambda now, _start: now.has_tried, "layouts")


def began(now: Situation, start: Situation) -> bool:
    """Whether there is a run that no step asked for before."""
    return now.has_early_run or now.runs > start.runs


def at_once(_now: Situation, _start: Situation) -> bool:
    """Whether there is nothing to be done."""
    return True


def nodes_named(graph: Graph, names: Sequence[str]) -> list[Node]:
    """Return the layers of these names at the top of a drawing."""
    return [node for node in graph.nodes.values() if node.name in names]


def _is_selected(now: Situation, name: str) -> bool:
    return any(node.id in now.selection for node in nodes_named(now.graph, (name,)))


def _params(graph: Graph, name: str) -> list[object]:
    return [node.params for node in nodes_named(graph, (name,))]
