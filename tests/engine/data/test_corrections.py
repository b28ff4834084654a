"""Corrected samples: what is read of them, where they go, and what the run notes."""

import numpy as np
import pytest
from msgspec.structs import replace
from small_runs import Drawing, node_id

from engine.analysis.shapes import infer_shapes
from engine.data.corrections import with_correction, without_correction
from engine.data.opening import open_data
from engine.data.splitting import record_of, split_of
from engine.graph.elements import Graph
from engine.project.codec import from_text, to_text
from engine.project.project import Project
from nodes.corrections import Correction
from nodes.errors import DataError
from nodes.io import Data

EVERY = np.arange(200)


def digits(*corrections: Correction, **how: object) -> Data:
    return Data(corrections=corrections, **how)  # type: ignore[arg-type]


def test_a_relabelled_sample_has_its_new_label_and_all_others_theirs() -> None:
    before = open_data(digits()).read("label", EVERY)
    wanted = int(before[17] + 1) % 10

    after = open_data(digits(Correction(17, wanted))).read("label", EVERY)

    assert after[17] == wanted and after.dtype == before.dtype
    assert np.array_equal(np.delete(after, 17), np.delete(before, 17))


def test_other_fields_are_read_as_they_are() -> None:
    before, after = (open_data(digits(*found)) for found in ((), (Correction(17, 3),)))

    assert np.array_equal(before.read("image", EVERY), after.read("image", EVERY))


@pytest.mark.parametrize("by", ["random", "stratified", "order"])
def test_a_sample_that_is_left_out_is_in_no_part_and_no_other_changes_sides(by: str) -> None:
    plain, changed = digits(split_by=by), digits(Correction(17), Correction(18, 3), split_by=by)

    before, after = (split_of(open_data(data), data) for data in (plain, changed))

    for name in ("training", "validation", "test"):
        was, now = getattr(before, name), getattr(after, name)
        assert np.array_equal(now, was[was != 17])


def test_the_record_of_a_run_says_how_many_were_corrected() -> None:
    data = digits(Correction(17), Correction(18, 3), Correction(19, 4))

    record = record_of(split_of(open_data(data), data), data)

    assert (record.relabelled, record.left_out) == (2, 1)
    assert record.digests != record_of(split_of(open_data(digits()), digits()), digits()).digests


@pytest.mark.parametrize("correction", [Correction(10**6, 3), Correction(3, 10)])
def test_a_correction_of_what_is_not_there_is_refused_in_words(correction: Correction) -> None:
    with pytest.raises(DataError, match="does not have"):
        open_data(digits(correction))


def corrected_graph(*corrections: Correction) -> Graph:
    drawing = Drawing()
    drawing.put("Data", "data")
    project = drawing.project("Corrected")
    node, graph = node_id(project, "data"), project.graph
    for correction in corrections:
        graph = with_correction(graph, node, data_of(graph), correction)
    return graph


def data_of(graph: Graph) -> Data:
    (report,) = infer_shapes(graph).nodes.values()
    assert isinstance(report.layer, Data)
    return report.layer


def test_a_sample_has_one_correction_the_newest() -> None:
    graph = corrected_graph(Correction(9, 3, 1), Correction(4), Correction(9, 2, 1))

    assert data_of(graph).corrections == (Correction(4), Correction(9, 2, 1))


def test_taking_back_the_last_correction_leaves_the_drawing_as_it_was() -> None:
    plain = corrected_graph()
    (node,) = plain.nodes
    graph = with_correction(plain, node, data_of(plain), Correction(9, 3))

    assert without_correction(graph, node, data_of(graph), 9) == plain


def test_corrections_are_kept_in_the_project_file() -> None:
    project = Project(name="Corrected", graph=corrected_graph(Correction(9, 3, 1)))

    read = from_text(to_text(project)).project

    assert data_of(read.graph).corrections == (Correction(9, 3, 1),)
    assert replace(read, graph=project.graph) == project
