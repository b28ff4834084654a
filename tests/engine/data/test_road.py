import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import road
from engine.data.steering import FIRST_SEED, FRAMES, roads
from engine.evaluate.driving import ROADS, drive

SEEDS = st.integers(0, 500)


@given(seed=SEEDS, place=st.integers(20, 1100), aside=st.floats(-2.5, 2.5))
def test_a_car_beside_a_road_is_found_there(seed: int, place: int, aside: float) -> None:
    made = road.make_road(seed)

    found, offset = road.nearest(made, road.car_at(made, place, aside, 0.0))

    assert abs(found - place) <= 2
    assert offset == pytest.approx(aside, abs=0.15)


@settings(max_examples=12)
@given(seed=SEEDS)
def test_who_pursues_the_road_stays_on_it_and_straight_on_leaves_it(seed: int) -> None:
    made = road.make_road(seed)
    car, straight, left = road.start(made), road.start(made), False
    for _ in range(480):
        car = road.driven(car, road.pursued_angle(made, car))
        straight = road.driven(straight, 0.0)
        assert abs(road.nearest(made, car)[1]) < 1.5
        left = left or abs(road.nearest(made, straight)[1]) > road.HALF_ROAD

    assert left


def test_wheels_to_the_left_lead_to_the_left() -> None:
    car = road.driven(road.Car(0, 0, 0), 10.0)

    assert car.y > 0 and car.heading > 0
    assert np.hypot(car.x, car.y) == pytest.approx(road.SPEED * road.TICK)


@given(seed=SEEDS, aside=st.floats(0.6, 2.0))
def test_a_car_on_the_left_must_steer_to_the_right(seed: int, aside: float) -> None:
    made = road.make_road(seed)
    place = int(np.abs(np.diff(made.headings))[20:600].argmin()) + 20

    assert road.pursued_angle(made, road.car_at(made, place, aside, 0.2)) < 0
    assert road.pursued_angle(made, road.car_at(made, place, -aside, -0.2)) > 0


def test_a_car_on_the_left_sees_the_road_on_the_right() -> None:
    made = road.make_road(3)
    random = np.random.default_rng(0)
    grey = made.look.asphalt * made.look.brightness * 255

    def asphalt(aside: float) -> tuple[int, int]:
        seen = road.seen(made, road.car_at(made, 4, aside, 0.0), random)
        row = np.abs(seen[:, -4].astype(float) - grey[:, None]).sum(0) < 60
        return int(row[: road.WIDTH // 2].sum()), int(row[road.WIDTH // 2 :].sum())

    left, right = asphalt(2.0)
    assert right > left
    left, right = asphalt(-2.0)
    assert left > right


def test_the_frames_of_a_road_stay_together_and_the_answers_are_those_of_pursuit() -> None:
    content = roads()

    angles = content.columns["steering"]
    assert content.samples == len(angles) == 3000
    assert np.bincount(content.sides["group"]).tolist() == [FRAMES] * 250
    assert abs(angles.mean()) < 0.5 and 3 < angles.std() < 9
    assert FIRST_SEED > 2000, "roads of evaluations and of the window have smaller numbers"


def test_a_drive_tells_how_far_a_driver_came() -> None:
    straight = [drive(lambda pixels: 0.0, number) for number in range(ROADS)]
    blind = drive(lambda pixels: 25.0, 0)

    assert all(0 < each.metres < 200 and each.on_road == each.metres / 600 for each in straight)
    assert blind.metres < 20 and blind.largest_offset <= road.HALF_ROAD
