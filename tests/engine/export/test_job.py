import subprocess
import sys
from pathlib import Path

import pytest
from exports_here import export_here
from safetensors import SafetensorError
from small_runs import a_small_cnn, compiled, save_run

from engine.export.job import ExportFailed, export_run, start_export
from engine.export.work import _told
from nodes.errors import ExportError

pytestmark = pytest.mark.slow


def hidden_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_exports_are_started_without_torch() -> None:
    program = "import sys, engine.export.job; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_source_and_weights_are_taken_away_without_what_onnx_needs(
    run: Path, tmp_path: Path
) -> None:
    program = """
import sys
from pathlib import Path

from engine.export.work import Request, carry_out

run, folder = map(Path, sys.argv[1:])
for to in ("source", "safetensors"):
    request = Request(run=run, to=to, path=folder / to, scratch=folder / "made", weights="best")
    carry_out(request, lambda *told: None)
sys.exit(bool({"onnx", "onnxruntime", "torch._dynamo"} & sys.modules.keys()))
"""

    command = [sys.executable, "-c", program, str(run), str(tmp_path)]

    assert subprocess.run(command, check=False).returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {"source", "safetensors"}


def test_a_cancelled_export_leaves_nothing_behind(run: Path, tmp_path: Path) -> None:
    running = start_export(run, "onnx", tmp_path / "model.onnx")
    messages = []
    for message in running:
        messages.append(message)
        if getattr(message, "stage", "") == "tracing":
            running.cancel()

    assert isinstance(messages[-1], ExportFailed)
    assert messages[-1].title == "The export was cancelled"
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_nobody_follows_any_more_ends(run: Path, tmp_path: Path) -> None:
    messages = iter(start_export(run, "safetensors", tmp_path / "model.safetensors"))
    next(messages)
    messages.close()  # type: ignore[attr-defined]

    assert list(tmp_path.iterdir()) == []


def test_what_runs_the_export_takes_no_code_from_the_callers_folder(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "engine.py").write_text("raise SystemExit('ran')")
    (tmp_path / "torch.py").write_text("raise SystemExit('ran')")
    monkeypatch.chdir(tmp_path)

    made = export_run(run, "safetensors", Path("model.safetensors"))

    assert Path(made.path) == tmp_path / "model.safetensors"


def test_a_folder_given_for_a_file_takes_it_in_under_the_projects_name(tmp_path: Path) -> None:
    run = save_run(tmp_path / "run", a_small_cnn("My Digits"))

    made = export_run(run, "safetensors", tmp_path)

    assert Path(made.path) == tmp_path / "my-digits.safetensors"
    assert hidden_in(tmp_path) == []


def test_source_replaces_an_earlier_export_but_never_other_files(run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    export_here(run, "source", folder)
    export_here(run, "source", folder)
    (folder / "config.json").write_text("{}")

    with pytest.raises(ExportError, match="The folder holds other files"):
        export_here(run, "source", folder)

    assert (folder / "config.json").read_text() == "{}"
    assert hidden_in(tmp_path) == []


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    project = a_small_cnn()
    model = compiled(project)
    model.module.get_submodule("first").get_parameter("bias").data.fill_(float("nan"))
    run = save_run(tmp_path / "run", project, model)

    with pytest.raises(ExportError, match="The weights are no longer numbers") as caught:
        export_run(run, "safetensors")

    assert "first.bias" in caught.value.why
    assert list(run.rglob("*.safetensors*")) == list((run / "checkpoints").rglob("*.safetensors"))


def test_a_folder_that_is_no_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="This is not a training run"):
        export_run(tmp_path, "onnx")


def test_the_last_weights_can_be_asked_for(tmp_path: Path) -> None:
    run = save_run(tmp_path / "run", a_small_cnn())

    made = export_here(run, "safetensors", weights="last")

    assert made.weights == "last"


def test_a_full_disk_is_told_as_such_whoever_found_it(tmp_path: Path) -> None:
    full = "Error while serializing: I/O error: No space left on device (os error 28)"

    with (
        pytest.raises(ExportError, match="There is no room for it") as caught,
        _told(tmp_path / "a"),
    ):
        raise SafetensorError(full)

    assert caught.value.title == "The export could not be written"
    assert "another folder" in caught.value.hint
