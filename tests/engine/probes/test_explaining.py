"""Explanations, judged by models whose answer is known."""

import numpy as np
import pytest
import torch
from small_runs import Drawing, a_small_cnn, compiled
from torch import Tensor

from engine.compile.module import CompiledModel, compile_plan
from engine.compile.plan import project_plan
from engine.probes.explaining import explain
from engine.project.templates import open_template


def a_linear_model() -> CompiledModel:
    """Return digits → flatten → linear: the score is a weighted sum of the pixels."""
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("Flatten", "flatten", "data.image")
    drawing.put("Linear", "scores", "flatten", out_features=10)
    drawing.put("CrossEntropyLoss", "loss", "scores", "data.label")
    model = compiled(drawing.project("Linear"))
    model.module.eval()
    return model


def an_image(seed: int = 0) -> dict[str, Tensor]:
    return {"image": torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(seed))}


def test_the_gradient_of_a_linear_model_is_each_pixel_times_its_weight() -> None:
    model, inputs = a_linear_model(), an_image()
    weight = model.module.get_submodule("scores").get_parameter("weight").detach()
    best = int(model.outputs(inputs)[0].argmax())

    found = explain(model, inputs, "gradient", 0)

    assert found is not None and found.target == best
    judge = weight[best].reshape(28, 28) * inputs["image"][0, 0]
    torch.testing.assert_close(found.parts, judge)


def test_occlusion_is_what_the_score_loses_where_a_window_hides_a_part() -> None:
    """Hiding a window of a linear model takes away exactly what its pixels add."""
    model = a_linear_model()
    weight = model.module.get_submodule("scores").get_parameter("weight")
    with torch.no_grad():
        weight.zero_()
        weight[3, 14 * 28 + 14] = 1.0
    image = torch.zeros(1, 1, 28, 28)
    image[0, 0, 14, 14] = 2.0

    found = explain(model, {"image": image}, "occlusion", 0, target=3)

    assert found is not None
    lit = found.parts > 0
    assert bool(lit[14, 14]) and float(found.parts[14, 14]) == pytest.approx(2.0)
    assert not bool(lit[:10].any()) and not bool(lit[:, 19:].any())


def test_an_explanation_of_a_batch_norm_or_dropout_leaves_no_gradient_behind() -> None:
    model = compiled(a_small_cnn())
    model.module.eval()

    explain(model, an_image(), "gradient", 0)

    assert all(parameter.grad is None for parameter in model.module.parameters())


def test_the_parts_are_as_many_as_the_pixels() -> None:
    model = compiled(a_small_cnn())
    model.module.eval()

    for method in ("gradient", "occlusion"):
        found = explain(model, an_image(), method, 0, target=1)
        assert found is not None and found.parts.shape == (28, 28)
        assert np.isfinite(found.parts.numpy()).all()


def test_a_series_is_explained_along_its_time() -> None:
    model = compile_plan(project_plan(open_template("sunspots")))
    model.module.eval()
    series = torch.linspace(-1, 1, 24).reshape(1, 24, 1)
    name = model.plan.inputs[0]

    for method in ("gradient", "occlusion"):
        found = explain(model, {name: series}, method, 0)
        assert found is not None and found.parts.shape == (24,), method


def test_categories_have_no_parts() -> None:
    model = compile_plan(project_plan(open_template("ratings")))
    model.module.eval()
    inputs = {name: torch.zeros(1, dtype=torch.int64) for name in model.plan.inputs}

    assert explain(model, inputs, "occlusion", 0) is None
    assert explain(model, inputs, "gradient", 0) is None


def test_each_word_is_worth_what_the_score_loses_without_it() -> None:
    model = compile_plan(project_plan(open_template("novels")))
    model.module.eval()
    words = torch.randint(2, 900, (1, 80), generator=torch.Generator().manual_seed(4))
    name = model.plan.inputs[0]

    found = explain(model, {name: words}, "occlusion", 0, target=2)

    assert found is not None
    with torch.no_grad():
        before = model.outputs({name: words})[0][0, 2]
        for place in (0, 41, 79):
            without = words.clone()
            without[0, place] = 0
            after = model.outputs({name: without})[0][0, 2]
            assert float(found.parts[place]) == pytest.approx(float(before - after), abs=1e-5)


@pytest.mark.parametrize("seed", [0, 3])
def test_integrated_gradients_add_up_to_what_the_input_adds_to_the_score(seed: int) -> None:
    model = compiled(a_small_cnn())
    model.module.eval()
    inputs = an_image(seed)
    empty = {"image": torch.zeros_like(inputs["image"]) + inputs["image"].median()}

    found = explain(model, inputs, "integrated", 0)

    assert found is not None and found.parts.shape == (28, 28)
    with torch.no_grad():
        whole, nothing = (model.outputs(given)[0][0, found.target] for given in (inputs, empty))
    assert float(found.parts.sum()) == pytest.approx(float(whole - nothing), rel=0.02, abs=0.005)


def test_integrated_gradients_of_a_linear_model_are_exact() -> None:
    model, inputs = a_linear_model(), an_image()
    weight = model.module.get_submodule("scores").get_parameter("weight").detach()

    found = explain(model, inputs, "integrated", 0)

    assert found is not None
    image = inputs["image"][0, 0]
    judge = weight[found.target].reshape(28, 28) * (image - image.median())
    torch.testing.assert_close(found.parts, judge, rtol=1e-4, atol=1e-6)


def test_words_are_explained_through_the_vectors_that_they_are_looked_up_as() -> None:
    """In a mean of word vectors each word adds its own vector's score, shared by the length."""
    drawing = Drawing()
    fields = [
        {"name": "text", "kind": "tokens", "sizes": [5], "dtype": "int", "classes": 20},
        {"name": "label", "kind": "label", "dtype": "int", "classes": 3},
    ]
    drawing.put("Data", "data", fields=fields)
    drawing.put("Embedding", "words", "data.text", embedding_dim=4)
    drawing.put("Mean", "mean", "words", dims=[-2])
    drawing.put("Linear", "scores", "mean", out_features=3)
    drawing.put("CrossEntropyLoss", "loss", "scores", "data.label")
    model = compile_plan(project_plan(drawing.project("Words")))
    model.module.eval()
    tokens = torch.tensor([[3, 7, 0, 7, 19]])

    found = explain(model, {"text": tokens}, "integrated", 0)

    assert found is not None and found.parts.shape == (5,)
    vectors = model.module.get_submodule("words").get_parameter("weight").detach()
    weight = model.module.get_submodule("scores").get_parameter("weight").detach()
    judge = ((vectors[tokens[0]] - vectors[0]) @ weight[found.target]) / 5
    torch.testing.assert_close(found.parts, judge, rtol=1e-4, atol=1e-6)


def test_grad_cam_is_the_last_maps_weighed_by_their_mean_gradient() -> None:
    model = compiled(a_small_cnn())
    model.module.eval()
    inputs = an_image()
    kept: dict[str, Tensor] = {}
    flatten = model.module.get_submodule("scores")

    found = explain(model, inputs, "gradcam", 0)

    assert found is not None and found.parts.shape == (28, 28)
    assert float(found.parts.min()) >= 0
    handle = flatten.register_forward_pre_hook(lambda _m, args: kept.update(flat=args[0]))
    score = model.outputs(inputs)[0][0, found.target]
    handle.remove()
    (gradient,) = torch.autograd.grad(score, kept["flat"])
    maps, slopes = (t.detach().reshape(1, 4, 14, 14) for t in (kept["flat"], gradient))
    small = (slopes.mean((2, 3), keepdim=True) * maps).sum(1, keepdim=True).clamp(min=0)
    judge = torch.nn.functional.interpolate(small, (28, 28), mode="bilinear")[0, 0]
    torch.testing.assert_close(found.parts, judge)


def test_grad_cam_has_nothing_to_say_of_a_model_without_maps() -> None:
    model = a_linear_model()

    found = explain(model, {"image": an_image()["image"]}, "gradcam", 0)

    assert found is None
