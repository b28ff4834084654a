from hypothesis import given
from hypothesis import strategies as st

from engine.data.loading import batches_per_epoch
from engine.project.recipe import Recipe
from engine.training.checkpoints import Place
from engine.training.timetable import Timetable

SIZES = st.integers(1, 40)


@given(st.integers(1, 200), SIZES, st.integers(1, 5), st.integers(1, 4))
def test_going_through_all_epochs_takes_the_steps_that_were_foretold(
    samples: int, size: int, together: int, epochs: int
) -> None:
    timetable = Timetable(Recipe(batch_size=size, accumulation=together, epochs=epochs), samples)
    place = Place()

    while not timetable.is_over(place):
        while not timetable.epoch_is_over(place):
            place.seen = min(place.seen + size * together, timetable.samples(place))
            place.step += 1
        place.epoch, place.seen = place.epoch + 1, 0

    assert (place.step, place.epoch) == (timetable.steps, epochs)
    assert timetable.steps_per_epoch == -(-batches_per_epoch(samples, size) // together)


@given(st.integers(1, 200), SIZES, st.integers(1, 30))
def test_a_run_of_steps_ends_with_them_wherever_it_is(samples: int, size: int, steps: int) -> None:
    timetable = Timetable(Recipe(batch_size=size, steps=steps), samples)
    place = Place()

    while not timetable.is_over(place):
        while not timetable.epoch_is_over(place):
            place.seen = min(place.seen + size, timetable.samples(place))
            place.step += 1
        place.epoch, place.seen = place.epoch + 1, 0

    assert place.step == steps
    assert place.epoch == timetable.whole_epochs
