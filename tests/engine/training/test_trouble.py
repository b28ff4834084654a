"""A run that cannot go on by itself holds or helps itself, and says what would mend it."""

from pathlib import Path
from typing import Any

import pytest
import torch
from builders import a_plain_network, a_project, node_named
from safetensors.torch import load_file
from training_runs import (
    FEW,
    Listener,
    a_network_with_memory,
    train,
    with_recipe,
)

from engine.compile.module import CompiledModel
from engine.graph.edits import set_params
from engine.project.codec import to_text
from engine.training.events import (
    HealthNoted,
    RunChanged,
    RunEnded,
    RunPaused,
    RunWentBack,
    TrainingEvent,
)
from engine.training.insight import LayerMapped, WeightsTaken
from engine.training.requests import (
    ChangeRun,
    GoBack,
    ResumeRun,
    StopRun,
    WatchLayers,
)


def noted(told: Listener) -> dict[str, HealthNoted]:
    return {event.code: event for event in told.told(HealthNoted)}


def test_a_loss_that_is_no_number_holds_the_run_before_the_step(tmp_path: Path) -> None:
    """Lowering the rate and going back, as the act offers, lets the run come to its end."""
    graph = a_plain_network(hidden=16)
    graph = set_params(graph, node_named(graph, "data"), FEW)
    project = a_project(graph, optimizer="sgd", learning_rate=0.05, momentum=0.0, epochs=2)
    listener = Listener()
    calm = with_recipe(project, learning_rate=0.01)
    listener.answers[RunPaused] = [GoBack(), ChangeRun(project=to_text(calm)), ResumeRun()]

    with broken_once(step=3):
        train(project, tmp_path, listener, holds_on_trouble=True)

    found = noted(listener)["not_finite"]
    assert found.step == 3 and "It became infinite at step 3, in " in found.text
    assert found.text.count("no longer a number") == 1
    assert found.acts[0].goes_back and found.acts[0].settings == {"learning_rate": 0.005}
    kept = load_file(tmp_path / "trouble" / "batch-of-step-3.safetensors")
    assert kept["image"].shape == (64, 1, 28, 28)
    assert listener.told(RunWentBack)[0].step == 0
    assert listener.told(RunEnded)[0].outcome == "finished"


def test_a_run_that_holds_by_itself_shows_what_its_layers_put_out_then(tmp_path: Path) -> None:
    graph = a_plain_network(hidden=16)
    graph = set_params(graph, node_named(graph, "data"), FEW)
    node = node_named(graph, "linear")
    listener = StopsWhenMapped()
    listener.requests.put(WatchLayers(nodes=(node,), weights=node, map=node))

    with broken_once(step=3):
        train(a_project(graph, epochs=2), tmp_path, listener, holds_on_trouble=True)

    held = listener.events.index(listener.told(RunPaused)[0])
    after = listener.events[held:]
    assert [event.step for event in after if isinstance(event, WeightsTaken | LayerMapped)] == [
        2,
        2,
    ]


def test_too_little_memory_halves_the_batch_and_keeps_the_step(tmp_path: Path) -> None:
    project = a_network_with_memory(batch_size=32, epochs=1)

    with out_of_memory_above(samples=16):
        told = train(project, tmp_path)

    assert told.told(RunChanged)[0].title == "Batch size 16, Batches per step 2"
    assert told.told(RunEnded)[0].outcome == "finished"
    assert len(told.losses()) == 7


def test_a_run_that_a_gpu_has_no_room_for_holds_and_goes_on_with_shorter_numbers(
    tmp_path: Path,
) -> None:
    project = a_network_with_memory(batch_size=32, epochs=1)
    listener = Listener()
    shorter = with_recipe(project, precision="bf16")
    listener.answers[RunPaused] = [ChangeRun(project=to_text(shorter)), ResumeRun()]

    with gpu_memory_for_short_numbers_only():
        train(project, tmp_path, listener, holds_on_trouble=True)

    found = noted(listener)["memory"]
    assert found.text == (
        "The GPU ran out of memory at step 1. 2.1\u202fGB more were asked for, "
        "0.5\u202fGB were free. Training holds before it."
    )
    assert len(listener.told(RunPaused)) == 1
    smaller, mixed, elsewhere = found.acts
    assert smaller.settings == {"batch_size": 16, "accumulation": 2} and smaller.resumes
    assert mixed.settings == {"precision": "bf16"} and elsewhere.device == "cpu"
    assert listener.told(RunEnded)[0].outcome == "finished"


def test_a_layer_that_memory_lacks_for_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, listener = a_network_with_memory(batch_size=32, epochs=1), Listener()
    half = with_recipe(project, batch_size=16, accumulation=2)
    listener.answers[RunPaused] = [ChangeRun(project=to_text(half)), ResumeRun()]
    plain = torch.nn.Linear.forward

    def forward(layer: torch.nn.Linear, x: torch.Tensor) -> torch.Tensor:
        if torch.is_grad_enabled() and len(x) > 16:
            raise torch.OutOfMemoryError(_NO_GPU_MEMORY)
        return plain(layer, x)

    monkeypatch.setattr(torch.nn.Linear, "forward", forward)
    train(project, tmp_path, listener, holds_on_trouble=True)

    found = noted(listener)["memory"]
    assert found.text.startswith("The GPU ran out of memory at step 1, in Linear (linear). ")
    assert found.node in project.graph.nodes
    assert listener.told(RunEnded)[0].outcome == "finished"


class StopsWhenMapped(Listener):
    """Stops a run that holds once its map is there: a stop that is asked before comes first."""

    def __call__(self, event: TrainingEvent) -> None:
        super().__call__(event)
        if isinstance(event, LayerMapped) and self.told(RunPaused):
            self.requests.put(StopRun())


class broken_once:  # noqa: N801 - reads as a statement
    """Make the loss of one step infinite, as an overflow does."""

    def __init__(self, step: int) -> None:
        self._left = step

    def __enter__(self) -> None:
        self._patch = pytest.MonkeyPatch()
        plain = CompiledModel.loss

        def loss(model: CompiledModel, *arguments: Any) -> torch.Tensor:
            value = plain(model, *arguments)
            if not torch.is_grad_enabled():
                return value
            self._left -= 1
            return value * float("inf") if self._left == 0 else value

        self._patch.setattr(CompiledModel, "loss", loss)

    def __exit__(self, *_: object) -> None:
        self._patch.undo()


class out_of_memory_above:  # noqa: N801 - reads as a statement
    """Raise as torch does where a batch is too large."""

    def __init__(self, samples: int) -> None:
        self._samples = samples

    def __enter__(self) -> None:
        self._patch = pytest.MonkeyPatch()
        plain = CompiledModel.loss

        def loss(model: CompiledModel, outputs: Any, batch: Any) -> torch.Tensor:
            if torch.is_grad_enabled() and len(outputs[0]) > self._samples:
                raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried 1")
            return plain(model, outputs, batch)

        self._patch.setattr(CompiledModel, "loss", loss)

    def __exit__(self, *_: object) -> None:
        self._patch.undo()


class gpu_memory_for_short_numbers_only:  # noqa: N801 - reads as a statement
    """Raise as torch does on a GPU unless layers compute with 16 bits; a few times at most."""

    def __enter__(self) -> None:
        self._patch = pytest.MonkeyPatch()
        plain, errors = CompiledModel.outputs, [_NO_GPU_MEMORY] * 3

        def outputs(model: CompiledModel, batch: Any) -> Any:
            is_long = torch.is_grad_enabled() and not torch.is_autocast_enabled("cpu")
            if is_long and errors:
                raise torch.OutOfMemoryError(errors.pop())
            return plain(model, batch)

        self._patch.setattr(CompiledModel, "outputs", outputs)

    def __exit__(self, *_: object) -> None:
        self._patch.undo()


_NO_GPU_MEMORY = (
    "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 8.00 GiB of "
    "which 512.00 MiB is free."
)
