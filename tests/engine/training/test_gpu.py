"""What only a GPU can show. Elsewhere these skip, and say why."""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from builders import Drawing, a_project, a_residual_cnn, a_small_cnn
from torch import Tensor
from training_runs import (
    FEW,
    Listener,
    a_gan,
    a_network_with_memory,
    train,
    train_steps,
    weights,
    with_recipe,
    with_steps,
)

from engine.export.job import start_export
from engine.project.project import Project
from engine.project.recipe import Precision
from engine.training.config import TrainingConfig
from engine.training.events import (
    EpochEnded,
    HealthNoted,
    ProbeTaken,
    RunEnded,
    RunFailed,
    StepEnded,
    TrainingEvent,
)
from engine.training.metrics import Metric
from engine.training.requests import WatchLayers
from engine.training.session import Session
from engine.training.update import Figures, Updater
from nodes.augmentation import MixUp, Rotate

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.slow,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]

SETTINGS: list[dict[str, Any]] = [{}, {"precision": "bf16"}, {"precision": "fp16"}]


@pytest.fixture
def session() -> Iterator[Session]:
    opened = Session()
    yield opened
    opened.close()


def wait_for(session: Session, kind: type, seconds: float = 60) -> list[TrainingEvent]:
    """Return the events up to one of a kind."""
    events: list[TrainingEvent] = []
    while not (events and isinstance(events[-1], kind)):
        events.append(session.events.get(timeout=seconds))
    return events


def a_cnn(**recipe: Any) -> Project:
    graph = a_small_cnn(**FEW)
    return a_project(graph, **{"epochs": 2, "batch_size": 32, **recipe})


def on_gpu(project: Project, folder: Path, listener: Listener | None = None) -> Listener:
    return train(project, folder, listener, device="cuda")


def test_a_gpu_learns_what_a_processor_learns(tmp_path: Path) -> None:
    here = train(a_cnn(), tmp_path / "cpu")
    there = on_gpu(a_cnn(), tmp_path / "gpu")

    assert there.told(RunEnded)[0].outcome == "finished"
    # The last digits of long sums differ, and steps carry them on.
    assert there.losses()[:4] == pytest.approx(here.losses()[:4], rel=2e-3)
    assert there.losses()[-1] == pytest.approx(here.losses()[-1], rel=5e-2)


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_short_numbers_learn_as_well(precision: Precision, tmp_path: Path) -> None:
    project = a_project(a_residual_cnn(), epochs=4, batch_size=64)

    long = on_gpu(project, tmp_path / "long").told(EpochEnded)[-1].validation_metric
    short = on_gpu(with_recipe(project, precision=precision), tmp_path / "short")

    found = short.told(EpochEnded)[-1].validation_metric
    assert long is not None and found is not None
    assert found > 0.9 and found == pytest.approx(long, abs=0.015)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_same_seed_gives_the_same_bits(settings: dict[str, Any], tmp_path: Path) -> None:
    for name in ("first", "second"):
        on_gpu(a_cnn(**settings), tmp_path / name)

    assert weights(tmp_path / "first") == weights(tmp_path / "second")


@pytest.mark.parametrize("settings", [*SETTINGS, {"averaging": 0.9, "accumulation": 2}], ids=str)
def test_a_run_that_goes_on_ends_with_the_same_bits(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    project = a_network_with_memory(**settings)
    on_gpu(project, tmp_path / "whole")

    train_steps(project, tmp_path / "cut", 5, device="cuda")
    train(project, tmp_path / "cut", device="cuda", resume=True)

    assert weights(tmp_path / "cut") == weights(tmp_path / "whole")


@pytest.mark.parametrize("kind", ["augmented", "several optimisers"])
def test_what_else_is_random_goes_on_to_the_same_bits(kind: str, tmp_path: Path) -> None:
    some = [Rotate(degrees=30), MixUp()]
    project = a_gan() if kind == "several optimisers" else with_steps(a_cnn(), some)
    on_gpu(project, tmp_path / "whole")

    train_steps(project, tmp_path / "cut", 5, device="cuda")
    train(project, tmp_path / "cut", device="cuda", resume=True)

    assert weights(tmp_path / "cut") == weights(tmp_path / "whole")


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_no_step_waits_for_the_gpu(
    precision: Precision, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The judge is torch: it raises where Python would wait for the device."""
    monkeypatch.setattr(Updater, "step", _unsynchronised(Updater.step))

    told = on_gpu(a_cnn(precision=precision, gradient_clip=1.0), tmp_path)

    assert not told.told(RunFailed)
    assert told.told(RunEnded)[0].step == 14


def _unsynchronised(step: Callable[..., Figures]) -> Callable[..., Figures]:
    """Return a step that may not wait, but for the first of an epoch, which moves its order."""
    steps = 0

    def watched(
        self: Updater,
        batches: Iterable[Mapping[str, Tensor]],
        samples: int,
        recipe: Any,
        rates: Any,
        metric: Metric | None,
    ) -> Figures:
        nonlocal steps
        steps += 1  # seven in an epoch
        with _nothing() if steps % 7 == 1 else _no_waiting():
            return step(self, batches, samples, recipe, rates, metric)

    return watched


@contextmanager
def _no_waiting() -> Iterator[None]:
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode("default")


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def test_the_memory_that_is_told_is_what_the_allocator_gave(tmp_path: Path) -> None:
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()

    told = on_gpu(a_cnn(), tmp_path)

    most = torch.cuda.max_memory_allocated()
    memory = [event.gpu_memory for event in told.told(EpochEnded)]
    assert None not in memory
    assert 0 < memory[0] <= memory[-1] <= most  # type: ignore[operator]
    assert train(a_cnn(epochs=1), tmp_path / "cpu").told(EpochEnded)[0].gpu_memory is None


def test_a_batch_that_does_not_fit_is_halved_and_the_run_goes_on(tmp_path: Path) -> None:
    drawing = Drawing()
    digits = drawing.add("Data", **FEW)
    # Elementwise layers on large maps: all memory is for what the batch makes, none for a kernel.
    at = drawing.add("Upsample", after=digits, scale_factor=16)
    for _ in range(8):
        at = drawing.add("Tanh", after=at)
    small = drawing.add("AvgPool2d", after=at, kernel_size=32)
    flat = drawing.add("Flatten", after=small)
    loss = drawing.add("CrossEntropyLoss", after=drawing.add("Linear", after=flat, out_features=10))
    drawing.wire((digits, "label"), loss, "target")
    project = a_project(drawing.graph, epochs=1, batch_size=200)
    room = _reserved(with_recipe(project, batch_size=50), tmp_path / "fits") * 1.3
    assert _reserved(project, tmp_path / "whole") > room, "the batch is to be too large"

    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(room / torch.cuda.mem_get_info()[1])
    try:
        told = on_gpu(project, tmp_path / "run")
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)

    assert not told.told(RunFailed)
    notes = [note.text for note in told.told(HealthNoted) if note.code == "memory"]
    assert notes and "Compute 100 at once" in notes[0]
    assert told.told(RunEnded)[0].outcome == "finished"
    assert told.told(RunEnded)[0].step == 1


def _reserved(project: Project, folder: Path) -> int:
    """Train, and return the most bytes that the allocator took of the GPU."""
    gc.collect()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    on_gpu(project, folder)
    most = torch.cuda.max_memory_reserved()
    gc.collect()
    return most


def test_looking_in_changes_no_bit(tmp_path: Path) -> None:
    project = a_network_with_memory()
    on_gpu(project, tmp_path / "alone")
    watching = Listener()
    nodes = tuple(project.graph.nodes)
    watching.requests.put(WatchLayers(nodes=nodes, detail=nodes[1]))

    on_gpu(project, tmp_path / "watched", watching)

    assert watching.told(ProbeTaken)
    assert weights(tmp_path / "watched") == weights(tmp_path / "alone")


def test_a_compiled_model_trains_as_the_model_does(session: Session, tmp_path: Path) -> None:
    """In the worker: the compiler leaves threads behind."""
    plain = on_gpu(a_cnn(), tmp_path / "plain")

    config = TrainingConfig(run_folder=str(tmp_path / "quick"), device="cuda", compiled=True)
    session.start(a_cnn(compile=True), config)
    told = wait_for(session, RunEnded, seconds=150)

    losses = [loss for event in told if isinstance(event, StepEnded) for loss in event.losses]
    assert isinstance(told[-1], RunEnded) and told[-1].outcome == "finished"
    assert losses == pytest.approx(plain.losses(), rel=2e-2)


def test_what_a_gpu_learned_is_exported_with_proof(tmp_path: Path) -> None:
    run = tmp_path / "run"
    on_gpu(a_cnn(), run)

    export = start_export(run, "onnx", tmp_path / "model.onnx", weights="last")

    assert type(list(export)[-1]).__name__ == "ExportResult"


def test_an_error_on_the_gpu_costs_the_run_and_not_the_next(
    session: Session, tmp_path: Path
) -> None:
    """A failed assertion on the device leaves a process that can only end."""
    drawing = Drawing()
    digits = drawing.add("Data", **FEW)
    flat = drawing.add("Flatten", after=digits)
    # Chances are to lie between 0 and 1, and nothing holds these there.
    loss = drawing.add("BCELoss", after=drawing.add("Linear", after=flat, out_features=784))
    drawing.wire(flat, loss, "target")
    wrong = a_project(drawing.graph, epochs=1, batch_size=32)

    session.start(wrong, TrainingConfig(run_folder=str(tmp_path / "wrong"), device="cuda"))
    told = wait_for(session, RunEnded)
    session.start(a_cnn(), TrainingConfig(run_folder=str(tmp_path / "good"), device="cuda"))
    after = wait_for(session, RunEnded)

    failed = next(event for event in told if isinstance(event, RunFailed))
    assert failed.title == "The GPU stopped on an error"
    assert isinstance(after[-1], RunEnded) and after[-1].outcome == "finished"


def test_steps_are_told_in_blocks_with_one_look_at_the_gpu(tmp_path: Path) -> None:
    told = on_gpu(a_cnn(epochs=6), tmp_path)

    blocks = told.told(StepEnded)
    assert sum(len(block.losses) for block in blocks) == told.told(RunEnded)[0].step
    assert len(blocks) < told.told(RunEnded)[0].step
