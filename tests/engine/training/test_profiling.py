from builders import a_project, a_residual_cnn, node_named
from training_runs import FEW

from engine.graph.edits import set_params
from engine.training.profiling import profile


def test_a_project_is_measured_with_a_batch_of_its_own() -> None:
    graph = a_residual_cnn()
    project = a_project(set_params(graph, node_named(graph, "data"), FEW), batch_size=16)

    found = profile(project, "cpu")

    assert (found.problem, found.device, found.samples) == ("", "cpu", 16)
    assert {layer.node for layer in found.layers} == {
        node.id for node in graph.nodes.values() if node.kind != "Data"
    }
    assert found.step_seconds == sum(layer.seconds for layer in found.layers)


def test_what_keeps_a_project_from_being_measured_is_said() -> None:
    graph = a_residual_cnn()
    lost = set_params(graph, node_named(graph, "data"), {"dataset": "nowhere"})

    found = profile(a_project(lost), "cpu")

    assert found.problem and not found.layers


def test_what_nobody_waits_for_is_not_timed_to_its_end() -> None:
    graph = a_residual_cnn()
    project = a_project(set_params(graph, node_named(graph, "data"), FEW), batch_size=16)

    assert not profile(project, "cpu", is_over=lambda: True).layers
