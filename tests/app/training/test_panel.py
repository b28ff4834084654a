from itertools import combinations

import msgspec
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot
from window_hands import wait_until

from app.theme import theme_manager
from app.training.panel import TrainingPanel
from app.training.run_page import RunPage
from engine.project.recipe import Recipe
from engine.runs.record import Branch
from engine.training.events import (
    EpochEnded,
    HealthAct,
    HealthNoted,
    ProbeTaken,
    RunChanged,
    RunEnded,
    RunFailed,
    RunPaused,
    RunResumed,
    RunStarted,
    RunWentBack,
    StepEnded,
    TrainingEvent,
)
from engine.training.keeping import Keeping

STARTED = RunStarted(
    run="/runs/20261123-140200-digits",
    project="digits",
    device="CPU",
    threads=1,
    parameters=36170,
    epochs=4,
    steps=40,
    batch_size=64,
    training_samples=640,
    validation_samples=100,
    metric="accuracy",
    optimizer="adam",
)
STEPS = StepEnded(
    step=20,
    epoch=2.0,
    losses=(0.5, 0.5),
    metrics=(0.9, 0.9),
    learning_rate=0.000204,
    steps_per_second=38.2,
    seconds_left=8.0,
)
EPOCH = EpochEnded(
    epoch=2,
    step=20,
    training_loss=0.5,
    validation_loss=0.245,
    validation_metric=0.968,
    seconds=19.0,
)
ENDED = RunEnded(
    run=STARTED.run,
    outcome="finished",
    step=40,
    epoch=4.0,
    seconds=27.0,
    validation_loss=0.2,
    validation_metric=0.97,
    best_epoch=2,
)
FAILED = RunFailed(
    title="The loss is no longer a number",
    why="It began at step 20.",
    hint="Lower the learning rate.",
    node="n7",
    details="Traceback",
)


def a_panel(qtbot: QtBot, *events: TrainingEvent) -> TrainingPanel:
    panel = TrainingPanel()
    qtbot.addWidget(panel)
    qtbot.addWidget(panel.caption)
    panel.resize(851, 380)
    panel.show_recipe(Recipe(epochs=4))
    panel.show()
    panel.show_events(events)
    return panel


def button(panel: QWidget, text: str) -> QPushButton:
    found = [each for each in panel.findChildren(QPushButton) if each.text() == text]
    return next(each for each in found if each.isVisible())


def figures(panel: TrainingPanel) -> list[tuple[str, str, str]]:
    return [(each.name, each.value, each.note) for each in panel.page.figures.figures]


def test_before_a_run_the_recipe_and_train_are_shown(qtbot: QtBot) -> None:
    panel = a_panel(qtbot)

    with qtbot.waitSignal(panel.train_requested):
        qtbot.mouseClick(button(panel, "Train"), Qt.MouseButton.LeftButton)

    assert panel.form.isVisible()


def test_the_five_figures_follow_the_run(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, STARTED, STEPS, EPOCH)

    assert figures(panel) == [
        ("Loss", "0.500", "val 0.245"),
        ("Accuracy", "90.0\u202f%", "val 96.8\u202f%"),
        ("Learning rate", "2.04e−4", "cosine"),
        ("Speed", "38", "steps/s"),
        ("Time left", "0:08", "of 0:27"),
    ]


def test_what_comes_by_itself_waits_for_its_turn_and_what_a_person_did_does_not(
    qtbot: QtBot,
) -> None:
    panel = a_panel(qtbot, STARTED, STEPS)
    looked = ProbeTaken(step=30, epoch=3.0, sample=0, layers=())

    panel.show_events([msgspec.structs.replace(STEPS, seconds_left=5.0), looked])
    assert figures(panel)[-1][1] == "0:08"
    wait_until(lambda: figures(panel)[-1][1] == "0:05")

    panel.show_events([msgspec.structs.replace(STEPS, seconds_left=4.0), RunPaused(step=30)])
    assert figures(panel)[-1][1] == "0:04"


def test_a_pace_that_is_not_known_yet_is_no_figure(qtbot: QtBot) -> None:
    alone = msgspec.structs.replace(STEPS, steps_per_second=0.0, seconds_left=0.0)

    told = figures(a_panel(qtbot, STARTED, alone))

    assert ("Speed", "–", "steps/s") in told and ("Time left", "–", "") in told


def test_each_step_of_a_block_lies_at_its_own_epoch(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, STARTED, STEPS)

    assert panel.page.loss_plot._training.x.tolist() == pytest.approx([1.9, 2.0])


def test_steps_before_the_length_of_epochs_was_changed_stay_where_they_were(qtbot: QtBot) -> None:
    longer = msgspec.structs.replace(STARTED, steps_per_epoch=20)
    first = msgspec.structs.replace(STEPS, step=5, epoch=0.5, losses=(0.5,) * 5)
    second = msgspec.structs.replace(STEPS, step=15, epoch=1.0, losses=(0.5,) * 10)
    panel = a_panel(qtbot, longer, first, second)

    drawn = panel.page.loss_plot._training.x.tolist()

    assert drawn == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, *(0.55 + n / 20 for n in range(10))])


def test_a_run_without_a_metric_has_one_plot_and_four_figures(qtbot: QtBot) -> None:
    bare = msgspec.structs.replace(STARTED, metric="")
    panel = a_panel(qtbot, bare)

    assert [name for name, *_ in figures(panel)] == ["Loss", "Learning rate", "Speed", "Time left"]
    assert not panel.page.metric_plot.isVisible()


def test_plots_are_side_by_side_only_where_there_is_room(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, STARTED)
    loss, metric = panel.page.loss_plot, panel.page.metric_plot
    qtbot.waitUntil(lambda: loss.y() == metric.y() and loss.x() < metric.x())

    panel.resize(500, 700)

    qtbot.waitUntil(lambda: loss.x() == metric.x() and loss.y() < metric.y())


def test_the_caption_says_which_run_it_is(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, STARTED)

    panel.show_run_title("Run 7")

    assert panel.caption.text == "Run 7 · started 14:02 · Adam · batch 64"
    panel.show_run_title("Run 8", Branch(run="7", step=30, epoch=1.5))
    assert panel.caption.text == "Run 8 · started 14:02 · Adam · batch 64 · branched at epoch 1.5"


def test_the_caption_says_what_a_changed_run_trains_with(qtbot: QtBot) -> None:
    changed = RunChanged(
        step=20,
        title="Batch size 32",
        project="",
        steps=60,
        epochs=4,
        steps_per_epoch=20,
        batch_size=32,
        optimizer="sgd",
        schedule="constant",
    )

    panel = a_panel(qtbot, STARTED, STEPS, changed)

    assert panel.caption.text.endswith("SGD · batch 32")
    assert ("Learning rate", "2.04e−4", "constant") in figures(panel)


def test_what_is_recorded_is_chosen_below_the_recipe(qtbot: QtBot) -> None:
    panel = a_panel(qtbot)
    panel.record.show_keeping(Keeping(moments_megabytes=64, moment_steps=5))

    with qtbot.waitSignal(panel.record.changed) as told:
        panel.record.rows.committed.emit("moment_steps", 10)

    assert told.args == [Keeping(moments_megabytes=64, moment_steps=10)]
    assert panel.record.isVisible()


def test_a_paused_run_offers_to_go_on(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, STARTED, STEPS, RunPaused(step=20))

    with qtbot.waitSignal(panel.resume_requested):
        qtbot.mouseClick(button(panel, "Resume"), Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(panel.step_requested):
        qtbot.mouseClick(button(panel, "Step once"), Qt.MouseButton.LeftButton)

    assert panel.page.strip.text == "Paused at step 20 of 40."


def test_a_run_that_went_back_stands_where_it_went_to(qtbot: QtBot) -> None:
    back = RunWentBack(step=12, epoch=1.2)

    panel = a_panel(qtbot, STARTED, STEPS, EPOCH, RunPaused(step=20), back)

    assert "val" not in " ".join(note for _, _, note in figures(panel))
    assert panel.page.strip.text == "Paused at step 12 of 40."
    assert panel.page._known().epochs_done == 1.2


@pytest.mark.parametrize("width", [1000, 420])
def test_the_buttons_of_a_paused_run_are_seen_whole_in_any_dock(qtbot: QtBot, width: int) -> None:
    panel = a_panel(qtbot, STARTED, STEPS, RunPaused(step=20))
    panel.resize(width, 600)
    strip = panel.page.strip

    for text in ("Recipe", "Step once", "Stop", "Resume"):
        shown = button(strip, text)
        wait_until(lambda shown=shown: shown.width() >= shown.sizeHint().width())
        corner = shown.mapTo(panel, shown.rect().topRight())
        assert panel.rect().contains(corner)


def test_a_resumed_run_looks_as_before(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, STARTED, STEPS, RunPaused(step=20), RunResumed(step=20))

    assert not panel.page.strip.isVisible()


def test_the_menu_of_a_run_pauses_and_stops_it(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, STARTED)
    actions = {action.text(): action for action in panel.caption.menu().actions()}

    with qtbot.waitSignals([panel.pause_requested, panel.stop_requested]):
        actions["Pause"].trigger()
        actions["Stop"].trigger()


def test_the_menu_of_a_run_leads_to_the_recipe_and_back(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, STARTED)
    for text in ("Show Recipe", "Show Curves"):
        shown = panel.page.isVisible()

        {action.text(): action for action in panel.caption.menu().actions()}[text].trigger()

        assert panel.page.isVisible() != shown


def test_a_finished_run_names_its_best_epoch_and_can_be_exported(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, STARTED, STEPS, EPOCH, ENDED)

    with qtbot.waitSignal(panel.export_requested):
        qtbot.mouseClick(button(panel, "Export…"), Qt.MouseButton.LeftButton)

    assert panel.page.strip.text == "Finished in 0:27. Best epoch 2."
    assert figures(panel)[-1] == ("Time", "0:27", "4 epochs")
    assert panel.caption.text.startswith("Run · finished in 0:27")


def test_a_problem_keeps_the_curves_and_leads_to_its_layer(qtbot: QtBot) -> None:
    panel = a_panel(qtbot)
    panel.show_node_names({"n7": "conv2d_3"})
    panel.show_events([STARTED, STEPS, FAILED])

    with qtbot.waitSignal(panel.node_requested) as asked:
        qtbot.mouseClick(button(panel, "Show the layer"), Qt.MouseButton.LeftButton)

    assert asked.args == ["n7"]
    assert "In conv2d_3. It began at step 20." in panel.page.banner.accessibleName()
    assert panel.page.loss_plot.isVisible()


def test_a_problem_before_the_first_step_is_shown(qtbot: QtBot) -> None:
    panel = a_panel(qtbot)
    panel.show_starting()

    panel.show_events([FAILED])

    assert panel.page.banner.isVisible()


def test_a_new_run_clears_the_last_one(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, STARTED, STEPS, EPOCH, FAILED, ENDED)

    panel.show_events([STARTED])

    assert not panel.page.banner.isVisible()
    assert panel.page.loss_plot.latest is None


def test_a_run_leaves_open_what_it_can_change_and_a_pause_opens_the_rest(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, STARTED)
    panel.show_form()

    def is_open(name: str) -> bool:
        fields = panel.form.findChildren(QWidget)
        return next(each for each in fields if each.accessibleName() == name).isEnabled()

    assert is_open("Learning rate") and not is_open("Seed")
    panel.show_events([RunPaused(step=1)])
    assert is_open("Seed")
    panel.show_events([RunResumed(step=1)])
    assert not is_open("Seed")
    panel.show_events([ENDED])
    assert is_open("Seed") and button(panel, "Train").isEnabled()


def test_the_panel_paints_in_both_themes(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, STARTED, STEPS, EPOCH, RunPaused(step=20))
    theme_manager().dress(panel)
    grounds = set()
    for name in ("dark", "light"):
        theme_manager().choose("dark" if name == "dark" else "light")
        panel.page.loss_plot.redraw()
        image = panel.grab().toImage()
        grounds.add(image.pixelColor(image.width() - 3, image.height() - 3).name())

    assert len(grounds) == 2


def test_every_widget_that_takes_focus_has_a_name(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, STARTED, STEPS, FAILED, RunPaused(step=20))

    takers = [
        each
        for each in panel.findChildren(QWidget)
        if each.focusPolicy() != Qt.FocusPolicy.NoFocus and each.isVisible()
    ]
    nameless = [
        each
        for each in takers
        if not each.accessibleName() and not (isinstance(each, QPushButton) and each.text())
    ]

    assert takers
    assert not nameless


def test_a_run_that_went_back_to_its_start_has_no_figures_of_later_steps(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, STARTED, STEPS, RunPaused(step=20))
    assert figures(panel)[0][1] != "–"

    panel.show_events([RunWentBack(step=0, epoch=0.0)])

    assert [value for _, value, _ in figures(panel)[:2]] == ["–", "–"]


def test_what_goes_wrong_is_shown_with_buttons_that_mend_it(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, STARTED, STEPS)
    act = HealthAct(label="Lower the rate to 0.1", settings={"learning_rate": 0.1})

    panel.show_events([HealthNoted(code="rate_high", text="The loss jumped.", acts=(act,))])

    assert panel.page.health.isVisible()
    with qtbot.waitSignal(panel.act_requested) as asked:
        button(panel, act.label).click()
    assert asked.args[0] is act
    assert not panel.page.health.isVisible()


def test_another_run_begins_without_the_notes_of_the_one_before(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, STARTED, STEPS)
    act = HealthAct(label="Open Data", opens="data")
    panel.show_events([HealthNoted(code="loader", text="Slow.", acts=(act,)), ENDED])

    panel.show_events([STARTED, STEPS])

    assert not panel.page.health.isVisible()


def test_what_stopped_a_run_is_shown_with_buttons_that_mend_it(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, STARTED, STEPS)
    act = HealthAct(label="Set batch size 32", settings={"batch_size": 32})
    failed = RunFailed(title="There is not enough memory", acts=(act,))

    panel.show_events([failed])

    with qtbot.waitSignal(panel.act_requested) as asked:
        button(panel, act.label).click()
    assert asked.args[0] is act
    assert panel.page.banner.isVisible()
    with pytest.raises(StopIteration):
        button(panel, act.label)


@pytest.mark.parametrize("event", [RunResumed(step=4), ENDED])
def test_a_note_about_a_hold_goes_when_the_run_goes_on_or_ends(qtbot: QtBot, event: object) -> None:
    panel = a_panel(qtbot, STARTED, STEPS)
    acts = (HealthAct(label="Go on with the others", resumes=True),)
    panel.show_events([HealthNoted(code="lost", text="2 files.", acts=acts), RunPaused(step=4)])
    assert panel.page.health.isVisible()

    panel.show_events([event])

    assert not panel.page.health.isVisible()


def test_what_only_a_run_that_goes_on_can_do_is_not_offered_once_it_ended(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, STARTED, STEPS)
    anew = HealthAct(label="Begin Linear anew", reset="n")
    back = HealthAct(label="Go back to step 4", goes_back=True)
    lower = HealthAct(label="Lower the rate to 0.1", settings={"learning_rate": 0.1})
    note = HealthNoted(code="dead", text="They are dead.", node="n", acts=(anew, back, lower))
    panel.show_events([note])
    assert button(panel, anew.label).isVisible()

    panel.show_events([ENDED])

    assert panel.page.health.isVisible()
    offered = panel.page.health.findChildren(QPushButton)
    assert {each.text() for each in offered if each.isVisible() and each.text()} == {
        lower.label,
        "Show the layer",
    }


def test_a_note_without_an_act_is_left_to_the_log(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, STARTED, STEPS)

    panel.show_events([HealthNoted(code="compile", text="Not faster.")])

    assert not panel.page.health.isVisible()


def test_each_of_several_losses_has_a_curve_of_its_own(qtbot: QtBot) -> None:
    parts = {"Cross-entropy": (0.4, 0.3), "Rebuilt": (0.2, 0.1)}
    steps = msgspec.structs.replace(STEPS, parts=parts)
    found = {"Cross-entropy": 0.5, "accuracy of scores": 0.9}
    epoch = msgspec.structs.replace(EPOCH, validation_figures=found)

    panel = a_panel(qtbot, STARTED, steps, epoch)

    plots = panel.page.parts.plots
    assert [plot.title for plot in plots] == ["Cross-entropy", "Rebuilt", "Accuracy of scores, %"]
    assert plots[1].latest == pytest.approx(0.1, abs=0.1)
    panel.show_events([STARTED, STEPS])
    assert not panel.page.parts.plots and not panel.page.parts.isVisible()


def test_no_plot_lies_on_another_where_the_dock_is_low(qtbot: QtBot) -> None:
    scroll, page = QScrollArea(), RunPage()
    qtbot.addWidget(scroll)
    scroll.setWidgetResizable(True)
    scroll.setWidget(page)
    scroll.resize(840, 300)
    scroll.show()
    page.metric_plot.show()

    page.parts.add_validation(1.0, {"Reconstruction": 0.2, "Tidiness": 3.0})

    plots = (page.loss_plot, page.metric_plot, *page.parts.plots)
    wait_until(lambda: page.height() > scroll.viewport().height())
    boxes = [QRect(plot.mapTo(page, QPoint()), plot.size()) for plot in plots]
    assert not any(one.intersects(other) for one, other in combinations(boxes, 2))
