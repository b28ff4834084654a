"""Cards and grid with as many templates as there may ever be; samples of every data set."""

import pytest
from builders import a_project, a_residual_cnn
from msgspec.structs import replace
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.start_page.card import TemplateCard, fitting, wrapped
from app.start_page.facts import facts_of
from app.start_page.grid import CardGrid
from app.start_page.measured import score_words
from app.start_page.painting import paint_network, paint_samples
from app.start_page.samples import Pictures, Table, read_samples
from app.theme import font, load_theme
from engine.analysis.family import family_of
from engine.data.builtin import data_sets
from engine.project.templates import Template


def a_template(number: int) -> Template:
    return Template(
        key=f"t{number}", title=f"Title {number}", summary="Words.", task="images", data="digits"
    )


@pytest.fixture
def grid(qtbot: QtBot) -> CardGrid:
    made = CardGrid([TemplateCard(a_template(number)) for number in range(20)])
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize(("width", "columns"), [(300, 1), (560, 2), (860, 3), (1250, 4), (3000, 4)])
def test_cards_fill_the_width_in_as_many_columns_as_fit(
    grid: CardGrid, width: int, columns: int
) -> None:
    grid.resize(width, 500)
    grid.show()
    first_row = [card for card in grid.shown if card.y() == 0]

    assert len(first_row) == columns
    assert first_row[0].x() == 0 and first_row[-1].geometry().right() + 1 == width
    assert grid.heightForWidth(width) == grid.shown[-1].geometry().bottom() + 1


def test_arrows_go_from_card_to_card(grid: CardGrid, qtbot: QtBot) -> None:
    grid.resize(860, 500)
    grid.show()
    grid.activateWindow()
    grid.shown[1].setFocus()
    qtbot.waitUntil(grid.shown[1].hasFocus)
    before = grid.shown[1]

    for key, place in ((Qt.Key.Key_Down, 4), (Qt.Key.Key_Left, 3), (Qt.Key.Key_Up, 0)):
        QTest.keyClick(before, key)
        before = grid.shown[place]
        assert before.hasFocus()


@pytest.mark.parametrize(
    ("metric", "score", "plain", "words"),
    [
        ("accuracy", 0.978, 0.113, "Accuracy 97.8\u202f%, guessing 11.3\u202f%"),
        ("mean absolute error", 12.076, 25.2, "Mean absolute error 12.1, guessing 25.2"),
        ("recognised", 0.6, 0.0, "Recognised 60.0\u202f%"),
        ("", None, None, ""),
    ],
)
def test_a_card_says_what_a_trained_model_reaches(
    metric: str, score: float | None, plain: float | None, words: str
) -> None:
    measured = replace(a_template(1), metric=metric, score=score, plain_score=plain)

    assert score_words(measured)[0] == words


def test_a_figure_without_room_beside_it_stands_alone(qapp: QApplication) -> None:
    small = QFontMetrics(font("small"))
    measured = replace(a_template(1), metric="mean IoU", score=0.5, plain_score=0.25)
    whole, short = score_words(measured)

    assert fitting((whole, short), small, small.horizontalAdvance(whole)) == whole
    assert fitting((whole, short), small, small.horizontalAdvance(whole) - 1) == short
    assert fitting((whole, short), small, 20).endswith("…")


def test_a_card_names_source_and_licence_and_reads_them_out(qtbot: QtBot) -> None:
    template = replace(a_template(1), notice="By nobody (MIT).", metric="accuracy", score=0.5)
    card = TemplateCard(template)
    qtbot.addWidget(card)

    card.show_facts(facts_of(a_project()))

    assert "By nobody (MIT)." in card.toolTip()
    assert card.accessibleDescription().endswith("Accuracy 50.0\u202f% By nobody (MIT).")


@pytest.mark.parametrize("name", [spec.name for spec in data_sets()])
def test_samples_of_every_data_set_can_be_read_and_painted(qapp: QApplication, name: str) -> None:
    samples = read_samples(name)
    image = QImage(160, 120, QImage.Format.Format_RGB32)
    image.fill(load_theme("light").colours.canvas)
    before = image.copy()
    painter = QPainter(image)

    paint_samples(samples, painter, QRectF(8, 8, 144, 104), load_theme("light"))

    painter.end()
    assert image != before


def test_pictures_are_of_different_classes() -> None:
    samples = read_samples("digits")

    assert isinstance(samples, Pictures) and len(samples.pixels) == 9
    assert len({picture.tobytes() for picture in samples.pixels}) == 9


def test_a_table_ends_with_what_is_predicted() -> None:
    samples = read_samples("bank_credit")

    assert isinstance(samples, Table)
    assert samples.header[-1] == "status" and all(len(row) == 3 for row in samples.rows)


def test_the_network_is_drawn_as_the_template_has_it(qapp: QApplication) -> None:
    facts = facts_of(a_project(a_residual_cnn()))
    theme = load_theme("light")
    image = QImage(100, 140, QImage.Format.Format_RGB32)
    image.fill(theme.colours.canvas)
    painter = QPainter(image)

    paint_network(painter, facts, QRectF(0, 0, 100, 140), theme)

    painter.end()
    seen = {image.pixelColor(50, y).name() for y in range(140)}
    wanted = {theme.category[block.category].name() for block in facts.blocks}
    assert wanted <= seen and facts.family == "Residual CNN"


def test_a_drawing_without_layers_is_a_network_all_the_same() -> None:
    assert family_of(a_project().graph) == "CNN"


def test_a_long_summary_ends_in_its_last_line(qapp: QApplication) -> None:
    metrics = QFontMetrics(font("small"))
    text = " ".join(["network"] * 40)

    rows = wrapped(text, metrics, 200, lines=2)

    assert len(rows) == 2 and rows[0] == " ".join(["network"] * len(rows[0].split()))
    assert rows[1].endswith("…") and all(metrics.horizontalAdvance(row) <= 200 for row in rows)
    assert wrapped("A few words", metrics, 200, lines=2) == ["A few words"]
