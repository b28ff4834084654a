"""An ONNX file for batches of any size, proven in onnxruntime."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import onnx
import onnxruntime
import torch
from onnxscript import opset18 as opset
from torch import Tensor
from torch.export import ExportedProgram

from engine.data.meaning import output_names
from engine.evaluate.loading import LoadedRun
from engine.export.attention import attention
from engine.export.card import slug, version
from engine.export.free_axes import (
    BATCH,
    Axes,
    any_number_of_steps,
    free_axes,
    other_sizes,
    symbols_of,
    trace,
)
from engine.export.lacking import lacking_in_onnx
from engine.export.proof import Made, Outputs, Proof, Report, details_of, prove, prove_also
from engine.export.stft import stft
from engine.export.weights import metadata
from engine.graph.elements import NodeId
from engine.graph.names import unique
from nodes.errors import ExportError

TRACED_WITH: Final = 2
PROVEN_WITH: Final = ("torch", "onnx", "onnxruntime")
LARGEST_BYTES: Final = 1_900_000_000
"""protobuf takes 2 GiB for one file, names and shapes included."""


def write_onnx(
    loaded: LoadedRun, samples: Mapping[str, Tensor], folder: Path, report: Report
) -> Made:
    """Trace, convert, clean, write and prove.

    Raises:
        ExportError: A layer cannot be traced or has no ONNX operator, the model is too large for
            one file, or onnxruntime gives other answers.
    """
    _needs_room(loaded)
    if (lacking := lacking_in_onnx(loaded.project.graph)) is not None:
        raise lacking
    report("tracing", "Traces the model with a batch of any size", 0.15)
    axes = free_axes(loaded.plan)
    with any_number_of_steps(axes):
        program = _traced(loaded, samples, axes)
        report("converting", "Converts each operation to ONNX", 0.3)
        model = _converted(loaded, program)
    clean(model, loaded.compiled.source.class_name, symbols_of(model, axes))
    for key, value in metadata(loaded).items():
        if key != "format":
            model.metadata_props.add(key=key, value=value)
    path = folder / f"{slug(loaded.project.name)}.onnx"
    report("writing", "Writes the file", 0.8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save_model(model, str(path))
    report("checking", "Compares its outputs with PyTorch's", 0.85)
    proof = _proven(loaded, samples, path)
    model.metadata_props.add(key="layerloom.proof", value=msgspec.json.encode(proof).decode())
    onnx.save_model(model, str(path))
    open_session(path)
    return Made(path=path, proof=proof, details=details_with_opset(proof, model))


def details_with_opset(proof: Proof, model: onnx.ModelProto) -> dict[str, str]:
    """Return what there is to say of an ONNX file."""
    opset = next(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
    return details_of(proof) | {"Opset": str(opset), "Batch size": "any"}


def _needs_room(loaded: LoadedRun) -> None:
    state = loaded.compiled.module.state_dict().values()
    size = sum(tensor.numel() * tensor.element_size() for tensor in state)
    if size > LARGEST_BYTES:
        raise ExportError(
            "The model is too large for one ONNX file",
            why=f"Its weights take {size / 1e9:.1f} GB; a file holds 2 GB.",
            hint="Export PyTorch source or safetensors instead.",
        )


def _traced(loaded: LoadedRun, samples: Mapping[str, Tensor], axes: Axes) -> ExportedProgram:
    # Random inputs: an exported program keeps what it was traced with.
    inputs = {name: _random_like(samples[name], loaded, name) for name in loaded.plan.inputs}
    try:
        return trace(loaded.compiled.module, inputs, axes)
    except Exception as error:
        node = loaded.compiled.node_of(error)
        title = _title(loaded, node) if node else "the model"
        raise ExportError(
            "The model cannot be traced",
            why=f"What {title} computes depends on the values it gets, or on the batch size"
            f"{', or on sizes that are free' if loaded.plan.letters else ''}.",
            where=_title(loaded, node) if node else "",
            hint="Export PyTorch source instead.",
        ) from error


def _random_like(values: Tensor, loaded: LoadedRun, name: str) -> Tensor:
    shape = (TRACED_WITH, *values.shape[1:])
    if values.is_floating_point():
        return torch.rand(shape)
    field = next(field for field in loaded.plan.data.fields if field.name == name)
    return torch.randint(0, field.classes or 2, shape).to(values.dtype)


def _converted(loaded: LoadedRun, program: ExportedProgram) -> onnx.ModelProto:
    try:
        converted = torch.onnx.export(
            program,
            dynamo=True,
            input_names=list(loaded.plan.inputs),
            output_names=[passing(name) for name in output_names(loaded.plan)],
            custom_translation_table=translations(),
            verbose=False,
        )
    except torch.onnx.OnnxExporterError as error:
        raise _no_operator(loaded, program, error) from error
    return named(converted, output_names(loaded.plan))


def named(converted: torch.onnx.ONNXProgram | None, names: Sequence[str]) -> onnx.ModelProto:
    """Return what torch converted, its outputs called by these names."""
    assert converted is not None, "the dynamo exporter returns the program"
    model: onnx.ModelProto = converted.model_proto
    _name_outputs(model.graph, names)
    return model


def translations() -> dict[Callable[..., Any], Callable[..., Any]]:
    """Return what torch's exporter has to be told of operations that it does not know well."""
    return {
        torch.ops.aten.rrelu.default: _rrelu,
        torch.ops.aten.stft.default: stft,
        torch.ops.aten.scaled_dot_product_attention.default: attention,
    }


def _rrelu(x: Any, lower: float = 1 / 8, upper: float = 1 / 3, *_: object) -> Any:
    """Return what a randomised leaky ReLU is after training: its slope is the mean."""
    return opset.LeakyRelu(x, alpha=(lower + upper) / 2)


def passing(name: str) -> str:
    """Return a name that no value in torch's graph has."""
    return f"layerloom.{name}"


def _name_outputs(graph: onnx.GraphProto, names: Sequence[str]) -> None:
    """Give the outputs their names, and values within that have one of them another.

    torch names what each operation gives after the operation: a layer may be called “linear” too.
    """
    within = {value for node in graph.node for value in node.output}
    renamed = {passing(name): name for name in names}
    for name in names:
        if name in within:
            renamed[name] = unique(name, {*within, *names})
    for node in graph.node:
        for values in (node.input, node.output):
            values[:] = [renamed.get(value, value) for value in values]
    for value in (*graph.output, *graph.value_info):
        value.name = renamed.get(value.name, value.name)


def _no_operator(loaded: LoadedRun, program: ExportedProgram, error: BaseException) -> ExportError:
    """Name the operation that ONNX lacks, and the layers that use it."""
    said = "\n".join(str(cause) for cause in _causes(error))
    found = re.search(r"target=torch\.ops\.(\w+\.\w+)", said)
    operation = found[1] if found else ""
    node = re.search(r"%(\w+) : ", said)
    users = _users(loaded, program, operation, node[1] if node else "")
    titles = dict.fromkeys(_title(loaded, user) for user in users)
    places = f", {len(users)} places" if len(users) > 1 else ""
    return ExportError(
        f"ONNX has no operator for {operation.partition('.')[2] or 'a layer'}",
        why=f"Used in {' and '.join(titles)}{places}." if titles else "",
        where=next(iter(titles), ""),
        hint="Export PyTorch source instead.",
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _users(loaded: LoadedRun, program: ExportedProgram, operation: str, name: str) -> list[NodeId]:
    """Return the layers whose lines became an operation, also after it was taken apart."""
    users: dict[NodeId, None] = {}
    for graph in (program.graph, program.run_decompositions().graph):
        for node in graph.nodes:
            same = bool(operation) and str(node.target).startswith(f"{operation}.")
            if same or node.name == name:
                users.update(dict.fromkeys(_layers_in(loaded, node.meta.get("stack_trace"))))
    return list(users)


def _layers_in(loaded: LoadedRun, trace: str | None) -> list[NodeId]:
    file = re.escape(loaded.compiled.filename)
    lines = (int(line) for line in re.findall(rf'File "{file}", line (\d+)', trace or ""))
    owners = loaded.compiled.source.lines
    return [owners[line] for line in lines if line in owners]


def _title(loaded: LoadedRun, node: NodeId) -> str:
    step = loaded.plan.step_of(node)
    return step.title if step else ""


def clean(model: onnx.ModelProto, name: str, symbols: Mapping[str, str] | None = None) -> None:
    """Take out traces with paths of this machine, and give what is free a name to read.

    Args:
        symbols: What is free by the symbols that stand for it; the batch alone if not given.
    """
    model.ClearField("doc_string")
    model.graph.name = name
    del model.metadata_props[:]
    names = symbols or {model.graph.input[0].type.tensor_type.shape.dim[0].dim_param: BATCH}
    for graph in _graphs(model):
        del graph.metadata_props[:]
        for node in graph.node:
            del node.metadata_props[:]
            node.ClearField("doc_string")
        for value in (*graph.input, *graph.output, *graph.value_info):
            del value.metadata_props[:]
            for size in value.type.tensor_type.shape.dim:
                if size.dim_param:
                    size.dim_param = _named(size.dim_param, names)
    for function in model.functions:
        del function.metadata_props[:]
        function.ClearField("doc_string")
        for node in function.node:
            del node.metadata_props[:]
            node.ClearField("doc_string")


def _named(size: str, names: Mapping[str, str]) -> str:
    return re.sub(r"[A-Za-z_]\w*", lambda found: names.get(found[0], found[0]), size)


def _graphs(model: onnx.ModelProto) -> Iterator[onnx.GraphProto]:
    """Yield the graph and those inside its conditions and loops."""
    waiting = [model.graph]
    while waiting:
        graph = waiting.pop()
        yield graph
        for node in graph.node:
            for attribute in node.attribute:
                waiting += [attribute.g] if attribute.HasField("g") else []
                waiting += attribute.graphs


def open_session(path: Path) -> Any:
    """Open a file in onnxruntime, on one thread."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _proven(loaded: LoadedRun, samples: Mapping[str, Tensor], path: Path) -> Proof:
    session = open_session(path)

    def answer(batch: dict[str, Tensor]) -> Outputs:
        given = {name: values.numpy() for name, values in batch.items()}
        outputs: Sequence[Any] = session.run(None, given)
        return outputs

    versions = {name: version(name) for name in PROVEN_WITH}
    proof = prove(loaded, samples, answer, checked_with="onnxruntime", versions=versions)
    others = other_sizes(loaded.plan, samples)
    if others is None:
        return proof
    return prove_also(proof, others, loaded.compiled.outputs, answer)
