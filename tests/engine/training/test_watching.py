"""What is told of a model beyond its layers, trained for real and judged by a plain module."""

from pathlib import Path
from queue import SimpleQueue

import numpy as np
import pytest
import torch
from builders import node_named
from small_runs import node_id
from training_runs import Listener, a_network_with_memory, train, weights

from engine.evaluate.loading import load_run
from engine.project.project import Project
from engine.runs.replay import replay
from engine.training.config import TrainingConfig
from engine.training.events import ProbeTaken, SamplesChosen
from engine.training.insight import (
    Evaluated,
    GradientsTaken,
    InputExplained,
    InputRefused,
    LayerMapped,
    Subject,
    WeightsTaken,
)
from engine.training.questions import NotAnswered
from engine.training.requests import WatchLayers
from engine.training.trainer import Trainer

DRAWN = bytes(range(256)) * 3 + bytes(16)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trainer, Listener, Path]:
    folder = tmp_path_factory.mktemp("runs") / "run"
    listener = Listener()
    config = TrainingConfig(run_folder=str(folder), threads=1, device="cpu", probe_share=0.1)
    trainer = Trainer(a_network_with_memory(), config, listener, SimpleQueue())
    trainer.run()
    return trainer, listener, folder


def looked(trained: tuple[Trainer, Listener, Path], request: WatchLayers) -> Listener:
    """Return what is told when a finished run is looked into."""
    trainer, listener, _ = trained
    listener.events.clear()
    trainer.look(request)
    return listener


def the_project() -> Project:
    return a_network_with_memory()


def scores_of(folder: Path, images: torch.Tensor) -> torch.Tensor:
    model = load_run(folder).compiled
    with torch.no_grad():
        return model.outputs({"image": images})[0]


def test_a_drawing_is_answered_as_the_best_checkpoint_answers(
    trained: tuple[Trainer, Listener, Path],
) -> None:
    subject = Subject(key="drawing 1", pixels=DRAWN)

    told = looked(trained, WatchLayers(nodes=(), subject=subject))

    (taken,) = told.told(ProbeTaken)
    image = torch.tensor(list(DRAWN)).reshape(1, 1, 28, 28) / 255
    judge = scores_of(trained[2], image).softmax(1)[0]
    assert taken.prediction == pytest.approx(judge.tolist(), rel=1e-4)
    assert (taken.subject, taken.sample) == ("drawing 1", -1)


def test_a_validation_sample_can_be_looked_at(trained: tuple[Trainer, Listener, Path]) -> None:
    subject = Subject(key="sample 5", place=5)

    told = looked(trained, WatchLayers(nodes=(), subject=subject, why="gradient"))

    (taken,), (explained,) = told.told(ProbeTaken), told.told(InputExplained)
    assert taken.subject == explained.subject == "sample 5"
    assert explained.target == int(np.argmax(taken.prediction))
    assert explained.shape == (28, 28) and len(explained.parts) == 784


def test_what_is_no_input_is_refused_in_words(trained: tuple[Trainer, Listener, Path]) -> None:
    subject = Subject(key="drawing 2", pixels=bytes(9))

    told = looked(trained, WatchLayers(nodes=("x",), subject=subject))

    (refused,) = told.told(InputRefused)
    assert refused.subject == "drawing 2"
    assert "784" in refused.why and refused.hint


def test_the_evaluation_of_the_best_epoch_is_what_the_run_is_measured_at(
    trained: tuple[Trainer, Listener, Path], tmp_path: Path
) -> None:
    listener = train(the_project(), tmp_path / "run")

    epochs = listener.told(Evaluated)

    assert [event.epoch for event in epochs] == [1, 2, 3]
    for event, figures in zip(epochs, listener.epochs(), strict=True):
        assert event.loss == pytest.approx(figures[2], rel=1e-5)
        assert event.accuracy == pytest.approx(figures[3], abs=1e-9)
        assert sum(map(sum, event.confusion)) == event.samples == 800
        shown = (*event.worst, *event.surest, *event.suspects)
        assert len(event.pixels) == len(shown) * 784
    kept = [event for event in replay(tmp_path / "run") if isinstance(event, Evaluated)]
    best = [event for event in epochs if event.is_best][-1]
    assert kept[0] == best and kept[-1] == epochs[-1] and len(kept) <= 2


def test_a_layer_that_has_no_map_says_so(trained: tuple[Trainer, Listener, Path]) -> None:
    loss = next(n for n in the_project().graph.nodes.values() if n.kind == "CrossEntropyLoss")

    told = looked(trained, WatchLayers(nodes=(), map=loss.id))

    (refused,) = told.told(NotAnswered)
    assert refused.question == "map" and refused.why and not told.told(LayerMapped)


def test_weights_and_map_of_a_finished_run_are_told(
    trained: tuple[Trainer, Listener, Path],
) -> None:
    project = the_project()
    trainer, listener, folder = trained
    del trainer
    last = [n for n in project.graph.nodes.values() if n.kind == "Linear"][-1].name
    run = load_run(folder)
    node = node_id(run.project, last)

    told = looked(trained, WatchLayers(nodes=(), weights=node, map=node))

    (taken,), (mapped,) = told.told(WeightsTaken), told.told(LayerMapped)
    weight = run.compiled.module.get_submodule(last).get_parameter("weight").detach().numpy()
    pixels = np.frombuffer(taken.pixels, np.int8).reshape(weight.shape)
    assert np.abs(pixels / 127 * taken.largest - weight).max() <= taken.largest / 127
    assert len(np.frombuffer(mapped.points, np.float32)) == 2 * 800
    truths, called = (np.frombuffer(b, np.int32) for b in (mapped.truths, mapped.called))
    accuracy = [e for e in replay(folder) if isinstance(e, Evaluated) and e.is_best][-1].accuracy
    assert (truths == called).mean() == pytest.approx(accuracy)
    assert not listener.told(GradientsTaken), "a finished run has no gradients any more"


def test_looking_at_everything_leaves_training_bit_identical(tmp_path: Path) -> None:
    project = the_project()
    node = node_named(project.graph, "linear")
    listener = Listener()
    listener.requests.put(
        WatchLayers(
            nodes=tuple(project.graph.nodes),
            detail=node,
            subject=Subject(key="d", pixels=DRAWN),
            why="occlusion",
            weights=node,
            gradients=True,
            map=node,
        )
    )

    train(project, tmp_path / "looked", listener, probe_share=0.1)
    train(project, tmp_path / "plain", probe_share=0.0)

    for kind in (ProbeTaken, InputExplained, WeightsTaken, GradientsTaken, LayerMapped):
        assert listener.told(kind), kind
    assert weights(tmp_path / "looked") == weights(tmp_path / "plain")


def test_the_inputs_of_the_model_are_described(trained: tuple[Trainer, Listener, Path]) -> None:
    trainer, listener, _ = trained
    listener.events.clear()
    assert trainer._watcher is not None
    trainer._watcher.introduce()

    (samples,) = listener.told(SamplesChosen)

    assert [(field.name, field.kind, field.sizes) for field in samples.inputs] == [
        ("image", "image", (1, 28, 28))
    ]
