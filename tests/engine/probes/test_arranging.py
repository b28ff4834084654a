"""t-SNE, judged by its definition and by automatic differentiation."""

import itertools

import pytest
import torch

from engine.probes.arranging import (
    ITERATIONS,
    Arrangement,
    gradient,
    joint_probabilities,
)
from engine.probes.mapping import principal_components


def some_values(samples: int = 60, features: int = 5) -> torch.Tensor:
    return torch.randn(samples, features, generator=torch.Generator().manual_seed(3))


def three_groups(each: int = 25) -> torch.Tensor:
    middles = torch.eye(3).repeat_interleave(each, 0) * 8
    return torch.cat([middles, torch.zeros(3 * each, 4)], 1) + some_values(3 * each, 7)


def arranged(values: torch.Tensor) -> Arrangement:
    start, _ = principal_components(values.numpy())
    return Arrangement(values, torch.from_numpy(start))


@pytest.mark.parametrize("perplexity", [2.0, 10.0, 30.0])
def test_each_sample_has_as_many_neighbours_as_the_perplexity_says(perplexity: float) -> None:
    values = some_values()
    joint = joint_probabilities(values, perplexity).double()

    assert float(joint.sum()) == pytest.approx(1, abs=1e-5)
    assert torch.equal(joint, joint.T)
    assert float(joint.diagonal().abs().max()) == 0
    # By hand: bisection for the spread around each sample that has this entropy.
    own = torch.stack([shares_by_hand(values, k, perplexity) for k in range(len(values))])
    assert torch.allclose(joint, (own + own.T) / (2 * len(values)), atol=1e-6)


def shares_by_hand(values: torch.Tensor, sample: int, perplexity: float) -> torch.Tensor:
    far = (values[sample] - values).square().sum(1).double()
    far[sample] = torch.inf
    low, high = 0.0, 1000.0
    for _ in range(100):
        middle = (low + high) / 2
        entropy = torch.distributions.Categorical(logits=-far * middle).entropy()
        if float(entropy.exp()) > perplexity:
            low = middle
        else:
            high = middle
    return torch.softmax(-far * low, 0)


def divergence(alike: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
    """Kullback and Leibler's, of Student's nearness, pair by pair."""
    near = (1 + (points[:, None] - points[None, :]).square().sum(2)).reciprocal()
    near = near - torch.diag(near.diagonal())
    pairs = alike > 0
    return (alike[pairs] * (alike[pairs] / (near / near.sum())[pairs]).log()).sum()


def test_the_gradient_is_that_of_the_divergence() -> None:
    alike = joint_probabilities(some_values(), 10.0).double()
    points = some_values(60, 2).double().requires_grad_()

    (judge,) = torch.autograd.grad(divergence(alike, points), points)

    assert torch.allclose(gradient(alike, points.detach()), judge, atol=1e-8)


def test_groups_of_alike_samples_stay_together_and_apart_from_others() -> None:
    arrangement = arranged(three_groups())
    arrangement.go_on(60.0, clock=lambda: 0.0)

    assert arrangement.is_done
    far = torch.cdist(arrangement.points, arrangement.points).fill_diagonal_(torch.inf)
    nearest = far.argmin(1) // 25
    assert torch.equal(nearest, torch.arange(75) // 25)


def test_the_divergence_falls() -> None:
    values = some_values()
    alike = joint_probabilities(values, (len(values) - 1) / 3)
    arrangement = arranged(values)
    before = float(divergence(alike, arrangement.points))

    arrangement.go_on(60.0, clock=lambda: 0.0)

    assert float(divergence(alike, arrangement.points)) < 0.7 * before


def test_it_goes_on_where_it_stopped_and_comes_to_the_same_places() -> None:
    whole, parts = arranged(some_values()), arranged(some_values())
    whole.go_on(60.0, clock=lambda: 0.0)

    clock = itertools.count()
    while not parts.is_done:
        parts.go_on(3.0, clock=lambda: float(next(clock)))

    assert whole.iteration == parts.iteration == ITERATIONS
    assert torch.equal(whole.points, parts.points)


@pytest.mark.parametrize("samples", [1, 2, 5])
def test_few_samples_and_equal_ones_have_places_too(samples: int) -> None:
    for values in (some_values(samples), torch.ones(samples, 3)):
        arrangement = arranged(values)
        arrangement.go_on(60.0, clock=lambda: 0.0)
        assert bool(arrangement.points.isfinite().all())
