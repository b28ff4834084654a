"""The step after a recorded moment, taken once more: judged by the run that took it."""

from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from training_runs import Listener, Person, a_gan, a_network_with_memory, train, weights

from engine.compile.module import compile_project
from engine.project.files import load
from engine.project.project import Project
from engine.runs.moments import moment_folder
from engine.training.averaging import trained_weights
from engine.training.checkpoints import read_snapshot, write_snapshot
from engine.training.config import TrainingConfig
from engine.training.heat import HeatTaken
from engine.training.insight import GradientsTaken, WeightsTaken
from engine.training.material import gather
from engine.training.opened import open_run
from engine.training.questions import ShowMoment
from engine.training.requests import WatchLayers
from engine.training.retaking import step_after
from engine.training.trainer import Trainer

STEP = 3
GRADIENTS = WatchLayers(nodes=(), gradients=True)
NOTHING = GradientsTaken(step=0, layers=())
PROJECTS = {
    "dropout, batch normalisation and clipping": a_network_with_memory(gradient_clip=0.5, epochs=1),
    "averaged weights": a_network_with_memory(averaging=0.9, accumulation=2, epochs=1),
    "a generator and a judge in turns": a_gan(epochs=1),
}


class Recorded(NamedTuple):
    """A run, and the gradients that were told while it trained."""

    folder: Path
    live: GradientsTaken


@pytest.fixture(scope="module", params=PROJECTS.values(), ids=PROJECTS)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    folder = tmp_path_factory.mktemp("runs") / "run"
    project: Project = request.param
    person = Person(STEP, GRADIENTS)
    train(project, folder, person, moment_steps=1)
    live = next(event for event in person.told(GradientsTaken) if event.step == STEP)
    return Recorded(folder, live)


def at_moment(run: Recorded, step: int | None, request: WatchLayers) -> Listener:
    """Return what is told of a moment of a run that is opened from its folder."""
    listener = Listener()
    opened = open_run(str(run.folder), listener)
    assert opened is not None
    opened.answer(ShowMoment(step=step))
    opened.look(request)
    return listener


def test_a_past_moment_shows_the_gradients_that_the_next_step_had(run: Recorded) -> None:
    told = at_moment(run, STEP - 1, GRADIENTS).told(GradientsTaken)[-1]

    assert (told.step, told.is_retaken) == (STEP, True)
    assert [(layer.node, layer.gradient) for layer in told.layers] == [
        (layer.node, layer.gradient) for layer in run.live.layers
    ]


def test_its_updates_lead_to_the_weights_of_the_next_moment(run: Recorded) -> None:
    project = load(run.folder / "project.loom").project
    before, after = (read_snapshot(moment_folder(run.folder, step)) for step in (STEP - 1, STEP))
    cpu = torch.device("cpu")
    model = compile_project(project)
    material = gather(model.plan, cpu, project.recipe.seed)

    _, moved, lengths = step_after(project, before, material, cpu)

    old, new = (trained_weights(saved.weights, saved.optimizer)[0] for saved in (before, after))
    names = [name for name, _ in model.module.named_parameters()]
    assert moved.tolist() == pytest.approx([(new[n] - old[n]).norm().item() for n in names])
    assert lengths.tolist() == pytest.approx([old[name].norm().item() for name in names])


def test_weights_and_overlay_of_a_past_moment_say_how_it_learns(run: Recorded) -> None:
    node = run.live.layers[0].node
    request = WatchLayers(nodes=(), weights=node, heat="weights", heat_nodes=(node,))

    told = at_moment(run, STEP - 1, request)

    (heat,) = told.told(HeatTaken)[-1].layers
    assert heat.gradient == run.live.layers[0].gradient
    assert heat.update_ratio == told.told(WeightsTaken)[-1].update_ratio is not None


def test_a_run_of_last_week_shows_gradients_before_a_moment_is_chosen(run: Recorded) -> None:
    told = at_moment(run, None, GRADIENTS).told(GradientsTaken)[-1]

    assert [layer.node for layer in told.layers] == [layer.node for layer in run.live.layers]


def test_a_look_at_past_gradients_changes_no_bit_of_the_training(tmp_path: Path) -> None:
    project = a_network_with_memory(epochs=1)
    asker = Person(STEP, GRADIENTS, ShowMoment(step=2), ShowMoment(step=None))

    train(project, tmp_path / "alone", moment_steps=1)
    train(project, tmp_path / "asked", asker, moment_steps=1)

    assert [t.step for t in asker.told(GradientsTaken) if t.is_retaken] == [3]
    assert weights(tmp_path / "asked") == weights(tmp_path / "alone")


def test_a_moment_whose_next_step_is_no_number_shows_no_gradients(tmp_path: Path) -> None:
    train(a_network_with_memory(epochs=1), tmp_path, moment_steps=1)
    folder = moment_folder(tmp_path, STEP - 1)
    saved = read_snapshot(folder)
    for tensor in saved.weights.values():
        tensor.copy_(tensor / 0)
    write_snapshot(folder, saved)

    told = at_moment(Recorded(tmp_path, NOTHING), STEP - 1, GRADIENTS)

    assert told.told(GradientsTaken)[-1].layers == ()


def test_a_run_that_nobody_watched_says_in_the_end_how_it_learns(tmp_path: Path) -> None:
    listener = Listener()
    config = TrainingConfig(run_folder=str(tmp_path / "run"), device="cpu")
    trainer = Trainer(a_network_with_memory(epochs=1), config, listener)
    ended = trainer.run()

    trainer.look(GRADIENTS)
    opened = open_run(ended.run, opened_says := Listener())
    assert opened is not None
    opened.look(GRADIENTS)

    told, later = (each.told(GradientsTaken)[-1] for each in (listener, opened_says))
    assert told.layers and told.is_retaken
    assert told == later
