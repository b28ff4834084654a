"""The whole road without a window: train, stop, go on, measure, ask, take away."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.__main__ import main
from engine.runs.moments import list_moments
from engine.runs.record import RunRecord

ROOT = Path(__file__).parents[2]
FAST = [
    *("--set", "epochs=2", "--set", "batch_size=256", "--set", "linear.out_features=16"),
    *("--device", "cpu"),
]

Captured = pytest.CaptureFixture[str]


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run that was trained for two short epochs."""
    folder = tmp_path_factory.mktemp("runs") / "plain"
    moments = ("--moments", "64MB", "--moments-every", "5")
    assert main(["train", "digits-mlp", *FAST, "--run", str(folder), *moments]) == 0
    return folder


def test_moments_are_kept_as_often_as_was_asked_for(run: Path) -> None:
    steps = [moment.step for moment in list_moments(run)]

    assert RunRecord.open(run).info.config.moments_megabytes == 64
    assert [step for step in steps[:-1] if step % 5] == [] and len(steps) > 3
    assert main(["train", "digits-mlp", "--moments", "plenty"]) == 2


@pytest.fixture
def endless(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Train in a process of its own, far longer than the test takes."""
    words = ["train", "digits-mlp", *FAST, "--set", "epochs=10000", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "app", *words, "--run", str(tmp_path / "run")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    yield process
    process.kill()
    process.communicate()


def read_until(process: subprocess.Popen[str], event: str) -> dict[str, Any]:
    assert process.stdout is not None
    for line in process.stdout:
        said: dict[str, Any] = json.loads(line)
        if said["event"] == event:
            return said
    raise AssertionError(f"the process ended without {event}")


def test_training_says_its_events_as_lines_and_ends_with_the_run_and_its_figures(
    tmp_path: Path, capsys: Captured
) -> None:
    folder = tmp_path / "run"

    assert main(["train", "digits-mlp", *FAST, "--run", str(folder), "--json"]) == 0

    events = lines(capsys.readouterr().out)
    assert [e["event"] for e in events].count("epoch_ended") == 2
    started = next(e for e in events if e["event"] == "run_started")
    assert started["batch_size"] == 256 and started["epochs"] == 2
    last = events[-1]
    assert last["event"] == "run_ended" and last["outcome"] == "finished"
    assert last["run"] == str(folder)
    assert 0.5 < last["validation_metric"] <= 1 and last["validation_loss"] > 0


def test_training_for_people_tells_of_every_epoch_and_where_the_run_is(
    tmp_path: Path, capsys: Captured
) -> None:
    assert main(["train", "digits-mlp", *FAST, "--run", str(tmp_path / "run")]) == 0

    printed = capsys.readouterr().out
    assert " 1/2 " in printed and " 2/2 " in printed
    assert str(tmp_path / "run") in printed


def test_a_drawing_with_errors_makes_no_run_folder(tmp_path: Path, capsys: Captured) -> None:
    words = ["train", "digits-mlp", "--set", "linear_2.out_features=7"]

    assert main([*words, "--run", str(tmp_path / "run"), "--json"]) == 1

    (error,) = lines(capsys.readouterr().out)
    assert error["event"] == "error" and error["title"]
    assert not (tmp_path / "run").exists()


def test_a_folder_that_holds_a_run_is_not_trained_into(run: Path, capsys: Captured) -> None:
    assert main(["train", "digits-mlp", *FAST, "--run", str(run)]) == 1
    assert "layerloom resume" in capsys.readouterr().err


def test_runs_are_listed_and_found_by_the_beginning_of_their_name(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAYERLOOM_RUNS", str(tmp_path))
    assert main(["train", "digits-mlp", *FAST]) == 0
    capsys.readouterr()

    assert main(["runs", "--json"]) == 0

    (listed,) = lines(capsys.readouterr().out)
    assert listed["project"] == "Digits with a plain network" and listed["state"] == "finished"
    assert Path(listed["run"]).parent == tmp_path
    for word in ("last", listed["name"], listed["name"][:15]):
        assert main(["evaluate", word, "--json"]) == 0


def test_a_report_shows_the_drawing_and_is_told_where_it_lies(run: Path, capsys: Captured) -> None:
    assert main(["report", str(run)]) == 0

    file = run / "report.html"
    assert capsys.readouterr().out.strip() == str(file)
    assert "data:image/svg" in file.read_text(encoding="utf-8")


def test_an_evaluation_measures_what_training_last_said(run: Path, capsys: Captured) -> None:
    ended = RunRecord.open(run).info.ended
    assert ended is not None

    assert main(["evaluate", str(run), "--json"]) == 0

    (results,) = lines(capsys.readouterr().out)
    assert results["samples"] == 1500
    assert results["value"] == pytest.approx(ended.validation_metric, abs=1e-6)
    assert results["loss"] == pytest.approx(ended.validation_loss, rel=1e-4)
    assert sum(map(sum, results["confusion"])) == 1500


def test_an_evaluation_for_people_shows_every_class(run: Path, capsys: Captured) -> None:
    assert main(["evaluate", str(run)]) == 0

    printed = capsys.readouterr().out
    assert "accuracy" in printed and "recall" in printed and "called" in printed


def test_samples_are_answered_in_the_order_asked_for(run: Path, capsys: Captured) -> None:
    assert main(["predict", str(run), "sample:5", "sample:3", "--json"]) == 0

    answers = lines(capsys.readouterr().out)
    assert [answer["input"] for answer in answers] == ["sample:5", "sample:3"]
    assert all(sum(answer["probabilities"]) == pytest.approx(1, abs=1e-5) for answer in answers)


def test_a_sample_that_there_is_not_is_refused_with_those_there_are(
    run: Path, capsys: Captured
) -> None:
    assert main(["predict", str(run), "sample:10000"]) == 1
    assert "9999" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "made"),
    [("onnx", "model.onnx"), ("source", "model"), ("safetensors", "model.safetensors")],
)
def test_a_model_is_taken_away_with_its_proof(
    target: str, made: str, run: Path, tmp_path: Path, capsys: Captured
) -> None:
    path = tmp_path / made

    assert main(["export", str(run), "--to", target, "-o", str(path), "--json"]) == 0

    (result,) = lines(capsys.readouterr().out)
    assert Path(result["path"]) == path and path.exists()
    assert result["largest_difference"] <= result["tolerance"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="is about signals of Unix")
def test_ctrl_c_stops_after_a_checkpoint_and_resume_goes_on_from_it(
    endless: subprocess.Popen[str],
) -> None:
    epoch = read_until(endless, "epoch_ended")

    endless.send_signal(signal.SIGINT)
    ended = read_until(endless, "run_ended")

    assert endless.wait(20) == 130
    assert ended["outcome"] == "stopped" and ended["step"] >= epoch["step"]
    record = RunRecord.open(Path(ended["run"]))
    assert record.state == "stopped" and record.checkpoint("last") is not None
    started = resumed_start(record.folder)
    assert started["first_step"] == ended["step"]


@pytest.mark.slow
def test_a_run_whose_process_was_killed_is_called_lost_and_goes_on(
    endless: subprocess.Popen[str],
) -> None:
    saved = read_until(endless, "checkpoint_saved")

    endless.kill()
    endless.wait()

    record = RunRecord.open(Path(saved["path"]).parents[1])
    assert record.state == "lost"
    assert resumed_start(record.folder)["first_step"] >= saved["step"]


def resumed_start(folder: Path) -> dict[str, Any]:
    """Go on with a run in a process of its own, until it says where it starts."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "resume", str(folder), "--json"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    try:
        return read_until(process, "run_started")
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="others always have a display")
def test_without_a_display_the_project_is_trained_taken_away_and_drawn(tmp_path: Path) -> None:
    project = tmp_path / "plain.loom"
    assert main(["new", "digits-mlp", "-o", str(project)]) == 0
    kept = ("PATH", "HOME", "LANG", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
    environment = {name: os.environ[name] for name in kept if name in os.environ}

    done = subprocess.run(
        [sys.executable, "-m", "app", str(project)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**environment, "LAYERLOOM_RUNS": str(tmp_path / "runs"), "OMP_NUM_THREADS": "1"},
    )

    assert done.returncode == 0, done.stderr
    assert "There is no display" in done.stderr
    (exports,) = (tmp_path / "runs").glob("*/exports")
    assert {path.suffix for path in exports.iterdir()} >= {".onnx", ".png"}
    for path in (exports / "canvas.png", exports / "curves.png"):
        assert str(path) in done.stdout and path.read_bytes().startswith(b"\x89PNG")


def test_a_run_is_replayed_to_the_same_bits(run: Path, capsys: Captured) -> None:
    assert main(["replay", str(run), "--json"]) == 0

    said = lines(capsys.readouterr().out)[0]
    assert said["differs_at"] is None and said["same_to"] == said["steps"] > 0
