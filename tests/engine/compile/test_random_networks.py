"""Whatever fits together runs, forward and back, and can be taken away."""

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_networks import networks
from torch import Tensor
from torch.export import Dim

from engine.analysis.shapes import infer_shapes
from engine.compile.module import CompiledModel, compile_plan
from engine.compile.plan import make_plan
from engine.compile.stepper import run_nodes
from engine.graph.elements import Graph
from nodes.sizes import Size, counted, substitute
from nodes.tensors import TensorType

pytestmark = [
    # Transformers warn of their own shortcut, which they cannot take without biases.
    pytest.mark.filterwarnings("ignore:enable_nested_tensor is True"),
    # Torch tells once that it computes them without a library that has no projections.
    pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN"),
]

_UNHURRIED = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)


_UNTRACEABLE = ("FractionalMaxPool3d",)
"""Kinds for which torch fixes the number of samples that it was traced with."""


def _batch(compiled: CompiledModel, samples: int = 2) -> dict[str, Tensor]:
    """Return the same samples each time: what Hypothesis found must be found again."""
    torch.manual_seed(0)
    made = {}
    for end, name in compiled.plan.fields.items():
        kind = compiled.plan.types[end]
        size = (samples, *kind.sample)
        made[name] = torch.rand(size) if kind.classes is None else torch.randint(kind.classes, size)
    return made


def _compiled(graph: Graph) -> CompiledModel | None:
    report = infer_shapes(graph)
    if report.errors:
        assert all(problem.title and problem.text for problem in report.errors)
        return None
    return compile_plan(make_plan(graph, report, "A test"))


def _check_run(compiled: CompiledModel) -> None:
    batch = _batch(compiled)
    compiled.loss(compiled.outputs(batch), batch).backward()
    compiled.module.eval()
    torch.manual_seed(0)
    whole = compiled.outputs(batch)
    torch.manual_seed(0)
    stepped = run_nodes(compiled, batch)
    for end, tensor in zip(compiled.plan.outputs, whole, strict=True):
        torch.testing.assert_close(stepped[end], tensor, rtol=0, atol=0, equal_nan=True)
        assert tuple(tensor.shape[1:]) == compiled.plan.types[end].sample


@settings(max_examples=12, deadline=None, suppress_health_check=_UNHURRIED)
@given(networks())
def test_a_network_of_any_layers_runs_as_its_layers_do(graph: Graph) -> None:
    compiled = _compiled(graph)
    if compiled is not None:
        _check_run(compiled)


@settings(max_examples=6, deadline=None, suppress_health_check=_UNHURRIED)
@given(networks(most=15, free=True), st.integers(5, 8), st.integers(8, 12), st.integers(8, 12))
def test_a_network_with_free_sizes_takes_other_sizes_and_gives_what_its_letters_say(
    graph: Graph, length: int, height: int, width: int
) -> None:
    if len(graph.nodes) == 1:
        return
    report = infer_shapes(graph)
    compiled = compile_plan(make_plan(graph, report, "A test", without_loss=True))
    compiled.module.eval()
    torch.manual_seed(0)
    values: dict[str, Size] = {"N": 2, "T": length - 3, "T₂": length, "H": height, "W": width}
    batch = {}
    for end, name in compiled.plan.fields.items():
        kind = compiled.plan.letters[end]
        size = _sizes(kind, values)
        batch[name] = (
            torch.rand(size) if kind.classes is None else torch.randint(kind.classes, size)
        )

    found = compiled.outputs({name: batch[name] for name in compiled.plan.inputs})

    for end, tensor in zip(compiled.plan.outputs, found, strict=True):
        assert tuple(tensor.shape) == _sizes(compiled.plan.letters[end], values)


def _sizes(kind: TensorType, values: dict[str, Size]) -> tuple[int, ...]:
    return tuple(counted(substitute(size, values)) for size in kind.sizes)


@settings(max_examples=3, deadline=None, suppress_health_check=_UNHURRIED)
@given(networks(most=12, left_out=_UNTRACEABLE))
def test_a_network_of_any_layers_can_be_traced(graph: Graph) -> None:
    compiled = _compiled(graph)
    if compiled is None:
        return
    compiled.module.eval()
    traced_with, later = (
        tuple(_batch(compiled, samples)[name] for name in compiled.plan.inputs)
        for samples in (2, 3)
    )

    sizes = tuple({0: Dim("batch")} for _ in traced_with)
    program = torch.export.export(compiled.module, traced_with, dynamic_shapes=sizes).module()

    torch.manual_seed(0)
    whole = compiled.module(*later)
    torch.manual_seed(0)
    torch.testing.assert_close(program(*later), whole, equal_nan=True)
