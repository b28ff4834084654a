"""The export dialog with a real run: its proof, its cancelling, its words where nothing can be."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot
from safetensors import safe_open
from training_runs import a_gan, a_network_with_memory, train
from window_hands import button_of, wait_until, words_of

from app.dialogs.export import ExportDialog
from app.dialogs.export_words import TARGET_WORDS, proof_lines
from engine.export.job import ExportResult, Target
from engine.graph.composing import make_composite
from engine.graph.edits import add_node, make_node
from engine.project.files import load, save


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    train(a_network_with_memory(epochs=1), folder)
    return folder


@pytest.fixture
def dialog(qtbot: QtBot, run: Path) -> Iterator[ExportDialog]:
    shown = ExportDialog(run, running=False)
    qtbot.addWidget(shown)
    shown.show()
    yield shown
    shown.reject()


def choosing(monkeypatch: pytest.MonkeyPatch, file: Path | str) -> None:
    """Let the desktop's file dialog, which no test can press, answer with a file."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))


def proof(dialog: ExportDialog) -> str:
    return dialog._proof.accessibleName()


def test_what_onnx_cannot_hold_is_told_before_an_export_begins(
    qtbot: QtBot, run: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(run, folder)
    project = load(folder / "project.loom").project
    graph = add_node(project.graph, make_node(project.graph, "FractionalMaxPool2d"))
    save(folder / "project.loom", replace(project, graph=graph))
    dialog = ExportDialog(folder, running=False)
    qtbot.addWidget(dialog)

    assert "ONNX has no operator for FractionalMaxPool2d" in proof(dialog)
    assert not button_of(dialog, "Export…").isEnabled()
    button_of(dialog, "PyTorch source instead").click()
    assert button_of(dialog, "Export…").isEnabled()
    assert button_of(dialog, TARGET_WORDS["source"].title).isChecked()
    button_of(dialog, TARGET_WORDS["onnx"].title).click()
    with qtbot.waitSignal(dialog.replacing_requested):
        button_of(dialog, "Replace it").click()


def test_a_network_without_what_onnx_cannot_hold_is_exported_alone(
    qtbot: QtBot, run: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(run, folder)
    project = load(folder / "project.loom").project
    layer = next(node.id for node in project.graph.nodes.values() if node.kind == "Linear")
    graph, part = make_composite(project.graph, [layer], "Part")
    graph = add_node(graph, make_node(graph, "FractionalMaxPool2d"))
    save(folder / "project.loom", replace(project, graph=graph))
    dialog = ExportDialog(folder, running=False)
    qtbot.addWidget(dialog)
    assert not button_of(dialog, "Export…").isEnabled()

    dialog._part.set_value(graph.nodes[part].name)
    dialog._part.committed.emit(graph.nodes[part].name)

    assert button_of(dialog, "Export…").isEnabled()
    assert "no operator" not in proof(dialog)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("to", "snippet"), [("onnx", "onnxruntime"), ("source", "load"), ("safetensors", "load_file")]
)
def test_an_export_shows_its_proof(
    dialog: ExportDialog,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    to: Target,
    snippet: str,
) -> None:
    place = tmp_path / f"model{TARGET_WORDS[to].suffix}"
    choosing(monkeypatch, place)
    button_of(dialog, TARGET_WORDS[to].title).click()

    button_of(dialog, "Export…").click()
    assert button_of(dialog, "Cancel").isEnabled()
    wait_until(lambda: dialog._result is not None, "the export is done")

    assert place.exists()
    assert "Done and proven." in proof(dialog) and str(place) in proof(dialog)
    assert dialog._result is not None
    assert dialog._result.largest_difference <= dialog._result.tolerance
    button_of(dialog, "Copy snippet").click()
    assert snippet in QGuiApplication.clipboard().text()
    assert repr(str(place)) in QGuiApplication.clipboard().text()


@pytest.mark.slow
def test_a_cancelled_export_leaves_nothing(
    dialog: ExportDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "place"
    folder.mkdir()
    choosing(monkeypatch, folder / "model.onnx")
    button_of(dialog, "Export…").click()
    wait_until(lambda: dialog._progress.value() > 0, "the export is under way")

    button_of(dialog, "Cancel").click()
    wait_until(lambda: not list(folder.iterdir()))

    assert not dialog.isVisible() and dialog._export is None


def test_a_place_that_cannot_be_written_is_told_and_export_stays(
    dialog: ExportDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").write_text("")
    choosing(monkeypatch, tmp_path / "taken" / "model.safetensors")
    button_of(dialog, "Weights").click()

    button_of(dialog, "Export…").click()
    wait_until(lambda: dialog._export is None and dialog._go.isEnabled(), "it is told")

    assert dialog._proof.property("tone") == "err" and proof(dialog)
    assert dialog._result is None


def test_not_choosing_a_file_begins_nothing(
    dialog: ExportDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    choosing(monkeypatch, "")

    button_of(dialog, "Export…").click()

    assert dialog._export is None and dialog._go.isEnabled()


def test_another_target_forgets_the_proof_of_the_last(dialog: ExportDialog) -> None:
    dialog._finish(a_result(0.0))
    assert dialog._go.isHidden()

    button_of(dialog, "Weights").click()

    assert not dialog._go.isHidden() and "Done" not in proof(dialog)


@pytest.mark.parametrize("nothing", [None, Path("/no/such/run")])
def test_without_weights_it_says_what_comes_first(qtbot: QtBot, nothing: Path | None) -> None:
    dialog = ExportDialog(nothing, running=False)
    qtbot.addWidget(dialog)

    assert "Train the network first" in words_of(dialog)
    button_of(dialog, "Close").click()


def test_during_a_run_it_says_which_weights_are_taken(qtbot: QtBot, run: Path) -> None:
    dialog = ExportDialog(run, running=True)
    qtbot.addWidget(dialog)

    assert "newest checkpoint" in proof(dialog)


def test_a_dialog_that_is_gone_hears_no_more(qapp: QApplication, run: Path, tmp_path: Path) -> None:
    """The window may close while an export ends."""
    owner = QWidget()
    dialog = ExportDialog(run, running=False, parent=owner)
    dialog._ask_for_place = lambda: tmp_path / "model.onnx"  # type: ignore[method-assign]
    dialog._on_go()

    owner.deleteLater()
    dialog.reject()
    del dialog, owner
    wait_until(lambda: "export" not in {thread.name for thread in threading.enumerate()})

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("difference", "words"),
    [(0.0, "equal to the last bit"), (3.2e-7, "at most 3.2e−7 apart"), (1.5e-12, "1.5e−12")],
)
def test_a_proof_is_said_in_words(difference: float, words: str) -> None:
    lines = proof_lines(a_result(difference))

    assert words in lines[1] and "16 samples" in lines[1]


def a_result(difference: float) -> ExportResult:
    return ExportResult(
        to="onnx",
        path="/model.onnx",
        size_bytes=1000,
        largest_difference=difference,
        samples=16,
        tolerance=1e-5,
    )


@pytest.mark.slow
def test_one_network_of_several_is_taken_alone(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    train(a_gan(epochs=1), run)
    dialog = ExportDialog(run, running=False)
    qtbot.addWidget(dialog)
    place = tmp_path / "maker.safetensors"
    choosing(monkeypatch, place)
    button_of(dialog, TARGET_WORDS["safetensors"].title).click()

    dialog._part.set_value("maker")
    button_of(dialog, "Export…").click()
    wait_until(lambda: dialog._result is not None, "the export is done")

    with safe_open(place, "np") as file:
        assert all("." in name and "judge" not in name for name in file.keys())  # noqa: SIM118
    assert "Done and proven." in proof(dialog)
    dialog.reject()


def test_a_drawing_of_one_network_has_no_choice_of_networks(dialog: ExportDialog) -> None:
    assert dialog._part.isHidden()
