"""Maps of a layer's outputs, judged by numpy's singular value decomposition and by hooks."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from small_runs import a_small_cnn, compiled, node_id

from engine.data.loading import MemoryFeed
from engine.data.meaning import main_meaning
from engine.probes.mapping import gather_outputs, nearest, principal_components


@pytest.mark.parametrize("size", [(40, 7), (9, 60), (30, 30)])
def test_the_components_are_those_of_the_singular_value_decomposition(
    size: tuple[int, int],
) -> None:
    values = np.random.default_rng(3).normal(size=size).astype(np.float32)
    centred = values.astype(np.float64) - values.astype(np.float64).mean(0)
    left, lengths, _ = np.linalg.svd(centred, full_matrices=False)
    judge = left[:, :2] * lengths[:2]

    points, explained = principal_components(values)

    assert np.abs(points) == pytest.approx(np.abs(judge), abs=1e-4)
    assert explained == pytest.approx(lengths[:2] ** 2 / (lengths**2).sum(), rel=1e-6)


@given(st.integers(2, 30), st.integers(2, 12), st.integers(0, 5))
def test_neighbours_are_the_most_alike_by_cosine(many: int, features: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(many, features)).astype(np.float32)

    places, alike = nearest(values)

    for sample in range(many):
        others = [k for k in range(many) if k != sample]
        cosines = [
            float(
                values[sample]
                @ values[k]
                / np.linalg.norm(values[sample])
                / np.linalg.norm(values[k])
            )
            for k in others
        ]
        assert alike[sample] == pytest.approx(sorted(cosines, reverse=True)[:8], abs=1e-5)
        assert sample not in places[sample]


def test_neighbours_in_one_number_are_those_at_the_least_difference() -> None:
    values = np.array([[1.0], [100.0], [1.5], [-1.0]], np.float32)

    places, apart = nearest(values)

    assert places[0].tolist() == [2, 3, 1] and apart[0].tolist() == [0.5, 2, 99]
    assert places[1].tolist() == [2, 0, 3] and apart[1].tolist() == [98.5, 99, 101]


def test_a_single_feature_maps_to_a_line() -> None:
    points, explained = principal_components(np.array([[1.0], [2.0], [4.0]], np.float32))

    assert points[:, 1].tolist() == [0, 0, 0]
    assert explained == (1.0, 0.0)


def test_the_outputs_are_those_of_the_layer_for_the_validation_samples() -> None:
    project = a_small_cnn()
    model = compiled(project)
    model.module.eval()
    images, labels = torch.rand(300, 1, 28, 28), torch.arange(300) % 10
    seen: list[torch.Tensor] = []
    model.module.get_submodule("scores").register_forward_hook(lambda *call: seen.append(call[2]))
    layer = model.plan.step_of(node_id(project, "scores"))
    assert layer is not None
    feed = MemoryFeed({"image": images, "label": labels}, 300)

    with torch.no_grad():
        found = gather_outputs(model, layer, feed, main_meaning(model.plan))
        seen.clear()
        scores = model.outputs({"image": images})[0]

    assert found is not None and found.values == pytest.approx(scores.numpy(), abs=1e-5)
    assert found.places.tolist() == list(range(300)) and found.features == 10
    assert found.truths is not None and found.truths.tolist() == labels.tolist()
    assert found.called is not None and found.called.tolist() == scores.argmax(1).tolist()
