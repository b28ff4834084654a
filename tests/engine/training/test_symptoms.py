import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.graph.elements import NodeId
from engine.project.recipe import Recipe
from engine.training.symptoms import (
    clip,
    go_back,
    halve_batch,
    has_exploded,
    has_jumped,
    has_moved,
    is_overfitting,
    is_stuck,
    lower_rate,
    raise_rate,
    vanishing_layer,
)

LOSSES = st.lists(st.floats(0.1, 3), min_size=1, max_size=40)


def test_gradients_explode_where_two_in_a_row_are_far_above_the_rest() -> None:
    calm = [0.5, 0.7, 0.4, 0.6, 0.5, 0.8, 0.5, 0.4]

    assert has_exploded([*calm, 500.0, 900.0])
    assert not has_exploded([*calm, 0.5, 900.0])
    assert not has_exploded([*calm, 5.0, 9.0])
    assert not has_exploded([500.0, 900.0])


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=40))
def test_gradients_within_two_orders_do_not_explode(norms: list[float]) -> None:
    assert not has_exploded(norms)


def test_a_layer_that_no_gradient_reaches_is_found() -> None:
    assert vanishing_layer([1e-9, 1e-8, 1e-4, 1e-2]) == 0
    assert vanishing_layer([1e-3, 1e-9, 1e-4, 1e-2]) == 1
    assert vanishing_layer([1e-3, 1e-3, 1e-4, 1e-2]) is None
    # Where training has come to its end, the last layer has hardly any gradient either.
    assert vanishing_layer([1e-9, 1e-8, 1e-8, 1e-6]) is None


def test_a_loss_that_stays_where_it_began_is_stuck() -> None:
    assert is_stuck([2.30, 2.30, 2.31], first=2.303, steps=400)
    assert not is_stuck([2.30, 2.1, 2.0], first=2.303, steps=400)
    assert not is_stuck([2.30, 2.30, 2.30], first=2.303, steps=30)
    # Converged is not stuck.
    assert not is_stuck([0.01, 0.01, 0.01], first=2.303, steps=4000)


def test_a_loss_that_jumps_says_that_the_rate_is_too_high() -> None:
    assert has_jumped([1.0, 0.5, 1.4])
    assert not has_jumped([1.0, 0.5, 0.8])


def test_a_loss_that_is_nearly_nothing_doubles_without_an_alarm() -> None:
    assert not has_jumped([1.55, 0.66, 0.05, 0.00421, 0.0247])
    assert has_jumped([1.55, 0.66, 0.05, 0.00421, 0.247])


def test_over_fitting_is_validation_that_stays_worse_while_training_gets_better() -> None:
    falling = [1.0 / (epoch + 1) for epoch in range(12)]
    turning = [1.0, 0.8, 0.6, 0.5, 0.5, 0.55, 0.6, 0.62, 0.65, 0.7, 0.75, 0.8]

    assert is_overfitting(falling, turning)
    assert not is_overfitting(falling, falling)
    assert not is_overfitting(falling[:6], turning[:6])
    assert not is_overfitting(turning, turning)
    wild = [180.0, 230.0, 190.0, 250.0, 260.0, 240.0, 210.0, 220.0, 180.0, 170.0, 163.0]
    assert not is_overfitting(wild, [73.2, 90, 75, 88, 120, 140, 150, 170, 190, 180, 203])


def test_one_lucky_epoch_among_others_is_no_sign_of_learning_by_heart() -> None:
    """The figures are those of a built-in project with few samples."""
    training = [0.197, 0.134, 0.122, 0.121, 0.117, 0.111, 0.103, 0.069, 0.051, 0.039, 0.038, 0.032]
    noisy = [0.176, 0.149, 0.145, 0.141, 0.155, 0.104, 0.127, 0.06, 0.136, 0.089, 0.087, 0.083]
    later = [0.0872, 0.087, 0.088, 0.0881]

    assert not is_overfitting([*training, 0.033, 0.0346, 0.0318, 0.03], [*noisy, *later])


@given(LOSSES)
def test_a_loss_that_only_falls_raises_no_alarm(losses: list[float]) -> None:
    falling = sorted(losses, reverse=True)

    assert not has_jumped(falling)
    assert not is_overfitting(falling, falling)


def test_acts_say_what_they_do() -> None:
    recipe = Recipe(learning_rate=0.003, batch_size=64, accumulation=2)

    assert lower_rate(recipe)[0].label == "Lower the rate to 0.0003"
    assert halve_batch(recipe)[0].settings == {"batch_size": 32, "accumulation": 4}
    assert clip(Recipe(gradient_clip=1.0)) == ()
    back = go_back(lower_rate(recipe)[0], 400)
    assert back.label == "Go back to step 400 and lower the rate to 0.0003"
    assert back.goes_back and back.settings == {"learning_rate": 0.0003}


def test_a_rate_of_zero_is_raised_to_that_of_a_new_recipe_and_not_lowered() -> None:
    recipe = Recipe(learning_rate=0.0)

    assert raise_rate(recipe).settings == {"learning_rate": Recipe().learning_rate}
    assert lower_rate(recipe) == ()


def test_weights_that_hardly_changed_their_length_have_not_moved() -> None:
    first, last, new = NodeId("first"), NodeId("last"), NodeId("new")

    assert has_moved({first: 2.0, last: 1.0}, {first: 2.0, last: 1.2})
    assert not has_moved({first: 2.0, last: 1.0}, {first: 2.1, last: 0.95})
    # Weights that began at nothing, and layers that came later, say nothing of the rate.
    assert not has_moved({first: 0.0}, {first: 3.0, new: 4.0})


@pytest.mark.parametrize("size", [1])
def test_a_batch_of_one_cannot_be_halved(size: int) -> None:
    assert halve_batch(Recipe(batch_size=size)) == ()
