"""What holds of any drawing and any edits: undone to the byte, copied whole, arranged unread."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from strategies import edit_lists, valid_drawings

from engine.analysis.shapes import infer_shapes
from engine.compile.plan import make_plan
from engine.compile.source import write_source
from engine.graph.columns import fold
from engine.graph.edits import move
from engine.graph.elements import Graph, NodeId
from engine.graph.fragments import paste_fragment, to_fragment
from engine.graph.history import History
from engine.graph.layout import arrange
from engine.project.codec import from_text, to_text
from engine.project.project import Project


def _source(graph: Graph) -> str:
    return write_source(make_plan(graph, infer_shapes(graph), "A test")).text


@given(edit_lists, edit_lists)
def test_any_edits_undone_are_saved_as_the_same_bytes(before: list, changes: list) -> None:
    history = History(Project())
    for change in before:
        history.push(Project(graph=change(history.value.graph)), "Edit")
    saved, place = to_text(history.value), history.place
    for change in changes:
        history.push(Project(graph=change(history.value.graph)), "Edit")

    history.go_to(place)

    assert to_text(history.value) == saved
    assert from_text(saved).project == history.value


@settings(max_examples=60)
@given(valid_drawings(), st.data())
def test_any_part_that_is_copied_keeps_its_inner_structure(
    graph: Graph, data: st.DataObject
) -> None:
    chosen = data.draw(st.sets(st.sampled_from(list(graph.nodes)), min_size=1))
    feeds = data.draw(st.booleans())

    pasted, added = paste_fragment(graph, to_fragment(graph, chosen), (0, 0), keeps_feeding=feeds)

    # New nodes come in the order of those that were copied.
    copy = dict(zip((node for node in graph.nodes if node in chosen), added, strict=True))
    for node, new in copy.items():
        assert pasted.nodes[new].kind == graph.nodes[node].kind
        assert pasted.nodes[new].params == graph.nodes[node].params
    wires = {
        (copy.get(link.source.node, link.source.node), link.source.port, copy[link.target.node])
        for link in graph.links
        if link.target.node in copy and (feeds or link.source.node in copy)
    }
    new_links = pasted.links[len(graph.links) :]
    assert {(one.source.node, one.source.port, one.target.node) for one in new_links} == wires
    assert pasted.links[: len(graph.links)] == graph.links
    assert {key: pasted.nodes[key] for key in graph.nodes} == graph.nodes


@settings(max_examples=60)
@given(valid_drawings(), st.data())
def test_where_cards_stand_never_changes_the_source(graph: Graph, data: st.DataObject) -> None:
    places = st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
    anywhere: dict[NodeId, tuple[float, float]] = {node: data.draw(places) for node in graph.nodes}
    source = _source(graph)

    to_the_right = replace(graph, flow="right")
    laid_out = (move(one, arrange(move(one, anywhere))) for one in (graph, to_the_right))
    for moved in (move(graph, anywhere), *laid_out):
        assert _source(moved) == source
    assert _source(move(graph, fold(graph, ratio=1.6))) == source
