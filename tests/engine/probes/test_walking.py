import numpy as np
import pytest
import torch
from small_runs import Drawing, compiled, node_id

from engine.compile.module import CompiledModel
from engine.compile.stepper import run_from
from engine.data.loading import MemoryFeed
from engine.data.meaning import main_meaning
from engine.probes.mapping import gather_outputs, principal_components
from engine.probes.walking import drawn_at, draws_from, plane_of
from engine.project.project import Project


def an_autoencoder(code: int = 2) -> Project:
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("Flatten", "flatten", "data.image")
    drawing.put("Linear", "code", "flatten", out_features=code)
    drawing.put("Linear", "far", "code", out_features=784, activation="Sigmoid")
    drawing.put("Reshape", "picture", "far", sizes=[1, 28, 28])
    drawing.put("MSELoss", "loss", "picture", "data.image")
    return drawing.project("Autoencoder")


@pytest.fixture
def project() -> Project:
    return an_autoencoder()


@pytest.fixture
def model(project: Project) -> CompiledModel:
    made = compiled(project)
    made.module.eval()
    return made


def test_a_picture_is_drawn_from_the_code_alone(project: Project, model: CompiledModel) -> None:
    drawn = {
        name: draws_from(model.plan, step)
        for name in ("flatten", "code", "far", "picture")
        if (step := model.plan.step_of(node_id(project, name))) is not None
    }

    assert drawn == {"flatten": True, "code": True, "far": True, "picture": False}


def test_nothing_is_drawn_past_a_skip() -> None:
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("Flatten", "flatten", "data.image")
    drawing.put("Linear", "code", "flatten", out_features=784)
    drawing.put("Add", "add", "code", "flatten")
    drawing.put("Reshape", "picture", "add", sizes=[1, 28, 28])
    drawing.put("MSELoss", "loss", "picture", "data.image")
    project = drawing.project("Skip")
    plan = compiled(project).plan
    step = plan.step_of(node_id(project, "code"))

    assert step is not None and not draws_from(plan, step)


def test_the_rest_of_the_model_runs_from_what_a_layer_is_told_to_put_out(
    project: Project, model: CompiledModel
) -> None:
    images = torch.rand(5, 1, 28, 28)

    with torch.no_grad():
        code = model.module.get_submodule("code")(images.flatten(1))
        (found,) = run_from(model, node_id(project, "code"), code)
        (expected,) = model.outputs({"image": images})

    assert torch.allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("code", [2, 6])
def test_the_place_of_a_sample_on_the_map_draws_that_sample_again(code: int) -> None:
    project = an_autoencoder(code)
    model = compiled(project)
    model.module.eval()
    layer = model.plan.step_of(node_id(project, "code"))
    assert layer is not None
    # Pictures that differ in two ways, so that the plane of the map holds them all.
    ways = torch.rand(2, 1, 28, 28)
    amounts = torch.rand(40, 2)
    images = torch.einsum("nk,kchw->nchw", amounts, ways)
    feed = MemoryFeed({"image": images}, 40)

    with torch.no_grad():
        found = gather_outputs(model, layer, feed, main_meaning(model.plan))
        assert found is not None
        points, _ = principal_components(found.values)
        plane = plane_of(layer, found, points)
        (expected,) = model.outputs({"image": images})
        drawn = [drawn_at(model, plane, x, y) for x, y in points.tolist()]

    assert torch.allclose(torch.stack(drawn), expected, atol=1e-4)
    assert np.allclose(plane.axes.T @ plane.axes, np.eye(2), atol=1e-3)
