"""Weights and gradients, judged by the parameters themselves."""

import numpy as np
import pytest
import torch
from small_runs import a_small_cnn, compiled, node_id

from engine.probes.learning import Learning, LearningMeter
from engine.probes.weights import gradients_of, weights_of


def test_filters_come_back_from_their_pixels() -> None:
    project = a_small_cnn()
    model = compiled(project)
    weight = model.module.get_submodule("second").get_parameter("weight").detach().numpy()

    taken = weights_of(model, node_id(project, "second"), 3, Learning())

    assert taken is not None and (taken.form, taken.maps, taken.shape) == (
        "filters",
        16,
        (4, 4, 3, 3),
    )
    pixels = np.frombuffer(taken.pixels, np.int8).reshape(4, 4, 3, 3)
    assert np.abs(pixels / 127 * taken.largest - weight).max() <= taken.largest / 127
    assert taken.mean == pytest.approx(weight.mean(), abs=1e-6)
    assert sum(taken.counts) == weight.size
    judge = np.linalg.svd(weight.reshape(4, -1), compute_uv=False)
    assert taken.singular_values == pytest.approx(judge, rel=1e-5)


def test_a_matrix_larger_than_its_picture_keeps_the_values_farthest_from_zero() -> None:
    project = a_small_cnn()
    model = compiled(project)
    weight = model.module.get_submodule("scores").get_parameter("weight")
    with torch.no_grad():
        weight.mul_(0.001)
        weight[7, 301] = -2.0

    taken = weights_of(model, node_id(project, "scores"), 0, Learning())

    assert taken is not None and taken.form == "matrix"
    pixels = np.frombuffer(taken.pixels, np.int8).reshape(taken.rows, taken.columns)
    block = 784 // taken.columns
    assert pixels[7, 301 // block] == -127 and taken.largest == 2.0


def test_a_layer_without_weights_has_nothing_to_show() -> None:
    project = a_small_cnn()

    taken = weights_of(compiled(project), node_id(project, "pool"), 0, Learning())

    assert (taken.name, taken.shape, taken.parameters) == ("", (), 0)


def test_gradients_are_told_from_the_first_layer_to_the_last() -> None:
    project = a_small_cnn()
    model = compiled(project)
    batch = {"image": torch.rand(4, 1, 28, 28), "label": torch.arange(4)}
    model.loss(model.outputs(batch), batch).backward()  # type: ignore[no-untyped-call]

    meter = LearningMeter(tuple(model.module.parameters()))
    meter.measure_gradients()

    taken = gradients_of(model, 5, meter.learning)

    assert [layer.node for layer in taken.layers] == [
        node_id(project, name) for name in ("first", "second", "scores")
    ]
    for layer, name in zip(taken.layers, ("first", "second", "scores"), strict=True):
        gradients = [
            p.grad.flatten()
            for p in model.module.get_submodule(name).parameters()
            if p.grad is not None
        ]
        assert layer.gradient == pytest.approx(float(torch.cat(gradients).norm()), rel=1e-5)
