import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from small_runs import Drawing, a_small_cnn, save_run

from engine.compile.module import compile_plan
from engine.compile.plan import project_plan
from engine.data.builtin import open_data_set
from engine.evaluate.loading import LoadedRun, load_run
from engine.evaluate.samples import held_out, read_batch
from engine.export.job import ExportResult, Stage
from engine.export.onnx import write_onnx
from engine.export.proof import Proof
from engine.project.codec import from_text
from nodes.errors import ExportError

pytestmark = pytest.mark.slow


def session_of(path: str) -> Any:
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


@pytest.fixture
def made(exports: Any) -> ExportResult:
    result: ExportResult = exports["onnx"]
    return result


@pytest.mark.parametrize("batch", [1, 2, 5, 31])
def test_onnxruntime_gives_what_the_run_gives_for_any_batch(
    made: ExportResult, run: Path, batch: int
) -> None:
    images = open_data_set("digits").read("image", np.arange(batch)).astype(np.float32) / 255
    with torch.inference_mode():
        expected = load_run(run).compiled.module(torch.from_numpy(images)).numpy()

    found = session_of(made.path).run(["scores"], {"image": images})[0]

    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_the_file_carries_its_proof_labels_inputs_and_drawing(
    made: ExportResult, run: Path
) -> None:
    carried = session_of(made.path).get_modelmeta().custom_metadata_map

    proof = msgspec.json.decode(carried["layerloom.proof"], type=Proof)
    assert proof.largest_difference == made.largest_difference <= made.tolerance
    assert (proof.samples, proof.batch_sizes) == (16, (16, 1, 3))
    assert json.loads(carried["layerloom.labels"]) == list("0123456789")
    assert json.loads(carried["layerloom.inputs"])[0]["shape"] == [1, 28, 28]
    assert from_text(carried["layerloom.graph"]).project == load_run(run).project


def test_the_file_names_its_free_size_and_nothing_of_this_machine(made: ExportResult) -> None:
    model = onnx.load(made.path)

    ends = [*model.graph.input, *model.graph.output]
    assert [end.type.tensor_type.shape.dim[0].dim_param for end in ends] == ["batch", "batch"]
    assert [end.name for end in ends] == ["image", "scores"]
    content = Path(made.path).read_bytes()
    assert b"site-packages" not in content and b"stack_trace" not in content
    assert list(Path(made.path).parent.glob("*.data")) == []


def test_progress_goes_forward_and_says_what_it_is_at(exports: Any, made: ExportResult) -> None:
    said = exports.progress["onnx"]

    assert [message.stage for message in said] == [
        "loading",
        "tracing",
        "converting",
        "writing",
        "checking",
    ]
    assert [message.share for message in said] == sorted(message.share for message in said)
    assert made.details["Same class"] == "16 of 16"


def with_expression(expression: str) -> LoadedRun:
    """Return a run whose second convolution computes something else."""
    project = a_small_cnn()
    plan = project_plan(project)
    steps = tuple(
        msgspec.structs.replace(
            step,
            title="Second",
            lowering=msgspec.structs.replace(step.lowering, expression=expression),
        )
        if step.name == "second"
        else step
        for step in plan.steps
    )
    compiled = compile_plan(msgspec.structs.replace(plan, steps=steps))
    compiled.module.eval()
    return LoadedRun(Path(), project, compiled, "best", open_data_set("digits"))


def nothing(stage: Stage, text: str, share: float) -> None:
    del stage, text, share


def refused(loaded: LoadedRun, folder: Path) -> ExportError:
    indices, _ = held_out(loaded.plan, loaded.data_set)
    samples = read_batch(loaded.data_set, loaded.plan, indices[:16])
    with pytest.raises(ExportError) as caught:
        write_onnx(loaded, samples, folder, nothing)
    return caught.value


@pytest.mark.filterwarnings("ignore")
def test_an_operation_that_onnx_lacks_is_told_with_its_layer_and_another_target(
    tmp_path: Path,
) -> None:
    error = refused(with_expression("torch.linalg.eigvals({x}).real.unsqueeze(-1) + {x}"), tmp_path)

    assert error.title == "ONNX has no operator for linalg_eig"
    assert error.where == "Second"
    assert "source" in error.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("expression", "where"),
    [("{x} if {x}.sum() > 0 else -{x}", "Second"), ("{x}.reshape(2, 4, 14, 14)", "")],
)
def test_a_model_whose_course_depends_on_its_values_is_refused(
    tmp_path: Path, expression: str, where: str
) -> None:
    error = refused(with_expression(expression), tmp_path)

    assert error.title == "The model cannot be traced"
    assert error.where == where
    assert "source" in error.hint


# torch 2.13 warns of its own use of a class.
@pytest.mark.filterwarnings("ignore")
def test_a_layer_may_be_called_as_torch_calls_an_operation(tmp_path: Path) -> None:
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("Flatten", "flatten", "data.image")
    drawing.put("Linear", "first", "flatten", out_features=5)
    drawing.put("Linear", "linear", "first", out_features=10)
    drawing.put("CrossEntropyLoss", "loss", "linear", "data.label")
    loaded = load_run(save_run(tmp_path / "run", drawing.project("Names")))
    indices, _ = held_out(loaded.plan, loaded.data_set)
    samples = read_batch(loaded.data_set, loaded.plan, indices[:16])

    made = write_onnx(loaded, samples, tmp_path, lambda stage, text, share: None)

    (output,) = session_of(str(made.path)).get_outputs()
    assert output.name == "linear" and made.proof.largest_difference <= made.proof.tolerance
