"""Layers that learn at a rate of their own, and begin with weights of their own."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from builders import Drawing, a_nested_cnn, a_plain_network, a_project, node_named
from torch import Tensor, nn
from training_runs import FEW, Person, train, train_steps, weights, with_graph

from engine.compile.module import compile_project
from engine.data.builtin import open_data_set
from engine.data.shuffling import epoch_order
from engine.data.splitting import split
from engine.graph.edits import set_learning, set_params
from engine.graph.elements import Graph
from engine.graph.learning import learning_fields
from engine.project.codec import to_text
from engine.project.project import Project
from engine.training.events import RunChanged
from engine.training.grouping import rate_factors
from engine.training.replaying import train_again
from engine.training.requests import ChangeRun, ResetLayer

INITIALISERS = next(f.choices for f in learning_fields() if f.name == "initialiser")[1:]


def learning(graph: Graph, name: str, **settings: object) -> Graph:
    for setting, value in settings.items():
        graph = set_learning(graph, [node_named(graph, name)], setting, value)
    return graph


def a_few(graph: Graph, **recipe: object) -> Project:
    graph = set_params(graph, node_named(graph, "data"), FEW)
    return a_project(graph, **{"epochs": 2, "batch_size": 32, **recipe})


def trained_by_hand(
    model: nn.Module, optimizer: torch.optim.Optimizer, loss_of: Callable[[Tensor, Tensor], Tensor]
) -> list[float]:
    """Return the losses of two epochs over the few digits, in the order that a run takes them."""
    parts = split(10_000, validation=0.08, test=0.9, seed=0)
    digits = open_data_set("digits")
    images = torch.from_numpy(digits.read("image", parts.training)).float() / 255
    labels = torch.from_numpy(digits.read("label", parts.training)).long()
    losses = []
    for epoch in range(2):
        order = torch.from_numpy(epoch_order(200, seed=0, epoch=epoch))
        for chosen in torch.split(order, 32):
            loss = loss_of(model(images[chosen]), labels[chosen])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            losses.append(loss.item())
    return losses


def test_a_layer_learns_at_its_factor_as_a_group_of_torch(tmp_path: Path) -> None:
    graph = learning(a_plain_network(hidden=16), "linear", rate_factor=0.25)
    project = a_few(graph, schedule="constant", optimizer="adam", learning_rate=0.01)
    told = train(project, tmp_path)

    torch.manual_seed(0)
    model = compile_project(project).module
    optimizer = torch.optim.Adam(
        [
            {"params": model.get_submodule("linear").parameters(), "lr": 0.0025},
            {"params": model.get_submodule("linear_2").parameters(), "lr": 0.01},
        ],
        fused=True,
    )
    losses = trained_by_hand(model, optimizer, nn.functional.cross_entropy)

    assert told.losses() == pytest.approx(losses, rel=1e-5)


def test_smoothed_labels_train_towards_a_share_for_every_class(tmp_path: Path) -> None:
    """The judge writes out what is aimed at: most for the right class, a little for each."""
    graph = a_plain_network(hidden=16)
    graph = set_params(graph, node_named(graph, "cross_entropy_loss"), {"label_smoothing": 0.2})
    project = a_few(graph, schedule="constant", optimizer="sgd", learning_rate=0.1, momentum=0.0)
    told = train(project, tmp_path)

    def smoothed(scores: Tensor, labels: Tensor) -> Tensor:
        aims = 0.8 * nn.functional.one_hot(labels, 10).float() + 0.2 / 10
        return -(aims * torch.log_softmax(scores, 1)).sum(1).mean()

    torch.manual_seed(0)
    model = compile_project(project).module
    losses = trained_by_hand(model, torch.optim.SGD(model.parameters(), lr=0.1), smoothed)

    assert told.losses() == pytest.approx(losses, rel=1e-5)


def test_a_factor_of_zero_keeps_a_layer_as_it_began(tmp_path: Path) -> None:
    graph = learning(a_plain_network(hidden=16), "linear", rate_factor=0.0)
    project = a_few(graph)
    train(project, tmp_path)

    torch.manual_seed(0)
    begun = compile_project(project).module.state_dict()
    from safetensors.torch import load

    ended = load(weights(tmp_path))
    assert torch.equal(ended["linear.weight"], begun["linear.weight"])
    assert not torch.equal(ended["linear_2.weight"], begun["linear_2.weight"])


def test_a_run_with_factors_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    graph = learning(a_nested_cnn(), "residual", rate_factor=0.5)
    graph = learning(graph, "linear", rate_factor=3.0, initialiser="orthogonal")
    project = a_few(graph, epochs=1)
    train(project, tmp_path / "whole")

    train_steps(project, tmp_path / "parted", 3)
    train(project, tmp_path / "parted", resume=True)

    assert weights(tmp_path / "whole") == weights(tmp_path / "parted")


def test_factors_inside_of_a_block_multiply_with_its_own() -> None:
    graph = a_nested_cnn()
    inside = graph.definitions["residual"].graph
    inside = learning(inside, "conv2d", rate_factor=0.5)
    from msgspec.structs import replace

    definition = replace(graph.definitions["residual"], graph=inside)
    graph = replace(graph, definitions={"residual": definition})
    graph = learning(graph, "residual", rate_factor=0.1)

    factors = rate_factors(compile_project(a_project(graph)).plan)

    assert factors == {
        "residual.conv2d": 0.05,
        "residual.conv2d_2": 0.1,
        "residual_2.conv2d": 0.5,
    }


@pytest.mark.parametrize("name", INITIALISERS)
def test_first_weights_are_those_of_torch(name: str) -> None:
    graph = learning(a_plain_network(hidden=16), "linear", initialiser=name, spread=0.3)

    torch.manual_seed(3)
    compiled = compile_project(a_project(graph))
    torch.manual_seed(3)
    wanted = nn.Linear(784, 16)
    more = {"std": 0.3} if name in ("normal", "trunc_normal") else {}
    getattr(nn.init, f"{name}_")(wanted.weight, **more)

    assert torch.equal(compiled.module.get_submodule("linear").weight, wanted.weight)
    assert torch.equal(compiled.module.get_submodule("linear").bias, wanted.bias)


def test_every_matrix_of_a_block_begins_as_the_block_asks() -> None:
    graph = learning(a_nested_cnn(), "residual", initialiser="zeros")

    compiled = compile_project(a_project(graph))

    parameters = dict(compiled.module.named_parameters())
    zeros = {name for name, one in parameters.items() if one.dim() > 1 and not one.any()}
    assert zeros == {"residual.conv2d.weight", "residual.conv2d_2.weight"}


def test_the_source_says_how_fast_a_layer_learns_and_how_it_begins() -> None:
    graph = learning(a_plain_network(), "linear_2", rate_factor=0.1, initialiser="kaiming_normal")

    text = compile_project(a_project(graph)).source.text

    assert "self.linear_2 = nn.Linear(64, 10)  # learns at 0.1 × the rate" in text
    assert "        nn.init.kaiming_normal_(self.linear_2.weight)\n" in text


def test_a_layer_that_begins_anew_begins_as_the_drawing_asks(tmp_path: Path) -> None:
    drawing = Drawing()
    digits = drawing.add("Data", **FEW)
    flat = drawing.add("Flatten", after=digits)
    linear = drawing.add("Linear", after=flat, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=linear)
    drawing.wire((digits, "label"), loss, "target")
    graph = learning(drawing.graph, "linear", initialiser="ones")
    project = a_project(graph, epochs=1, batch_size=32)
    reset = ResetLayer(node=node_named(graph, "linear"))

    told = train(project, tmp_path, Person(3, reset))

    # All scores are alike: nothing is known of any class.
    assert told.losses()[3] == pytest.approx(2.3, abs=0.3)
    assert train_again(tmp_path, lambda event: None).differs_at is None


def test_a_factor_is_changed_while_the_run_goes_on(tmp_path: Path) -> None:
    project = a_few(a_plain_network(hidden=16))
    changed = with_graph(project, learning(project.graph, "linear", rate_factor=0.5))

    told = train(project, tmp_path, Person(3, ChangeRun(project=to_text(changed))))

    assert told.told(RunChanged)[0].title == "Linear: rate factor 0.5"
    assert len(told.told(RunChanged)[0].kept) == 2
    assert train_again(tmp_path, lambda event: None).differs_at is None
