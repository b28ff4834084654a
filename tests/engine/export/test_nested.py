"""A drawing of composites, repeats and shared weights, taken away."""

from pathlib import Path

import pytest
from builders import Drawing, a_project, a_residual_block
from exports_here import export_here
from msgspec.structs import replace
from small_runs import save_run

from engine.export.job import Target
from engine.graph.edits import change_node
from engine.graph.elements import Formula, Graph

pytestmark = pytest.mark.slow


def _nested() -> Graph:
    stage = Drawing()
    blocks = stage.use(
        "residual", after=stage.add("Input"), channels=Formula("width"), repeat=Formula("depth")
    )
    stage.add("Output", after=blocks)
    drawing = Drawing()
    drawing.define("stage", stage, width=4, depth=2)
    drawing.define("residual", a_residual_block(), channels=4)
    digits = drawing.add("Data")
    wide = drawing.repeat(
        drawing.add("Conv2d", after=digits, out_channels=4, stride=2, activation="ReLU"), 2
    )
    first = drawing.use("stage", after=wide)
    second = drawing.use("stage", after=first)
    shared = drawing.repeat(
        drawing.add("Conv2d", after=second, out_channels=4), 3, share_weights=True
    )
    flat = drawing.add("Flatten", after=shared)
    linear = drawing.add("Linear", after=flat, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=linear)
    drawing.wire((digits, "label"), loss, "target")
    return change_node(drawing.graph, replace(second, shares=first.id))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_run(tmp_path_factory.mktemp("nested") / "run", a_project(_nested()))


@pytest.mark.parametrize("to", ["onnx", "source"])
def test_composites_repeats_and_shared_weights_give_the_same_answers_elsewhere(
    run: Path, to: Target
) -> None:
    result = export_here(run, to)

    assert result.largest_difference <= result.tolerance
    assert result.samples == 16
