from pathlib import Path

import pytest
import torch
from builders import a_nested_cnn, a_project, node_named
from training_runs import Listener, a_network_with_memory, train, weights

from engine.compile.module import compile_project
from engine.graph.elements import NodeId, told
from engine.probes.heat import outputs_heat, weights_heat
from engine.probes.learning import Learning, LearningMeter
from engine.training.heat import HeatOf, HeatTaken
from engine.training.requests import WatchLayers


def a_batch() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return {
        "image": torch.rand(1, 1, 28, 28, generator=generator),
        "label": torch.zeros(1, dtype=torch.int64),
    }


def test_outputs_are_as_strong_as_hooks_on_the_modules_see_them() -> None:
    project = a_project(a_nested_cnn())
    compiled = compile_project(project)
    composite = next(n for n in project.graph.nodes.values() if n.kind == "Composite")
    module = compiled.module_of(composite.id)
    assert module is not None
    seen: list[torch.Tensor] = []
    module.register_forward_hook(lambda _module, _inputs, outputs: seen.append(outputs))
    batch = a_batch()

    with torch.no_grad():
        compiled.outputs(batch)
        (found,) = outputs_heat(compiled, batch, [composite.id])

    assert found.activation == pytest.approx(float(seen[0].abs().mean()))
    assert found.zeros == pytest.approx(float((seen[0] == 0).float().mean()))


def test_layers_inside_of_composites_are_told_by_their_paths() -> None:
    project = a_project(a_nested_cnn())
    compiled = compile_project(project)
    composite = next(n for n in project.graph.nodes.values() if n.kind == "Composite")
    inside = project.graph.definitions[composite.definition].graph
    paths = [told((composite.id, NodeId(node))) for node in inside.nodes]

    with torch.no_grad():
        found = outputs_heat(compiled, a_batch(), paths)

    layers = [node for node in inside.nodes.values() if node.kind not in ("Input", "Output")]
    assert len(found) == len(layers)
    assert all(each.activation is not None and each.activation >= 0 for each in found)


def test_what_is_no_layer_of_the_model_is_passed_over() -> None:
    compiled = compile_project(a_project())

    with torch.no_grad():
        assert outputs_heat(compiled, a_batch(), ["nothing", "not/here"]) == ()
    assert weights_heat(compiled, ["nothing", "not/here"], Learning()) == ()


def test_gradients_weights_and_updates_are_those_of_the_module() -> None:
    project = a_project()
    compiled = compile_project(project)
    node = node_named(project.graph, "linear")
    module = compiled.module_of(node)
    assert module is not None
    optimizer = torch.optim.SGD(compiled.module.parameters(), lr=0.1)
    meter = LearningMeter(tuple(compiled.module.parameters()))
    before = torch.nn.utils.parameters_to_vector(module.parameters()).detach().clone()
    meter.begin()
    batch = a_batch()

    compiled.loss(compiled.outputs(batch), batch).backward()
    optimizer.step()
    meter.end()
    meter.measure_gradients()
    (found,) = weights_heat(compiled, [node], meter.learning)

    after = torch.nn.utils.parameters_to_vector(module.parameters()).detach()
    gradient = torch.cat([p.grad.flatten() for p in module.parameters() if p.grad is not None])
    assert found.gradient == pytest.approx(float(gradient.norm()), rel=1e-5)
    assert found.weight == pytest.approx(float(after.norm()), rel=1e-5)
    assert found.update_ratio == pytest.approx(
        float((after - before).norm() / before.norm()), rel=1e-3
    )


@pytest.mark.parametrize("heat", ["outputs", "weights"])
def test_colouring_the_canvas_leaves_training_bit_identical(tmp_path: Path, heat: HeatOf) -> None:
    project = a_network_with_memory()
    listener = Listener()
    nodes = tuple(map(str, project.graph.nodes))
    listener.requests.put(WatchLayers(nodes=(), heat=heat, heat_nodes=nodes))

    train(project, tmp_path / "looked", listener, probe_share=0.1)
    train(project, tmp_path / "plain", probe_share=0.0)

    taken = listener.told(HeatTaken)
    assert taken and taken[-1].layers
    assert weights(tmp_path / "looked") == weights(tmp_path / "plain")
    if heat == "weights":
        assert any(layer.update_ratio for event in taken for layer in event.layers)
