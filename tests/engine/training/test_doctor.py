import pytest
import torch
from builders import a_project, a_residual_cnn

from engine.compile.module import CompiledModel, compile_project
from engine.training.doctor import failure_of, not_a_number
from nodes.errors import DataError


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
    assert error.why.startswith("In step 12 it was not a number.") and "weight" in error.why


def test_data_that_are_no_numbers_are_named() -> None:
    compiled = a_model()
    batch = a_batch()
    batch["image"][2, 0, 5, 5] = float("nan")

    error = not_a_number(compiled, batch, 1, float("nan"))

    assert error.node == compiled.plan.data_node and "field image" in error.why


def test_a_loss_that_breaks_on_its_own_is_named() -> None:
    compiled = a_model()

    error = not_a_number(compiled, a_batch(), 1, float("inf"))

    assert error.node == compiled.plan.losses[-1].node and "it was infinite" in error.why


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


def test_a_problem_that_has_words_keeps_them() -> None:
    failed = failure_of(DataError("The file is gone", where="a.csv", hint="Find it."), None)

    assert (failed.title, failed.hint, failed.code) == ("The file is gone", "Find it.", "LL-D001")
    assert "a.csv" in failed.why
