import msgspec
from pytestqt.qtbot import QtBot

from app.training.log import TrainingLog
from engine.training.events import (
    CheckpointSaved,
    EpochEnded,
    HealthNoted,
    RunEnded,
    RunFailed,
    RunStarted,
    StepEnded,
)

STARTED = RunStarted(
    run="r",
    project="digits",
    device="cpu",
    threads=1,
    parameters=36170,
    epochs=4,
    steps=40,
    batch_size=64,
    training_samples=5400,
    validation_samples=100,
    metric="accuracy",
)


def a_log(qtbot: QtBot) -> TrainingLog:
    log = TrainingLog()
    qtbot.addWidget(log)
    log.resize(600, 160)
    log.show()
    return log


def test_what_happens_is_told_in_sentences(qtbot: QtBot) -> None:
    log = a_log(qtbot)

    log.show_events(
        [
            STARTED,
            EpochEnded(
                epoch=1,
                step=10,
                training_loss=0.5,
                validation_loss=0.4,
                validation_metric=0.9,
                seconds=1.0,
            ),
            CheckpointSaved(step=10, path="p", best=True),
            CheckpointSaved(step=10, path="p"),
            HealthNoted(code="c", text="2 of 16 channels are zero."),
            RunEnded(run="r", outcome="finished", step=40, epoch=4.0, seconds=27.0),
        ]
    )

    assert log.lines == (
        "digits starts on CPU: 36\u202f170 parameters, "
        "5\u202f400 samples to train, 100 to validate",
        "Epoch 1: loss 0.500 · validation 0.400 · accuracy 90.0\u202f%",
        "Best weights so far, saved at step 10",
        "2 of 16 channels are zero.",
        "The run finished in 0:27.",
    )


def test_a_traceback_is_folded_under_its_sentence(qtbot: QtBot) -> None:
    log = a_log(qtbot)

    log.show_events([RunFailed(title="The GPU ran out of memory", details="Traceback\n  line 1")])

    item = log._items()[0]
    folded = item.child(0)
    assert log.lines == ("The GPU ran out of memory.",)
    assert folded is not None and folded.text(1).startswith("Traceback")
    assert not item.isExpanded()


def test_steps_say_nothing(qtbot: QtBot) -> None:
    log = a_log(qtbot)

    log.show_events(
        [
            StepEnded(
                step=1,
                epoch=0.1,
                losses=(1.0,),
                learning_rate=1.0,
                steps_per_second=1.0,
                seconds_left=1.0,
            )
        ]
    )

    assert log.lines == ()


def test_the_log_follows_its_end_unless_the_person_scrolled_up(qtbot: QtBot) -> None:
    log = a_log(qtbot)
    many = [HealthNoted(code="c", text=f"note {index}") for index in range(60)]
    log.show_events(many)
    bar = log._list.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0 and bar.value() == bar.maximum())

    bar.setValue(0)
    log.show_events(many)

    assert bar.value() == 0


def test_the_log_is_at_its_end_when_it_is_first_looked_at(qtbot: QtBot) -> None:
    log = a_log(qtbot)
    log.hide()
    for index in range(60):
        log.show_events([HealthNoted(code="c", text=f"note {index}")])

    log.show()

    bar = log._list.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0 and bar.value() == bar.maximum())


def test_only_what_is_to_be_mended_carries_a_warning_sign(qtbot: QtBot) -> None:
    log = a_log(qtbot)
    noted = HealthNoted(code="weights", text="Linear: 2 of 2 tensors are those of the file.")

    log.show_events([msgspec.structs.replace(noted, is_well=True), noted])

    well, amiss = log._items()
    assert well.icon(1).isNull() and not amiss.icon(1).isNull()


def test_the_record_of_a_run_is_told_with_how_long_it_had_gone_on(qtbot: QtBot) -> None:
    log = a_log(qtbot)
    epoch = EpochEnded(epoch=1, step=10, training_loss=1.5, validation_loss=1.2, seconds=24.0)
    ended = RunEnded(run="r", outcome="finished", step=10, epoch=1.0, seconds=25.0)

    log.show_record("last week", [STARTED, epoch, ended])
    log.add("Now")

    assert log.lines[0] == "From the record of last week"
    assert log.lines[2].startswith("Epoch 1: loss 1.50")
    times = [item.text(0) for item in log._items()]
    assert times[:2] == ["", ""] and times[2:4] == ["0:24", "0:25"]
    assert times[4].count(":") == 2, "what comes then is told by the clock again"


def test_what_was_left_out_of_the_data_stands_in_the_log(qtbot: QtBot) -> None:
    log = a_log(qtbot)

    log.show_events([msgspec.structs.replace(STARTED, notes=("2 of 9 files were left out.",))])

    assert log.lines[1:] == ("2 of 9 files were left out.",)
