import numpy as np
import pytest
from builders import a_plain_network, a_project, node_named
from training_runs import FEW, a_network_with_memory, train, with_graph, with_recipe

from engine.graph.edits import set_frozen, set_params
from engine.project.project import Project
from engine.training.events import EpochEnded
from engine.training.rate_finder import find_rate, smoothed, suggested_rate

RATES = np.geomspace(1e-6, 10, 120).tolist()


@pytest.fixture
def project() -> Project:
    graph = a_plain_network(hidden=16)
    return a_project(set_params(graph, node_named(graph, "data"), FEW), batch_size=32, epochs=2)


def test_the_rate_is_where_the_loss_falls_fastest() -> None:
    fall = -1 / (1 + np.exp(-4 * (np.log(RATES) - np.log(0.003))))
    rise = np.where(np.asarray(RATES) > 0.1, np.log(np.asarray(RATES) / 0.1), 0.0)

    found = suggested_rate(RATES, (2.3 + fall + rise).tolist())

    assert found == pytest.approx(0.003, rel=0.2)


@pytest.mark.parametrize("losses", [[2.3] * 120, np.linspace(2.3, 9, 120).tolist(), [2.0, 1.0]])
def test_a_loss_that_does_not_fall_suggests_nothing(losses: list[float]) -> None:
    assert suggested_rate(RATES[: len(losses)], losses) is None


def test_smoothing_leaves_a_constant_as_it_is() -> None:
    assert smoothed([2.5] * 7) == pytest.approx([2.5] * 7)


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_what_is_suggested_learns_better_than_far_from_it(
    tmp_path_factory: pytest.TempPathFactory, project: Project, optimizer: str
) -> None:
    project = with_recipe(project, optimizer=optimizer, schedule="constant")
    found = find_rate(project, "cpu").suggestion
    assert found is not None

    def loss_with(rate: float) -> float:
        folder = tmp_path_factory.mktemp("run")
        told = train(with_recipe(project, learning_rate=rate), folder)
        return told.told(EpochEnded)[-1].training_loss

    assert loss_with(found) < loss_with(found / 100)
    assert loss_with(found) < loss_with(min(found * 300, 100))


def test_a_test_that_nobody_waits_for_ends_at_its_next_step(project: Project) -> None:
    asked: list[bool] = []

    def is_over() -> bool:
        asked.append(True)
        return len(asked) == 3

    assert len(find_rate(project, "cpu", is_over=is_over).rates) == 2


def test_the_test_is_the_same_with_the_same_seed(project: Project) -> None:
    assert find_rate(project, "cpu") == find_rate(project, "cpu")


def test_what_keeps_the_test_from_being_made_is_said() -> None:
    project = a_network_with_memory()
    frozen = set_frozen(project.graph, tuple(project.graph.nodes), frozen=True)

    found = find_rate(with_graph(project, frozen), "cpu")

    assert found.suggestion is None and found.problem.startswith("There is nothing to train.")
