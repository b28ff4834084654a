"""Several optimisers that take turns, judged by loops written by hand in plain PyTorch."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - as everybody calls it
from builders import Drawing, a_plain_network, a_project, node_named
from safetensors.torch import load
from torch import Tensor, nn
from training_runs import (
    FEW,
    JUDGE,
    MAKER,
    Person,
    a_gan,
    train,
    train_steps,
    weights,
    with_graph,
    with_recipe,
)

from engine.compile.module import CompiledModel, compile_project
from engine.data.builtin import open_data_set
from engine.data.shuffling import epoch_order
from engine.data.splitting import split
from engine.graph.edits import set_learning
from engine.graph.sharing import share
from engine.project.codec import from_text, to_text
from engine.project.players import Player
from engine.project.project import Project
from engine.training.events import RunChanged, RunFailed, RunStarted
from engine.training.replaying import train_again
from engine.training.requests import ChangeRun
from nodes.errors import ProjectError


def batches(epochs: int = 2, size: int = 32) -> list[tuple[Tensor, Tensor]]:
    parts = split(10_000, validation=0.08, test=0.9, seed=0)
    digits = open_data_set("digits")
    images = torch.from_numpy(digits.read("image", parts.training)).float() / 255
    labels = torch.from_numpy(digits.read("label", parts.training)).long()
    orders = (torch.from_numpy(epoch_order(200, seed=0, epoch=epoch)) for epoch in range(epochs))
    return [
        (images[chosen], labels[chosen]) for order in orders for chosen in torch.split(order, size)
    ]


def parts_of(project: Project) -> tuple[CompiledModel, nn.Module, nn.Module]:
    torch.manual_seed(0)
    compiled = compile_project(project)
    return compiled, compiled.module.get_submodule("judge"), compiled.module.get_submodule("maker")


def is_close(folder: Path, module: nn.Module) -> bool:
    found = load(weights(folder))
    return all(torch.allclose(found[k], v, atol=1e-6) for k, v in module.state_dict().items())


@pytest.mark.parametrize("every", [1, 3])
def test_a_gan_trains_as_the_loop_that_people_write(tmp_path: Path, every: int) -> None:
    project = a_gan(players=(JUDGE, msgspec.structs.replace(MAKER, every=every)))
    train(project, tmp_path)

    compiled, judge, maker = parts_of(project)
    first = torch.optim.Adam(judge.parameters(), lr=0.002, fused=True)
    second = torch.optim.Adam(maker.parameters(), lr=0.001, fused=True)
    for step, (images, _) in enumerate(batches()):
        real, made = images.flatten(1), maker(torch.randn(len(images), 8))
        loss = F.binary_cross_entropy_with_logits(judge(real), torch.ones(len(images), 1))
        answer = judge(made.detach())
        loss = loss + F.binary_cross_entropy_with_logits(answer, torch.zeros(len(images), 1))
        first.zero_grad()
        loss.backward()
        first.step()
        if step % every == 0:
            answer = judge(maker(torch.randn(len(images), 8)))
            loss = F.binary_cross_entropy_with_logits(answer, torch.ones(len(images), 1))
            second.zero_grad()
            loss.backward()
            second.step()
    assert is_close(tmp_path, compiled.module)


def test_a_student_learns_from_a_frozen_teacher_as_by_hand(tmp_path: Path) -> None:
    drawing = Drawing()
    digits = drawing.add("Data", **FEW)
    flat = drawing.add("Flatten", after=digits)
    teacher = drawing.add("Linear", after=flat, out_features=10)
    student = drawing.add("Linear", after=flat, out_features=10)
    taught = drawing.add("DistillationLoss", after=student, temperature=3.0, weight=0.7)
    drawing.wire(teacher, taught, "teacher")
    right = drawing.add("CrossEntropyLoss", after=student, weight=0.3)
    drawing.wire((digits, "label"), right, "target")
    graph = drawing.graph
    frozen = msgspec.structs.replace(graph.nodes[teacher.id], frozen=True)
    graph = msgspec.structs.replace(graph, nodes={**graph.nodes, teacher.id: frozen})
    plain: dict[str, Any] = {"epochs": 2, "batch_size": 32, "schedule": "constant"}
    project = a_project(graph, optimizer="sgd", learning_rate=0.1, **plain)
    train(project, tmp_path)

    torch.manual_seed(0)
    model = compile_project(project).module
    knows, learns = model.get_submodule("linear"), model.get_submodule("linear_2")
    optimizer = torch.optim.SGD(learns.parameters(), lr=0.1, momentum=0.9, fused=True)
    for images, labels in batches():
        scores = learns(images.flatten(1))
        with torch.no_grad():
            chances = F.softmax(knows(images.flatten(1)) / 3, dim=1)
        taught_by = F.kl_div(F.log_softmax(scores / 3, dim=1), chances, reduction="batchmean") * 9
        loss = 0.7 * taught_by + 0.3 * F.cross_entropy(scores, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert is_close(tmp_path, model)


def test_two_views_through_one_network_train_as_by_hand(tmp_path: Path) -> None:
    drawing = Drawing()
    digits = drawing.add("Data", **FEW)
    flat = drawing.add("Flatten", after=digits)
    views = [drawing.add("Dropout", after=flat, p=0.3) for _ in range(2)]
    first, second = (drawing.add("Linear", after=view, out_features=8) for view in views)
    drawing.graph = share(drawing.graph, second.id, first.id)
    loss = drawing.add("NTXentLoss")
    drawing.wire(first, loss, "a")
    drawing.wire(second, loss, "b")
    project = a_project(drawing.graph, epochs=1, batch_size=32, schedule="constant")
    train(project, tmp_path)

    torch.manual_seed(0)
    model = compile_project(project).module
    branch = model.get_submodule("linear")
    optimizer = torch.optim.Adam(branch.parameters(), lr=0.001, fused=True)
    for images, _ in batches(1):
        one = F.normalize(branch(F.dropout(images.flatten(1), 0.3)), dim=1)
        other = F.normalize(branch(F.dropout(images.flatten(1), 0.3)), dim=1)
        both = torch.cat([one, other])
        alike = (both @ both.T / 0.5).masked_fill(torch.eye(len(both), dtype=torch.bool), -1e9)
        pairs = torch.arange(len(both)).roll(len(one))
        optimizer.zero_grad()
        F.cross_entropy(alike, pairs).backward()
        optimizer.step()
    assert is_close(tmp_path, model)


def test_a_gan_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    slow = msgspec.structs.replace(MAKER, every=2, optimizer="rmsprop")
    project = a_gan(players=(JUDGE, slow), epochs=1, averaging=0.9, accumulation=2, batch_size=16)
    train(project, tmp_path / "whole")

    train_steps(project, tmp_path / "parted", 3)
    train(project, tmp_path / "parted", resume=True)

    assert weights(tmp_path / "whole") == weights(tmp_path / "parted")


def test_the_rate_of_one_optimiser_is_changed_while_the_run_goes_on(tmp_path: Path) -> None:
    project = a_gan(epochs=1)
    faster = msgspec.structs.replace(MAKER, learning_rate=0.01)
    asked = ChangeRun(project=to_text(with_recipe(project, players=(JUDGE, faster))))

    told = train(project, tmp_path, Person(3, asked))

    (changed,) = told.told(RunChanged)
    assert changed.title == "Maker: learning rate 0.01" and not changed.new
    assert train_again(tmp_path, lambda event: None).differs_at is None


def test_another_rule_for_one_leaves_the_memory_of_the_other(tmp_path: Path) -> None:
    project = a_gan(epochs=1)
    other = msgspec.structs.replace(MAKER, optimizer="sgd")
    asked = ChangeRun(project=to_text(with_recipe(project, players=(JUDGE, other))))

    told = train(project, tmp_path, Person(3, asked))

    assert told.told(RunChanged)[0].title == "Maker: optimiser sgd"
    from engine.training.checkpoints import load_checkpoint

    saved = load_checkpoint(tmp_path / "checkpoints", "last")
    assert saved is not None
    kinds = {tuple(name.rsplit("/")) for name in saved.optimizer}
    assert ("judge.linear.weight", "exp_avg") in kinds
    assert ("maker.linear.weight", "momentum_buffer") in kinds
    assert train_again(tmp_path, lambda event: None).differs_at is None


def test_a_file_holds_the_optimisers_and_who_belongs_to_them() -> None:
    project = a_gan()

    assert from_text(to_text(project)).project == project


@pytest.mark.parametrize(
    "player", [{"name": ""}, {"name": "A", "every": 0}, {"name": "A", "learning_rate": -1}, {}]
)
def test_optimisers_that_cannot_be_are_refused(player: dict[str, object]) -> None:
    document = json.loads(to_text(a_gan()))
    document["recipe"]["players"] = [player]

    with pytest.raises(ProjectError, match="recipe"):
        from_text(json.dumps(document))


@pytest.mark.parametrize(
    ("players", "title"),
    [
        ((JUDGE, JUDGE), "Two optimisers are called “Judge”"),
        ((JUDGE, Player(name="Nobody"), MAKER), "The optimiser “Nobody” has no layer to move"),
        (
            tuple(msgspec.structs.replace(one, every=2) for one in (JUDGE, MAKER)),
            "At some steps no optimiser acts",
        ),
    ],
)
def test_optimisers_without_work_are_told_in_words(
    tmp_path: Path, players: tuple[Player, ...], title: str
) -> None:
    told = train(with_recipe(a_gan(), players=players), tmp_path)

    assert told.told(RunFailed)[0].title == title


def test_what_names_no_optimiser_belongs_to_the_first(tmp_path: Path) -> None:
    project = a_gan(epochs=1)
    graph = project.graph
    for name in ("judge", "adversarial_loss", "adversarial_loss_2"):
        graph = set_learning(graph, [node_named(graph, name)], "player", None)

    train(project, tmp_path / "named")
    told = train(with_graph(project, graph), tmp_path / "plain")

    assert weights(tmp_path / "named") == weights(tmp_path / "plain")
    assert told.told(RunStarted)[0].optimizer == "Adam"


def test_one_optimiser_by_name_does_what_the_recipe_does(tmp_path: Path) -> None:
    from engine.graph.edits import set_params

    graph = a_plain_network(hidden=16)
    graph = set_params(graph, node_named(graph, "data"), FEW)
    project = a_project(graph, batch_size=32, learning_rate=0.01, momentum=0.9)
    named = with_recipe(project, players=(Player(name="All", learning_rate=0.01),))

    train(project, tmp_path / "plain")
    train(named, tmp_path / "named")

    assert weights(tmp_path / "plain") == weights(tmp_path / "named")
