"""A road that does not exist, a car on it, and what its camera sees.

Everything is computed: the road bends at random, the ground is flat, and the camera looks along the
car. Nothing in here imports torch, so that the window drives with the same code as the evaluation.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Pixels = npt.NDArray[np.uint8]

HEIGHT: Final = 32
WIDTH: Final = 80
HALF_ROAD: Final = 3.0
"""From the middle to the edge, in metres."""

LENGTH: Final = 600.0
"""Of a road, in metres; it goes on for as far as the camera sees."""

SPEED: Final = 12.0
"""Metres in a second."""

TICK: Final = 0.1
"""Seconds between two looks of the camera."""

LARGEST_ANGLE: Final = 25.0
"""Of the wheels, in degrees to either side."""

_WHEEL_BASE: Final = 2.7
_SPACING: Final = 0.5
_AHEAD: Final = 60.0
_PURSUED: Final = 9.0
_CAMERA_METRES: Final = 1.4
_HORIZON_ROW: Final = 9.0
_FOCUS: Final = 42.0
_SHARPEST: Final = 0.045
"""The largest curvature of a road, one over metres: a bend of 22 m radius."""


@dataclass(frozen=True, slots=True)
class Road:
    """The middle of a road, a point every half metre.

    Shapes:
        points: (N, 2), metres to the east and the north
        headings: (N,), radians
    """

    points: Array
    headings: Array
    look: "Look"


@dataclass(frozen=True, slots=True)
class Look:
    """Colours and light of a road, each from 0 to 1."""

    asphalt: Array
    grass: Array
    sky: Array
    line: Array
    is_dashed: bool
    brightness: float
    noise: float


@dataclass(frozen=True, slots=True)
class Car:
    """Where the car is."""

    x: float
    y: float
    heading: float


def make_road(seed: int, length: float = LENGTH) -> Road:
    """Return a road that depends on its seed only."""
    random = np.random.Generator(np.random.Philox(seed))
    along = np.arange(0, length + _AHEAD, _SPACING)
    bends = np.zeros_like(along)
    for wave in random.uniform(40, 160, 4):
        bends += random.normal(0, 1) * np.sin(2 * np.pi * (along / wave + random.uniform()))
    bends *= _SHARPEST * random.uniform(0.35, 1) / max(float(np.abs(bends).max()), 1e-9)
    # The first metres are straight, so that nobody starts in a bend.
    bends *= np.clip(along / 20, 0, 1)
    headings = np.cumsum(bends) * _SPACING
    steps = np.stack([np.cos(headings), np.sin(headings)], axis=1) * _SPACING
    return Road(np.cumsum(steps, axis=0) - steps[0], headings, _look(random))


def start(road: Road) -> Car:
    """Return a car in the middle of the beginning of a road."""
    return Car(float(road.points[0, 0]), float(road.points[0, 1]), float(road.headings[0]))


def car_at(road: Road, place: int, aside: float, turned: float) -> Car:
    """Return a car beside a point of a road.

    Args:
        aside: Metres to the left of the middle.
        turned: Radians to the left of the road's direction.
    """
    heading = float(road.headings[place])
    x, y = road.points[place]
    return Car(
        float(x - np.sin(heading) * aside), float(y + np.cos(heading) * aside), heading + turned
    )


def nearest(road: Road, car: Car) -> tuple[int, float]:
    """Return the nearest point of the road, and how many metres left of it the car is."""
    east, north = road.points[:, 0] - car.x, road.points[:, 1] - car.y
    place = int((east * east + north * north).argmin())
    heading, gap = road.headings[place], (east[place], north[place])
    return place, float(gap[0] * np.sin(heading) - gap[1] * np.cos(heading))


def metres_done(place: int) -> float:
    """Return how far along the road one of its points lies."""
    return place * _SPACING


def pursued_angle(road: Road, car: Car) -> float:
    """Return the angle of the wheels, in degrees to the left, that leads back to the middle.

    Pure pursuit (Coulter, 1992): the circle through a point of the road some metres ahead.
    """
    place, _ = nearest(road, car)
    aim = road.points[min(place + round(_PURSUED / _SPACING), len(road.points) - 1)]
    forward, left = _in_sight(aim[None], car)[0]
    bend = 2 * left / max(forward**2 + left**2, 1e-6)
    angle = float(np.degrees(np.arctan(bend * _WHEEL_BASE)))
    return float(np.clip(angle, -LARGEST_ANGLE, LARGEST_ANGLE))


def driven(car: Car, angle: float, seconds: float = TICK) -> Car:
    """Return where the car is a moment later.

    Args:
        angle: Of the wheels, in degrees to the left.
    """
    angle = float(np.clip(angle, -LARGEST_ANGLE, LARGEST_ANGLE))
    turned = SPEED * seconds * np.tan(np.radians(angle)) / _WHEEL_BASE
    middle = car.heading + turned / 2
    return Car(
        car.x + float(np.cos(middle)) * SPEED * seconds,
        car.y + float(np.sin(middle)) * SPEED * seconds,
        car.heading + float(turned),
    )


def seen(road: Road, car: Car, random: np.random.Generator) -> Pixels:
    """Return what the camera sees.

    Args:
        random: Makes the noise of the camera.

    Shapes:
        out: (3, HEIGHT, WIDTH)
    """
    look = road.look
    picture = np.empty((HEIGHT, WIDTH, 3))
    rows = np.arange(HEIGHT) + 0.5 - _HORIZON_ROW
    ground = rows > 0
    picture[~ground] = look.sky
    picture[ground] = _ground(road, car, _CAMERA_METRES * _FOCUS / rows[ground])
    picture = picture * look.brightness + random.normal(0, look.noise, picture.shape)
    pixels: Pixels = np.rint(picture.clip(0, 1) * 255).astype(np.uint8).transpose(2, 0, 1)
    return np.ascontiguousarray(pixels)


def _ground(road: Road, car: Car, far: Array) -> Array:
    """Return the colours of the ground so many metres ahead, one row for each distance.

    Shapes:
        far: (R,)
        out: (R, WIDTH, 3)
    """
    look = road.look
    place, _ = nearest(road, car)
    first = max(place - 4, 0)
    sight = _in_sight(road.points[first : place + round(_AHEAD / _SPACING)], car)
    # Where the road turns back it is hidden by itself: distances must grow.
    kept = np.maximum.accumulate(sight[:, 0]) <= sight[:, 0]
    middle = np.interp(far, sight[kept, 0], sight[kept, 1])
    slope = np.interp(far, sight[kept, 0], np.gradient(sight[kept, 1], sight[kept, 0] + 1e-9))
    left = (WIDTH / 2 - 0.5 - np.arange(WIDTH)) / _FOCUS * far[:, None]
    # Across the road, not across the view.
    aside = np.abs(left - middle[:, None]) * np.cos(np.arctan(slope))[:, None]
    along = metres_done(first) + far
    colours = np.where((aside < HALF_ROAD)[..., None], look.asphalt, look.grass)
    edge = np.abs(aside - (HALF_ROAD - 0.25)) < np.maximum(0.12, far[:, None] / 120)
    colours = np.where(edge[..., None], look.line, colours)
    dashes = (along % 6 < 3) | (not look.is_dashed)
    stripe = (aside < np.maximum(0.08, far[:, None] / 160)) & dashes[:, None]
    return np.where(stripe[..., None], look.line, colours)


def _in_sight(points: Array, car: Car) -> Array:
    """Return points as the car sees them: metres forward and to the left.

    Shapes:
        points, out: (N, 2)
    """
    gaps = points - np.array([car.x, car.y])
    cosine, sine = np.cos(car.heading), np.sin(car.heading)
    return np.stack(
        [gaps[:, 0] * cosine + gaps[:, 1] * sine, gaps[:, 1] * cosine - gaps[:, 0] * sine], axis=1
    )


def _look(random: np.random.Generator) -> Look:
    grey = random.uniform(0.25, 0.5)
    return Look(
        asphalt=grey + random.uniform(-0.03, 0.03, 3),
        grass=np.array([0.3, 0.45, 0.2]) + random.uniform(-0.15, 0.15, 3),
        sky=np.array([0.6, 0.72, 0.9]) + random.uniform(-0.15, 0.1, 3),
        line=np.array([0.9, 0.9, 0.85]) + random.uniform(-0.1, 0.1, 3),
        is_dashed=bool(random.random() < 0.7),
        brightness=random.uniform(0.7, 1.15),
        noise=random.uniform(0.01, 0.04),
    )
