import inspect
import traceback
from functools import reduce

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own short name
from builders import a_chain, a_plain_network, a_project, a_residual_cnn, a_small_cnn, node_named
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import apply_all, edit_lists
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from engine.analysis.shapes import infer_shapes
from engine.compile.module import compile_plan, compile_project
from engine.compile.plan import make_plan
from engine.compile.stepper import run_nodes
from engine.graph import edits
from engine.graph.elements import End, Graph
from engine.graph.rewiring import split_activation


class ByHand(nn.Module):
    """The starter's network as a person writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv2d = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2d_2 = nn.Conv2d(16, 16, 3, padding=1)
        self.conv2d_3 = nn.Conv2d(16, 16, 3, padding=1)
        self.linear = nn.Linear(16 * 14 * 14, 10)

    def forward(self, image: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv2d(image)), 2)
        y = self.conv2d_3(F.relu(self.conv2d_2(x)))
        return self.linear(F.relu(y + x).flatten(1))


def _compiled(graph: Graph):
    return compile_plan(make_plan(graph, infer_shapes(graph), "A test"))


def test_the_compiled_drawing_is_the_network_written_by_hand() -> None:
    compiled = _compiled(a_residual_cnn())
    hand = ByHand()
    hand.load_state_dict(compiled.module.state_dict())
    images, labels = torch.rand(5, 1, 28, 28), torch.randint(10, (5,))

    (outputs,) = compiled.outputs({"image": images})
    loss = compiled.loss((outputs,), {"image": images, "label": labels})

    assert torch.equal(outputs, hand(images))
    assert torch.equal(loss, F.cross_entropy(hand(images), labels))


def test_split_activations_leave_what_the_network_computes() -> None:
    graph = a_residual_cnn()
    split = reduce(split_activation, graph.nodes, graph)
    assert len(split.nodes) == len(graph.nodes) + 3
    before, after = _compiled(graph), _compiled(split)
    after.module.load_state_dict(before.module.state_dict())
    images = {"image": torch.rand(2, 1, 28, 28)}

    assert torch.equal(before.outputs(images)[0], after.outputs(images)[0])


@settings(max_examples=40)
@given(edit_lists, st.integers(1, 3))
def test_the_stepper_puts_out_what_the_module_does(changes: list, batch: int) -> None:
    graph = apply_all(a_residual_cnn(), changes)
    report = infer_shapes(graph)
    if report.errors:
        return
    compiled = compile_plan(make_plan(graph, report, "A test"))
    compiled.module.eval()
    images = torch.rand(batch, 1, 28, 28)
    fields = {end: "image" for end, name in compiled.plan.fields.items() if name == "image"}
    assert fields

    stepped = run_nodes(compiled, {"image": images})

    for end, tensor in zip(compiled.plan.outputs, compiled.outputs({"image": images}), strict=True):
        assert torch.equal(stepped[end], tensor)


@settings(max_examples=40)
@given(edit_lists)
def test_the_shapes_on_the_wires_are_the_shapes_that_flow(changes: list) -> None:
    graph = apply_all(a_residual_cnn(), changes)
    report = infer_shapes(graph)
    if report.errors:
        return
    compiled = compile_plan(make_plan(graph, report, "A test"))

    for end, tensor in run_nodes(compiled, {"image": torch.rand(2, 1, 28, 28)}).items():
        predicted = report.at(end)
        assert predicted is not None
        assert tuple(tensor.shape) == tuple(
            size if isinstance(size, int) else 2 for size in predicted.sizes
        )


@pytest.mark.parametrize("graph", [a_small_cnn(), a_residual_cnn(), a_plain_network()])
def test_parameters_and_multiply_adds_are_what_torch_counts(graph: Graph) -> None:
    report = infer_shapes(graph)
    compiled = _compiled(graph)

    with FlopCounterMode(display=False) as counter:
        compiled.module(torch.rand(1, 1, 28, 28))

    assert report.totals.parameters == sum(p.numel() for p in compiled.module.parameters())
    assert report.totals.multiply_adds == counter.get_total_flops() // 2


def test_weights_are_named_for_their_layers() -> None:
    graph = a_small_cnn()
    graph = edits.rename(graph, node_named(graph, "conv2d"), "First filters")

    keys = _compiled(graph).module.state_dict().keys()

    assert set(keys) == {
        "first_filters.weight",
        "first_filters.bias",
        "linear.weight",
        "linear.bias",
    }


def test_an_error_while_running_leads_to_its_layer() -> None:
    graph = a_small_cnn()
    compiled = _compiled(graph)

    try:
        compiled.outputs({"image": torch.rand(2, 1, 20, 20)})
        error: Exception | None = None
    except RuntimeError as raised:
        error = raised

    assert error is not None
    assert compiled.node_of(error) == node_named(graph, "linear")
    assert "self.linear(x)" in "".join(traceback.format_exception(error))


def test_debuggers_and_inspect_see_the_source() -> None:
    compiled = _compiled(a_small_cnn())

    assert "self.conv2d = nn.Conv2d" in inspect.getsource(type(compiled.module).__init__)


def test_frozen_weights_are_not_trained() -> None:
    graph = a_small_cnn()
    frozen = edits.set_frozen(graph, [node_named(graph, "conv2d")], frozen=True)

    trained = {n for n, p in _compiled(frozen).module.named_parameters() if p.requires_grad}

    assert trained == {"linear.weight", "linear.bias"}
    assert infer_shapes(frozen).totals.trained_parameters == 7850


def test_the_module_of_a_layer_can_be_asked_for() -> None:
    graph = a_small_cnn()
    compiled = _compiled(graph)

    assert isinstance(compiled.module_of(node_named(graph, "conv2d")), nn.Conv2d)
    assert compiled.module_of(node_named(graph, "flatten")) is None


def test_torch_can_export_the_module_with_any_batch_size() -> None:
    compiled = compile_project(a_project(a_residual_cnn()))
    compiled.module.eval()
    batch = torch.export.Dim("batch", min=1, max=64)

    program = torch.export.export(
        compiled.module, (torch.rand(2, 1, 28, 28),), dynamic_shapes=({0: batch},)
    )

    images = torch.rand(7, 1, 28, 28)
    assert torch.allclose(program.module()(images), compiled.module(images), atol=1e-6)


def test_a_thousand_layers_compile() -> None:
    compiled = _compiled(a_chain(1000))

    assert compiled.module(torch.rand(1, 1, 28, 28)).shape == (1, 10)


def test_only_what_is_wanted_is_kept() -> None:
    graph = a_residual_cnn()
    add = node_named(graph, "add")

    kept = run_nodes(_compiled(graph), {"image": torch.rand(1, 1, 28, 28)}, {add})

    assert set(kept) == {End(add, "y")}
