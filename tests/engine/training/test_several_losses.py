"""Several losses in one drawing: weighed, told one by one, and changed while they train."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import torch
from builders import Drawing, node_named
from torch.nn.functional import cross_entropy, mse_loss
from training_runs import Person, train, two_heads, with_graph

from engine.compile.module import compile_project
from engine.data.builtin import open_data_set
from engine.data.shuffling import epoch_order
from engine.data.splitting import split
from engine.evaluate.results import evaluate_run
from engine.graph.edits import set_params
from engine.project.codec import to_text
from engine.project.project import Project
from engine.runs.replay import read_curves, replay
from engine.training.events import EpochEnded, RunChanged, StepEnded
from engine.training.replaying import train_again
from engine.training.requests import ChangeRun


def steps(project: Project, told: Any) -> dict[str, list[float]]:
    parts: dict[str, list[float]] = {}
    for block in told.told(StepEnded):
        for name, values in block.parts.items():
            parts.setdefault(name, []).extend(values)
    return parts


def test_several_losses_train_as_a_loop_written_by_hand(tmp_path: Path) -> None:
    """The judge is plain PyTorch on the same samples in the same order."""
    project = two_heads()
    told = train(project, tmp_path)

    torch.manual_seed(0)
    model = compile_project(project).module
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, fused=True)
    parts = split(10_000, validation=0.08, test=0.9, seed=0)
    digits = open_data_set("digits")
    images = torch.from_numpy(digits.read("image", parts.training)).float() / 255
    labels = torch.from_numpy(digits.read("label", parts.training)).long()
    told_losses, rebuilt_losses = [], []
    for epoch in range(2):
        order = torch.from_numpy(epoch_order(200, seed=0, epoch=epoch))
        for chosen in torch.split(order, 32):
            scores, drawn, _ = model(images[chosen])
            one = cross_entropy(scores, labels[chosen])
            other = mse_loss(drawn, images[chosen].flatten(1))
            optimizer.zero_grad()
            (one + 0.25 * other).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            told_losses.append(one.item())
            rebuilt_losses.append(other.item())
    found = steps(project, told)
    assert found["Cross-entropy"] == pytest.approx(told_losses, rel=1e-5)
    assert found["Mean squared error"] == pytest.approx(rebuilt_losses, rel=1e-5)
    total = [one + 0.25 * other for one, other in zip(told_losses, rebuilt_losses, strict=True)]
    assert told.losses() == pytest.approx(total, rel=1e-5)


def test_the_source_weighs_the_losses_as_the_engine_does() -> None:
    compiled = compile_project(two_heads())
    batch = {"image": torch.rand(4, 1, 28, 28), "label": torch.arange(4)}

    outputs = compiled.outputs(batch)

    assert "0.25 * mseloss" in compiled.source.text
    assert torch.equal(
        compiled.loss(outputs, batch), compiled.total(compiled.losses(outputs, batch))
    )


def test_each_loss_is_kept_and_told_again(tmp_path: Path) -> None:
    told = train(two_heads(accumulation=2), tmp_path)

    curves = read_curves(tmp_path)
    found = steps(two_heads(), told)
    assert {name: values.tolist() for name, values in curves.parts.items()} == found
    again = [event for event in replay(tmp_path) if isinstance(event, EpochEnded)]
    figures = [event.validation_figures for event in told.told(EpochEnded)]
    assert [event.validation_figures for event in again] == figures
    last = told.told(EpochEnded)[-1]
    weighed = figures[-1]["Cross-entropy"] + 0.25 * figures[-1]["Mean squared error"]
    assert last.validation_loss == pytest.approx(weighed, rel=1e-5)


def test_a_run_from_before_there_were_several_losses_is_read(tmp_path: Path) -> None:
    train(two_heads(epochs=1), tmp_path)
    with closing(sqlite3.connect(tmp_path / "metrics.sqlite")) as database:
        database.execute("DROP TABLE parts")
        database.execute("DROP TABLE figures")

    assert read_curves(tmp_path).parts == {} == read_curves(tmp_path).figures


def test_a_weight_is_changed_while_the_run_goes_on(tmp_path: Path) -> None:
    project = two_heads()
    graph = set_params(project.graph, node_named(project.graph, "mseloss"), {"weight": 0.0})
    person = Person(5, ChangeRun(project=to_text(with_graph(project, graph))))

    told = train(project, tmp_path, person)

    assert told.told(RunChanged)[0].title == "Mean squared error: weight 0"
    found = steps(project, told)
    assert told.losses()[5:] == pytest.approx(found["Cross-entropy"][5:])
    assert train_again(tmp_path, lambda event: None).differs_at is None


def test_every_output_is_measured_by_itself(tmp_path: Path) -> None:
    project = two_heads(epochs=1)
    graph = project.graph
    drawing = Drawing()
    drawing.graph = graph
    linear = graph.nodes[node_named(graph, "linear")]
    data = graph.nodes[node_named(graph, "data")]
    scores = drawing.add("Linear", after=linear, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=scores)
    drawing.wire((data, "label"), loss, "target")
    told = train(with_graph(project, drawing.graph), tmp_path)

    (epoch,) = told.told(EpochEnded)
    found = evaluate_run(tmp_path).figures

    assert epoch.validation_figures["accuracy of linear_2"] == epoch.validation_metric
    assert epoch.validation_figures.keys() == {
        "Cross-entropy 1",
        "Cross-entropy 2",
        "Mean squared error",
        "accuracy of linear_2",
        "accuracy of linear_4",
    }
    assert found.keys() == epoch.validation_figures.keys()
