"""The Evaluation panel, fed with events as a run sends them."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.evaluation.class_table import ClassTable
from app.evaluation.panel import EvaluationPanel
from app.evaluation.worst import _brief
from app.theme import current_theme, font
from engine.training.events import (
    EpochEnded,
    ProbeTaken,
    RunEnded,
    SamplesChosen,
    TrainingEvent,
)
from engine.training.insight import (
    ClassCurves,
    ClassFigures,
    Evaluated,
    Reliability,
    WorstSample,
)

CONFUSION = ((40, 2, 0), (0, 30, 0), (1, 0, 27))
EXAMPLES = ((4, 17, -1), (-1, 9, -1), (55, -1, 3))


def classes() -> tuple[ClassFigures, ...]:
    rows = (
        ("ant", 42, 0.976, 0.952, 0.964),
        ("bee", 30, 0.938, 1.0, 0.968),
        ("cat", 28, 1.0, 0.964, 0.982),
    )
    return tuple(
        ClassFigures(name=name, samples=many, precision=p, recall=r, f1=f)
        for name, many, p, r, f in rows
    )


def evaluated(**changes: Any) -> Evaluated:
    given: dict[str, Any] = {
        "epoch": 3,
        "step": 30,
        "kind": "classes",
        "samples": 100,
        "loss": 0.232,
        "classes": classes(),
        "confusion": CONFUSION,
        "examples": EXAMPLES,
        "accuracy": 0.97,
        "macro_f1": 0.971,
        "calibration_error": 0.014,
        "reliability": (Reliability(samples=100, confidence=0.9, accuracy=0.97),),
        "sure_errors": 2,
        "worst": (
            WorstSample(place=55, truth="cat", called="ant", loss=4.0, confidence=0.98),
            WorstSample(place=17, truth="ant", called="bee", loss=2.0, confidence=0.93),
        ),
        "sample_shape": (1, 4, 4),
        "pixels": bytes(32),
    }
    return Evaluated(**{**given, **changes})


def a_panel(qtbot: QtBot, *events: Evaluated) -> EvaluationPanel:
    panel = EvaluationPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 500)
    panel.show()
    tell(qtbot, panel, *events)
    return panel


def tell(
    qtbot: QtBot, panel: EvaluationPanel, *events: TrainingEvent, can_look: bool = True
) -> None:
    """Let the panel take events and draw them once it is its turn."""
    panel.show_events(events, can_look=can_look)
    qtbot.waitUntil(lambda: not panel._news.is_waiting)


def ended(*, best: bool) -> RunEnded:
    return RunEnded(
        run="r", outcome="finished", step=9, epoch=4.0, seconds=1.0, has_best_weights=best
    )


def test_before_the_first_epoch_the_panel_says_when_results_come(qtbot: QtBot) -> None:
    panel = a_panel(qtbot)

    assert panel._empty.isVisible() and "kept aside" in panel._empty.accessibleName()


def an_epoch(validation_loss: float | None) -> EpochEnded:
    return EpochEnded(
        epoch=1, step=9, training_loss=1.0, validation_loss=validation_loss, seconds=1.0
    )


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([an_epoch(0.5)], "not compared with labels"),
        ([an_epoch(None)], "No samples are kept aside"),
        ([], "ended within its first epoch"),
    ],
)
def test_a_run_that_ended_without_results_says_why(
    qtbot: QtBot, events: list[TrainingEvent], words: str
) -> None:
    panel = a_panel(qtbot)

    tell(qtbot, panel, *events, ended(best=False))

    assert panel._empty.isVisible() and words in panel._empty.accessibleName()


def test_the_headline_figures_are_those_of_the_epoch(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, evaluated())

    assert panel._boxes.figures == {
        "Accuracy": "97.0\u202f%",
        "Macro F1": "97.1\u202f%",
        "Log loss": "0.232",
        "Weakest F1": "96.4\u202f%",
        "Calibration error": "1.4\u202f%",
    }
    assert panel._sure.text() == "2 of 3 errors at 90\u202f% or surer"


def test_only_errors_have_colour_and_what_never_happened_is_empty(qtbot: QtBot) -> None:
    matrix = a_panel(qtbot, evaluated()).confusion

    assert matrix.colour(0, 0) == matrix.colour(1, 1) == current_theme().colours.hover
    assert matrix.colour(0, 2) is None
    few, many = matrix.colour(2, 0), matrix.colour(0, 1)
    assert few is not None and many is not None and few != many


@pytest.mark.parametrize(("cell", "place"), [((0, 1), 17), ((2, 0), 55), ((1, 1), 9)])
def test_a_click_on_a_cell_looks_at_its_worst_sample(
    qtbot: QtBot, cell: tuple[int, int], place: int
) -> None:
    panel = a_panel(qtbot, evaluated())
    at = panel.confusion.cell_box(*cell).center().toPoint()

    with qtbot.waitSignal(panel.sample_chosen) as chosen:
        QTest.mouseClick(panel.confusion, Qt.MouseButton.LeftButton, pos=at)

    assert chosen.args == [place]
    assert panel.confusion.accessibleDescription() == panel.confusion.sentence(*cell)


def test_asking_for_the_menu_of_a_cell_does_not_look_at_it(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, evaluated())
    at = panel.confusion.cell_box(0, 1).center().toPoint()

    with qtbot.assertNotEmitted(panel.sample_chosen):
        QTest.mouseClick(panel.confusion, Qt.MouseButton.RightButton, pos=at)


def test_an_empty_cell_looks_at_nothing(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, evaluated())
    at = panel.confusion.cell_box(0, 2).center().toPoint()

    with qtbot.assertNotEmitted(panel.sample_chosen):
        QTest.mouseClick(panel.confusion, Qt.MouseButton.LeftButton, pos=at)


def test_worst_samples_are_chosen_by_key_and_say_what_is_wrong(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, evaluated())

    with qtbot.waitSignal(panel.sample_chosen) as chosen:
        QTest.keyClick(panel.worst, Qt.Key.Key_Right)

    assert chosen.args == [55]
    assert panel.worst.accessibleDescription() == "Sample 55: cat read as ant, 98.0\u202f% sure"


def test_samples_of_a_run_that_the_engine_let_go_of_cannot_be_looked_at(qtbot: QtBot) -> None:
    panel = a_panel(qtbot)
    tell(qtbot, panel, evaluated(), can_look=False)

    with qtbot.assertNotEmitted(panel.sample_chosen):
        QTest.keyClick(panel.worst, Qt.Key.Key_Right)


def test_a_run_that_ends_at_its_best_epoch_shows_that_epoch(qtbot: QtBot) -> None:
    best, last = evaluated(epoch=3, is_best=True), evaluated(epoch=4, accuracy=0.9)
    panel = a_panel(qtbot, best, last)
    newest = panel.shown

    tell(qtbot, panel, ended(best=True))

    assert newest == last and panel.shown == best


def test_numbers_are_shown_against_the_truth(qtbot: QtBot) -> None:
    found = evaluated(
        kind="numbers",
        classes=(),
        confusion=(),
        examples=(),
        mean_absolute_error=2.5,
        root_mean_square_error=3.1,
        r_squared=0.81,
        truths=(1.0, 2.0, 10.0),
        predictions=(1.5, 2.0, 8.0),
        places=(0, 5, 9),
    )
    panel = a_panel(qtbot, found)

    with qtbot.waitSignal(panel.sample_chosen) as chosen:
        at = panel.agreement.point(2).toPoint()
        QTest.mouseClick(panel.agreement, Qt.MouseButton.LeftButton, pos=at)

    assert chosen.args == [9]
    assert panel._boxes.figures["R²"] == "0.810"
    assert panel._confusion_box.isHidden() and panel.agreement.isVisible()


def test_the_right_button_looks_at_no_sample(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, evaluated())
    numbers = evaluated(kind="numbers", truths=(1.0, 2.0), predictions=(1.0, 2.0), places=(0, 5))
    other = a_panel(qtbot, numbers)

    with qtbot.assertNotEmitted(panel.sample_chosen), qtbot.assertNotEmitted(other.sample_chosen):
        at = panel.worst.box(0).center().toPoint()
        QTest.mouseClick(panel.worst, Qt.MouseButton.RightButton, pos=at)
        at = other.agreement.point(1).toPoint()
        QTest.mouseClick(other.agreement, Qt.MouseButton.RightButton, pos=at)


def test_a_forecast_is_drawn_with_its_band(qtbot: QtBot) -> None:
    numbers = evaluated(
        kind="numbers",
        truths=(1.0, 2.0, 9.0),
        predictions=(1.5, 2.5, 3.0),
        lows=(0.0, 1.0, 2.0),
        highs=(2.0, 3.0, 4.0),
        places=(0, 1, 2),
        inside=2 / 3,
        coverage=0.8,
    )

    panel = a_panel(qtbot, numbers)

    forecast = panel.forecast
    assert forecast.isVisible() and "2 of 3" in forecast.accessibleDescription()
    low, high = forecast.point(1, 1.0), forecast.point(1, 3.0)
    assert low.x() == high.x() and low.y() > forecast.point(1, 2.0).y() > high.y()
    tell(
        qtbot,
        panel,
        evaluated(kind="numbers", truths=(1.0,), predictions=(1.0,), places=(0,)),
    )
    assert not forecast.isVisible()


def test_the_weakest_class_is_marked(qtbot: QtBot) -> None:
    assert a_panel(qtbot, evaluated()).classes.weakest == 0


def ranked(name: str, number: int, area: float) -> ClassCurves:
    return ClassCurves(
        name=name,
        number=number,
        false_rates=(0.0, 0.0, 1.0),
        recalls=(0.0, area, 1.0),
        area=area,
        precisions=(1.0, 0.5),
        precision_recalls=(0.0, 1.0),
        average_precision=0.75,
    )


def test_curves_name_their_class_and_its_area(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, evaluated(curves=(ranked("ant", 0, 0.9), ranked("cat", 2, 0.8))))
    plot = panel.ranking.plot

    assert plot.accessibleDescription() == "ant  0.900; cat  0.800"
    panel.ranking._kind.segment("pr").click()

    assert plot.accessibleDescription() == "ant  0.750; cat  0.750"


def test_the_surest_errors_can_be_shown_in_place_of_the_worst(qtbot: QtBot) -> None:
    surest = WorstSample(place=9, truth="bee", called="cat", loss=1.0, confidence=0.99)
    panel = a_panel(qtbot, evaluated(surest=(surest,), pixels=bytes(48)))

    panel._order.segment("sure").click()

    assert panel.worst.sentence(0).startswith("Sample 9: bee read as cat")


def test_the_surest_errors_about_texts_are_told_by_how_these_begin(qtbot: QtBot) -> None:
    surest = WorstSample(place=9, truth="bee", called="cat", loss=1.0, confidence=0.99)
    texts = ("one", "two", "three")
    panel = a_panel(qtbot, evaluated(surest=(surest,), pixels=b"", texts=texts))
    assert panel.worst.sentence(1).endswith("two")

    panel._order.segment("sure").click()

    assert panel.worst.sentence(0) == "Sample 9: bee read as cat, 99.0\u202f% sure\nthree"


def test_doubtful_labels_are_shown_where_they_are_asked_for(qtbot: QtBot) -> None:
    doubted = WorstSample(place=7, truth="ant", called="bee", loss=4.0, confidence=0.98)
    surest = WorstSample(place=9, truth="bee", called="cat", loss=1.0, confidence=0.99)
    panel = a_panel(qtbot, evaluated(surest=(surest,), suspects=(doubted,)))

    panel._order.segment("labels").click()
    assert panel.worst.sentence(0).startswith("Sample 7: ant read as bee")

    tell(qtbot, panel, evaluated(surest=(surest,)))
    assert panel._no_worst.text() == "No label looks wrong." and not panel._no_worst.isHidden()


def a_look(number: int, label: str) -> ProbeTaken:
    return ProbeTaken(
        step=1,
        epoch=1.0,
        sample=-1,
        layers=(),
        subject="sample 4",
        subject_number=number,
        subject_label=label,
        prediction=(0.1, 0.9, 0.0),
    )


def looked_at(qtbot: QtBot, number: int = 108) -> EvaluationPanel:
    panel = a_panel(qtbot, evaluated())
    samples = SamplesChosen(shape=(1, 4, 4), pixels=b"", classes=("ant", "bee", "cat"))
    tell(qtbot, panel, samples, a_look(number, "ant"))
    return panel


def test_a_sample_that_is_looked_at_can_be_relabelled(qtbot: QtBot) -> None:
    bar = looked_at(qtbot).sample_bar

    with qtbot.waitSignal(bar.relabelled) as asked:
        bar._choice.committed.emit("2")

    assert asked.args == [108, 2, 0]
    assert bar._text.text() == "Sample 108 · label ant · read as bee, 90.0\u202f% sure"


def test_a_sample_that_is_looked_at_can_be_left_out(qtbot: QtBot) -> None:
    bar = looked_at(qtbot).sample_bar

    with qtbot.waitSignal(bar.left_out) as asked:
        bar._out.click()

    assert asked.args == [108, 0]


def test_a_corrected_sample_says_so_and_can_be_taken_back(qtbot: QtBot) -> None:
    bar = looked_at(qtbot).sample_bar

    bar.show_corrected([108])

    assert bar._choice.isHidden() and "Corrected" in bar._note.text()
    with qtbot.waitSignal(bar.taken_back) as asked:
        bar._back.click()
    assert asked.args == [108]


def test_an_input_of_ones_own_has_nothing_to_correct(qtbot: QtBot) -> None:
    assert looked_at(qtbot, number=-1).sample_bar.isHidden()


def test_the_names_of_classes_are_whole_in_a_narrow_table(qtbot: QtBot) -> None:
    table = ClassTable()
    qtbot.addWidget(table)
    each = ClassFigures(name="trousers", samples=206, precision=0.79, recall=0.91, f1=0.84)
    table.show_classes([each, each])
    table.resize(262, 80)

    room = table.width() - sum(table._columns_px()) - 16

    assert room >= QFontMetricsF(font("small", weight=600)).horizontalAdvance(each.name)


def test_two_numbers_fit_below_a_picture() -> None:
    said = [_brief(number) for number in ("7.1523", "-0.6812", "-12.44", "1834.2", "0.0412", "nan")]

    assert said == ["7.2", "−0.68", "−12", "1834", "0.041", "nan"]
