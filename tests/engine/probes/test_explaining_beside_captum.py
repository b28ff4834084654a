"""Explanations, judged by captum on the same weights and samples."""

import pytest
import torch
from captum import attr
from small_runs import Drawing, a_small_cnn, compiled
from torch import Tensor, nn

from engine.compile.module import CompiledModel, compile_plan
from engine.compile.plan import project_plan
from engine.probes.explaining import PATH_STEPS, explain
from engine.probes.row_explaining import RowColumn, explain_row
from engine.project.templates import open_template

# captum tells that it needs gradients, and sets that itself.
pytestmark = pytest.mark.filterwarnings("ignore:Input Tensor 0 did not already require gradients")


def draws() -> torch.Generator:
    """Return the same numbers for each test."""
    return torch.Generator().manual_seed(4)


class Scores(nn.Module):
    """A drawing as captum takes models: one input, the scores of one sample each."""

    def __init__(self, model: CompiledModel, step: int | None = None) -> None:
        super().__init__()
        self.module = model.module
        self._model, self._step = model, step

    def forward(self, values: Tensor) -> Tensor:
        found = self._model.outputs({self._model.plan.inputs[0]: values})[0]
        return found if self._step is None else found.flatten(2)[:, :, self._step]


def a_cnn() -> CompiledModel:
    model = compiled(a_small_cnn())
    model.module.eval()
    return model


def template(key: str) -> CompiledModel:
    model = compile_plan(project_plan(open_template(key)))
    model.module.eval()
    return model


def only(model: CompiledModel, kind: type[nn.Module]) -> nn.Module:
    (found,) = (each for each in model.module.modules() if isinstance(each, kind))
    return found


@pytest.fixture
def image() -> Tensor:
    return torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("target", [0, 7])
def test_the_gradient_times_the_input_is_captums(image: Tensor, target: int) -> None:
    model = a_cnn()

    found = explain(model, {"image": image}, "gradient", 0, target)

    judge = attr.InputXGradient(Scores(model)).attribute(image, target=target)
    assert found is not None
    torch.testing.assert_close(found.parts, judge[0].sum(0).detach())


@pytest.mark.parametrize("target", [2, 9])
def test_integrated_gradients_are_captums(image: Tensor, target: int) -> None:
    model = a_cnn()

    found = explain(model, {"image": image}, "integrated", 0, target)

    judge = attr.IntegratedGradients(Scores(model)).attribute(
        image,
        baselines=torch.full_like(image, float(image.median())),
        target=target,
        n_steps=PATH_STEPS,
        method="riemann_middle",
    )
    assert found is not None
    torch.testing.assert_close(found.parts, judge[0].sum(0).float().detach(), rtol=1e-4, atol=1e-6)


def test_grad_cam_is_captums(image: Tensor) -> None:
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("Conv2d", "first", "data.image", out_channels=6, kernel_size=3, activation="ReLU")
    drawing.put("MaxPool2d", "pool", "first")
    drawing.put("Flatten", "flatten", "pool")
    drawing.put("Linear", "scores", "flatten", out_features=10)
    drawing.put("CrossEntropyLoss", "loss", "scores", "data.label")
    model = compiled(drawing.project("Maps"))
    model.module.eval()

    cam = attr.LayerGradCam(Scores(model), only(model, nn.MaxPool2d))
    shown = 0
    for target in range(10):
        found = explain(model, {"image": image}, "gradcam", 0, target)

        small = cam.attribute(image, target=target, relu_attributions=True)
        judge = attr.LayerAttribution.interpolate(small, (28, 28), interpolate_mode="bilinear")
        assert found is not None
        torch.testing.assert_close(found.parts, judge[0, 0].detach(), rtol=1e-4, atol=1e-6)
        shown += int(judge.max() > 0)
    assert shown > 0


def test_what_a_window_hides_is_captums_ablation_averaged_over_the_windows(image: Tensor) -> None:
    """28 pixels are hidden by windows of 4, each beginning 2 after the one before, from -1."""
    model = a_cnn()
    ablation = attr.FeatureAblation(Scores(model))
    falls, hidden = torch.zeros(28, 28), torch.zeros(28, 28)
    for top in range(-1, 28, 2):
        for left in range(-1, 28, 2):
            window = slice(max(top, 0), top + 4), slice(max(left, 0), left + 4)
            mask = torch.zeros(1, 1, 28, 28, dtype=torch.int64)
            mask[0, 0][window] = 1
            lost = ablation.attribute(
                image, baselines=float(image.median()), target=5, feature_mask=mask
            )
            falls[window] += lost[0, 0][window]
            hidden[window] += 1

    found = explain(model, {"image": image}, "occlusion", 0, 5)

    assert found is not None
    torch.testing.assert_close(found.parts, falls / hidden, rtol=1e-4, atol=1e-5)


def test_each_word_hidden_is_captums_ablation() -> None:
    model = template("reviews")
    words = torch.randint(2, 400, (1, *model_sizes(model)), generator=draws())

    found = explain(model, {model.plan.inputs[0]: words}, "occlusion", 0, 0)

    judge = attr.FeatureAblation(Scores(model)).attribute(words, baselines=0, target=0)
    side = max(1, words.shape[1] // 96)
    assert found is not None and side == 1
    torch.testing.assert_close(found.parts, judge[0], rtol=1e-4, atol=1e-5)


def test_words_by_integrated_gradients_are_captums_on_the_layer_that_looks_them_up() -> None:
    model = template("reviews")
    words = torch.randint(2, 400, (1, *model_sizes(model)), generator=draws())

    found = explain(model, {model.plan.inputs[0]: words}, "integrated", 0, 0)

    judge = attr.LayerIntegratedGradients(Scores(model), only(model, nn.Embedding)).attribute(
        words, baselines=0, target=0, n_steps=PATH_STEPS, method="riemann_middle"
    )
    assert found is not None
    torch.testing.assert_close(found.parts, judge[0].sum(-1).float().detach(), rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("method", ["gradient", "integrated"])
def test_a_series_is_explained_as_captum_does(method: str) -> None:
    model = template("sunspots")
    name, sizes = model.plan.inputs[0], model_sizes(model)
    series = torch.randn(1, *sizes, generator=draws())
    judges = {
        "gradient": lambda: attr.InputXGradient(Scores(model)).attribute(series, target=0),
        "integrated": lambda: attr.IntegratedGradients(Scores(model)).attribute(
            series,
            baselines=series.median(1, keepdim=True).values.expand_as(series),
            target=0,
            n_steps=PATH_STEPS,
            method="riemann_middle",
        ),
    }

    found = explain(model, {name: series}, method, 0, 0)

    judge = judges[method]().reshape(1, sizes[0], -1)[0].sum(-1)
    assert found is not None
    torch.testing.assert_close(found.parts, judge.float().detach(), rtol=1e-3, atol=1e-6)


def test_the_columns_of_a_row_are_captums_from_the_average_row() -> None:
    drawing = Drawing()
    fields = [
        {"name": "features", "kind": "vector", "sizes": [5], "dtype": "float"},
        {"name": "label", "kind": "label", "dtype": "int", "classes": 3},
    ]
    drawing.put("Data", "data", fields=fields)
    drawing.put("Linear", "hidden", "data.features", out_features=8)
    drawing.put("GELU", "bend", "hidden")
    drawing.put("Linear", "scores", "bend", out_features=3)
    drawing.put("CrossEntropyLoss", "loss", "scores", "data.label")
    model = compile_plan(project_plan(drawing.project("Row")))
    model.module.eval()
    row, others = torch.randn(31, 5, generator=draws()).split([1, 30])
    columns = [
        RowColumn(name, "features", start, end)
        for name, start, end in (("a", 0, 1), ("b", 1, 4), ("c", 4, 5))
    ]

    def found(method: str) -> Tensor:
        told = explain_row(
            model, {"features": row}, method, 0, columns, {"features": others}, target=1
        )
        assert told is not None
        return told.parts

    whole = attr.IntegratedGradients(Scores(model)).attribute(
        row,
        baselines=others.mean(0, keepdim=True),
        target=1,
        n_steps=PATH_STEPS,
        method="riemann_middle",
    )[0]
    judge = torch.stack([whole[:1].sum(), whole[1:4].sum(), whole[4:].sum()]).float().detach()
    torch.testing.assert_close(found("integrated"), judge, rtol=1e-4, atol=1e-6)

    mask = torch.tensor([[0, 1, 1, 1, 2]])
    ablation = attr.FeatureAblation(Scores(model))
    lost = torch.stack(
        [
            ablation.attribute(row, baselines=other[None], target=1, feature_mask=mask)[0]
            for other in others
        ]
    ).mean(0)
    torch.testing.assert_close(found("occlusion"), lost[[0, 1, 4]], rtol=1e-4, atol=1e-5)


def model_sizes(model: CompiledModel) -> tuple[int, ...]:
    fields = {field.name: field for field in model.plan.data.fields}
    return tuple(int(size) for size in fields[model.plan.inputs[0]].sizes)
