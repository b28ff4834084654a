"""What a run without a window shows is what whoever comes later sees."""

from pathlib import Path

from engine.training.events import ProbeTaken, SamplesChosen, StepEnded, TrainingEvent
from engine.training.insight import InputRefused
from engine.training.live import LiveReader, LiveWriter

SAMPLES = SamplesChosen(shape=(1,), pixels=b"\x00\x01")


def a_look(step: int) -> ProbeTaken:
    return ProbeTaken(step=step, epoch=0.5, sample=0, layers=())


def an_answer(number: int) -> InputRefused:
    return InputRefused(subject=str(number), title="No", why="So.")


def shown(writer: LiveWriter, run: Path, *events: TrainingEvent) -> None:
    for event in events:
        writer.take(event, is_heard=False)
    writer.flush(run)


def test_whoever_comes_later_sees_the_samples_and_the_newest_look(tmp_path: Path) -> None:
    writer = LiveWriter()
    writer.take(SAMPLES, is_heard=True)
    writer.take(a_look(1), is_heard=True)

    shown(writer, tmp_path, a_look(2), a_look(3))

    assert LiveReader(tmp_path).news() == [SAMPLES, a_look(3)]


def test_each_thing_is_told_once_and_no_answer_is_lost(tmp_path: Path) -> None:
    writer, reader = LiveWriter(), LiveReader(tmp_path)
    shown(writer, tmp_path, an_answer(1), a_look(1), an_answer(2))
    first = reader.news()

    shown(writer, tmp_path, an_answer(3))

    assert first == [an_answer(1), a_look(1), an_answer(2)]
    assert (reader.news(), reader.news()) == ([an_answer(3)], [])


def test_what_the_record_holds_is_not_kept_twice(tmp_path: Path) -> None:
    step = StepEnded(
        step=1, epoch=0.1, losses=(1.0,), learning_rate=0.1, steps_per_second=1.0, seconds_left=1.0
    )

    shown(LiveWriter(), tmp_path, step)

    assert not list(tmp_path.iterdir()) and LiveReader(tmp_path).news() == []


def test_the_file_stays_small_and_is_taken_away(tmp_path: Path) -> None:
    writer = LiveWriter()
    shown(writer, tmp_path, *map(an_answer, range(1000)))

    assert len(LiveReader(tmp_path).news()) <= 64
    writer.forget(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_damaged_file_shows_nothing(tmp_path: Path) -> None:
    writer = LiveWriter()
    shown(writer, tmp_path, SAMPLES)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-1])

    assert LiveReader(tmp_path).news() == []
