"""The commands about drawings, driven in this process as a shell would."""

import json
from pathlib import Path

import msgspec
import pytest
import typer

from app.__main__ import main
from app.cli import COMMANDS
from app.cli.program import program
from engine.compile.plan import project_plan
from engine.compile.source import write_source
from engine.graph.edits import remove_nodes, set_params
from engine.project.files import load, save
from engine.project.project import Project
from engine.project.templates import all_templates, open_template

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Return a project in which a pooling leaves nothing of the image."""
    project = open_template("digits")
    pooling = next(node for node in project.graph.nodes.values() if node.kind == "MaxPool2d")
    graph = set_params(project.graph, pooling.id, {"kernel_size": 99})
    path = tmp_path / "broken.loom"
    save(path, msgspec.structs.replace(project, graph=graph))
    return path


def test_the_words_that_mean_a_command_are_the_commands_there_are() -> None:
    group = typer.main.get_command(program)

    assert tuple(group.commands) == COMMANDS  # type: ignore[attr-defined]


def test_help_lists_every_command_and_says_how_to_open_the_window(capsys: Captured) -> None:
    assert main(["--help"]) == 0

    printed = capsys.readouterr().out
    assert all(name in printed for name in COMMANDS)
    assert "opens the window" in printed


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: Captured) -> None:
    assert main([name, "--help"]) == 0
    assert f"layerloom {name}" in capsys.readouterr().out


def test_templates_are_listed_as_objects(capsys: Captured) -> None:
    assert main(["templates", "--json"]) == 0

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["key"] for line in lines] == [template.key for template in all_templates()]
    assert all(line["title"] and line["summary"] for line in lines)


def test_templates_are_listed_for_people(capsys: Captured) -> None:
    assert main(["templates"]) == 0

    assert "Read handwritten digits" in capsys.readouterr().out


def test_a_new_project_is_the_template(tmp_path: Path) -> None:
    path = tmp_path / "mine.loom"

    assert main(["new", "digits", "-o", str(path)]) == 0
    assert load(path).project.graph == open_template("digits").graph


def test_a_new_project_does_not_take_the_place_of_a_file(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "mine.loom"
    path.write_text("precious")

    assert main(["new", "digits", "-o", str(path)]) == 1
    assert path.read_text() == "precious"
    assert "-o" in capsys.readouterr().err


def test_a_check_says_shapes_parameters_and_cost(capsys: Captured) -> None:
    assert main(["check", "digits", "--json"]) == 0

    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    data, *_, loss = found["nodes"]
    assert data["outputs"] == {"image": "1×28×28", "label": "label"}
    assert loss["kind"] == "CrossEntropyLoss"
    assert found["ok"] and found["parameters"] == sum(n["parameters"] for n in found["nodes"])
    assert found["memory_bytes"] > found["parameters"] * 4


def test_a_check_of_a_drawing_with_errors_ends_with_1_and_names_the_fix(
    broken: Path, capsys: Captured
) -> None:
    assert main(["check", str(broken), "--json"]) == 1

    found = json.loads(capsys.readouterr().out)
    (problem,) = [p for p in found["problems"] if p["severity"] == "error"]
    assert not found["ok"]
    assert problem["node"] in {n["name"] for n in found["nodes"] if n["state"] == "error"}
    assert problem["fixes"]


def test_a_check_for_people_shows_the_table_and_the_problem(broken: Path, capsys: Captured) -> None:
    assert main(["check", str(broken)]) == 1

    printed = capsys.readouterr().out
    assert "1×28×28" in printed and "to fix" in printed and "parameters" in printed


def test_a_check_tells_what_each_layer_costs_and_sees(capsys: Captured) -> None:
    assert main(["check", "digits", "--table"]) == 0

    printed = capsys.readouterr().out
    assert "12×12" in printed and "in all" in printed

    assert main(["check", "digits", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["memory_bytes"] == sum(node["training_bytes"] for node in found["nodes"])
    assert found["nodes"][-1]["receptive_field"] == [None, None]


def test_the_code_is_the_source_and_nothing_else(capsys: Captured) -> None:
    assert main(["code", "digits"]) == 0

    assert capsys.readouterr().out == write_source(project_plan(open_template("digits"))).text


def test_code_of_a_drawing_with_errors_is_refused_with_the_cause(
    broken: Path, capsys: Captured
) -> None:
    assert main(["code", str(broken)]) == 1

    printed = capsys.readouterr()
    assert printed.out == "" and "to fix" in printed.err


def test_an_empty_drawing_is_refused_with_words(tmp_path: Path, capsys: Captured) -> None:
    save(tmp_path / "empty.loom", Project())

    assert main(["code", str(tmp_path / "empty.loom")]) == 1
    assert capsys.readouterr().err


def test_a_drawing_without_data_is_refused_with_words(tmp_path: Path, capsys: Captured) -> None:
    project = open_template("digits")
    data = next(node.id for node in project.graph.nodes.values() if node.kind == "Data")
    bare = msgspec.structs.replace(project, graph=remove_nodes(project.graph, [data]))
    save(tmp_path / "bare.loom", bare)

    assert main(["check", str(tmp_path / "bare.loom")]) == 1
    assert "No data to learn from" in capsys.readouterr().out


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_a_picture_of_the_canvas_is_written(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"canvas.{suffix}"

    assert main(["show", "digits", "-o", str(path)]) == 0
    head = path.read_bytes()[:200]
    assert head.startswith(b"\x89PNG") if suffix == "png" else b"<svg" in head


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["trian", "digits"], 2, "train"),
        (["train"], 2, "Missing argument"),
        (["train", "digits", "--device", "tpu"], 2, "cuda"),
        (["train", "digits", "--set", "epoch=3"], 2, "epochs"),
        (["check", "digit"], 2, "digits"),
        (["new", "digit", "-o", "x.loom"], 2, "digits"),
        (["show", "digits", "-o", "x.gif"], 2, ".svg"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_cannot_be_carried_out_is_answered_with_the_way_on(
    words: list[str], code: int, said: str, capsys: Captured
) -> None:
    assert main(words) == code

    printed = capsys.readouterr()
    assert said in printed.err
    assert "Traceback" not in printed.err


@pytest.mark.parametrize("command", sorted({*COMMANDS} - {"templates", "runs", "doctor"}))
def test_what_is_not_there_is_a_wrong_use_of_every_command(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    words = {
        "new": ["new", "gone.loom", "-o", "mine.loom"],
        "show": ["show", "gone.loom", "-o", "mine.svg"],
        "predict": ["predict", "gone.loom", "sample:0"],
        "export": ["export", "gone.loom", "--to", "onnx"],
        "data": ["data", "inspect", "gone.loom"],
    }.get(command, [command, "gone.loom"])

    for folder in ("", "nowhere/"):
        assert main([word.replace("gone", f"{folder}gone") for word in words]) == 2
        assert f"{folder}gone.loom" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_an_error_is_an_object_too_where_objects_are_asked_for(capsys: Captured) -> None:
    assert main(["check", "digit", "--json"]) == 2

    (line,) = capsys.readouterr().out.splitlines()
    error = json.loads(line)
    assert error["event"] == "error" and error["code"] == "LL-U001"
    assert "digits" in error["hint"]


def test_a_damaged_project_is_an_error_with_a_place_and_never_a_traceback(
    tmp_path: Path, capsys: Captured
) -> None:
    path = tmp_path / "torn.loom"
    path.write_text('{"format": "layerloom", "nodes": [')

    assert main(["check", str(path)]) == 1

    printed = capsys.readouterr().err
    assert "torn.loom" in printed and "to fix" in printed and "Traceback" not in printed


def test_debugging_shows_the_traceback(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERLOOM_DEBUG", "1")

    assert main(["check", "nowhere/none.loom"]) == 2

    assert "Traceback" in capsys.readouterr().err


def test_a_project_that_is_not_there_opens_no_window(capsys: Captured) -> None:
    assert main(["none.loom"]) == 2

    assert "none.loom" in capsys.readouterr().err
