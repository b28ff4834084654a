"""One network of a drawing taken away as an ONNX file, proven in onnxruntime."""

from pathlib import Path

import msgspec
import onnx
import torch
from torch.export import ExportedProgram

from engine.export.card import slug, version
from engine.export.free_axes import any_number_of_steps, symbols_of, trace
from engine.export.lacking import lacking_in_onnx
from engine.export.onnx import (
    PROVEN_WITH,
    TRACED_WITH,
    clean,
    details_with_opset,
    named,
    open_session,
    passing,
    translations,
)
from engine.export.part import Part
from engine.export.part_forms import metadata, proven
from engine.export.proof import Made, Report
from nodes.errors import ExportError


def write_part_onnx(part: Part, folder: Path, report: Report) -> Made:
    """Trace, convert, write and prove.

    Raises:
        ExportError: It cannot be traced or has no ONNX operator, or gives other answers.
    """
    if (lacking := lacking_in_onnx(part.loaded.project.graph, part.name)) is not None:
        raise lacking
    report("tracing", "Traces the network with a batch of any size", 0.15)
    with any_number_of_steps(part.axes):
        program = _traced(part)
        report("converting", "Converts each operation to ONNX", 0.3)
        model = _converted(part, program)
    clean(model, part.class_name, symbols_of(model, part.axes))
    for key, value in metadata(part).items():
        model.metadata_props.add(key=key, value=value)
    path = folder / f"{slug(part.name)}.onnx"
    report("writing", "Writes the file", 0.8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save_model(model, str(path))
    report("checking", "Compares its outputs with PyTorch's", 0.85)
    session = open_session(path)
    proof = proven(
        part,
        lambda batch: session.run(None, {name: value.numpy() for name, value in batch.items()}),
        "onnxruntime",
        {name: version(name) for name in PROVEN_WITH},
    )
    model.metadata_props.add(key="layerloom.proof", value=msgspec.json.encode(proof).decode())
    onnx.save_model(model, str(path))
    return Made(path=path, proof=proof, details=details_with_opset(proof, model))


def _traced(part: Part) -> ExportedProgram:
    # Zeros: an exported program keeps what it was traced with.
    inputs = {name: torch.zeros_like(values[:TRACED_WITH]) for name, values in part.inputs.items()}
    try:
        return trace(part.module, inputs, part.axes)
    except Exception as error:
        raise _cannot_trace(part) from error


def _converted(part: Part, program: ExportedProgram) -> onnx.ModelProto:
    try:
        converted = torch.onnx.export(
            program,
            dynamo=True,
            input_names=list(part.inputs),
            output_names=[passing(name) for name in part.outputs],
            custom_translation_table=translations(),
            verbose=False,
        )
    except torch.onnx.OnnxExporterError as error:
        raise ExportError(
            f"ONNX has no operator for a layer of “{part.name}”",
            where=part.name,
            hint="Export PyTorch source instead.",
        ) from error
    return named(converted, part.outputs)


def _cannot_trace(part: Part) -> ExportError:
    return ExportError(
        f"“{part.name}” cannot be traced",
        why="What it computes depends on the values it gets, or on the batch size"
        f"{', or on sizes that are free' if part.others is not None else ''}.",
        where=part.name,
        hint="Export PyTorch source instead.",
    )
