import csv
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF, QGuiApplication, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from app.evaluation.forecast import ForecastPlot
from app.evaluation.ranking import RankingCurves
from app.evaluation.reliability import ReliabilityPlot
from app.evaluation.scatter import AgreementPlot
from app.plots.class_map import ClassMap, MapData
from app.plots.confusion import ConfusionMatrix
from app.plots.decision import DecisionPlot
from app.plots.distribution import DistributionPlot
from app.plots.histogram import Histogram
from app.plots.likeness import LikenessMatrix
from app.plots.rate_curve import RateCurve
from app.plots.tables import PlotTable, add_table_actions, show_table, table_button
from app.probes.gradient_flow import GradientFlow
from app.probes.spectrum import Spectrum
from app.theme import font
from engine.training.insight import ClassCurves, LayerGradient, Reliability
from engine.training.questions import DecisionMapped


def ranking() -> QWidget:
    curve = ClassCurves(
        name="cat",
        number=0,
        false_rates=(0.0, 1.0),
        recalls=(0.5, 1.0),
        area=0.75,
        precisions=(1.0,),
        precision_recalls=(0.5,),
        average_precision=0.5,
    )
    made = RankingCurves()
    made.show_curves([curve], 2)
    made.plot.setParent(None)
    return made.plot


def reliability() -> QWidget:
    made = ReliabilityPlot()
    made.show_bins([Reliability(samples=20, confidence=0.95, accuracy=0.9)])
    return made


def agreement() -> QWidget:
    made = AgreementPlot()
    made.show_points([1.0], [1.5], [7])
    return made


def forecast() -> QWidget:
    made = ForecastPlot()
    made.show_forecast([1.0], [1.5], [0.5], [2.0])
    return made


def histogram() -> QWidget:
    made = Histogram()
    made.show_counts([3, 1], -1.0, 1.0)
    return made


def distribution() -> QWidget:
    made = DistributionPlot("Values")
    made.show_distribution(2, [1.0], [[0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]])
    return made


def class_map() -> QWidget:
    made = ClassMap()
    data = MapData(
        points=np.array([[1.0, 2.0]], np.float32),
        truths=np.array([1], np.int32),
        called=np.array([0], np.int32),
        neighbours=np.zeros((1, 0), np.int32),
        names=("cat", "dog"),
    )
    made.show_data(data)
    return made


def confusion() -> QWidget:
    made = ConfusionMatrix()
    made.show_counts([[5, 1], [0, 4]], ["cat", "dog"])
    return made


def gradients() -> QWidget:
    made = GradientFlow()
    layer = LayerGradient(node="a", gradient=0.5, weight=2.0, update_ratio=0.001)
    made.show_layers([layer], {"a": "conv"})
    return made


def spectrum() -> QWidget:
    made = Spectrum()
    made.show_values([3.0, 1.0])
    return made


def likeness() -> QWidget:
    made = LikenessMatrix()
    made.show_shares(["a", "b"], np.array([[1.0, 0.5], [0.5, 1.0]], np.float32))
    return made


def decision() -> QWidget:
    made = DecisionPlot()
    called = np.array([[0, 1], [0, 1]], np.uint8)
    made.show_decision(
        DecisionMapped(
            step=1,
            epoch=1.0,
            side=2,
            low=(0.0, 0.0),
            high=(1.0, 1.0),
            called=called.tobytes(),
            scores=np.ones((2, 2), np.float32).tobytes(),
            points=np.array([[0.9, 0.1]], np.float32).tobytes(),
            truths=np.zeros(1, np.int32).tobytes(),
            names=("lower", "upper"),
        )
    )
    return made


def rates() -> QWidget:
    made = RateCurve()
    made.show_curve([1e-6, 1e-3, 1.0], [2.0, 1.5, 9.0], 1e-3)
    return made


@pytest.mark.parametrize(
    ("make", "row"),
    [
        (decision, ("0.900", "0.100", "lower", "upper")),
        (rates, ("1e−6", "2.00")),
        (ranking, ("cat", "0", "0.500")),
        (reliability, ("20", "95.0\u202f%", "90.0\u202f%")),
        (agreement, ("7", "1.00", "1.50", "0.500")),
        (forecast, ("1", "1.00", "1.50", "0.500", "2.00")),
        (histogram, ("−1.00", "0", "3")),
        (distribution, ("1.00", "0", "0.100", "0.200", "0.300", "0.400", "0.500", "0.600")),
        (class_map, ("0", "1.00", "2.00", "dog", "cat")),
        (confusion, ("cat", "5", "1")),
        (gradients, ("conv", "0.500", "2.00", "0.00100")),
        (spectrum, ("1", "3.00")),
        (likeness, ("a", "1.00", "0.500")),
    ],
)
def test_every_plot_is_a_table_as_well(
    qtbot: QtBot, make: Callable[[], QWidget], row: tuple[str, ...]
) -> None:
    plot = make()
    qtbot.addWidget(plot)
    plot.resize(300, 300)

    found = plot.table()  # type: ignore[attr-defined]

    assert found.rows[0] == row
    assert len(found.heads) == len(row) and found.title
    assert plot.focusPolicy() & Qt.FocusPolicy.TabFocus, "the keyboard opens its menu"
    assert plot.contextMenuPolicy() == Qt.ContextMenuPolicy.CustomContextMenu


TABLE = PlotTable("Loss", ("epoch", "value"), [("1", "0.5"), ("2", "0.25")])


def test_a_table_is_copied_whole_and_written_as_csv(qtbot: QtBot, tmp_path: Path) -> None:
    plot = QWidget()
    qtbot.addWidget(plot)
    window = show_table(plot, TABLE)

    QTest.keyClick(window.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    TABLE.save(tmp_path / "loss.csv")

    assert QGuiApplication.clipboard().text() == "epoch\tvalue\n1\t0.5\n2\t0.25"
    with (tmp_path / "loss.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["epoch", "value"], ["1", "0.5"], ["2", "0.25"]]
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_the_menu_of_a_plot_and_the_button_beside_its_title_lead_to_it(qtbot: QtBot) -> None:
    plot = QWidget()
    qtbot.addWidget(plot)
    menu = QMenu(plot)
    add_table_actions(menu, plot, lambda: TABLE)
    actions = {action.text(): action for action in menu.actions()}
    assert {"Show as Table", "Copy Table", "Export CSV…", "Export PNG…"} <= actions.keys()

    actions["Copy Table"].trigger()
    assert QGuiApplication.clipboard().text() == TABLE.text()

    button = table_button(plot, lambda: TABLE)
    qtbot.addWidget(button)
    button.click()
    assert [window.windowTitle() for window in plot.findChildren(QWidget)].count("Loss") == 1


def test_names_of_classes_that_lie_on_each_other_are_written_apart(qtbot: QtBot) -> None:
    made = ClassMap()
    qtbot.addWidget(made)
    made.resize(400, 300)
    points = np.array([[0, 1], [0, -1], [0.1, 1], [0.1, -1], [0, 0.9], [0, -0.9]], np.float32)
    truths = np.array([0, 0, 1, 1, 2, 2], np.int32)
    nothing = np.zeros((6, 0), np.int32)
    names = ("great", "other", "fair")
    made.show_data(MapData(points, truths, truths, nothing, names))
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    painter = QPainter(image)

    assert made._data is not None
    named = made._named_boxes(painter, made._data, made._places())
    painter.end()

    assert {name for name, _ in named} == set(names)
    assert not any(a.intersects(b) for (_, a), (_, b) in combinations(named, 2))


def test_names_of_few_classes_are_whole_above_their_cells(qtbot: QtBot) -> None:
    made = ConfusionMatrix()
    qtbot.addWidget(made)
    made.resize(260, 160)

    made.show_counts([[189, 17], [50, 64]], ["great", "other"])

    room = made.cell_box(0, 0).width() + 4
    assert room >= QFontMetricsF(font("micro")).horizontalAdvance("great")


def test_what_leaves_for_a_spreadsheet_has_numbers_that_it_reads(tmp_path: Path) -> None:
    rows = [("1\u202f102", "95.3\u202f%", "2.04e\u22124", "a b"), ("\u22127", "–", "", "3 as 7")]
    table = PlotTable("Sureness", ("samples", "said", "rate", "name"), rows)

    table.save(tmp_path / "table.csv")

    with (tmp_path / "table.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.reader(file))
    assert read[1:] == [["1102", "95.3%", "2.04e-4", "a b"], ["-7", "–", "", "3 as 7"]]
    assert table.text().splitlines()[1].split("\t") == read[1]
