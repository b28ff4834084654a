"""Similarity of layers, judged by its definition and by what it must not change with."""

import numpy as np
import pytest
import torch
from small_runs import a_small_cnn, compiled
from torch import Tensor

from engine.data.loading import MemoryFeed
from engine.probes.similarity import alignment, compare_layers, gram, unbiased_hsic
from engine.training.questions import LayersCompared
from nodes.errors import DataError


def outputs(features: int, seed: int, samples: int = 40) -> Tensor:
    return torch.randn(samples, features, generator=torch.Generator().manual_seed(seed)).double()


def similarity(one: Tensor, other: Tensor) -> float:
    return float(alignment(unbiased_hsic(torch.stack([gram(one), gram(other)])))[0, 1])


def test_the_estimate_is_the_one_of_the_definition() -> None:
    one, other = gram(outputs(5, 0)).numpy(), gram(outputs(9, 1)).numpy()
    n, ones = len(one), np.ones(len(one))
    judge = (
        np.trace(one @ other)
        + (ones @ one @ ones) * (ones @ other @ ones) / ((n - 1) * (n - 2))
        - 2 / (n - 2) * (ones @ one @ other @ ones)
    ) / (n * (n - 3))

    found = unbiased_hsic(torch.stack([torch.from_numpy(one), torch.from_numpy(other)]))

    assert float(found[0, 1]) == pytest.approx(judge)


def test_turning_and_scaling_the_features_changes_nothing() -> None:
    values = outputs(6, 0)
    turned, _ = torch.linalg.qr(outputs(6, 1, 6))

    assert similarity(values, 3 * values @ turned) == pytest.approx(1.0)


def test_what_has_nothing_to_do_with_each_other_is_not_alike_however_wide_it_is() -> None:
    shares = [similarity(outputs(400, seed), outputs(400, 100 + seed)) for seed in range(10)]

    assert np.mean(shares) < 0.05


def test_layers_of_a_model_are_compared_in_its_order() -> None:
    model = compiled(a_small_cnn())
    model.module.eval()
    images = torch.rand(100, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    feed = MemoryFeed({"image": images, "label": torch.zeros(100, dtype=torch.int64)}, 100)

    found: LayersCompared = compare_layers(model, feed, step=3, epoch=1.0)

    shares = np.frombuffer(found.similarity, np.float32).reshape(len(found.nodes), -1)
    assert found.nodes == tuple(step.node for step in model.plan.steps)
    assert np.allclose(shares, shares.T) and np.allclose(np.diag(shares), 1)
    names = [step.name for step in model.plan.steps]
    add, flatten = names.index("add"), names.index("flatten")
    assert shares[add, flatten] == pytest.approx(1.0)


def test_too_few_samples_are_refused_in_words() -> None:
    model = compiled(a_small_cnn())
    feed = MemoryFeed({"image": torch.zeros(4, 1, 28, 28)}, 4)

    with pytest.raises(DataError, match="too few"):
        compare_layers(model, feed, step=0, epoch=0.0)
