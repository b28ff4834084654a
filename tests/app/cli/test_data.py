import json
from pathlib import Path

import pytest

from app.__main__ import main
from engine.analysis.shapes import infer_shapes
from engine.data import inspect as inspecting
from engine.data.builtin import data_sets
from engine.data.inspect import glance as glancing
from engine.project.files import load

Captured = pytest.CaptureFixture[str]

ROWS = "age,job,good\n" + "".join(
    f"{20 + n % 7},{'baker' if n % 3 else 'smith'},{'yes' if n % 2 else 'no'}\n" for n in range(40)
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(ROWS)
    return path


def test_the_data_sets_that_ship_are_listed(capsys: Captured) -> None:
    assert main(["data", "list", "--json"]) == 0

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["name"] for line in lines] == [spec.name for spec in data_sets()]


def test_an_inspection_is_told_to_people_and_to_programs(table: Path, capsys: Captured) -> None:
    assert main(["data", "inspect", str(table)]) == 0
    told = capsys.readouterr().out
    assert main(["data", "inspect", str(table), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)

    assert "40 samples" in told and "no 20  yes 20" in told
    assert found["columns"][1]["column"] == {
        "name": "job",
        "kind": "category",
        "role": "input",
    }
    assert found["source"]["kind"] == "table"


def test_a_long_look_is_cut_short_to_the_beginning(
    table: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def called_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(glancing, "_TABLE_BYTES", 10)
    monkeypatch.setattr(glancing, "_ROWS", 30)
    assert main(["data", "inspect", str(table), "--first"]) == 0
    first = capsys.readouterr().out
    monkeypatch.setattr(inspecting, "inspect_path", called_off)
    assert main(["data", "inspect", str(table)]) == 0

    assert "Seen so far: the first 30 rows" in first
    assert capsys.readouterr().out == first


def test_problems_are_told_with_what_can_be_done(table: Path, capsys: Captured) -> None:
    table.write_text(ROWS + "old,baker,yes\n")

    assert main(["data", "inspect", str(table)]) == 0

    told = capsys.readouterr().out
    assert "holds text among its numbers" in told and "row 41" in told
    assert "--skip-problems" in told


def test_what_cannot_be_used_ends_with_one(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "empty.csv").touch()

    assert main(["data", "inspect", str(tmp_path / "empty.csv")]) == 1
    assert main(["data", "use", str(tmp_path / "empty.csv"), "-o", str(tmp_path / "p.loom")]) == 1

    assert not (tmp_path / "p.loom").exists()
    assert "The file is empty" in capsys.readouterr().err


def test_own_files_become_a_project_that_has_no_problems(table: Path, capsys: Captured) -> None:
    project = table.with_name("people.loom")

    assert main(["data", "use", str(table), "-o", str(project)]) == 0

    report = infer_shapes(load(project).project.graph)
    assert report.problems == () and report.totals.parameters > 0
    assert "40 samples" in capsys.readouterr().out


def test_another_column_can_be_the_answer(table: Path) -> None:
    project = table.with_name("people.loom")
    rows = "".join(f"{150 + n / 3:.1f},{'yes' if n % 2 else 'no'}\n" for n in range(40))
    table.write_text(f"height,good\n{rows}")

    assert main(["data", "use", str(table), "-o", str(project), "--target", "height"]) == 0

    kinds = [node.kind for node in load(project).project.graph.nodes.values()]
    assert kinds[-1] == "MSELoss"


@pytest.mark.slow
def test_own_files_are_trained_and_asked_again(table: Path, capsys: Captured) -> None:
    project, run = table.with_name("people.loom"), table.with_name("run")
    main(["data", "use", str(table), "-o", str(project)])

    assert main(["train", str(project), "--run", str(run), "--set", "epochs=2"]) == 0
    capsys.readouterr()
    assert main(["predict", str(run), '{"age": 23, "job": "smith"}', "sample:3", "--json"]) == 0

    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {answer["label"] for answer in answers} <= {"yes", "no"}
    # Sample 3 is the row “23,smith,yes” of the table.
    assert answers[0]["outputs"][0] == pytest.approx(answers[1]["outputs"][0], abs=1e-5)
    assert answers[1]["truth"] == "yes"
