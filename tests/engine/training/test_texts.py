"""Text that a model writes while it trains and after, judged by what the run writes on disk."""

import itertools
import json
from pathlib import Path
from queue import SimpleQueue

import msgspec
import numpy as np
import pytest
import torch
from builders import a_project
from small_runs import Drawing, a_translator
from training_runs import Listener, train, weights

from engine.data import dates
from engine.data.builtin import open_data_set
from engine.evaluate.loading import load_run
from engine.evaluate.predict import predict_files
from engine.project.project import Project
from engine.training.config import TrainingConfig
from engine.training.events import ProbeTaken
from engine.training.insight import Evaluated, InputExplained, Subject
from engine.training.requests import WatchLayers
from engine.training.texts import TextWritten, Writing
from engine.training.trainer import Trainer

BEGIN = Subject(key="a text", columns=json.dumps({"text": ["the cat"]}))


def a_reader(folder: Path) -> Project:
    """Return a model that foresees the letters of a short text."""
    (folder / "tale.txt").write_text("the cat sat on the mat and the dog sat on the cat. " * 40)
    source = {"kind": "prose", "path": str(folder / "tale.txt"), "length": 16}
    kinds = {"kind": "tokens", "sizes": [16], "dtype": "int", "classes": 15}
    drawing = Drawing()
    fields = [{"name": "text", **kinds}, {"name": "next", **kinds}]
    drawing.put("Data", "data", source=source, fields=fields, split_by="order")
    drawing.put("Embedding", "embedding", "data.text", embedding_dim=8)
    drawing.put("GRU", "gru", "embedding", hidden_size=16)
    drawing.put("Linear", "linear", "gru", out_features=15)
    drawing.put("Transpose", "scores", "linear")
    drawing.put("CrossEntropyLoss", "loss", "scores", "data.next")
    return a_project(drawing.graph, epochs=2, batch_size=8)


def trained(project: Project, folder: Path) -> tuple[Trainer, Listener]:
    listener = Listener()
    config = TrainingConfig(run_folder=str(folder), threads=1, device="cpu", probe_share=0.1)
    trainer = Trainer(project, config, listener, SimpleQueue())
    trainer.run()
    listener.events.clear()
    return trainer, listener


def test_a_trained_model_goes_on_with_a_text_as_its_best_checkpoint_does(tmp_path: Path) -> None:
    trainer, listener = trained(a_reader(tmp_path), tmp_path / "run")
    writing = Writing(tokens=40, temperature=0.8, seed=4)

    subject = Subject(key=BEGIN.key, columns=BEGIN.columns, writing=writing)
    trainer.look(WatchLayers(nodes=(), subject=subject, why="occlusion"))

    (judge,) = predict_files(tmp_path / "run", ["the cat"], writing)
    told = listener.told(TextWritten)
    assert [event.is_whole for event in told] == [False] * (len(told) - 1) + [True]
    assert all(b.text.startswith(a.text) for a, b in itertools.pairwise(told))
    assert told[-1].text == judge.text and told[-1].subject == "a text"
    (taken,), (explained,) = listener.told(ProbeTaken), listener.told(InputExplained)
    assert taken.prediction == pytest.approx(judge.probabilities, abs=1e-5)
    assert explained.target == int(np.argmax(judge.probabilities))
    parts = np.frombuffer(explained.parts, np.int8)
    assert parts[:7].any() and not parts[7:].any(), "padding behind a text says nothing"


def test_a_finished_text_is_not_written_again(tmp_path: Path) -> None:
    trainer, listener = trained(a_reader(tmp_path), tmp_path / "run")
    subject = Subject(key="a", columns=BEGIN.columns, writing=Writing(tokens=5))
    trainer.look(WatchLayers(nodes=(), subject=subject))
    listener.events.clear()

    trainer.look(WatchLayers(nodes=("some",), subject=subject))

    assert listener.told(ProbeTaken) and not listener.told(TextWritten)


def test_writing_leaves_training_bit_identical(tmp_path: Path) -> None:
    project, listener = a_reader(tmp_path), Listener()
    subject = Subject(key="a", columns=BEGIN.columns, writing=Writing(tokens=30))
    listener.requests.put(WatchLayers(nodes=(), subject=subject))

    train(project, tmp_path / "looked", listener, probe_share=0.1)
    train(project, tmp_path / "plain", probe_share=0)

    assert len(listener.told(TextWritten)[-1].text) == 30
    assert weights(tmp_path / "looked") == weights(tmp_path / "plain")


def test_an_answer_in_tokens_is_the_models_own_wherever_it_is_asked(tmp_path: Path) -> None:
    trainer, listener = trained(
        a_project(a_translator().graph, epochs=1, batch_size=64), tmp_path / "run"
    )
    subject = Subject(key="a", columns=json.dumps({"written": ["3 March 1998"]}))

    trainer.look(WatchLayers(nodes=(), subject=subject))

    (asked,) = predict_files(tmp_path / "run", ["3 March 1998"])
    assert listener.told(ProbeTaken)[-1].text == asked.text
    # The judge feeds back what was answered, by hand.
    loaded = load_run(tmp_path / "run")
    written = torch.tensor([[0] * 28 + [dates.LETTERS.index(c) + 2 for c in "3 March 1998"]])
    so_far = [0]
    for place in range(10):
        answer = torch.tensor([(so_far + [0] * 10)[:10]])
        with torch.no_grad():
            scores = loaded.compiled.module(written, answer)
        so_far.append(int(scores[0, :, place].argmax()))
    letters = ("", "unknown", *dates.ANSWER_TOKENS)
    assert asked.text == "".join(letters[token] for token in so_far[1:])


def test_the_band_of_a_forecast_is_judged_while_it_trains(tmp_path: Path) -> None:
    spec = open_data_set("sunspots").spec
    drawing = Drawing()
    fields = msgspec.to_builtins(spec.fields)
    drawing.put("Data", "data", dataset="sunspots", fields=fields, split_by="order")
    drawing.put("Flatten", "flatten", "data.window")
    drawing.put("Linear", "middle", "flatten", out_features=1)
    drawing.put("MSELoss", "loss", "middle", "data.next")
    drawing.put("Linear", "ends", "flatten", out_features=2)
    drawing.put("QuantileLoss", "held", "ends", "data.next", coverage=0.6)
    project = a_project(drawing.graph, epochs=1, batch_size=32)

    listener = train(project, tmp_path / "run")

    found = listener.told(Evaluated)[-1]
    inside = [
        low <= truth <= high
        for low, truth, high in zip(found.lows, found.truths, found.highs, strict=True)
    ]
    assert found.coverage == 0.6 and len(found.lows) == found.samples
    assert found.inside == pytest.approx(sum(inside) / len(inside))
