"""Pictures of computed roads, each with the angle of the wheels that keeps the car on them."""

from typing import Final

import numpy as np

from engine.data import road
from engine.data.content import Content, Made, Number, Ready
from nodes.io import DataField

ROADS: Final = 250
FRAMES: Final = 12
"""Of each road."""

SAMPLES: Final = ROADS * FRAMES
FIRST_SEED: Final = 10_000
"""No road that is driven in an evaluation has such a number."""


def roads() -> Content:
    """Return frames from beside the middle, also turned away: how to come back must be seen too.

    Frames of one road stay together when the samples are split.
    """
    pictures = np.empty((SAMPLES, 3, road.HEIGHT, road.WIDTH), np.uint8)
    angles = np.empty(SAMPLES)
    for number in range(ROADS):
        made = road.make_road(FIRST_SEED + number, length=160)
        random = np.random.Generator(np.random.Philox(number))
        for frame in range(FRAMES):
            place = int(random.integers(10, 320))
            aside = float(np.clip(random.normal(0, 0.9), -2.2, 2.2))
            car = road.car_at(made, place, aside, float(random.normal(0, 0.1)))
            sample = number * FRAMES + frame
            pictures[sample] = road.seen(made, car, random)
            angles[sample] = road.pursued_angle(made, car)
    field = DataField("image", "image", (3, road.HEIGHT, road.WIDTH))
    return Content(
        SAMPLES,
        (Ready(Made(field, pictures)), Number("steering", "steering")),
        columns={"steering": angles},
        sides={"group": np.repeat(np.arange(ROADS), FRAMES)},
    )
