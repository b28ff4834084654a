from contextlib import nullcontext

import pytest
import torch
from builders import Drawing, a_nested_cnn, a_project, a_residual_cnn
from torch import Tensor

from engine.compile.module import CompiledModel, compile_project
from engine.graph.elements import Graph
from engine.probes.costing import Passing, measure
from engine.project.templates import open_template


def a_repeated_network() -> Graph:
    """Return a network with a layer that stands three times in a row as one module."""
    drawing = Drawing()
    data = drawing.add("Data")
    flat = drawing.add("Flatten", after=(data, "image"))
    first = drawing.add("Linear", after=flat, out_features=24)
    row = drawing.repeat(drawing.add("Linear", after=first, out_features=24), 3, share_weights=True)
    last = drawing.add("Linear", after=row, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=last)
    drawing.wire((data, "label"), loss, "target")
    return drawing.graph


def a_network_with_a_loss_of_its_own_class() -> Graph:
    """Return a network whose loss is a module that the source prints."""
    drawing = Drawing()
    data = drawing.add("Data")
    flat = drawing.add("Flatten", after=(data, "image"))
    loss = drawing.add("DiceLoss", after=drawing.add("Linear", after=flat, out_features=10))
    drawing.wire((data, "label"), loss, "target")
    return drawing.graph


GRAPHS = [
    a_residual_cnn,
    a_nested_cnn,
    a_repeated_network,
    a_network_with_a_loss_of_its_own_class,
]


def a_batch(samples: int = 6) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(0)
    return {
        "image": torch.rand(samples, 1, 28, 28, generator=generator),
        "label": torch.randint(0, 10, (samples,), generator=generator),
    }


def backward(compiled: CompiledModel, batch: dict[str, Tensor]) -> int:
    """Run the whole model forward and back; return the bytes that were kept in between."""
    kept: dict[int, Tensor] = {}

    def keep(tensor: Tensor) -> Tensor:
        kept.setdefault(tensor.untyped_storage().data_ptr(), tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = compiled.loss(compiled.outputs(batch), batch)
    own = (*compiled.module.parameters(), *batch.values())
    known = {tensor.untyped_storage().data_ptr() for tensor in own}
    loss.backward()
    sizes = (t.untyped_storage().nbytes() for place, t in kept.items() if place not in known)
    return sum(sizes)


@pytest.mark.parametrize("draw", GRAPHS)
def test_layer_by_layer_the_gradients_are_those_of_the_whole_model(draw: type) -> None:
    compiled, batch = compile_project(a_project(draw())), a_batch()
    made = Passing(compiled, nullcontext)

    made.run(batch)

    backward(compiled, batch)
    for name, weight in compiled.module.named_parameters():
        torch.testing.assert_close(made.gradients[weight], weight.grad, msg=name)


@pytest.mark.parametrize("draw", GRAPHS)
def test_what_the_layers_keep_is_what_the_whole_model_keeps(draw: type) -> None:
    compiled, batch = compile_project(a_project(draw())), a_batch()

    layers, _ = measure(compiled, batch, seconds=0)

    kept = sum(layer.kept_bytes for layer in layers if "/" not in layer.node)
    assert kept == backward(compiled, batch)


def test_weights_do_not_change_and_no_gradient_stays_behind() -> None:
    compiled = compile_project(a_project(a_residual_cnn()))
    before = {name: weight.clone() for name, weight in compiled.module.state_dict().items()}

    measure(compiled, a_batch(), seconds=0)

    after = compiled.module.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert all(weight.grad is None for weight in compiled.module.parameters())


def test_every_layer_is_named_and_composites_before_what_is_inside() -> None:
    graph = a_nested_cnn()
    compiled = compile_project(a_project(graph))

    layers, passes = measure(compiled, a_batch(), seconds=0)

    names = [layer.node for layer in layers]
    assert passes >= 5
    assert {name for name in names if "/" not in name} == {
        node.id for node in graph.nodes.values() if node.kind != "Data"
    }
    for name in names:
        if "/" in name:
            assert names.index(name.rpartition("/")[0]) < names.index(name)
    assert all(layer.forward_seconds > 0 for layer in layers)


def test_a_composite_takes_at_least_what_the_layers_inside_of_it_take() -> None:
    made = Passing(compile_project(a_project(a_nested_cnn())), nullcontext)

    made.run(a_batch())

    bill = made.bill()
    for name, (forward, back) in bill.items():
        inside = [cost for other, cost in bill.items() if other.rpartition("/")[0] == name]
        assert forward >= sum(each[0] for each in inside) - 1e-9
        assert back >= sum(each[1] for each in inside) - 1e-9


@pytest.mark.parametrize("key", ["letters-lstm", "rides", "autoencoder", "ratings"])
def test_layers_of_every_sort_are_measured(key: str) -> None:
    project = open_template(key)
    compiled = compile_project(project)
    batch = {
        field.name: _values(field.sizes, field.classes, field.dtype == "float")
        for field in compiled.plan.data.fields
    }

    layers, _ = measure(compiled, batch, seconds=0)

    assert any(layer.backward_seconds > 0 for layer in layers)


def _values(sizes: tuple[int, ...], classes: int | None, real: bool) -> Tensor:
    if real:
        return torch.rand(4, *sizes)
    return torch.randint(0, classes or 2, (4, *sizes))
