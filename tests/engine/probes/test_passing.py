"""One sample taken through layer by layer, judged by the model itself and by hooks of torch."""

from collections.abc import Mapping

import numpy as np
import pytest
import torch
from small_runs import Drawing, a_small_cnn, compiled, node_id
from torch import Tensor, nn

from engine.compile.module import CompiledModel, compile_project
from engine.data.opening import open_data
from engine.evaluate.samples import read_batch
from engine.probes.passing import figures_of, pass_through
from engine.project.project import Project
from engine.project.templates import open_template, templates
from engine.training.questions import LayerPass, PassTaken


def one_digit(*, labelled: bool = True) -> dict[str, Tensor]:
    image = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(3))
    return {"image": image} | ({"label": torch.tensor([4])} if labelled else {})


def taken(model: CompiledModel, batch: Mapping[str, Tensor]) -> PassTaken:
    model.module.eval()
    return pass_through(model, batch, step=3, epoch=0.5, sample=0)


def the(found: PassTaken, node: str) -> LayerPass:
    return next(layer for layer in found.layers if layer.node == node)


def values_of(raw: bytes) -> Tensor:
    return torch.from_numpy(np.frombuffer(raw, np.float32).copy())


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.key)
def test_every_template_is_passed_through_to_the_bits_of_its_model(template: object) -> None:
    model = compile_project(open_template(template.key))  # type: ignore[attr-defined]
    batch = read_batch(open_data(model.plan.data), model.plan, np.array([5]))
    model.module.eval()

    found = taken(model, batch)

    outputs = model.outputs(batch)
    assert found.problem == "" and found.score == "loss"
    for end, tensor in zip(model.plan.outputs, outputs, strict=True):
        flat = tensor.detach()[0].reshape(-1)[:1024].float()
        assert torch.equal(values_of(the(found, end.node).output.values), flat)
    told = [the(found, end.node).output.mean for end in model.plan.loss_ends]
    weighed = zip(model.plan.loss_weights or [1.0], told, strict=True)
    assert model.loss(outputs, batch).item() == pytest.approx(sum(w * one for w, one in weighed))


def test_gradients_are_those_that_hooks_of_torch_see() -> None:
    project = a_small_cnn()
    model = compiled(project)
    model.module.eval()
    batch = one_digit()
    seen: dict[str, Tensor] = {}
    conv = model.module.get_submodule("second")
    handle = conv.register_full_backward_hook(lambda _m, _i, out: seen.update(conv=out[0]))
    model.loss(model.outputs(batch), batch).backward()
    handle.remove()
    of_weights = torch.linalg.vector_norm(torch.stack([p.grad.norm() for p in conv.parameters()]))
    model.module.zero_grad()

    found = the(taken(model, batch), node_id(project, "second"))

    assert found.gradient is not None
    assert found.gradient.norm == pytest.approx(float(seen["conv"].norm()), rel=1e-5)
    assert found.weight_gradient == pytest.approx(float(of_weights), rel=1e-5)


def test_no_gradient_stays_in_the_model() -> None:
    model = compiled(a_small_cnn())

    taken(model, one_digit())

    assert all(weight.grad is None for weight in model.module.parameters())


def test_without_a_label_the_highest_score_is_derived() -> None:
    project = a_small_cnn()
    model = compiled(project)

    found = taken(model, one_digit(labelled=False))

    scores = model.outputs(one_digit())[0]
    expected = torch.zeros(10)
    expected[scores.argmax()] = 1
    gradient = the(found, node_id(project, "scores")).gradient
    assert found.score == "answer" and gradient is not None
    assert torch.equal(values_of(gradient.values), expected)


def test_a_pass_that_cannot_go_on_tells_how_far_it_came() -> None:
    project = a_small_cnn()
    model = compiled(project)
    model.module.get_submodule("second").weight = nn.Parameter(torch.zeros(4, 9, 3, 3))

    found = taken(model, one_digit())

    assert found.problem_node == node_id(project, "second")
    assert "channels" in found.problem
    assert [layer.node for layer in found.layers][-1] == node_id(project, "pool")


def test_figures_count_what_is_not_finite_and_leave_it_out() -> None:
    values = torch.tensor([[1.0, float("nan"), 3.0, float("inf"), 0.0, -float("inf")]])

    found = figures_of(values)

    assert (found.nan, found.inf) == (1, 2)
    assert (found.low, found.high, found.zeros) == (0.0, 3.0, pytest.approx(1 / 3))
    assert found.mean == pytest.approx(4 / 3)
    assert found.std == pytest.approx(np.std([1, 3, 0]))


def a_project_with_dropout() -> Project:
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("Flatten", "flatten", "data.image")
    drawing.put("Dropout", "dropout", "flatten")
    drawing.put("Linear", "scores", "dropout", out_features=10)
    drawing.put("CrossEntropyLoss", "loss", "scores", "data.label")
    return drawing.project("Dropped")


def test_dropout_drops_nothing() -> None:
    project = a_project_with_dropout()
    model = compiled(project)

    found = taken(model, one_digit())

    before, after = (the(found, node_id(project, name)) for name in ("flatten", "dropout"))
    assert before.output.values == after.output.values
