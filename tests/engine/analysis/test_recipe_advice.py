import pytest
import torch
from builders import Drawing, a_plain_network, a_project, a_residual_cnn
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.analysis.cost import forecast
from engine.analysis.recipe_advice import FULL, advise_recipe
from engine.analysis.shapes import infer_shapes
from engine.graph.elements import Graph
from engine.project.recipe import Recipe

REPORT = infer_shapes(a_residual_cnn())


def a_recipe(**settings: object) -> Recipe:
    return a_project(a_residual_cnn(), **settings).recipe


@given(batch=st.integers(1, 4096), accumulation=st.integers(1, 8), share=st.floats(0.01, 2.0))
def test_every_fix_of_too_little_memory_makes_it_enough(
    batch: int, accumulation: int, share: float
) -> None:
    recipe = a_recipe(batch_size=batch, accumulation=accumulation)
    needed = forecast(REPORT.totals, recipe).total
    memory = round(needed / share)

    found = [p for p in advise_recipe(REPORT, recipe, memory) if p.code == "LL-A014"]

    assert bool(found) == (needed > FULL * memory)
    for fix in found[0].fixes if found else ():
        mended = replace(recipe, **fix.settings)
        assert not [p for p in advise_recipe(REPORT, mended, memory) if p.code == "LL-A014"]
        if "accumulation" in fix.settings:
            assert mended.batch_size * mended.accumulation >= batch * accumulation


def test_weights_that_do_not_fit_at_all_are_told_without_a_fix_that_would_not_help() -> None:
    (problem,) = advise_recipe(REPORT, a_recipe(), 1000)

    assert problem.code == "LL-A014" and not problem.fixes


def test_memory_that_is_not_known_is_no_problem() -> None:
    assert not advise_recipe(REPORT, a_recipe(batch_size=100_000))


def a_normed_vector() -> Graph:
    drawing = Drawing()
    data = drawing.add("Data")
    flat = drawing.add("Flatten", after=(data, "image"))
    norm = drawing.add("BatchNorm1d", after=flat)
    linear = drawing.add("Linear", after=norm)
    loss = drawing.add("CrossEntropyLoss", after=linear)
    drawing.wire((data, "label"), loss, "target")
    return drawing.graph


def test_torch_refuses_batch_norm_of_one_sample_and_every_fix_mends_it() -> None:
    with pytest.raises(ValueError, match="more than 1 value"):
        torch.nn.BatchNorm1d(3)(torch.rand(1, 3))
    graph, recipe = a_normed_vector(), a_recipe(batch_size=1)
    (problem,) = advise_recipe(infer_shapes(graph), recipe)

    assert len(problem.fixes) == 2
    for fix in problem.fixes:
        after, settings = fix.edit(graph), replace(recipe, **fix.settings)
        report = infer_shapes(after)
        assert not report.problems and not advise_recipe(report, settings), fix.label


@pytest.mark.parametrize("graph", [a_plain_network(), a_residual_cnn()])
def test_batches_of_one_without_batch_norm_are_no_problem(graph: Graph) -> None:
    assert not advise_recipe(infer_shapes(graph), a_recipe(batch_size=1))
