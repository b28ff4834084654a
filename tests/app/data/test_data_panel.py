from pathlib import Path

import msgspec
import numpy as np
import pytest
from builders import a_project, a_small_cnn, node_named
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.data.corrections import CorrectionList
from app.data.doubts import DoubtsPart
from app.data.model_gets import ModelGets
from app.data.panel import DataPanel
from app.data.reading import content_of
from app.data.split_bar import Shares, SplitBar, moved
from app.document import Document
from app.theme import theme_manager
from engine.data.builtin import open_data_set
from engine.data.opening import open_data
from engine.data.reviewing import Review, Suspect, Twins
from engine.data.splitting import record_of, split, split_of
from engine.data.starting import data_params, starting_graph
from engine.graph.elements import EMPTY, Graph
from nodes.corrections import Correction
from nodes.io import Data
from nodes.sources import Column, Images, Source, Table


def shown(qtbot: QtBot, graph: Graph) -> tuple[Document, DataPanel]:
    document = Document(a_project(graph))
    panel = DataPanel(document, theme_manager())
    qtbot.addWidget(panel)
    panel.resize(300, 900)
    panel.show()
    # It follows the drawing in the turn after it was made.
    QCoreApplication.processEvents()
    return document, panel


def with_content(qtbot: QtBot, panel: DataPanel) -> DataPanel:
    qtbot.waitUntil(lambda: panel.grid.samples.rowCount() > 0)
    return panel


def words(panel: QWidget) -> list[str]:
    labels = [label for label in panel.findChildren(QLabel) if label.isVisible()]
    return [label.accessibleName() or label.text() for label in labels]


def data_of(document: Document) -> Data:
    layer = document.report.nodes[node_named(document.graph, "data")].layer
    assert isinstance(layer, Data)
    return layer


def drag(qtbot: QtBot, bar: SplitBar, joint: int, to: float) -> None:
    middle = bar.height() // 2
    start = QPoint(round(bar.joint_x(joint)) - 1, middle)
    qtbot.mousePress(bar, Qt.MouseButton.LeftButton, pos=start)
    for share in np.linspace(start.x() / bar.width(), to, 5):
        qtbot.mouseMove(bar, QPoint(round(share * bar.width()), middle))
    qtbot.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=QPoint(round(to * bar.width()), middle))


def test_the_source_says_what_it_is_where_it_is_from_and_how_much(qtbot: QtBot) -> None:
    _, panel = shown(qtbot, a_small_cnn())
    with_content(qtbot, panel)
    spec = open_data_set("digits").spec

    assert {spec.title, spec.summary, spec.notice, "10\u202f000 samples"} <= set(words(panel))


def test_dragging_a_joint_changes_the_split_in_one_undo_step(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn())

    drag(qtbot, panel.split_bar, 0, 0.7)

    assert data_of(document).validation_share == pytest.approx(0.3, abs=0.011)
    assert document.history.undo_label == "Change the split"
    document.undo()
    assert data_of(document).validation_share == 0.15
    assert panel.split_bar.shares == Shares(0.15, 0.0)


def test_the_arrow_keys_move_the_chosen_joint(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn())
    panel.split_bar.setFocus()

    qtbot.keyClick(panel.split_bar, Qt.Key.Key_Left)
    assert data_of(document).validation_share == 0.16

    qtbot.keyClick(panel.split_bar, Qt.Key.Key_Down)
    for _ in range(3):
        qtbot.keyClick(panel.split_bar, Qt.Key.Key_Left)
    assert data_of(document).test_share == 0.03
    assert data_of(document).validation_share == 0.13


def test_a_split_that_is_the_default_leaves_the_file(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn())
    node = node_named(document.graph, "data")
    panel.split_bar.setFocus()

    qtbot.keyClick(panel.split_bar, Qt.Key.Key_Left)
    assert document.graph.nodes[node].params == {"validation_share": 0.16}
    qtbot.keyClick(panel.split_bar, Qt.Key.Key_Right)

    assert document.graph.nodes[node].params == {}


def test_amounts_stand_beside_the_bar(qtbot: QtBot) -> None:
    _, panel = shown(qtbot, a_small_cnn(validation_share=0.2, test_share=0.1))
    with_content(qtbot, panel)

    expected = {"7\u202f000", "2\u202f000", "1\u202f000", "70\u202f%", "20\u202f%", "10\u202f%"}
    assert expected <= set(words(panel))


def test_the_split_is_told_by_the_hash_that_a_run_keeps_of_it(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn(validation_share=0.2, split_seed=3))
    with_content(qtbot, panel)
    data = data_of(document)

    kept = record_of(split_of(open_data(data), data), data)

    assert f"At random · seed 3 · hash {kept.digest}" in words(panel)
    assert kept.digests[1] in panel.split.how.toolTip()


@given(
    samples=st.integers(1, 20_000),
    validation=st.integers(0, 90).map(lambda share: share / 100),
    test=st.integers(0, 90).map(lambda share: share / 100),
)
def test_the_amounts_are_those_of_the_real_split(
    samples: int, validation: float, test: float
) -> None:
    real = split(samples, validation=validation, test=test, seed=0)

    told = Shares(validation, test).amounts(samples)

    assert told == (len(real.training), len(real.validation), len(real.test))


@given(
    validation=st.integers(0, 60).map(lambda share: share / 100),
    test=st.integers(0, 30).map(lambda share: share / 100),
    joint=st.sampled_from([0, 1]),
    place=st.floats(-1, 2),
)
def test_no_drag_leaves_the_ranges_or_moves_the_other_part(
    validation: float, test: float, joint: int, place: float
) -> None:
    before = Shares(validation, test)

    after = moved(before, joint, place)

    assert 0 <= after.validation <= 0.9 and 0 <= after.test <= 0.95
    assert after.training >= 0.049
    if joint == 0:
        assert after.test == test
    else:
        assert after.training == pytest.approx(before.training)


def test_the_classes_are_counted(qtbot: QtBot) -> None:
    _, panel = shown(qtbot, a_small_cnn())
    with_content(qtbot, panel)
    labels = open_data_set("digits").read("label", np.arange(10_000))

    told = [row.accessibleName() for row in panel.balance.rows]

    assert told == [f"{digit}, {int((labels == digit).sum())}" for digit in range(10)]


def test_a_click_on_a_class_shows_only_its_samples(qtbot: QtBot) -> None:
    _, panel = shown(qtbot, a_small_cnn())
    with_content(qtbot, panel)
    samples = panel.grid.samples
    labels = open_data_set("digits").read("label", np.arange(10_000))

    qtbot.mouseClick(panel.balance.rows[3], Qt.MouseButton.LeftButton)
    shown_samples = [samples.sample_at(samples.index(row)) for row in range(samples.rowCount())]
    assert len(shown_samples) == int((labels == 3).sum())
    assert set(labels[shown_samples].tolist()) == {3}

    qtbot.mouseClick(panel.balance.rows[3], Qt.MouseButton.LeftButton)
    assert samples.rowCount() == 10_000


def test_only_the_samples_in_sight_are_read(qtbot: QtBot) -> None:
    _, panel = shown(qtbot, a_small_cnn())
    with_content(qtbot, panel)

    panel.grid.viewport().repaint()

    assert 0 < len(panel.grid.samples._images) < 100


def test_a_click_on_a_sample_tells_which_it_is(qtbot: QtBot) -> None:
    _, panel = shown(qtbot, a_small_cnn())
    with_content(qtbot, panel)

    with qtbot.waitSignal(panel.sample_chosen) as told:
        qtbot.mouseClick(panel.grid.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(56 + 20, 20))

    assert told.args == [1]


def test_a_drawing_without_data_offers_to_add_it(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, EMPTY)
    button = next(b for b in panel.findChildren(QPushButton) if b.text() == "Add a data set")

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    assert [node.kind for node in document.graph.nodes.values()] == ["Data"]
    with_content(qtbot, panel)


def test_a_data_set_that_cannot_be_read_says_why(qtbot: QtBot) -> None:
    _, panel = shown(qtbot, a_small_cnn(dataset="digitz"))

    qtbot.waitUntil(lambda: any("Did you mean “digits”?" in text for text in words(panel)))
    assert any("digitz" in text for text in words(panel))
    assert not panel.grid.isVisible()


def test_a_table_shows_its_columns_its_rows_and_what_is_done_to_them(qtbot: QtBot) -> None:
    _, panel = shown(qtbot, a_small_cnn())

    panel._show_content(content_of(Data(dataset="bank_credit")))

    assert panel.rows.samples.rowCount() == 4454 and not panel.grid.isVisible()
    assert len(panel.columns.rows) == 14
    assert any("categories spread into" in text for text in words(panel))


def test_a_series_is_shown_as_pictures(qtbot: QtBot) -> None:
    _, panel = shown(qtbot, a_small_cnn())

    panel._show_content(content_of(Data(dataset="sunspots")))

    assert panel.grid.samples.rowCount() == 285 and not panel.rows.isVisible()
    assert not panel.grid.samples.image(panel.grid.samples.index(0)).isNull()


def test_a_locked_split_says_why(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn())

    panel.set_locked("Stop or branch to edit")
    drag(qtbot, panel.split_bar, 0, 0.5)

    assert data_of(document).validation_share == 0.15
    assert "Stop or branch to edit" in words(panel)


def test_corrections_are_listed_and_taken_back(qtbot: QtBot) -> None:
    found = CorrectionList()
    qtbot.addWidget(found)
    assert found.isHidden()

    found.show_corrections((Correction(4, 1, 0), Correction(9)), ("ant", "bee"))
    found.table.setCurrentIndex(found.table.model().index(1, 0))

    assert [row.cells for row in found.table.rows] == [("4", "ant", "bee"), ("9", "–", "left out")]
    with qtbot.waitSignal(found.taken_back) as asked:
        found._back.click()
    assert asked.args == [9]


def test_what_becomes_of_the_chosen_row_is_told_value_by_value(qtbot: QtBot) -> None:
    spec = open_data_set("bank_credit").spec
    _, panel = shown(
        qtbot, starting_graph(data_params("bank_credit", spec, None, "random"), spec.fields)
    )
    qtbot.waitUntil(lambda: panel.rows.samples.rowCount() > 0)

    assert "Home: rent → 0 " in panel.model_gets.values.lines.accessibleName()
    panel.rows.setCurrentIndex(panel.rows.samples.index(2, 0))

    assert "Seniority: 10 → " in panel.model_gets.values.lines.accessibleName()


def test_samples_that_are_left_out_count_for_no_class() -> None:
    whole = content_of(Data(dataset="two_moons"))
    least = content_of(Data(dataset="two_moons", corrections=(Correction(0), Correction(1))))

    assert sum(whole.counts) == 2000 and sum(least.counts) == sum(least.split.counts) == 1998


def test_doubtful_labels_are_looked_for_and_corrected(qtbot: QtBot) -> None:
    document = Document(a_project(a_small_cnn()))
    data_set = open_data_set("digits")
    doubts = DoubtsPart(theme_manager())
    qtbot.addWidget(doubts)
    doubts.show_data(data_of(document), data_set)
    twins = Twins(samples=(3, 8, 11), is_exact=True, parts=("training", "test"), labels=(4,))
    suspect = Suspect(sample=5, label=1, called=7, sure=0.98, part="training")
    doubts._on_done(Review(compared=90, twins=(twins,), judged=90, right=0.9, suspects=(suspect,)))

    doubts.table.setCurrentIndex(doubts.table.model().index(0, 0))
    assert doubts.minimumSizeHint().width() < 168  # of a dock of 200
    with qtbot.waitSignal(doubts.relabelled) as relabelled:
        doubts.relabel.click()
    doubts.which.set_current("doubles")
    doubts.which.chosen.emit("doubles")
    with qtbot.waitSignal(doubts.left_out) as left_out:
        doubts.all_out.click()

    assert doubts.relabel.text() == "Relabel as 7"
    assert relabelled.args == [5, 7, 1]
    assert left_out.args == [[Correction(8, None, 4), Correction(11, None, 4)]]


def test_what_was_corrected_is_doubted_no_more(qtbot: QtBot) -> None:
    document = Document(a_project(a_small_cnn()))
    doubts = DoubtsPart(theme_manager())
    qtbot.addWidget(doubts)
    asked, data_set = data_of(document), open_data_set("digits")
    doubts.show_data(asked, data_set)
    suspect = Suspect(sample=5, label=1, called=7, sure=0.98, part="training")
    doubts._on_done(Review(compared=9, twins=(), judged=9, right=0.9, suspects=(suspect,)))

    doubts.show_data(msgspec.structs.replace(asked, corrections=(Correction(5, 7, 1),)), data_set)

    assert doubts.table.rows == ()


def patients(folder: Path) -> Graph:
    """Draw a network that learns from four equal rows of each of thirty people."""
    rows = "".join(f"p{n // 4},{n // 4}.5,{'ab'[n // 4 % 2]}\n" for n in range(120))
    (folder / "t.csv").write_text("who,x,ill\n" + rows)
    who = Column(name="who", kind="category", role="group")
    ill = Column(name="ill", kind="category", role="target")
    source = Table(path=str(folder / "t.csv"), columns=(who, Column(name="x"), ill))
    spec = open_data(Data(dataset="t", source=source)).spec
    return starting_graph(data_params("t", spec, source, "random"), spec.fields)


def test_groups_in_several_parts_are_kept_together_at_a_click(qtbot: QtBot, tmp_path: Path) -> None:
    document, panel = shown(qtbot, patients(tmp_path))
    qtbot.waitUntil(panel.leaks.by_group.isVisible)

    panel.leaks.by_group.click()

    assert data_of(document).split_by == "group"
    assert document.history.undo_label == "Split by group"
    qtbot.waitUntil(lambda: not panel.leaks.isVisible())


def test_doubles_in_several_parts_are_listed_at_a_click(qtbot: QtBot, tmp_path: Path) -> None:
    _, panel = shown(qtbot, patients(tmp_path))
    qtbot.waitUntil(panel.leaks.doubles.isVisible)

    panel.leaks.doubles.click()

    qtbot.waitUntil(lambda: panel.doubts.table.model().rowCount() == 90, timeout=30_000)
    assert panel.doubts.which.current == "doubles"


def own_data(source: Source) -> Graph:
    spec = open_data(Data(dataset="own", source=source)).spec
    return starting_graph(data_params("own", spec, source, "random"), spec.fields)


def test_the_chosen_picture_is_shown_as_stored_and_as_the_model_gets_it(
    qtbot: QtBot, tmp_path: Path
) -> None:
    for number, name in enumerate(("ant", "bee", "cat")):
        (tmp_path / name).mkdir()
        Image.new("RGB", (40 + number, 30), "teal").save(tmp_path / name / "0.png")
    _, panel = shown(qtbot, own_data(Images(path=str(tmp_path), height=16, width=16)))
    pictures = with_content(qtbot, panel).model_gets.pictures
    qtbot.waitUntil(lambda: "40×30" in pictures.accessibleDescription())

    panel.grid.sample_chosen.emit(2)

    qtbot.waitUntil(lambda: "42×30" in pictures.accessibleDescription())
    assert pictures.accessibleDescription().endswith("As the model gets it: 16×16")
    assert pictures.isVisible()


def test_the_chosen_text_is_shown_with_its_tokens(qtbot: QtBot) -> None:
    spec = open_data_set("food_reviews").spec
    _, panel = shown(
        qtbot, starting_graph(data_params("food_reviews", spec, None, "random"), spec.fields)
    )
    chips = panel.model_gets.tokens.chips
    qtbot.waitUntil(chips.isVisible)

    assert chips.accessibleName().startswith("this 13 stuff 184 is 11")
    assert any(told.startswith("As stored · 66 characters") for told in words(panel.model_gets))
    assert not any("13 184" in told for told in words(panel.model_gets))


def test_what_was_shown_of_another_data_set_goes(qtbot: QtBot) -> None:
    gets = ModelGets()
    qtbot.addWidget(gets)
    gets.show_data(open_data_set("spoken_words"))
    qtbot.waitUntil(lambda: gets.pictures.isVisibleTo(gets))

    gets.show_data(open_data_set("digits"))

    assert not gets.pictures.isVisibleTo(gets)
