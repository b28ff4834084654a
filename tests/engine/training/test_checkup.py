"""Runs that go wrong are told so, and runs that do not are left in peace."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
import torch
from builders import Drawing, a_project, node_named
from msgspec.structs import replace
from torch import Tensor
from training_runs import (
    FEW,
    JUDGE,
    MAKER,
    Listener,
    Person,
    a_gan,
    train,
    with_recipe,
)

from engine.compile.module import CompiledModel, compile_project
from engine.compile.stepper import run_nodes
from engine.graph.edits import set_frozen, set_learning, set_params
from engine.graph.elements import End
from engine.project.codec import to_text
from engine.project.project import Project
from engine.training import checkup
from engine.training.checkpoints import Place
from engine.training.checkup import Checkup
from engine.training.events import (
    EpochEnded,
    HealthAct,
    HealthNoted,
    RunChanged,
    RunEnded,
    TrainingEvent,
)
from engine.training.redrawing import redrawn
from engine.training.requests import (
    ChangeRun,
    ResetLayer,
    TrainerRequest,
)

if TYPE_CHECKING:
    from engine.training.bench import Bench


def a_deep_network(layers: int, activation: str, **recipe: Any) -> Project:
    drawing = Drawing()
    digits = drawing.add("Data", **FEW)
    last = drawing.add("Flatten", after=digits)
    for _ in range(layers):
        last = drawing.add("Linear", after=last, out_features=16, activation=activation)
    scores = drawing.add("Linear", after=last, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=scores)
    drawing.wire((digits, "label"), loss, "target")
    return a_project(drawing.graph, **{"epochs": 4, "batch_size": 8, **recipe})


def noted(told: Listener) -> dict[str, HealthNoted]:
    return {event.code: event for event in told.told(HealthNoted)}


def test_small_sigmoids_in_a_row_let_gradients_vanish(tmp_path: Path) -> None:
    project = a_deep_network(12, "Sigmoid", optimizer="sgd", learning_rate=0.01)

    found = noted(train(project, tmp_path))["vanishing"]

    assert found.node == node_named(project.graph, "linear")
    assert found.acts[0].label == "Use ReLU in 12 places and begin anew"
    assert found.acts[-1].reset == found.node


@pytest.mark.parametrize(
    ("layers", "activation", "label"),
    [
        (12, "Sigmoid", "Use ReLU in 12 places and begin anew"),
        (24, "ReLU", "Begin 24 layers anew with larger weights"),
    ],
)
def test_a_network_whose_gradients_vanish_learns_once_it_is_redrawn(
    tmp_path: Path, layers: int, activation: str, label: str
) -> None:
    project = a_deep_network(layers, activation, epochs=16)
    told = Answering("vanishing", redrawn_as(project))

    train(project, tmp_path / "redrawn", told)
    left = train(project, tmp_path / "left")

    (changed,) = told.told(RunChanged)
    assert changed.title == label
    assert len(changed.anew) == layers and set(changed.anew) <= set(changed.new)
    # Ten classes that are told apart by chance cost 2.3.
    assert left.told(EpochEnded)[-1].training_loss > 2.25
    assert told.told(EpochEnded)[-1].training_loss < 2.0


def test_a_rate_that_moves_nothing_is_called_stuck(tmp_path: Path) -> None:
    project = a_deep_network(1, "ReLU", epochs=8, optimizer="sgd", learning_rate=1e-9)

    found = noted(train(project, tmp_path))["stuck"]

    assert [act.label for act in found.acts] == ["Raise the rate to 1e-08"]


def test_a_loss_that_rose_and_stays_is_called_too_high_a_rate(tmp_path: Path) -> None:
    project = a_deep_network(1, "ReLU", epochs=8, optimizer="sgd", learning_rate=90.0)

    found = noted(train(project, tmp_path))["stuck"]

    assert [act.label for act in found.acts] == ["Lower the rate to 9"]


def test_a_rate_that_throws_weights_about_is_not_called_too_low(tmp_path: Path) -> None:
    project = a_deep_network(1, "GELU", epochs=8, optimizer="sgd", learning_rate=0.6)

    found = noted(train(project, tmp_path))

    assert "dead" not in found
    assert "weights have changed much: the rate may be too high." in found["stuck"].text
    assert found["stuck"].text.endswith(f"Seen at step {found['stuck'].step}.")
    assert [act.label for act in found["stuck"].acts] == ["Lower the rate to 0.06"]


def test_a_rate_of_zero_is_named(tmp_path: Path) -> None:
    project = a_deep_network(1, "ReLU", epochs=8, learning_rate=0.0)

    found = noted(train(project, tmp_path))["stuck"]

    assert "where it began: the rate is 0." in found.text
    assert [act.label for act in found.acts] == ["Raise the rate to 0.001"]


def test_layers_that_do_not_learn_are_why_a_loss_stays(tmp_path: Path) -> None:
    project = a_deep_network(2, "ReLU", epochs=8, optimizer="sgd", learning_rate=1e-6)
    names = [node_named(project.graph, name) for name in ("linear", "linear_2")]
    graph = set_frozen(project.graph, names, frozen=True)

    found = noted(train(replace(project, graph=graph), tmp_path))["stuck"]

    assert "2 of 3 layers with weights are frozen or have a rate of 0" in found.text


def test_a_loss_that_stays_for_a_reason_that_was_named_is_not_blamed_on_the_rate(
    tmp_path: Path,
) -> None:
    project = a_deep_network(12, "Sigmoid", epochs=8)

    found = noted(train(project, tmp_path))

    assert "vanishing" in found and "stuck" not in found


def test_of_layers_with_one_title_the_name_says_which_is_meant(tmp_path: Path) -> None:
    settings = {"optimizer": "sgd", "learning_rate": 60.0, "momentum": 0.0}
    project = a_deep_network(2, "ReLU", **settings)

    told = train(project, tmp_path).told(HealthNoted)

    dead = [note for note in told if note.code == "dead"]
    assert ["Linear (linear_2)" in dead[0].text, "Linear (linear)" in dead[-1].text] == [True, True]
    assert dead[-1].acts[0].label == "Begin Linear (linear) anew"


def test_a_run_that_learned_and_stands_still_after_a_change_is_left_in_peace(
    tmp_path: Path,
) -> None:
    project = a_deep_network(1, "ReLU", epochs=10, schedule="constant")
    slow = with_recipe(project, learning_rate=1e-9)

    told = train(project, tmp_path, Person(51, ChangeRun(project=to_text(slow))))

    assert told.told(RunChanged) and "stuck" not in noted(told)


def test_losses_that_rise_against_each_other_are_no_sign_of_a_high_rate(tmp_path: Path) -> None:
    eager = replace(JUDGE, learning_rate=0.05)
    project = a_gan(players=(eager, MAKER), epochs=8)

    found = noted(train(project, tmp_path))

    assert not {"stuck", "rate_high", "overfitting"} & set(found)


def test_a_layer_that_begins_anew_is_no_sign_of_a_high_rate(tmp_path: Path) -> None:
    project = a_deep_network(1, "ReLU", epochs=6, learning_rate=0.01, schedule="constant")
    scores = node_named(project.graph, "linear_2")

    told = train(project, tmp_path, Person(95, ResetLayer(node=scores)))

    assert told.told(RunChanged) and "rate_high" not in noted(told)


def test_units_that_a_large_step_killed_are_called_dead(tmp_path: Path) -> None:
    project = a_deep_network(1, "ReLU", optimizer="sgd", learning_rate=60.0, momentum=0.0)

    found = noted(train(project, tmp_path))["dead"]

    assert found.node == node_named(project.graph, "linear") and "put out zero" in found.text


def test_a_saturated_layer_is_named_and_begins_anew_where_asked(tmp_path: Path) -> None:
    project = a_deep_network(1, "Tanh", optimizer="sgd", learning_rate=200.0, momentum=0.0)
    told = Answering("saturated", lambda act: ResetLayer(node=act.reset or ""))

    train(project, tmp_path, told)

    found = noted(told)["saturated"]
    assert found.node == node_named(project.graph, "linear")
    assert told.told(RunChanged)[0].reset == found.node


def test_a_layer_that_began_saturated_is_not_begun_anew_with_the_same(tmp_path: Path) -> None:
    project = a_deep_network(1, "Tanh")
    linear = [node_named(project.graph, "linear")]
    graph = set_learning(project.graph, linear, "initialiser", "normal")
    graph = set_learning(graph, linear, "spread", 9.0)

    wide = replace(project, graph=graph)
    told = Answering("saturated", redrawn_as(wide))

    train(wide, tmp_path, told)

    found = noted(told)["saturated"]
    assert "It began with weights of spread 9: smaller ones leave room." in found.text
    assert found.acts[0].label == "Begin Linear (linear) anew with smaller weights"
    assert told.told(RunChanged)[0].anew == tuple(linear)
    # What it says a second time would mean that it is saturated still.
    assert [event.code for event in told.told(HealthNoted)].count("saturated") == 1


def test_what_is_learned_by_heart_is_told_and_stops_early_where_asked(tmp_path: Path) -> None:
    settings = {"batch_size": 32, "learning_rate": 0.01, "schedule": "constant"}
    project = a_deep_network(1, "ReLU", epochs=60, **settings)
    told = Answering("overfitting", with_settings_of(project), which=-1)

    train(project, tmp_path, told)

    assert noted(told)["overfitting"].acts[0].settings == {"weight_decay": 0.001}
    assert told.told(RunEnded)[0].outcome == "stopped_early"


def test_gradients_that_explode_are_told_and_clipped_where_asked(tmp_path: Path) -> None:
    settings = {"batch_size": 8, "learning_rate": 1e-5, "optimizer": "sgd", "epochs": 12}
    project = a_deep_network(1, "ReLU", **settings)
    told = Answering("exploding", with_settings_of(project))

    with larger_from(step=46, by=1e4):
        train(project, tmp_path, told)

    found = noted(told)
    assert [act.label for act in found["exploding"].acts][1:] == ["Lower the rate to 1e-06"]
    assert told.told(RunChanged)[0].title.startswith("Clip gradients at")


def test_a_loss_that_jumps_is_called_too_high_a_rate(tmp_path: Path) -> None:
    project = a_deep_network(1, "ReLU", batch_size=32, epochs=8)

    with larger_from(step=30, by=100.0):
        found = noted(train(project, tmp_path))["rate_high"]

    assert found.acts[0].label.startswith("Lower the rate to")


@pytest.mark.parametrize(
    ("megabytes", "augmentation", "said"),
    [
        (None, (), "Reading the data takes 80 % of the time"),
        (0, (), "Reading the data takes 80 % of the time"),
        (0, ({"step": "noise"},), "Reading and augmenting the data takes 80 % of the time"),
        (None, ({"step": "noise"},), "Augmenting the data takes 80 % of the time"),
    ],
)
def test_a_model_that_waits_for_its_data_is_told_what_takes_the_time(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    megabytes: int | None,
    augmentation: tuple[dict[str, str], ...],
    said: str,
) -> None:
    plain = Checkup.waited
    monkeypatch.setattr(Checkup, "waited", lambda self, *_: plain(self, 80.0, 100.0))
    if megabytes is not None:
        monkeypatch.setattr("engine.data.loading._room", lambda _: megabytes)
    project = a_deep_network(1, "ReLU", epochs=1)
    data = node_named(project.graph, "data")
    graph = set_params(project.graph, data, {**FEW, "augmentation": augmentation})

    found = noted(train(replace(project, graph=graph), tmp_path))["loader"]

    assert found.text.startswith(said)
    assert ("in memory" in found.text) == (not said.startswith("Augmenting"))
    assert found.acts[0].opens == "data"


def test_units_are_looked_at_again_after_enough_training_however_long_a_pause_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A look takes two seconds, so that the next one comes after a hundred of training."""
    project = a_deep_network(1, "ReLU")
    bench = SimpleNamespace(project=project, compiled=compile_project(project))
    now, looks = [0.0], [0]

    def slowly(*asked: Any) -> dict[End, Tensor]:
        now[0] += 2.0
        looks[0] += 1
        return run_nodes(*asked)

    monkeypatch.setattr(checkup, "run_nodes", slowly)
    monkeypatch.setattr(checkup.time, "perf_counter", lambda: now[0])
    place = Place()
    cared = Checkup(lambda _note: None, cast("Bench", bench), place)
    batch = {"image": torch.zeros(4, 1, 28, 28)}
    found = []
    for trained, waited in ((1.0, 1.0), (2.0, 9_000.0), (200.0, 9_200.0)):
        place.seconds, now[0] = trained, max(now[0], waited)
        cared.after_epoch(1.0, None, batch)
        found.append(looks[0])

    assert found == [1, 1, 2]


class Answering(Listener):
    """Asks once for what a note offers, as a button does."""

    def __init__(
        self, code: str, asked: Callable[[HealthAct], TrainerRequest], *, which: int = 0
    ) -> None:
        super().__init__()
        self._code = code
        self._asked = asked
        self._which = which

    def __call__(self, event: TrainingEvent) -> None:
        super().__call__(event)
        if isinstance(event, HealthNoted) and event.code == self._code:
            self.requests.put(self._asked(event.acts[self._which]))


def with_settings_of(project: Project) -> Callable[[HealthAct], TrainerRequest]:
    """Return what takes the settings of an act into the recipe."""
    return lambda act: ChangeRun(project=to_text(with_recipe(project, **act.settings)))


def redrawn_as(project: Project) -> Callable[[HealthAct], TrainerRequest]:
    """Return what draws the layers of an act as it says, and lets them begin anew."""

    def asked(act: HealthAct) -> TrainerRequest:
        changed = replace(project, graph=redrawn(project.graph, act.redraws))
        anew = tuple(layer.node for layer in act.redraws if layer.begins_anew)
        return ChangeRun(project=to_text(changed), anew=anew, title=act.label)

    return asked


class larger_from:  # noqa: N801 - reads as a statement
    """Multiply the loss from a step on, as a sample far from all others does."""

    def __init__(self, step: int, by: float) -> None:
        self._step, self._by = step, by

    def __enter__(self) -> None:
        self._patch = pytest.MonkeyPatch()
        plain, taken = CompiledModel.loss, [0]

        def loss(model: CompiledModel, *arguments: Any) -> torch.Tensor:
            value = plain(model, *arguments)
            if not torch.is_grad_enabled():
                return value
            taken[0] += 1
            return value * self._by if taken[0] >= self._step else value

        self._patch.setattr(CompiledModel, "loss", loss)

    def __exit__(self, *_: object) -> None:
        self._patch.undo()
