"""What the layers of a level see, beside the summary, which is judged by execution."""

from builders import a_nested_cnn, a_residual_cnn

from engine.analysis.sees import sees_on_level
from engine.analysis.shapes import infer_shapes
from engine.analysis.summary import SummaryRow, every_row, summary
from engine.graph.elements import NodeId
from engine.project.recipe import Recipe


def test_each_level_sees_what_the_summary_says() -> None:
    for graph in (a_residual_cnn(), a_nested_cnn()):
        report = infer_shapes(graph)
        rows = summary(report, Recipe())

        levels = {(): rows} | {row.path: row.inside for row in every_row(rows) if row.inside}
        for path, level in levels.items():
            found = sees_on_level(report, path)
            assert {row.path[-1]: row.sees for row in level} == _of(level, found)
        assert any(row.sees for row in rows)


def test_a_level_that_is_gone_sees_nothing() -> None:
    assert sees_on_level(infer_shapes(a_nested_cnn()), (NodeId("gone"),)) == {}


def _of(
    level: tuple[SummaryRow, ...], found: dict[NodeId, tuple[int | None, ...]]
) -> dict[NodeId, tuple[int | None, ...]]:
    return {row.path[-1]: found.get(row.path[-1], ()) for row in level}
