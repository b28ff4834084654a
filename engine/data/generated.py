"""Data sets that are computed: points in a plane, in two classes."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.data.content import Content, Made, Ready
from engine.data.preparation import Plain
from nodes.io import DataField

Array = npt.NDArray[Any]

SAMPLES = 2000


def two_moons() -> Content:
    """Return two half circles that reach into each other, with a little noise."""
    random, half = np.random.Generator(np.random.Philox(1)), SAMPLES // 2
    angles = random.uniform(0, math.pi, (2, half))
    upper = np.stack([np.cos(angles[0]), np.sin(angles[0])], axis=1)
    lower = np.stack([1 - np.cos(angles[1]), 0.5 - np.sin(angles[1])], axis=1)
    return _points(random, upper, lower, noise=0.2)


def spirals() -> Content:
    """Return two arms that wind around each other one and a half times."""
    random, half = np.random.Generator(np.random.Philox(2)), SAMPLES // 2
    turns = np.sqrt(random.uniform(0.01, 1, half)) * 3 * math.pi
    arm = np.stack([turns * np.cos(turns), turns * np.sin(turns)], axis=1) / (3 * math.pi)
    return _points(random, arm, -arm, noise=0.02)


def _points(random: np.random.Generator, first: Array, second: Array, *, noise: float) -> Content:
    points = np.concatenate([first, second])
    points = (points + random.normal(0, noise, points.shape)).astype(np.float32)
    labels = np.repeat(np.arange(2), len(first))
    return Content(
        len(points),
        (
            Ready(Made(DataField("point", "vector", (2,)), points, Plain(columns=("x", "y")))),
            Ready(Made(DataField("label", "label", (), "int", 2), labels, None, ("blue", "amber"))),
        ),
    )
