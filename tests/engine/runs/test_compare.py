from pathlib import Path

import pytest
from builders import a_nested_cnn, a_project, a_residual_cnn, node_named
from hypothesis import given, settings
from msgspec.structs import replace
from strategies import Edit, apply_all, edit_lists, valid_drawings

from engine.analysis.shapes import infer_shapes
from engine.graph.cards import CARD, card_size
from engine.graph.composites import at, replace_at
from engine.graph.edits import (
    connect,
    insert_on_link,
    make_node,
    move,
    remove_and_rejoin,
    rename,
    set_frozen,
    set_params,
)
from engine.graph.elements import End, Graph
from engine.project.project import Project
from engine.runs.compare import read_compared
from engine.runs.differing import Trained, what_differs
from engine.runs.record import RunRecord
from engine.runs.store import RunStore
from engine.runs.united import united
from engine.training.config import TrainingConfig
from engine.training.events import EpochEnded, RunEnded, RunStarted
from engine.training.insight import Evaluated


def trained(project: Project) -> Trained:
    return Trained(project, infer_shapes(project.graph))


def differing(*graphs: Graph) -> list[tuple[str, str, str, tuple[str, ...]]]:
    rows = what_differs([trained(a_project(graph)) for graph in graphs])
    return [(row.part, row.change, row.name, row.values) for row in rows]


def test_a_run_does_not_differ_from_itself() -> None:
    graph = a_nested_cnn()

    assert differing(graph, graph) == []


def test_only_settings_that_differ_are_listed_with_each_runs_value() -> None:
    one = a_project(learning_rate=0.002, momentum=0.5)
    two = a_project(one.graph, learning_rate=0.001)

    (row,) = what_differs([trained(one), trained(two)])

    # Adam has no momentum: what makes no difference is none.
    assert (row.part, row.change, row.name) == ("recipe", "changed", "Learning rate")
    assert row.values == ("0.002", "0.001")


def test_a_setting_that_one_run_has_no_use_for_is_empty_there() -> None:
    one = a_project(optimizer="sgd", momentum=0.5)
    two = a_project(one.graph, optimizer="adam")

    rows = {row.name: row.values for row in what_differs([trained(one), trained(two)])}

    assert rows == {"Optimiser": ("SGD", "Adam"), "Momentum": ("0.5", "")}


def test_a_layer_says_what_its_card_says_and_is_missing_where_it_is_not() -> None:
    one = a_residual_cnn()
    link = next(link for link in one.links if link.target.node == node_named(one, "linear"))
    two = insert_on_link(one, make_node(one, "Dropout", params={"p": 0.3}), link)

    assert differing(one, two) == [("layer", "added", "Dropout", ("", "p 0.3"))]
    assert differing(two, one) == [("layer", "removed", "Dropout", ("p 0.3", ""))]


def test_a_layer_whose_size_follows_from_another_differs_too() -> None:
    one = a_residual_cnn()
    two = remove_and_rejoin(one, [node_named(one, "max_pool2d")])

    rows = {name: values for _, _, name, values in differing(one, two)}

    assert rows["Linear"] == ("3136 → 10", "12\u202f544 → 10") or rows["Linear"] == (
        "3136 → 10",
        "12544 → 10",
    )
    assert rows["MaxPool2d"][1] == ""


def test_of_two_layers_of_one_name_it_is_said_which() -> None:
    one = a_residual_cnn()
    two = set_params(one, node_named(one, "conv2d_3"), {"kernel_size": 5})

    ((_, _, name, _),) = differing(one, two)

    assert name == "Conv2d, after Conv2d"


def test_what_cards_leave_out_is_said_where_all_cards_say_the_same() -> None:
    one = a_residual_cnn()
    two = set_frozen(one, [node_named(one, "linear")], frozen=True)

    assert differing(one, two) == [("layer", "changed", "Linear", ("frozen off", "frozen on"))]


def test_corrected_samples_are_counted() -> None:
    graph = a_residual_cnn()
    data = node_named(graph, "data")
    corrections = [{"sample": 7, "was": 1}, {"sample": 9, "label": 7, "was": 3}]

    rows = differing(graph, set_params(graph, data, {"corrections": corrections}))

    assert [row[-1] for row in rows] == [("corrections none", "corrections 2 samples")]


def test_places_and_names_make_no_difference() -> None:
    one = a_residual_cnn()
    linear = node_named(one, "linear")
    two = rename(move(one, {linear: (500.0, 20.0)}), linear, "Scores")

    assert differing(one, two) == []


def test_the_inside_of_a_composite_is_looked_into_once() -> None:
    one = a_nested_cnn()
    use = node_named(one, "residual")
    inside = at(one, (use,))
    edited = set_params(inside, node_named(inside, "conv2d_2"), {"kernel_size": 5})
    two = replace_at(one, (use,), edited)

    rows = [row[:3] for row in differing(one, two)]

    assert rows == [("layer", "changed", "Residual › Conv2d, after Conv2d")]


def test_wires_between_layers_that_both_have_are_compared() -> None:
    one = a_residual_cnn()
    first, add = node_named(one, "conv2d"), node_named(one, "add")
    two = connect(one, End(first, "y"), End(add, "x"))

    assert ("wire", "added", "Conv2d → Add", ("", "joined")) in differing(one, two)


def test_three_runs_have_three_values() -> None:
    projects = [a_project(learning_rate=rate) for rate in (0.1, 0.01, 0.1)]
    same = [replace(project, graph=projects[0].graph) for project in projects]

    (row,) = what_differs([trained(project) for project in same])

    assert row.values == ("0.1", "0.01", "0.1")


@given(valid_drawings(), edit_lists)
@settings(max_examples=15, deadline=None)
def test_two_drawings_as_one_hold_both(one: Graph, changes: list[Edit]) -> None:
    two = apply_all(one, changes)

    found = united(infer_shapes(one), infer_shapes(two))

    assert set(found.graph.nodes) == set(one.nodes) | set(two.nodes)
    assert set(found.graph.links) == set(one.links) | set(two.links)
    assert set(found.report.nodes) == set(found.graph.nodes)
    assert found.added == set(two.nodes) - set(one.nodes)
    assert found.removed == set(one.nodes) - set(two.nodes)
    assert found.changed <= set(one.nodes) & set(two.nodes)
    if found.removed:
        assert not overlaps(found.graph)


def overlaps(graph: Graph) -> bool:
    boxes = []
    for node in graph.nodes.values():
        width, height = card_size(node.kind)
        middle = node.position[0] + CARD[0] / 2
        boxes.append((middle - width / 2, node.position[1], width, height))
    return any(
        x < x2 + w2 and x2 < x + w and y < y2 + h2 and y2 < y + h
        for place, (x, y, w, h) in enumerate(boxes)
        for x2, y2, w2, h2 in boxes[:place]
    )


@pytest.fixture
def run(tmp_path: Path) -> RunRecord:
    record = RunRecord.create(a_project(), TrainingConfig(run_folder=str(tmp_path / "run")))
    store = RunStore(record.metrics_file)
    store.write(
        RunStarted(
            run=str(record.folder),
            project="p",
            device="CPU",
            threads=1,
            parameters=1,
            epochs=3,
            steps=3,
            batch_size=1,
            training_samples=1,
            validation_samples=200,
            metric="accuracy",
        )
    )
    for epoch, (loss, accuracy) in enumerate([(0.5, 0.8), (0.3, 0.95), (0.4, 0.9)], start=1):
        store.write(
            EpochEnded(
                epoch=epoch,
                step=epoch,
                training_loss=1.0,
                validation_loss=loss,
                validation_metric=accuracy,
                seconds=10.0 * epoch,
            )
        )
        store.write(
            Evaluated(
                epoch=epoch,
                step=epoch,
                kind="classes",
                samples=200,
                loss=loss,
                accuracy=accuracy,
                is_best=epoch == 2,
            )
        )
    store.close()
    return record


def test_what_a_run_came_to_is_that_of_its_best_epoch(run: RunRecord) -> None:
    found = read_compared(run.folder)

    assert found.best_metric == 0.95
    assert found.best_loss == 0.3
    assert found.wrong == 10
    assert found.seconds == 30.0


def test_a_run_that_ended_says_how_long_it_trained(run: RunRecord) -> None:
    run.change(
        ended=RunEnded(run=str(run.folder), outcome="finished", step=3, epoch=3.0, seconds=42.0)
    )

    assert read_compared(run.folder).seconds == 42.0


def test_a_run_without_a_step_is_compared_by_its_recipe_and_drawing(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    RunRecord.create(a_project(), TrainingConfig(run_folder=str(folder)))

    found = read_compared(folder)

    assert found.curves is None
    assert found.best_metric is None
    assert found.best_loss is None
    assert found.trained.report.totals.parameters > 0
