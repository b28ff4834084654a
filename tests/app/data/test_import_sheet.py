"""One's own data from a drop to the drawing, with real files and a real sheet."""

from pathlib import Path
from threading import Event

import msgspec
import numpy as np
import pytest
from builders import a_project, a_small_cnn, node_named
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from window_hands import words_of
from workbook_files import an_xlsx

from app.data import looking
from app.data.import_sheet import ImportSheet
from app.data.importing import DataImport
from app.data.split_bar import Shares
from app.data.work import Work
from app.document import Document
from app.theme import theme_manager
from app.widgets import Button, ChoiceField, FlowText, NumberField
from engine.analysis.shapes import infer_shapes
from engine.data.inspect import Inspection, inspect_path
from engine.data.inspect import glance as glancing
from engine.data.progress import CancelledError, tell
from engine.graph.edits import add_node, make_node
from engine.graph.elements import EMPTY, Graph
from engine.project.beginning import empty_project
from nodes.io import Data
from nodes.sources import Images, PictureTable, Table

ROWS = "age,job,good\n" + "".join(
    f"{20 + n % 7},{'baker' if n % 3 else 'smith'},{'yes' if n % 2 else 'no'}\n" for n in range(40)
)


class Opened:
    """A document, and the sheet over a path."""

    def __init__(self, qtbot: QtBot, graph: Graph, path: Path) -> None:
        self.parent = QWidget()
        qtbot.addWidget(self.parent)
        self.document = Document(a_project(graph), self.parent)
        self.importing = DataImport(self.document, theme_manager(), self.parent)
        self.importing.take(path)
        assert self.importing.sheet is not None
        self.sheet: ImportSheet = self.importing.sheet
        qtbot.waitUntil(lambda: self.sheet.found is not None or "cannot" in words_of(self.sheet))

    def use(self, qtbot: QtBot) -> None:
        with qtbot.waitSignal(self.sheet.accepted):
            qtbot.mouseClick(self.sheet.use, Qt.MouseButton.LeftButton)

    def data(self) -> Data:
        layer = self.document.report.nodes[node_named(self.document.graph, "data")].layer
        assert isinstance(layer, Data)
        return layer


def test_the_beginning_is_shown_while_all_is_counted_and_what_is_set_meanwhile_stays(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glancing, "_TABLE_BYTES", 10)
    monkeypatch.setattr(glancing, "_ROWS", 20)
    goes_on = Event()

    def look(path: Path) -> Inspection:
        goes_on.wait()
        return inspect_path(path)

    monkeypatch.setattr(looking, "inspect_path", look)
    path = tmp_path / "people.csv"
    path.write_text(ROWS)
    opened = Opened(qtbot, a_small_cnn(), path)
    sheet = opened.sheet
    assert "Seen so far: the first 20 rows" in words_of(sheet) and sheet.stop.isVisibleTo(sheet)
    assert sheet.found is not None and sheet.use.isEnabled()
    columns = [one.column for one in sheet.found.columns]
    age = msgspec.structs.replace(columns[0], role="ignore")
    sheet.columns.changed.emit([age, *columns[1:]])
    sheet.split_bar.set_shares(Shares(0.3, 0.1))

    goes_on.set()
    qtbot.waitUntil(lambda: not sheet.stop.isVisibleTo(sheet))

    assert not sheet.found.findings and sheet.found.classes == (("no", 20), ("yes", 20))
    assert sheet.found.columns[0].column.role == "ignore"
    assert sheet.split_bar.shares == Shares(0.3, 0.1)


def test_counting_is_ended_and_what_was_seen_can_be_used(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glancing, "_TABLE_BYTES", 10)
    ended = Event()

    def look(path: Path) -> None:
        del path
        try:
            while True:
                tell(1)
        except CancelledError:
            ended.set()
            raise

    monkeypatch.setattr(looking, "inspect_path", look)
    path = tmp_path / "people.csv"
    path.write_text(ROWS)
    opened = Opened(qtbot, a_small_cnn(), path)

    qtbot.mouseClick(opened.sheet.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(ended.is_set)
    opened.use(qtbot)

    assert isinstance(opened.data().source, Table)


def test_another_sheet_of_a_workbook_is_looked_at_when_it_is_chosen(
    qtbot: QtBot, tmp_path: Path
) -> None:
    people = [["age", "good"], *([20.0 + n, ["no", "yes"][n % 2]] for n in range(20))]
    houses = [["rooms", "price"], *([1.0 + n % 5, 100.0 + n] for n in range(30))]
    path = an_xlsx(tmp_path / "book.xlsx", {"people": people, "houses": houses})
    opened = Opened(qtbot, a_small_cnn(), path)
    (choice,) = [
        field
        for field in opened.sheet.form.findChildren(ChoiceField)
        if field.accessibleName() == "Sheet"
    ]

    choice.committed.emit("houses")
    qtbot.waitUntil(lambda: opened.sheet.found is not None and opened.sheet.found.samples == 30)
    opened.use(qtbot)

    source = opened.data().source
    assert isinstance(source, Table) and source.sheet == "houses"
    assert [column.name for column in source.columns] == ["rooms", "price"]


def pictures(folder: Path) -> Path:
    for name in ("cat", "dog"):
        (folder / name).mkdir()
        for number in range(4):
            image = Image.new("RGB", (40, 30), (number * 9, 0, 0))
            image.save(folder / name / f"{number}.png")
    return folder


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(ROWS)
    return path


def test_a_dropped_folder_takes_the_place_of_the_data_and_keeps_the_wires(
    qtbot: QtBot, tmp_path: Path
) -> None:
    opened = Opened(qtbot, a_small_cnn(), pictures(tmp_path))

    opened.use(qtbot)

    data = opened.data()
    assert isinstance(data.source, Images) and data.split_by == "stratified"
    assert [field.name for field in data.fields] == ["image", "label"]
    assert not any(p.code == "LL-G002" for p in opened.document.report.problems)
    assert len(opened.document.graph.links) == len(a_small_cnn().links)
    assert opened.document.history.undo_label == f"Use {tmp_path.name}"


def test_a_table_on_an_empty_drawing_brings_a_network_that_fits(qtbot: QtBot, table: Path) -> None:
    opened = Opened(qtbot, EMPTY, table)

    opened.use(qtbot)

    assert infer_shapes(opened.document.graph).problems == ()
    kinds = {node.kind for node in opened.document.graph.nodes.values()}
    assert kinds == {"Data", "Linear", "CrossEntropyLoss"}


@pytest.mark.parametrize(
    "begun", [add_node(EMPTY, make_node(EMPTY, "Data")), empty_project().graph]
)
def test_a_table_where_nothing_is_drawn_yet_brings_a_network_too(
    qtbot: QtBot, table: Path, begun: Graph
) -> None:
    opened = Opened(qtbot, begun, table)

    opened.use(qtbot)

    kinds = {node.kind for node in opened.document.graph.nodes.values()}
    assert kinds == {"Data", "Linear", "CrossEntropyLoss"}


def test_arrays_are_drawn_in_the_sheet_with_their_classes(qtbot: QtBot, tmp_path: Path) -> None:
    images = np.arange(20 * 16, dtype=np.uint8).reshape(20, 4, 4)
    np.savez(tmp_path / "a.npz", images=images, labels=np.arange(20, dtype=np.uint8) % 5)
    opened = Opened(qtbot, EMPTY, tmp_path / "a.npz")

    def shown() -> list[str]:
        preview = opened.sheet.preview.findChildren(QWidget)
        return [widget.accessibleName() for widget in preview if widget.accessibleName()]

    qtbot.waitUntil(lambda: shown() == ["0", "1", "2", "3", "4", "0", "1", "2"])
    assert opened.sheet.preview.isVisibleTo(opened.sheet)


def test_another_answer_is_chosen_in_the_sheet(qtbot: QtBot, table: Path) -> None:
    opened = Opened(qtbot, EMPTY, table)
    roles = opened.sheet.columns.roles

    roles[0].activated.emit(roles[0].findData("target"))
    opened.use(qtbot)

    source = opened.data().source
    assert isinstance(source, Table)
    assert [column.role for column in source.columns] == ["target", "input", "input"]
    assert opened.data().fields[-1].kind == "number"


def test_problems_wait_for_a_choice(qtbot: QtBot, tmp_path: Path) -> None:
    pictures(tmp_path)
    (tmp_path / "cat" / "empty.png").touch()
    opened = Opened(qtbot, EMPTY, tmp_path)
    sheet = opened.sheet

    assert "1 of 9 files cannot be read" in words_of(sheet) and not sheet.use.isEnabled()
    sheet.skip.click()
    opened.use(qtbot)

    source = opened.data().source
    assert source is not None and source.skip_problems


def test_all_that_is_affected_can_be_seen(qtbot: QtBot, tmp_path: Path) -> None:
    pictures(tmp_path)
    for number in range(5):
        (tmp_path / "cat" / f"empty{number}.png").touch()
    sheet = Opened(qtbot, EMPTY, tmp_path).sheet

    def is_named() -> bool:
        texts = sheet.findings.findChildren(FlowText)
        return any("empty4.png" in one.text() for one in texts if one.isVisibleTo(sheet))

    assert not is_named()
    fold = next(b for b in sheet.findings.findChildren(Button) if "Show all 5" in b.text())
    qtbot.mouseClick(fold, Qt.MouseButton.LeftButton)

    assert is_named()


def test_looking_is_told_and_can_be_called_off(qtbot: QtBot, tmp_path: Path) -> None:
    came, went_on = Event(), Event()
    ended: list[BaseException] = []

    def work() -> None:
        try:
            tell(3, 10)
            came.set()
            assert went_on.wait(10)
            tell(4, 10)
        except CancelledError as error:
            ended.append(error)
            raise

    parent = QWidget()
    qtbot.addWidget(parent)
    looking = Work(parent, work)
    told: list[object] = []
    looking.done.connect(told.append)
    with qtbot.waitSignal(looking.came_to) as progress:
        pass
    assert progress.args == [3, 10] and came.is_set()

    looking.cancel()
    went_on.set()
    qtbot.waitUntil(lambda: bool(ended))

    assert told == []


def test_pictures_that_a_table_names_are_shown_with_its_columns(
    qtbot: QtBot, tmp_path: Path
) -> None:
    pictures(tmp_path)
    rows = "".join(f"cat/{n}.png,{n * 0.1}\n" for n in range(4))
    (tmp_path / "log.csv").write_text("file,steering\n" + rows)

    opened = Opened(qtbot, EMPTY, tmp_path / "log.csv")

    assert opened.sheet.preview.isVisibleTo(opened.sheet)
    assert opened.sheet.columns.isVisibleTo(opened.sheet)
    opened.use(qtbot)
    assert isinstance(opened.data().source, PictureTable)
    assert [field.name for field in opened.data().fields] == ["image", "steering"]


def test_what_is_no_data_set_cannot_be_used_and_says_why(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()

    opened = Opened(qtbot, a_small_cnn(), tmp_path / "empty.csv")

    assert "The file is empty" in words_of(opened.sheet) and not opened.sheet.use.isEnabled()
    opened.sheet.reject()
    assert opened.importing.sheet is None


def test_the_settings_of_a_source_are_those_of_the_fields(qtbot: QtBot, tmp_path: Path) -> None:
    opened = Opened(qtbot, EMPTY, pictures(tmp_path))

    opened.sheet.form._set("height", 16)
    opened.use(qtbot)

    assert opened.data().fields[0].sizes == (3, 16, 40)


def test_a_column_taken_as_another_kind_may_leave_a_choice(qtbot: QtBot, table: Path) -> None:
    opened = Opened(qtbot, EMPTY, table)
    job = opened.sheet.columns.kinds[1]
    job.set_value("date")
    job.committed.emit("date")

    qtbot.mouseClick(opened.sheet.use, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "holds no date in row 1" in words_of(opened.sheet))

    assert opened.sheet.as_missing.isVisibleTo(opened.sheet)
    opened.sheet.as_missing.setChecked(True)
    opened.use(qtbot)
    source = opened.data().source
    assert isinstance(source, Table) and source.text_is_missing


def test_what_is_wrong_with_a_column_follows_what_it_is_taken_for(
    qtbot: QtBot, table: Path
) -> None:
    table.write_text(ROWS + "old,smith,no\n")
    opened = Opened(qtbot, EMPTY, table)
    assert "age holds text among its numbers" in words_of(opened.sheet)
    assert not opened.sheet.use.isEnabled()

    for kind, is_told in (("category", False), ("number", True), ("category", False)):
        opened.sheet.columns.kinds[0].committed.emit(kind)
        assert opened.sheet.as_missing.isVisibleTo(opened.sheet) is is_told
        assert opened.sheet.use.isEnabled() is not is_told

    opened.use(qtbot)
    source = opened.data().source
    assert isinstance(source, Table) and source.columns[0].kind == "category"


def test_a_picture_is_shown_as_it_would_be_read_and_anew_when_a_size_is_set(
    qtbot: QtBot, tmp_path: Path
) -> None:
    for name in ("ant", "bee"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (48, 36), "teal").save(tmp_path / name / "0.png")
    sheet = Opened(qtbot, a_small_cnn(), tmp_path).sheet
    told = sheet.how_read.accessibleDescription
    qtbot.waitUntil(lambda: told().startswith("As stored: 48×36. As the model gets it: "))
    fields = sheet.form.findChildren(NumberField)

    next(f for f in fields if f.accessibleName() == "Height, pixels").committed.emit(20.0)
    next(f for f in fields if f.accessibleName() == "Width, pixels").committed.emit(30.0)

    qtbot.waitUntil(lambda: told().endswith("As the model gets it: 30×20"))
    assert sheet.how_read.isVisibleTo(sheet)
    sheet.reject()


def test_rows_of_a_table_have_no_picture_of_how_they_are_read(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(ROWS)

    sheet = Opened(qtbot, a_small_cnn(), path).sheet

    assert not sheet.how_read.isVisibleTo(sheet)
    sheet.reject()
