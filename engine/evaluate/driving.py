"""A trained network at the wheel: each picture that it sees follows from its own last answer."""

from collections.abc import Callable
from typing import Final

import msgspec
import numpy as np
import torch

from engine.data import road
from engine.data.meaning import deviation_of, main_meaning, mean_of
from engine.evaluate.loading import LoadedRun

ROADS: Final = 5
"""Of 600 m each; none of them is in the data."""

DATA: Final = "roads"

Driver = Callable[[road.Pixels], float]
"""Takes what the camera sees and returns the angle of the wheels, in degrees to the left."""


class Drive(msgspec.Struct, frozen=True, kw_only=True):
    """How far a driver came on one road."""

    road: int
    metres: float
    """Until the end of the road, or until the car left it."""

    length: float
    offset: float
    """The mean distance from the middle, in metres."""

    largest_offset: float
    on_road: float
    """The share of the road that was driven, from 0 to 1."""


def drives_of(loaded: LoadedRun) -> tuple[Drive, ...]:
    """Let a run drive on roads that it never saw; nothing for a run that steers no car."""
    plan = loaded.plan
    if plan.data.dataset != DATA or plan.data.source is not None or len(plan.inputs) != 1:
        return ()
    meaning = main_meaning(plan)
    if meaning is None or meaning.kind != "numbers" or meaning.target != "steering":
        return ()
    unit, zero = deviation_of(loaded.spec, meaning), mean_of(loaded.spec, meaning)

    def angle(pixels: road.Pixels) -> float:
        batch = {plan.inputs[0]: torch.from_numpy(pixels[None]).float() / 255}
        return float(loaded.compiled.outputs(batch)[meaning.output].reshape(-1)[0]) * unit + zero

    threads = torch.get_num_threads()
    # One picture at a time is too little work to share.
    torch.set_num_threads(1)
    try:
        with torch.inference_mode():
            return tuple(drive(angle, number) for number in range(ROADS))
    finally:
        torch.set_num_threads(threads)


def drive(driver: Driver, number: int) -> Drive:
    """Drive along one road until its end, or until the middle of the car is off it."""
    made = road.make_road(number)
    random = np.random.Generator(np.random.Philox(number))
    car, place, offsets = road.start(made), 0, [0.0]
    most = 2 * round(road.LENGTH / (road.SPEED * road.TICK))
    for _ in range(most):
        car = road.driven(car, driver(road.seen(made, car, random)))
        place, aside = road.nearest(made, car)
        if abs(aside) > road.HALF_ROAD or road.metres_done(place) >= road.LENGTH:
            break
        offsets.append(abs(aside))
    metres = min(road.metres_done(place), road.LENGTH)
    return Drive(
        road=number,
        metres=metres,
        length=road.LENGTH,
        offset=float(np.mean(offsets)),
        largest_offset=max(offsets),
        on_road=metres / road.LENGTH,
    )
