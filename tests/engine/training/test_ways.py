from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from builders import Drawing, a_project
from training_runs import FEW, Listener, Person, train, train_steps, weights, with_recipe

from engine.compile.module import CompiledModel, compile_project
from engine.graph.edits import set_params
from engine.project.codec import to_text
from engine.project.project import Project
from engine.runs.record import RunRecord
from engine.training import ways
from engine.training.checkpoints import load_checkpoint
from engine.training.config import Ways
from engine.training.events import HealthNoted, RunChanged
from engine.training.replaying import train_again
from engine.training.requests import ChangeRun
from engine.training.trials import a_step, copied
from engine.training.ways import choose_ways

CPU = torch.device("cpu")
BATCH = {
    "image": torch.rand(8, 1, 28, 28, generator=torch.Generator().manual_seed(0)),
    "label": torch.arange(8),
}


def a_convolution_network(**recipe: Any) -> Project:
    """Return digits → two convolutions with statistics → scores."""
    drawing = Drawing()
    digits = drawing.add("Data", **FEW)
    first = drawing.add("Conv2d", after=digits, out_channels=4, activation="ReLU")
    norm = drawing.add("BatchNorm2d", after=first)
    second = drawing.add("Conv2d", after=norm, out_channels=4, stride=4)
    flat = drawing.add("Flatten", after=second)
    scores = drawing.add("Linear", after=flat, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=scores)
    drawing.wire((digits, "label"), loss, "target")
    return a_project(drawing.graph, **{"epochs": 2, "batch_size": 32, **recipe})


def a_model(project: Project) -> CompiledModel:
    torch.manual_seed(0)
    compiled = compile_project(project)
    compiled.module.train()
    return compiled


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the second of two ways be so many times as fast, the first trial first."""

    def gains(*times: float) -> None:
        left = list(times)
        monkeypatch.setattr(ways, "in_turn", lambda one, other: (left.pop(0), 1.0))

    return gains


def test_nothing_is_tried_where_the_recipe_does_not_ask_for_it() -> None:
    project = a_convolution_network(precision="bf16")

    chosen = choose_ways(project.recipe, a_model(project), CPU, BATCH, 10)

    assert chosen == (Ways(precision="bf16"), None, "")


def test_fastest_takes_what_pays_and_tells_the_gain(measured: Callable[..., None]) -> None:
    project = a_convolution_network(fastest=True)
    measured(1.5, 0.8)

    chosen = choose_ways(project.recipe, a_model(project), CPU, BATCH, 10)

    assert chosen.ways == Ways(channels_last=True)
    assert chosen.said.startswith(
        "Channels last is 1.50 times as fast and is used. bf16 is 0.80 times as fast and is left "
        "out."
    )


def test_what_hardly_pays_is_left_out(measured: Callable[..., None]) -> None:
    project = a_convolution_network(fastest=True)
    measured(1.02, 1.04)

    assert choose_ways(project.recipe, a_model(project), CPU, BATCH, 10).ways == Ways()


def test_fastest_says_why_a_device_cannot_compute_with_bf16(
    measured: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = a_convolution_network(fastest=True)
    measured(1.5)
    monkeypatch.setattr(ways, "cannot_compute", lambda device: {"bf16": "It is too old."})

    chosen = choose_ways(project.recipe, a_model(project), CPU, BATCH, 10)

    assert chosen.ways.precision == "fp32" and "It is too old." in chosen.said


def test_a_network_without_images_has_nothing_to_lay_out() -> None:
    drawing = Drawing()
    digits = drawing.add("Data", **FEW)
    flat = drawing.add("Flatten", after=digits)
    scores = drawing.add("Linear", after=flat, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=scores)
    drawing.wire((digits, "label"), loss, "target")
    project = a_project(drawing.graph, channels_last=True)

    chosen = choose_ways(project.recipe, a_model(project), CPU, BATCH, 10)

    assert not chosen.ways.channels_last and "changes nothing" in chosen.said


def test_trials_leave_the_model_and_the_random_numbers_as_they_were() -> None:
    project = a_convolution_network(fastest=True)
    compiled = a_model(project)
    before = {name: tensor.clone() for name, tensor in compiled.module.state_dict().items()}
    random = torch.get_rng_state()

    choose_ways(project.recipe, compiled, CPU, BATCH, 10)

    after = compiled.module.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert torch.equal(random, torch.get_rng_state())
    assert all(weight.grad is None for weight in compiled.module.parameters())


def test_layers_give_images_with_channels_last_where_their_weights_are() -> None:
    compiled = copied(a_model(a_convolution_network()))
    plain = compiled.outputs(BATCH)[0]

    ways.take_layout(compiled.module, Ways(channels_last=True))
    convolution = next(part for part in compiled.module.children() if hasattr(part, "stride"))
    assert isinstance(convolution, torch.nn.Conv2d)

    assert convolution(BATCH["image"]).is_contiguous(memory_format=torch.channels_last)
    assert torch.allclose(compiled.outputs(BATCH)[0], plain, atol=1e-4)
    a_step(compiled, BATCH)()


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "adafactor"])
def test_a_run_in_another_way_goes_on_and_is_replayed_to_the_same_bits(
    tmp_path: Path, measured: Callable[..., None], optimizer: str
) -> None:
    """Kernels read weights and what is remembered of them side by side in memory."""
    project = a_convolution_network(fastest=True, optimizer=optimizer, averaging=0.9)
    measured(2.0, 2.0)
    whole = train(project, tmp_path / "whole")
    measured(2.0, 2.0)
    train_steps(project, tmp_path / "parts", 3)
    measured()

    rest = train(project, tmp_path / "parts", resume=True)

    (noted,) = whole.told(HealthNoted)
    assert noted.code == "speed" and not rest.told(HealthNoted)
    for name in ("last", "best"):
        assert weights(tmp_path / "parts", name) == weights(tmp_path / "whole", name)
    kept = RunRecord.open(tmp_path / "parts").info.surroundings
    assert (kept.channels_last, kept.precision) == (True, "bf16")
    assert train_again(tmp_path / "whole", Listener()).differs_at is None


def test_another_layout_learns_as_the_usual_one_does(
    tmp_path: Path, measured: Callable[..., None]
) -> None:
    measured(2.0)
    one = train(a_convolution_network(), tmp_path / "one")
    other = train(a_convolution_network(channels_last=True), tmp_path / "other")

    assert other.losses() == pytest.approx(one.losses(), rel=1e-3)


def test_a_drawing_changed_in_a_pause_keeps_the_way(
    tmp_path: Path, measured: Callable[..., None]
) -> None:
    project = a_convolution_network(channels_last=True)
    measured(2.0)
    (flat,) = (n for n in project.graph.nodes.values() if n.kind == "BatchNorm2d")
    wanted = set_params(project.graph, flat.id, {"momentum": 0.2})
    changed = with_recipe(project, batch_size=16)
    changed = type(project)(name=project.name, graph=wanted, recipe=changed.recipe)

    person = train(project, tmp_path, Person(3, ChangeRun(project=to_text(changed))))

    assert person.told(RunChanged)
    saved = load_checkpoint(tmp_path / "checkpoints", "last")
    assert saved is not None and saved.state.ways == Ways(channels_last=True)
