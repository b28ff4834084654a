import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import a_nested_cnn, a_project, a_residual_cnn, a_small_cnn, node_named
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from strategies import apply_all, edit_lists

from engine.analysis.shapes import infer_shapes
from engine.compile.plan import make_plan
from engine.compile.source import write_source
from engine.graph import edits
from engine.graph.bends import set_bends
from engine.graph.composites import at, replace_at
from engine.graph.elements import Definition, Formula, Graph, NodeId
from engine.project.codec import from_text, to_text
from engine.project.project import Project
from engine.project.recipe import Recipe
from nodes.errors import LoomError, ProjectError

_words = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)


@given(edit_lists, _words, _words, st.integers(1, 99))
def test_what_is_saved_is_what_was_drawn(changes: list, name: str, notes: str, epochs: int) -> None:
    project = Project(
        name=name or "Untitled",
        notes=notes,
        graph=apply_all(a_residual_cnn(), changes),
        recipe=Recipe(epochs=epochs),
    )

    text = to_text(project)

    assert from_text(text).project == project
    assert to_text(from_text(text).project) == text


def test_formulas_and_definitions_come_back() -> None:
    graph = a_small_cnn()
    linear = graph.named("linear")
    assert linear is not None
    inner = edits.set_params(graph, linear.id, {"out_features": Formula("width * 2")})
    block = Definition(name="Block", parameters={"width": 8}, graph=inner)
    project = a_project(replace(graph, definitions={"block": block}))

    assert from_text(to_text(project)).project == project


def test_bent_wires_come_back_and_a_bend_is_a_diff_of_few_lines() -> None:
    graph = a_residual_cnn()
    before = to_text(a_project(graph)).splitlines()
    bent = set_bends(graph, graph.links[2], [(1.5, 2.0), (-3.0, 4.0)])
    project = a_project(bent)

    text = to_text(project)

    assert from_text(text).project == project
    assert to_text(from_text(text).project) == text
    assert len(set(text.splitlines()) - set(before)) == 2
    assert not any("bends" in line for line in before)


@pytest.mark.parametrize("points", ["here", [[1]], [[1, "2"]], [[1, 1e9]], [[True, 1]]])
def test_bends_that_are_no_points_are_told_by_their_place(points: object) -> None:
    document = _document()
    document["bends"] = [[*document["links"][0], points]]

    with pytest.raises(ProjectError) as told:
        from_text(json.dumps(document))

    assert "bends[0]" in str(told.value)


def test_a_changed_parameter_is_a_diff_of_one_line() -> None:
    graph = a_residual_cnn()
    before = to_text(a_project(graph)).splitlines()
    conv = graph.named("conv2d")
    assert conv is not None

    changed = edits.set_params(graph, conv.id, {"out_channels": 99})
    after = to_text(a_project(changed)).splitlines()

    assert sum(old != new for old, new in zip(before, after, strict=True)) == 1


def test_what_this_version_does_not_know_is_written_back() -> None:
    document = _document()
    document["shiny"] = {"new": True}
    document["nodes"][1]["kind"] = "acme.Swirl"
    document["nodes"][1]["glow"] = 0.5
    document["frames"] = [{"id": "f", "title": "F", "nodes": [], "colour": "red"}]
    document["version"] = 99

    opened = from_text(json.dumps(document))

    again = json.loads(to_text(opened.project))
    assert opened.newer and opened.notes
    assert again["shiny"] == {"new": True}
    assert again["nodes"][1]["kind"] == "acme.Swirl" and again["nodes"][1]["glow"] == 0.5
    assert again["frames"][0]["colour"] == "red"


def test_a_wire_to_nothing_is_left_out_and_told() -> None:
    document = _document()
    document["links"].append(["gone", "y", document["nodes"][0]["id"], "x"])

    opened = from_text(json.dumps(document))

    assert len(opened.project.graph.links) == len(document["links"]) - 1
    assert any("wire" in note for note in opened.notes)


def _document() -> dict[str, Any]:
    return json.loads(to_text(a_project()))


HOSTILE: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1e308,
    10**19,
    "",
    "x" * 500,
    '"; import os; os.system("true") #',
    "line\nbreak",
    "{0.__class__}",
    [],
    [[[[]]]],
    {},
    {"formula": "__import__('os')"},
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from _places(item, (*path, key))


def _with(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = dict(document) if isinstance(document, dict) else list(document)
    changed[path[0]] = _with(changed[path[0]], path[1:], value)
    return changed


def test_any_value_in_any_place_opens_or_is_refused_in_words() -> None:
    document = _document()
    opened = refused = 0
    for path in _places(document):
        for value in HOSTILE:
            text = json.dumps(_with(document, path, value))
            project = _opened(text)
            refused += project is None
            if project is not None:
                opened += 1
                _can_be_worked_with(project)
    assert opened > 100 and refused > 100


def _opened(text: str) -> Project | None:
    """Return the project, or None where it was refused with a place and a remedy."""
    try:
        return from_text(text, "file.loom").project
    except LoomError as error:
        told, why = (error.title, error.where, error.hint), error.why
    assert all(told) and told[1] == "file.loom"
    # In the words of a person, not in those of the decoder.
    assert "`" not in why and "$" not in why
    return None


def _can_be_worked_with(project: Project) -> None:
    report = infer_shapes(project.graph)
    assert set(report.nodes) == set(project.graph.nodes)
    assert from_text(to_text(project)).project == project


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"precision": "half"}, "At recipe.precision: One of fp32, bf16, fp16 is expected."),
        ({"batch_size": "12"}, "At recipe.batch_size: A whole number is expected, not text."),
        ({"players": [{}]}, "At recipe.players[0]: The field name is missing."),
        ({"players": [{"name": "Judge", "optimizer": "best"}]}, "At recipe.players[0].optimizer: "),
    ],
)
def test_a_recipe_in_the_wrong_form_is_told_by_its_place_and_what_is_expected(
    settings: dict[str, object], why: str
) -> None:
    document = _document()

    with pytest.raises(ProjectError) as caught:
        from_text(json.dumps({**document, "recipe": settings}))

    assert caught.value.why.startswith(why)


def test_a_file_cut_off_anywhere_is_refused_in_words() -> None:
    text = to_text(a_project())

    for end in range(0, len(text) - 2, 7):
        with pytest.raises(ProjectError) as caught:
            from_text(text[:end], "file.loom")
        assert caught.value.where == "file.loom" and caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"format": "layerloom"}',
        '{"format": "layerloom", "version": "1"}',
        '{"format": "layerloom", "version": 0}',
        '{"format": "layerloom", "version": true}',
        '{"format": "layerloom", "version": 1, "nodes": NaN}',
        '{"format": "layerloom", "version": 1, "x": 1e400}'.replace("1e400", "9" * 30),
        "[" * 100_000,
        '{"format": "layerloom", "version": 1, "definitions": ' + '{"a":' * 50_000 + "1",
        "\ufeff{}",
        "{'format': 'layerloom'}",
        '{"format": "layerloom", "version": 1, "name": "\\ud800"}',
    ],
    ids=lambda text: text[:40],
)
def test_what_is_no_project_is_refused_in_words(text: str) -> None:
    with pytest.raises(ProjectError) as caught:
        from_text(text, "file.loom")

    assert caught.value.title and caught.value.hint


def test_composites_within_composites_end_somewhere() -> None:
    document = _document()
    inner: dict[str, Any] = {"name": "b", "nodes": [], "links": []}
    for _ in range(60):
        inner = {"name": "b", "nodes": [], "links": [], "definitions": {"b": inner}}
    document["definitions"] = {"b": inner}

    with pytest.raises(ProjectError, match="too deeply"):
        from_text(json.dumps(document))


def test_the_same_id_twice_is_refused_with_its_place() -> None:
    document = _document()
    document["nodes"][2]["id"] = document["nodes"][0]["id"]

    with pytest.raises(ProjectError, match=r"nodes\[2\]"):
        from_text(json.dumps(document))


def test_a_circle_in_a_file_opens_and_is_a_problem_of_the_drawing() -> None:
    document = _document()
    by_kind = {node["kind"]: node["id"] for node in document["nodes"]}
    document["links"] = [link for link in document["links"] if link[2] != by_kind["Conv2d"]] + [
        [by_kind["Linear"], "y", by_kind["Conv2d"], "x"]
    ]

    project = from_text(json.dumps(document)).project

    assert "LL-S020" in {problem.code for problem in infer_shapes(project.graph).errors}


def test_two_layers_of_one_name_get_two_names() -> None:
    document = _document()
    for node in document["nodes"]:
        node["name"] = "same"

    graph = from_text(json.dumps(document)).project.graph

    assert len({node.name for node in graph.nodes.values()}) == len(graph.nodes)


def test_a_text_that_is_too_long_is_not_read() -> None:
    with pytest.raises(ProjectError, match="too large"):
        from_text(" " * (64 * 1024 * 1024 + 1))


def test_a_recipe_of_a_newer_version_opens_with_a_note() -> None:
    document = _document()
    document["recipe"]["warp"] = 9

    opened = from_text(json.dumps(document))

    assert any("warp" in note for note in opened.notes)


def test_the_built_in_projects_are_written_as_layerloom_writes_them() -> None:
    from engine.project.templates import open_template, templates
    from resources import path

    for template in templates():
        text = Path(path("templates", f"{template.key}.loom")).read_text(encoding="utf-8")
        assert to_text(from_text(text).project) == text
        assert infer_shapes(open_template(template.key).graph).problems == ()


def test_an_empty_drawing_is_a_project() -> None:
    project = Project(graph=Graph())

    assert from_text(to_text(project)).project == project
    assert NodeId("x") not in project.graph.nodes


def test_composites_repeats_and_shared_weights_come_back() -> None:
    graph = a_nested_cnn()
    block, conv = node_named(graph, "residual"), node_named(graph, "conv2d")
    graph = edits.change_node(
        graph,
        replace(graph.nodes[block], repeat=Formula("2 * 2"), share_weights=True, shares=conv),
    )
    text = to_text(a_project(graph))

    assert from_text(text).project.graph == graph
    assert '"definition": "residual"' in text and '"share_weights": true' in text


def test_a_changed_parameter_inside_is_a_diff_of_one_line() -> None:
    graph = a_nested_cnn()
    path = (node_named(graph, "residual"),)
    inside = at(graph, path)
    changed = edits.set_params(inside, node_named(inside, "conv2d"), {"bias": False})

    before = to_text(a_project(graph)).splitlines()
    after = to_text(a_project(replace_at(graph, path, changed))).splitlines()

    assert sum(old != new for old, new in zip(before, after, strict=True)) == 1


def test_definitions_within_a_definition_are_kept_as_they_came() -> None:
    document = json.loads(to_text(a_project(a_nested_cnn())))
    inner = {"nodes": [], "links": [], "frames": [], "parameters": {}, "name": "Inner"}
    document["definitions"]["residual"]["definitions"] = {"inner": inner}

    project = from_text(json.dumps(document)).project

    again = json.loads(to_text(project))
    assert again["definitions"]["residual"]["definitions"] == {"inner": inner}
    assert from_text(to_text(project)).project == project


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("definition", 3),
        ("share_weights", 1),
        ("shares", ["x"]),
        ("repeat", {"formula": 3}),
        ("definition", "x" * 500),
    ],
)
def test_fields_of_composites_are_checked(key: str, value: object) -> None:
    document = json.loads(to_text(a_project(a_nested_cnn())))
    document["nodes"][2][key] = value

    with pytest.raises(ProjectError, match="damaged"):
        from_text(json.dumps(document))


def test_a_file_with_any_repeat_can_be_analysed() -> None:
    for value in ({"formula": "1" * 300}, {"formula": "i + "}, "3", [1], None, 10**19, -1, 2.0):
        document = json.loads(to_text(a_project(a_nested_cnn())))
        document["nodes"][2]["repeat"] = value

        project = from_text(json.dumps(document)).project

        assert infer_shapes(project.graph).errors
        assert from_text(to_text(project)).project == project


_keys = st.sampled_from(["a", "b", "c", "gone"])
_ids = st.sampled_from(["n0", "n1", "n2", "n3", "n4"])
_formulas = st.sampled_from(["w", "i", "2 ** i", "w * n", "w +", "1 // 0", "9 ** 99"])
_anything = (
    st.integers(-2, 5)
    | st.sampled_from([None, True, 2.5, "same", [], {}, 10**18, 1000])
    | _formulas.map(lambda text: {"formula": text})
)
_nodes = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(
                ["Composite", "Composite", "Input", "Output", "Conv2d", "ReLU", "Add", "Data"]
            )
        },
        optional={
            "definition": _keys,
            "repeat": _anything,
            "share_weights": st.booleans(),
            "shares": _ids,
            "bypassed": st.booleans(),
            "params": st.dictionaries(
                st.sampled_from(["w", "out_channels", "port", "kernel_size"]), _anything, max_size=2
            ),
        },
    ),
    max_size=5,
)
_drawings = st.fixed_dictionaries(
    {
        "nodes": _nodes.map(
            lambda nodes: [{"id": f"n{number}", **node} for number, node in enumerate(nodes)]
        ),
        "links": st.lists(
            st.tuples(_ids, st.sampled_from(["y", "image", "x"]), _ids, st.just("x")).map(list),
            max_size=6,
        ),
    }
)


_a_use: dict[str, Any] = {
    "nodes": [{"id": "n0", "kind": "Data"}, {"id": "n1", "kind": "Composite", "definition": "a"}],
    "links": [["n0", "image", "n1", "x"]],
}


@settings(max_examples=80, deadline=None)
@given(
    st.just(_a_use) | _drawings,
    st.dictionaries(
        _keys,
        st.tuples(_drawings, st.dictionaries(st.sampled_from(["w", "i"]), _anything, max_size=2)),
        max_size=3,
    ),
)
def test_whatever_composites_a_file_holds_it_is_told_or_compiled(
    drawing: dict[str, Any], definitions: dict[str, Any]
) -> None:
    inner = {key: {**one, "parameters": params} for key, (one, params) in definitions.items()}
    document = {"format": "layerloom", "version": 1, **drawing, "definitions": inner}

    project = from_text(json.dumps(document)).project

    assert from_text(to_text(project)).project == project
    report = infer_shapes(project.graph)
    for problem in report.problems:
        assert problem.title and problem.text and problem.reason
        for fix in problem.fixes:
            assert isinstance(fix.edit(project.graph), Graph)
    with contextlib.suppress(LoomError):
        plan = make_plan(project.graph, report, "A test", without_loss=True)
        compile(write_source(plan).text, "<told>", "exec")
