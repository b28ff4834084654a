"""What ``Standardize`` takes off and divides by, judged by NumPy on the training samples."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from builders import Drawing, a_project
from training_runs import FEW, Listener, train, train_steps, weights, with_steps

from engine.compile.module import CompiledModel
from engine.data.loading import Feed
from engine.project.project import Project
from engine.training.bench import compile_for_training
from engine.training.checkpoints import load_checkpoint
from engine.training.devices import choose_device
from engine.training.events import RunEnded
from engine.training.material import gather
from engine.training.replaying import train_again
from engine.training.standardising import measure_training_samples
from nodes.augmentation import Rotate


def a_drawing(**recipe: object) -> Project:
    """Return digits → standardise → convolution → standardise → linear."""
    drawing = Drawing()
    digits = drawing.add("Data", **FEW)
    first = drawing.add("Standardize", after=digits)
    maps = drawing.add("Conv2d", after=first, out_channels=3, kernel_size=3)
    second = drawing.add("Standardize", after=maps)
    flat = drawing.add("Flatten", after=second)
    loss = drawing.add("CrossEntropyLoss", after=drawing.add("Linear", after=flat, out_features=10))
    drawing.wire((digits, "label"), loss, "target")
    return a_project(drawing.graph, **{"epochs": 2, "batch_size": 16, **recipe})


@pytest.fixture
def measured() -> tuple[CompiledModel, Feed]:
    project = a_drawing()
    torch.manual_seed(0)
    compiled = compile_for_training(project)
    material = gather(compiled.plan, choose_device("cpu", deterministic=False), 0)
    measure_training_samples(compiled, material.training)
    return compiled, material.training


def whole(feed: Feed) -> dict[str, torch.Tensor]:
    batches: Iterator[dict[str, torch.Tensor]] = feed.batches(np.arange(feed.samples), feed.samples)
    return next(iter(batches))


def test_both_are_those_of_the_training_samples(measured: tuple[CompiledModel, Feed]) -> None:
    compiled, training = measured
    pixels = whole(training)["image"].numpy().astype(np.float64)

    layer = compiled.module.get_submodule("standardize")

    assert float(layer.get_buffer("mean")) == pytest.approx(pixels.mean(), rel=1e-5)
    assert float(layer.get_buffer("deviation")) == pytest.approx(pixels.std(), rel=1e-5)


def test_a_later_layer_is_measured_behind_the_earlier_one(
    measured: tuple[CompiledModel, Feed],
) -> None:
    compiled, training = measured
    kept: list[torch.Tensor] = []
    layer = compiled.module.get_submodule("standardize_2")
    layer.register_forward_hook(lambda _module, _given, out: kept.append(out))

    with torch.no_grad():
        compiled.module.eval()
        compiled.outputs(whole(training))

    channels = kept[0].movedim(1, 0).flatten(1)
    torch.testing.assert_close(channels.mean(1), torch.zeros(3), atol=1e-4, rtol=0)
    torch.testing.assert_close(channels.std(1, correction=0), torch.ones(3), atol=1e-4, rtol=0)


def test_measuring_again_changes_nothing_and_uses_no_random_number(
    measured: tuple[CompiledModel, Feed],
) -> None:
    compiled, training = measured
    before = {name: value.clone() for name, value in compiled.module.state_dict().items()}
    random = torch.get_rng_state()

    measure_training_samples(compiled, training)

    after = compiled.module.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert torch.equal(random, torch.get_rng_state())


def test_a_channel_that_never_changes_stays_as_it_is() -> None:
    drawing = Drawing()
    digits = drawing.add("Data", **FEW)
    # The outermost row of the digits is empty.
    row = drawing.add("Slice", after=digits, dim=2, start=0, stop=1)
    flat = drawing.add("Flatten", after=drawing.add("Standardize", after=row))
    loss = drawing.add("CrossEntropyLoss", after=drawing.add("Linear", after=flat, out_features=10))
    drawing.wire((digits, "label"), loss, "target")
    compiled = compile_for_training(a_project(drawing.graph))
    material = gather(compiled.plan, choose_device("cpu", deterministic=False), 0)
    assert not whole(material.training)["image"][:, :, 0].any()

    measure_training_samples(compiled, material.training)

    layer = compiled.module.get_submodule("standardize")
    assert (float(layer.get_buffer("mean")), float(layer.get_buffer("deviation"))) == (0, 1)


class Standardize(torch.nn.Module):
    """A person's own layer, which measures nothing."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


def test_a_persons_own_layer_of_this_name_is_left_alone(
    measured: tuple[CompiledModel, Feed],
) -> None:
    compiled, training = measured
    compiled.module.set_submodule("standardize_2", Standardize())

    measure_training_samples(compiled, training)

    assert not list(compiled.module.get_submodule("standardize_2").buffers())


def test_what_was_measured_is_saved_and_a_run_goes_on_with_it_to_the_same_bits(
    tmp_path: Path,
) -> None:
    project = with_steps(a_drawing(), [Rotate(degrees=30)])
    told: Listener = train(project, tmp_path / "whole")
    assert told.told(RunEnded)[0].outcome == "finished"

    train_steps(project, tmp_path / "cut", 3)
    train(project, tmp_path / "cut", resume=True)

    saved = load_checkpoint(tmp_path / "whole" / "checkpoints", "last")
    assert saved is not None and float(saved.weights["standardize.deviation"]) != 1
    assert weights(tmp_path / "whole") == weights(tmp_path / "cut")
    assert train_again(tmp_path / "whole", lambda _event: None).differs_at is None
