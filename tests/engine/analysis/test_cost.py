import pytest
import torch
from builders import a_project, a_residual_cnn

from engine.analysis.cost import forecast
from engine.analysis.shapes import infer_shapes
from engine.compile.module import compile_project
from engine.project.optimizers import Optimizer
from engine.training.optimizers import make_optimizer

_BYTES = 4


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "rmsprop"])
def test_the_forecast_is_what_torch_keeps(optimizer: Optimizer, momentum: float) -> None:
    project = a_project(a_residual_cnn(), optimizer=optimizer, momentum=momentum)
    compiled = compile_project(project)
    batch = {"image": torch.rand(2, 1, 28, 28), "label": torch.zeros(2, dtype=torch.int64)}
    compiled.loss(compiled.outputs(batch), batch).backward()
    made = make_optimizer(project.recipe, compiled.module)
    made.step()

    memory = forecast(infer_shapes(project.graph).totals, project.recipe)

    weights = list(compiled.module.parameters())
    kept = [
        tensor
        for state in made.state.values()
        for tensor in state.values()
        if isinstance(tensor, torch.Tensor) and tensor.dim()
    ]
    assert memory.weights == _BYTES * sum(weight.numel() for weight in weights)
    assert memory.gradients == _BYTES * sum(w.grad.numel() for w in weights if w.grad is not None)
    assert memory.optimizer == _BYTES * sum(tensor.numel() for tensor in kept)


def test_activations_grow_with_the_batch_and_nothing_else_does() -> None:
    totals = infer_shapes(a_residual_cnn()).totals

    small, large = (forecast(totals, a_project(batch_size=size).recipe) for size in (32, 64))

    assert large.activations == 2 * small.activations
    assert large.total - small.total == small.activations
