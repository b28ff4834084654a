import errno
import os
from pathlib import Path

import pytest
import torch
from builders import a_project, a_residual_cnn
from msgspec.structs import replace

from engine.atomic import write_atomically
from engine.compile.module import CompiledModel, compile_project
from engine.project.recipe import Recipe
from engine.training.doctor import failure_of, not_a_number
from engine.training.remedies import instead_of_gpu_memory
from nodes.errors import DataError, ProjectError


def a_model() -> CompiledModel:
    torch.manual_seed(0)
    return compile_project(a_project(a_residual_cnn()))


def a_batch() -> dict[str, torch.Tensor]:
    return {"image": torch.rand(4, 1, 28, 28), "label": torch.tensor([1, 2, 3, 4])}


@pytest.mark.parametrize("name", ["conv2d", "conv2d_2", "conv2d_3", "linear"])
@pytest.mark.parametrize("planted", [float("inf"), float("nan")])
def test_the_layer_whose_weights_broke_is_named(name: str, planted: float) -> None:
    compiled = a_model()
    with torch.no_grad():
        compiled.module.get_parameter(f"{name}.weight").view(-1)[3] = planted

    error = not_a_number(compiled, a_batch(), 12, float("nan"))

    step = next(step for step in compiled.plan.steps if step.name == name)
    assert error.node == step.node
    called = step.title if name == "linear" else f"{step.title} ({name})"
    assert error.why == f"It began at step 12, in {called}: its weight is no longer finite."


def test_data_that_are_no_numbers_are_named() -> None:
    compiled = a_model()
    batch = a_batch()
    batch["image"][2, 0, 5, 5] = float("nan")

    error = not_a_number(compiled, batch, 1, float("nan"))

    assert error.node == compiled.plan.data_node and "field image" in error.why


def test_a_loss_that_breaks_on_its_own_is_named() -> None:
    compiled = a_model()

    error = not_a_number(compiled, a_batch(), 1, float("inf"))

    loss = compiled.plan.losses[-1]
    assert error.node == loss.node
    assert error.why.startswith(f"It became infinite at step 1, in {loss.title}: ")


def test_an_error_inside_a_layer_is_told_with_its_node() -> None:
    compiled = a_model()
    with pytest.raises(RuntimeError) as caught:
        compiled.outputs({"image": torch.rand(4, 1, 20, 20)})

    failed = failure_of(caught.value, compiled)

    linear = next(step for step in compiled.plan.steps if step.name == "linear")
    assert failed.node == linear.node
    assert failed.title == f"{linear.title} could not compute"
    assert "Traceback" in failed.details


def test_missing_memory_is_told_as_such() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**55)

    failed = failure_of(caught.value, None)

    assert failed.title == "There is not enough memory" and "batch size" in failed.hint


def test_a_gpu_without_room_is_told_with_its_figures_and_what_makes_room() -> None:
    error = torch.OutOfMemoryError(
        "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 8.00 GiB "
        "of which 512.00 MiB is free. Of the allocated memory 6.1 GiB is allocated by PyTorch"
    )
    recipe = Recipe(batch_size=64)

    failed = failure_of(error, None, recipe)

    assert failed.title == "The GPU ran out of memory"
    assert failed.why == "2.1\u202fGB more were asked for, 0.5\u202fGB were free."
    *changes, elsewhere = failed.acts
    changed = [replace(recipe, **act.settings) for act in changes]
    assert [(one.batch_size, one.accumulation, one.precision) for one in changed] == [
        (32, 2, "fp32"),
        (64, 1, "bf16"),
    ]
    assert (elsewhere.label, elsewhere.device) == ("Train on CPU", "cpu")


def test_what_a_processor_cannot_compute_is_not_moved_to_it() -> None:
    assert not any(act.device for act in instead_of_gpu_memory(Recipe(precision="fp16"), "bf16"))


def test_numbers_that_are_lost_come_with_what_keeps_them_small() -> None:
    compiled, recipe = a_model(), Recipe(learning_rate=0.1)
    batch = a_batch()
    batch["image"][:] = float("nan")

    failed = failure_of(not_a_number(compiled, batch, 1, float("nan")), compiled, recipe)

    changed = [replace(recipe, **act.settings) for act in failed.acts]
    assert [(one.learning_rate, one.gradient_clip) for one in changed] == [(0.01, 0), (0.1, 1)]


def test_a_full_disk_comes_with_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ProjectError) as caught:
        write_atomically(tmp_path / "run.json", b"")

    elsewhere, free = failure_of(caught.value, None).acts
    assert elsewhere.moves and free.opens == "runs"
    assert failure_of(PermissionError(13, "Permission denied"), None).acts == ()


def test_a_problem_that_has_words_keeps_them() -> None:
    failed = failure_of(DataError("The file is gone", where="a.csv", hint="Find it."), None)

    assert (failed.title, failed.hint, failed.code) == ("The file is gone", "Find it.", "LL-D001")
    assert "a.csv" in failed.why
    assert [act.opens for act in failed.acts] == ["data"]
