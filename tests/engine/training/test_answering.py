"""Questions about a run at any moment: while it trains, after it, and opened from its folder."""

from pathlib import Path

import numpy as np
import pytest
import torch
from builders import node_named
from safetensors.torch import load_file
from training_runs import Listener, Person, a_network_with_memory, train, train_steps, weights

from engine.compile.module import compile_project
from engine.probes.arranging import MOST_SAMPLES, Arrangement
from engine.project.project import Project
from engine.runs.moments import moment_folder
from engine.runs.record import RunRecord
from engine.training.events import ProbeTaken, SamplesChosen
from engine.training.insight import Evaluated, LayerMapped, Subject
from engine.training.opened import OpenedRun, open_run
from engine.training.questions import (
    ArrangeLayer,
    ExcitingFound,
    FindExciting,
    LayerArranged,
    LookBack,
    LookedBack,
    MomentShown,
    MomentsKept,
    NotAnswered,
    PassTaken,
    PassThrough,
    RunOpened,
    ShowMoment,
)
from engine.training.requests import WatchLayers
from engine.training.waiting import GivenUp
from nodes.errors import DataError

MIDDLE = 6


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    train(a_network_with_memory(), folder, moment_steps=3)
    return folder


def opened(run: Path) -> tuple[OpenedRun, Listener]:
    listener = Listener()
    found = open_run(str(run), listener)
    assert found is not None
    return found, listener


def scores_at(run: Path, folder: Path, image: torch.Tensor) -> torch.Tensor:
    """Return what the weights of a folder say, put into a model made afresh."""
    model = compile_project(the_project())
    model.module.load_state_dict(load_file(folder / "weights.safetensors"))
    model.module.eval()
    with torch.no_grad():
        return model.outputs({"image": image})[0]


def the_project() -> Project:
    return a_network_with_memory()


def test_a_run_of_last_week_is_looked_into_as_if_it_had_just_ended(run: Path) -> None:
    found, listener = opened(run)
    drawing = bytes(range(256)) * 3 + bytes(16)

    found.look(WatchLayers(nodes=(), subject=Subject(key="mine", pixels=drawing)))

    image = torch.tensor(list(drawing)).reshape(1, 1, 28, 28) / 255
    judge = scores_at(run, run / "checkpoints/best", image).softmax(1)[0]
    assert listener.told(ProbeTaken)[-1].prediction == pytest.approx(judge.tolist(), rel=1e-4)
    assert listener.told(RunOpened)[0].run == str(run)
    assert len(listener.told(SamplesChosen)) == 1
    assert [moment.step for moment in listener.told(MomentsKept)[0].moments][:3] == [0, 3, 6]


def test_every_look_is_of_the_moment_that_is_shown(run: Path) -> None:
    found, listener = opened(run)
    found.answer(ShowMoment(step=MIDDLE))

    found.look(WatchLayers(nodes=("any",), sample=1))

    pixels = listener.told(SamplesChosen)[0].pixels
    samples = torch.from_numpy(np.frombuffer(pixels, np.uint8).copy()).reshape(-1, 1, 28, 28)
    judge = scores_at(run, moment_folder(run, MIDDLE), samples[1:2] / 255).softmax(1)[0]
    taken = listener.told(ProbeTaken)[-1]
    assert taken.step == MIDDLE
    assert taken.prediction == pytest.approx(judge.tolist(), abs=2e-3)
    assert listener.told(MomentShown)[-1] == MomentShown(
        step=MIDDLE, epoch=pytest.approx(taken.epoch), is_now=False
    )


def test_a_moment_is_evaluated_as_it_was_then(run: Path, tmp_path: Path) -> None:
    epoch_steps = next(
        event.step for event in train(the_project(), tmp_path / "again").told(Evaluated)
    )
    found, listener = opened(run)
    recorded = [m.step for m in listener.told(MomentsKept)[0].moments]
    assert recorded[-1] % epoch_steps == 0

    found.answer(ShowMoment(step=recorded[-1], evaluate=True))

    then = listener.told(MomentShown)[-1].evaluation
    assert then is not None and not listener.told(Evaluated)
    last = scores_at(run, moment_folder(run, recorded[-1]), torch.zeros(1, 1, 28, 28))
    assert torch.isfinite(last).all()
    assert then.step == recorded[-1] and then.samples == 800


def test_going_to_a_moment_and_back_shows_the_run_as_it_is_now(run: Path) -> None:
    found, listener = opened(run)
    watch = WatchLayers(nodes=("any",), sample=1)
    found.look(watch)
    found.answer(ShowMoment(step=0))

    found.answer(ShowMoment(step=None))
    found.look(watch)

    first, *_, last = listener.told(ProbeTaken)
    assert first.prediction == last.prediction
    assert listener.told(MomentShown)[-1].is_now


def test_questions_change_no_bit_of_the_training(tmp_path: Path) -> None:
    train(the_project(), tmp_path / "alone", moment_steps=2)
    asker = Person(
        7,
        WatchLayers(nodes=("any",), sample=1),
        ShowMoment(step=2, evaluate=True),
        PassThrough(sample=2),
        ShowMoment(step=None),
        PassThrough(sample=2),
    )

    train(the_project(), tmp_path / "asked", asker, moment_steps=2)

    assert weights(tmp_path / "asked") == weights(tmp_path / "alone")
    assert [taken.step for taken in asker.told(PassTaken)] == [2, 7]
    assert not asker.told(NotAnswered)


def test_a_moment_that_was_dropped_is_refused_in_words(run: Path) -> None:
    found, listener = opened(run)

    found.answer(ShowMoment(step=1))

    (refused,) = listener.told(NotAnswered)
    assert refused.question == "show_moment" and refused.hint


def test_a_damaged_moment_is_refused_in_words(tmp_path: Path) -> None:
    train_steps(the_project(), tmp_path / "run", 6, moment_steps=3)
    file = moment_folder(tmp_path / "run", 3) / "weights.safetensors"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    found, listener = opened(tmp_path / "run")

    found.answer(ShowMoment(step=3))

    assert "damaged" in listener.told(NotAnswered)[0].title


def test_a_folder_that_is_no_run_is_refused_in_words(tmp_path: Path) -> None:
    listener = Listener()

    assert open_run(str(tmp_path), listener) is None
    assert listener.told(NotAnswered)[0].question == "open_run"


def test_samples_are_arranged_part_by_part_and_of_the_moment_that_is_shown(run: Path) -> None:
    found, listener = opened(run)
    node = node_named(RunRecord.open(run).project().graph, "linear")

    found.answer(ArrangeLayer(node=node))
    first = listener.told(LayerArranged)[-1]
    assert first.mapped is not None and 0 < first.iteration < first.iterations
    samples = len(np.frombuffer(first.mapped.places, np.int32))
    assert len(np.frombuffer(first.points, np.float32)) == 2 * samples <= 2 * MOST_SAMPLES

    found.answer(ArrangeLayer(node=node, is_new=False))
    then = listener.told(LayerArranged)[-1]
    assert then.iteration > first.iteration and then.mapped is None
    assert then.points != first.points

    found.answer(ShowMoment(step=MIDDLE))
    found.answer(ArrangeLayer(node=node))
    again = listener.told(LayerArranged)[-1].mapped
    assert again is not None and again.step == MIDDLE


def test_an_arrangement_that_failed_begins_anew_when_it_is_asked_again(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, listener = opened(run)
    node = node_named(RunRecord.open(run).project().graph, "linear")

    def fail(_arrangement: Arrangement, _seconds: float) -> None:
        raise DataError("No room for it")

    with monkeypatch.context() as broken:
        broken.setattr(Arrangement, "go_on", fail)
        found.answer(ArrangeLayer(node=node))
    assert [one.title for one in listener.told(NotAnswered)] == ["No room for it"]

    found.answer(ArrangeLayer(node=node, is_new=False))

    assert listener.told(LayerArranged)[-1].mapped is not None


def test_a_layer_that_is_not_there_is_answered_with_words(run: Path) -> None:
    found, listener = opened(run)

    found.answer(ArrangeLayer(node="nowhere"))

    told = listener.told(NotAnswered)[-1]
    assert told.question == "arrange_layer" and "Choose another layer" in told.hint


def test_what_nobody_waits_for_is_not_computed_to_its_end(run: Path) -> None:
    listener, given_up = Listener(), GivenUp()
    node = node_named(RunRecord.open(run).project().graph, "linear")
    found = OpenedRun(run, listener, given_up)
    given_up.give_up("evaluate")
    given_up.give_up("find_exciting")
    given_up.give_up("map")

    found.answer(ShowMoment(step=MIDDLE, evaluate=True))
    found.answer(FindExciting(node=node, channel=0))
    found.look(WatchLayers(nodes=(), map=node))

    assert not listener.told(MomentShown)
    assert not listener.told(ExcitingFound) and not listener.told(LayerMapped)
    given_up.want("find_exciting")
    found.answer(FindExciting(node=node, channel=0))
    assert listener.told(ExcitingFound)


def test_looking_back_says_what_a_look_at_that_moment_says_and_leaves_the_view(run: Path) -> None:
    found, listener = opened(run)
    node = node_named(RunRecord.open(run).project().graph, "linear")
    found.answer(ShowMoment(step=MIDDLE))
    found.look(WatchLayers(nodes=(), detail=node))
    then = listener.told(ProbeTaken)[-1]
    found.answer(ShowMoment(step=None))

    found.answer(LookBack(node=node, step=MIDDLE))

    told = listener.told(LookedBack)[-1]
    assert (told.node, told.step, told.epoch) == (node, MIDDLE, then.epoch)
    assert told.quantiles == then.layers[0].quantiles
    found.look(WatchLayers(nodes=(), detail=node))
    assert listener.told(ProbeTaken)[-1].step != MIDDLE
    assert listener.told(ProbeTaken)[-1].layers[0].quantiles != told.quantiles

    found.answer(LookBack(node="nowhere", step=MIDDLE))
    assert listener.told(LookedBack)[-1].quantiles == ()
