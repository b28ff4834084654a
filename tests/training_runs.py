"""Runs small enough to be trained within a test."""

from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

import msgspec
from builders import Drawing, a_plain_network, a_project, node_named

from engine.graph.edits import set_learning, set_params
from engine.graph.elements import Graph
from engine.graph.sharing import share
from engine.project.players import Player
from engine.project.project import Project
from engine.runs.record import find_checkpoint
from engine.training.config import TrainingConfig
from engine.training.events import EpochEnded, RunPaused, StepEnded, TrainingEvent
from engine.training.requests import ResumeRun, StepOnce, StopRun, TrainerRequest
from engine.training.trainer import Trainer

Kind = TypeVar("Kind")

FEW: Any = {"validation_share": 0.08, "test_share": 0.9}
"""200 digits to train with, 800 to validate."""


def a_plain_project(**recipe: object) -> Project:
    """Return a network without memory, small enough for two quick epochs."""
    graph = a_plain_network(hidden=16)
    graph = set_params(graph, node_named(graph, "data"), FEW)
    return a_project(graph, **{"epochs": 2, "batch_size": 32, **recipe})


def a_network_with_memory(**recipe: Any) -> Project:
    """Return a project with dropout and batch normalisation: everything a resume can get wrong."""
    drawing = Drawing()
    digits = drawing.add("Data", **FEW)
    flat = drawing.add("Flatten", after=digits)
    first = drawing.add("Linear", after=flat, out_features=16, activation="ReLU")
    norm = drawing.add("BatchNorm1d", after=first)
    dropout = drawing.add("Dropout", after=norm, p=0.3)
    second = drawing.add("Linear", after=dropout, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=second)
    drawing.wire((digits, "label"), loss, "target")
    return a_project(drawing.graph, **{"epochs": 3, "batch_size": 32, **recipe})


JUDGE = Player(name="Judge", optimizer="adam", learning_rate=0.002)
MAKER = Player(name="Maker", optimizer="adam", learning_rate=0.001)


def a_network(drawing: Drawing, key: str, sizes: tuple[int, int], into: int) -> None:
    inside = Drawing()
    start = inside.add("Input")
    first = inside.add("Linear", after=start, out_features=sizes[0], activation="ReLU")
    second = inside.add("Linear", after=first, out_features=sizes[1])
    inside.add("Output", after=second)
    drawing.define(key, inside)


def a_gan(*, players: tuple[Player, ...] = (JUDGE, MAKER), **recipe: Any) -> Project:
    """Return a generator and a discriminator of digits, which stands there three times."""
    drawing = Drawing()
    a_network(drawing, "judge", (16, 1), 784)
    a_network(drawing, "maker", (16, 784), 8)
    digits = drawing.add("Data", **FEW)
    flat = drawing.add("Flatten", after=digits)
    noise = drawing.add("Noise", after=flat, sizes=[8])
    made = drawing.use("maker", after=noise)
    cut = drawing.add("Detach", after=made)
    real = drawing.use("judge", after=flat)
    judged, fooled = drawing.use("judge", after=cut), drawing.use("judge", after=made)
    for other in (judged, fooled):
        drawing.graph = share(drawing.graph, other.id, real.id)
    losses = [
        drawing.add("AdversarialLoss", after=real),
        drawing.add("AdversarialLoss", after=judged, call="made"),
        drawing.add("AdversarialLoss", after=fooled),
    ]
    graph = drawing.graph
    if players:
        mine = {players[0].name: [real, *losses[:2]], players[-1].name: [made, losses[2]]}
        for name, nodes in mine.items():
            graph = set_learning(graph, [node.id for node in nodes], "player", name)
    plain = {"epochs": 2, "batch_size": 32, "schedule": "constant", "players": players}
    return a_project(graph, **{**plain, **recipe})


def two_heads(**recipe: Any) -> Project:
    """Return a project that tells digits and draws them again."""
    drawing = Drawing()
    digits = drawing.add("Data", **FEW)
    flat = drawing.add("Flatten", after=digits)
    hidden = drawing.add("Linear", after=flat, out_features=16, activation="ReLU")
    scores = drawing.add("Linear", after=hidden, out_features=10)
    drawn = drawing.add("Linear", after=hidden, out_features=784)
    told = drawing.add("CrossEntropyLoss", after=scores)
    drawing.wire((digits, "label"), told, "target")
    rebuilt = drawing.add("MSELoss", after=drawn, weight=0.25)
    drawing.wire(flat, rebuilt, "target")
    plain = {"epochs": 2, "batch_size": 32, "schedule": "constant", "optimizer": "sgd"}
    return a_project(drawing.graph, **{**plain, "learning_rate": 0.1, **recipe})


class Listener:
    """Keeps what a run tells, and may answer."""

    def __init__(self) -> None:
        self.events: list[TrainingEvent] = []
        self.requests: SimpleQueue[TrainerRequest] = SimpleQueue()
        self.answers: dict[type, Sequence[TrainerRequest]] = {}
        """What is asked when an event of this kind comes."""

    def __call__(self, event: TrainingEvent) -> None:
        self.events.append(event)
        for request in self.answers.get(type(event), ()):
            self.requests.put(request)

    def told(self, kind: type[Kind]) -> list[Kind]:
        """Return the events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def losses(self) -> list[float]:
        """Return the loss of every step."""
        return [loss for block in self.told(StepEnded) for loss in block.losses]

    def epochs(self) -> list[tuple[float | None, ...]]:
        """Return all figures of the epochs but the time."""
        return [
            (
                event.training_loss,
                event.training_metric,
                event.validation_loss,
                event.validation_metric,
            )
            for event in self.told(EpochEnded)
        ]


def with_recipe(project: Project, **settings: Any) -> Project:
    recipe = msgspec.structs.replace(project.recipe, **settings)
    return msgspec.structs.replace(project, recipe=recipe)


def with_graph(project: Project, graph: Graph) -> Project:
    return msgspec.structs.replace(project, graph=graph)


class Person(Listener):
    """Asks for something each time the run holds, and then lets it go on."""

    def __init__(self, after: int, *asked: TrainerRequest) -> None:
        super().__init__()
        self._asked = [*asked, ResumeRun()]
        self.requests.put(StepOnce(count=after))

    def __call__(self, event: TrainingEvent) -> None:
        super().__call__(event)
        if isinstance(event, RunPaused):
            for request in self._asked:
                self.requests.put(request)
            self._asked = [ResumeRun()]


def train(
    project: Project, folder: Path, listener: Listener | None = None, **config: Any
) -> Listener:
    """Train on one thread and return what was told."""
    listener = listener or Listener()
    settings = TrainingConfig(run_folder=str(folder), **{"threads": 1, "device": "cpu", **config})
    Trainer(project, settings, listener, listener.requests).run()
    return listener


def train_steps(project: Project, folder: Path, steps: int, **config: Any) -> Listener:
    """Train some steps, then stop."""
    listener = Listener()
    listener.requests.put(StepOnce(count=steps))
    listener.answers[RunPaused] = [StopRun()]
    return train(project, folder, listener, **config)


def weights(folder: Path, name: str = "last") -> bytes:
    """Return the bytes of a checkpoint's weights."""
    found = find_checkpoint(folder / "checkpoints", "best" if name == "best" else "last")
    assert found is not None
    return (found / "weights.safetensors").read_bytes()


def with_steps(project: Project, some: list[Any]) -> Project:
    """Return a project whose training samples are augmented."""
    data = project.graph.named("data")
    assert data is not None
    written = msgspec.to_builtins(some)
    return with_graph(project, set_params(project.graph, data.id, {"augmentation": written}))
