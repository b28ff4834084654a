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


@given(st.integers(2, 200), SIZES, SIZES, st.integers(0, 30), st.integers(1, 30), st.booleans())
def test_a_run_that_goes_on_with_other_batches_ends_with_the_epochs_that_are_foretold(
    samples: int, size: int, other: int, before: int, after: int, counts_steps: bool
) -> None:
    length = {"steps": before + after} if counts_steps else {"epochs": 4}
    place = Place()
    _walk(Timetable(Recipe(batch_size=size, **length), samples), size, place, most=before)
    recipe = Recipe(batch_size=other, **length)
    timetable = Timetable(recipe, samples, place)

    _walk(timetable, other, place, most=after // 2)
    again = Timetable(recipe, samples, place)
    _walk(again, other, place)

    assert (again.steps, again.epochs) == (timetable.steps, timetable.epochs)
    assert (place.step, place.epoch) == (again.steps, again.whole_epochs)


def _walk(timetable: Timetable, size: int, place: Place, most: int = 10_000) -> None:
    last = place.step + most
    while not timetable.is_over(place) and place.step < last:
        if not timetable.epoch_is_over(place):
            place.seen = min(place.seen + size, timetable.samples(place))
            place.step += 1
        if timetable.epoch_is_over(place):
            place.epoch, place.seen = place.epoch + 1, 0
