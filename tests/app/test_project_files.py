"""No work is lost: files that round trip, questions before leaving, copies for after a crash."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from builders import a_project, a_small_cnn, node_named
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot
from window_hands import answering

from app.document import Document
from app.project_files import ProjectFiles
from app.settings import Settings
from engine.graph.edits import set_params
from engine.project.files import load, save
from engine.project.recovery import find_lost

AUTOSAVE_MS = 2_000


@dataclass
class Desk:
    """An open document with its files."""

    document: Document
    files: ProjectFiles
    recovery: Path

    def edit(self, channels: int = 8) -> None:
        node = node_named(self.document.graph, "conv2d")
        self.document.edit("Widen", lambda g: set_params(g, node, {"out_channels": channels}))

    @property
    def copies(self) -> list[Path]:
        return list(self.recovery.glob("*.recovery"))


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    document = Document(a_project(), window)
    recovery = tmp_path / "recovery"
    files = ProjectFiles(document, Settings(tmp_path / "settings.ini"), window, recovery)
    yield Desk(document, files, recovery)
    files.close()
    document.close()


def choosing(monkeypatch: pytest.MonkeyPatch, file: Path | str) -> None:
    """Let the desktop's file dialogs, which no test can press, answer with a file."""
    for name in ("getSaveFileName", "getOpenFileName"):
        monkeypatch.setattr(QFileDialog, name, lambda *_: (str(file), ""))


def crashed(copy: Path) -> None:
    """Make a copy look as if its window were no longer there."""
    text = copy.read_text().replace(f'"pid": {os.getpid()}', '"pid": 999999999')
    (copy.parent / "999999999-lost.recovery").write_text(text)
    copy.unlink()


def test_what_was_saved_opens_as_it_was(desk: Desk, tmp_path: Path) -> None:
    desk.edit()
    desk.document.set_about(notes="Grüße · 数字")
    saved = desk.document.project
    desk.files.path = tmp_path / "mine.loom"

    assert desk.files.save()
    assert desk.document.history.is_saved
    desk.edit(3)
    with answering():
        assert desk.files.open(tmp_path / "mine.loom")

    assert desk.document.project == saved
    assert desk.files.path == tmp_path / "mine.loom"


def test_saving_where_there_is_no_file_asks_for_one_and_adds_the_suffix(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choosing(monkeypatch, tmp_path / "mine")
    desk.edit()

    assert desk.files.save()

    assert desk.files.path == tmp_path / "mine.loom"
    assert load(tmp_path / "mine.loom").project == desk.document.project


def test_not_choosing_a_file_saves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    choosing(monkeypatch, "")
    desk.edit()

    assert not desk.files.save()
    assert not desk.document.history.is_saved and desk.files.path is None


@pytest.mark.parametrize("text", ["", "{", '{"layerloom": 999}', "\x00\x01"])
def test_a_file_that_cannot_be_read_is_told_and_the_open_project_stays(
    desk: Desk, tmp_path: Path, text: str
) -> None:
    bad = tmp_path / "bad.loom"
    bad.write_text(text)
    desk.edit()
    before = desk.document.project

    with answering("OK") as answers:
        assert not desk.files.open(bad)

    assert "bad.loom" in answers.asked[0]
    assert desk.document.project is before and desk.document.history.can_undo
    assert desk.files.path is None


def test_a_place_that_cannot_be_written_is_told_and_stays_unsaved(
    desk: Desk, tmp_path: Path
) -> None:
    desk.edit()
    desk.files.path = tmp_path / "no such folder" / "mine.loom"

    with answering("OK"):
        assert not desk.files.save()

    assert not desk.document.history.is_saved


def test_leaving_saved_work_asks_nothing(desk: Desk) -> None:
    with answering() as answers:
        assert desk.files.may_leave()

    assert answers.asked == []


@pytest.mark.parametrize(("answer", "leaves"), [("Discard changes", True), ("Cancel", False)])
def test_leaving_unsaved_work_asks_first(desk: Desk, answer: str, leaves: bool) -> None:
    desk.edit()

    with answering(answer) as answers:
        assert desk.files.may_leave() is leaves

    assert "A test project" in answers.asked[0]


def test_leaving_with_save_writes_the_file(desk: Desk, tmp_path: Path) -> None:
    desk.edit()
    desk.files.path = tmp_path / "mine.loom"

    with answering("Save"):
        assert desk.files.may_leave()

    assert load(tmp_path / "mine.loom").project == desk.document.project


def test_esc_stays(desk: Desk) -> None:
    desk.edit()

    with answering() as answers:
        assert not desk.files.may_leave()

    assert len(answers.asked) == 1


def test_an_edit_is_kept_within_two_seconds(desk: Desk, qtbot: QtBot) -> None:
    desk.edit()

    qtbot.waitUntil(lambda: desk.copies != [], timeout=AUTOSAVE_MS)


def test_an_edit_during_a_burst_is_kept_within_two_seconds_too(desk: Desk, qtbot: QtBot) -> None:
    """Each edit must not put the copy off."""
    timer = desk.files._timer

    desk.edit(8)
    qtbot.waitUntil(lambda: timer.remainingTime() < timer.interval() - 100)
    left = timer.remainingTime()
    desk.edit(9)

    assert timer.remainingTime() <= left


def test_after_a_crash_the_drawing_comes_back_unsaved(desk: Desk, tmp_path: Path) -> None:
    original = tmp_path / "mine.loom"
    save(original, desk.document.project)
    desk.files.path = original
    desk.edit()
    lost = desk.document.project
    desk.files.keep_copy()
    assert desk.files.lost() == []  # its window, this one, is still there
    crashed(desk.copies[0])
    desk.document.open(a_project(a_small_cnn()))

    (recovered,) = desk.files.lost()
    desk.files.recover(recovered)

    assert desk.document.project == lost
    assert desk.files.path == original
    assert not desk.document.history.is_saved
    assert not recovered.file.exists()
    assert len(desk.copies) == 1  # ours from now on, so that a second crash loses nothing
    assert find_lost(desk.recovery) == []


def test_saving_forgets_the_copy(desk: Desk, tmp_path: Path) -> None:
    desk.edit()
    desk.files.keep_copy()
    assert desk.copies
    desk.files.path = tmp_path / "mine.loom"

    desk.files.save()

    assert desk.copies == []


def test_undoing_to_what_is_saved_forgets_the_copy(desk: Desk) -> None:
    desk.edit()
    desk.files.keep_copy()
    desk.document.undo()

    desk.files.keep_copy()

    assert desk.copies == []


def test_files_that_were_opened_or_saved_are_the_recent_ones(desk: Desk, tmp_path: Path) -> None:
    first, second = tmp_path / "first.loom", tmp_path / "second.loom"
    for path in (first, second):
        desk.files.path = path
        desk.files.save()

    desk.files.open(first)

    assert desk.files._settings.recent == (first, second)


def test_a_project_goes_back_to_its_file_as_one_step(desk: Desk, tmp_path: Path) -> None:
    desk.files.path = tmp_path / "mine.loom"
    assert desk.files.save()
    saved = desk.document.project
    desk.edit(8)
    desk.document.set_about(notes="not kept")
    changed = desk.document.project

    assert desk.files.revert()
    assert desk.document.project == saved
    assert desk.document.history.is_saved
    desk.document.undo()

    assert desk.document.project == changed
    assert not desk.document.history.is_saved


def test_a_project_without_changes_or_without_a_file_has_nothing_to_go_back_to(
    desk: Desk, tmp_path: Path
) -> None:
    desk.edit()
    assert not desk.files.revert()
    desk.files.path = tmp_path / "mine.loom"
    desk.files.save()

    assert not desk.files.revert()
    assert not desk.document.history.can_redo


def test_a_file_that_is_gone_is_told_and_the_drawing_stays(desk: Desk, tmp_path: Path) -> None:
    desk.files.path = tmp_path / "gone.loom"
    desk.edit()
    changed = desk.document.project

    with answering() as answers:
        desk.files.revert()

    assert answers.asked
    assert desk.document.project is changed
