import pytest
import torch
from torch import nn

from engine.training.averaging import Average, trained_weights


def a_model() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(3, 2)


def test_the_average_is_that_of_torch_once_the_decay_has_grown() -> None:
    model = a_model()
    judge = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.5)
    )
    judge.update_parameters(model)
    average = Average(model, 0.5)

    for step in range(8, 12):
        with torch.no_grad():
            model.weight.add_(step)
        average.update(step)
        judge.update_parameters(model)

    with average.in_place():
        assert torch.allclose(model.weight, judge.module.weight)


def test_the_first_steps_are_soon_forgotten() -> None:
    model = a_model()
    average = Average(model, 0.999)
    before = model.weight.detach().clone()
    with torch.no_grad():
        model.weight.add_(11)

    average.update(1)

    with average.in_place():
        assert torch.allclose(model.weight, before + 9)


def test_the_trained_weights_come_back_to_the_bit() -> None:
    model = a_model()
    average = Average(model, 0.9)
    with torch.no_grad():
        model.weight.add_(1)
    trained = model.weight.detach().clone()

    with average.in_place():
        assert not torch.equal(model.weight, trained)

    assert torch.equal(model.weight, trained)


def test_a_checkpoint_holds_the_average_as_its_weights_and_the_trained_ones_beside() -> None:
    model = a_model()
    average = Average(model, 0.9)
    with torch.no_grad():
        model.weight.add_(1)

    weights, beside = average.saved(model.state_dict())
    trained, memory = trained_weights(weights, {**beside, "weight/step": torch.tensor(1.0)})

    assert not torch.equal(weights["weight"], model.weight)
    assert torch.equal(trained["weight"], model.weight)
    assert memory.keys() == {"weight/step"}


@pytest.mark.parametrize("frozen", ["weight", "bias"])
def test_frozen_weights_are_not_averaged(frozen: str) -> None:
    model = a_model()
    model.get_parameter(frozen).requires_grad = False

    _, beside = Average(model, 0.9).saved(model.state_dict())

    assert beside.keys() == {"trained:weight", "trained:bias"} - {f"trained:{frozen}"}
