import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from exports_here import export_here
from PIL import Image
from small_runs import a_plain_run, a_translator, save_run

from engine.data.builtin import open_data_set
from engine.evaluate.loading import load_run
from engine.evaluate.predict import predict_files
from engine.export import isolation
from engine.export.job import ExportResult
from resources import path

pytestmark = pytest.mark.slow

FIRST = np.arange(3)


@pytest.fixture
def made(exports: Any) -> ExportResult:
    result: ExportResult = exports["source"]
    return result


def alone(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a program of the folder where Layerloom cannot be imported."""
    # No byte code beside the modules: the folder is looked at by others.
    command = [sys.executable, "-IB", isolation.__file__, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_folder_holds_what_a_person_needs(made: ExportResult) -> None:
    assert {path.name for path in Path(made.path).iterdir()} == {
        "LICENSE.md",
        "README.md",
        "config.json",
        "model.py",
        "predict.py",
        "prepare.py",
        "reading.py",
        "requirements.txt",
        "weights.safetensors",
        "writing.py",
    }
    requirements = (Path(made.path) / "requirements.txt").read_text()
    assert [line.partition(">=")[0] for line in requirements.splitlines()] == [
        "torch",
        "numpy",
        "safetensors",
        "pillow",
    ]


def test_predict_answers_for_pictures_and_arrays_as_the_run_does(
    made: ExportResult, run: Path, tmp_path: Path
) -> None:
    images = open_data_set("digits").read("image", FIRST)
    Image.fromarray(images[0, 0]).save(tmp_path / "digit.png")
    np.save(tmp_path / "digits.npy", images)
    with torch.inference_mode():
        expected = load_run(run).compiled.module(torch.from_numpy(images).float() / 255)

    done = alone(tmp_path, f"{made.path}/predict.py", "--json", "digit.png", "digits.npy")

    answers = [json.loads(line) for line in done.stdout.splitlines()]
    outputs = np.array([answer["outputs"][0] for answer in answers])
    np.testing.assert_allclose(outputs, expected[[0, 0, 1, 2]], atol=1e-6)
    assert [answer["label"] for answer in answers[1:]] == [
        str(k) for k in expected.argmax(1).tolist()
    ]


def test_predict_in_words_gives_the_likeliest_labels(made: ExportResult, tmp_path: Path) -> None:
    np.save(tmp_path / "digit.npy", open_data_set("digits").read("image", FIRST[:1]))

    done = alone(tmp_path, f"{made.path}/predict.py", "--top", "2", "digit.npy")

    assert done.stdout.startswith("digit.npy: ") and done.stdout.count("%") == 2


def test_a_file_that_cannot_be_read_is_told_in_one_line(made: ExportResult, tmp_path: Path) -> None:
    (tmp_path / "words.png").write_text("no picture")

    done = alone(tmp_path, f"{made.path}/predict.py", "words.png")

    assert done.returncode == 1
    assert done.stderr.startswith("words.png: cannot be read.") and "Traceback" not in done.stderr


def test_nothing_of_layerloom_can_be_imported_where_the_proof_runs(tmp_path: Path) -> None:
    for package in ("app", "engine", "nodes", "resources"):
        program = tmp_path / "program.py"
        program.write_text(f"import {package}")

        done = alone(tmp_path, str(program))

        assert f"ModuleNotFoundError: {package} is not part of this export" in done.stderr


def test_the_model_loads_by_name_in_the_folder(made: ExportResult, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        f"import sys; sys.path.insert(0, {made.path!r})\n"
        "from model import load\nprint(load().training, sum(1 for _ in load().parameters()))"
    )

    done = alone(tmp_path, str(program))

    assert done.stdout.split() == ["False", "6"]


def test_a_hostile_title_is_only_ever_text(made: ExportResult, run: Path) -> None:
    folder = Path(made.path)
    tree = ast.parse((folder / "model.py").read_text(encoding="utf-8"))

    assert {type(statement) for statement in tree.body} == {
        ast.Import,
        ast.ImportFrom,
        ast.ClassDef,
        ast.FunctionDef,
    }
    assert list(run.parent.rglob("ran")) == []
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert config["name"] == load_run(run).project.name
    readme = (folder / "README.md").read_text(encoding="utf-8").splitlines()
    assert (
        readme[0].startswith("# ") and readme[1] == "" and readme[2].startswith("A trained model")
    )
    assert "</h1>" not in readme[0] and "```" not in readme[0]


def test_the_proof_is_kept_with_the_model(made: ExportResult) -> None:
    config = json.loads((Path(made.path) / "config.json").read_text(encoding="utf-8"))

    assert config["proof"]["largest_difference"] == made.largest_difference <= 1e-6
    assert config["proof"]["samples"] == made.samples == 16


def test_a_folder_that_reads_tables_answers_rows_as_the_run_does(tmp_path: Path) -> None:
    loaded = a_plain_run(tmp_path, "bank_credit")
    rows = path("datasets", "bank_credit.csv").read_text().splitlines()[:6]
    (tmp_path / "rows.csv").write_text("\n".join(rows))
    made = export_here(loaded.folder, "source", tmp_path / "bank")

    done = alone(tmp_path, f"{made.path}/predict.py", "--json", "rows.csv")

    assert done.returncode == 0, done.stderr
    answers = [json.loads(line)["outputs"][0] for line in done.stdout.splitlines()]
    expected = predict_files(loaded, [str(tmp_path / "rows.csv")])
    assert np.allclose(answers, [one.outputs[0] for one in expected], atol=1e-5)
    assert "rows.csv" in (Path(made.path) / "README.md").read_text()


def test_a_model_that_answers_token_by_token_is_proved_before_it_is_perfect(
    tmp_path: Path,
) -> None:
    made = export_here(save_run(tmp_path / "run", a_translator()), "source")

    assert made.samples > 1 and made.largest_difference <= made.tolerance


def test_the_readme_tells_how_training_samples_were_changed(tmp_path: Path) -> None:
    steps = [{"step": "rotate", "degrees": 20.0}, {"step": "mixup"}]
    loaded = a_plain_run(tmp_path, "digits", augmentation=steps)

    made = export_here(loaded.folder, "source", tmp_path / "out")

    told = (Path(made.path) / "README.md").read_text(encoding="utf-8")
    assert "1. Rotate: up to 20°" in told
    assert "2. MixUp" in told
