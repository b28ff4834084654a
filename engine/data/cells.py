"""Cells as under a microscope, computed: a picture to cut into ground, cell and nucleus."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.data.content import Content, Made, Ready
from nodes.io import DataField

Array = npt.NDArray[Any]

SAMPLES: Final = 700
SIDE: Final = 48
CLASSES: Final = ("ground", "cell", "nucleus")
_SEED: Final = 11


def cells() -> Content:
    """Return pictures of cells that glow, each with the class of every pixel.

    Light is uneven, cells differ in size and stain, and debris is as bright as a nucleus but lies
    outside of cells: where a pixel lies counts as much as how bright it is.
    """
    pictures = np.empty((SAMPLES, 1, SIDE, SIDE), np.uint8)
    masks = np.empty((SAMPLES, SIDE, SIDE), np.uint8)
    for number in range(SAMPLES):
        random = np.random.Generator(np.random.Philox(np.random.SeedSequence([_SEED, number])))
        pictures[number, 0], masks[number] = _slide(random)
    return Content(
        SAMPLES,
        (
            Ready(Made(DataField("image", "image", (1, SIDE, SIDE)), pictures)),
            Ready(
                Made(
                    DataField("mask", "mask", (SIDE, SIDE), "int", len(CLASSES)),
                    masks,
                    None,
                    CLASSES,
                )
            ),
        ),
    )


def _slide(random: np.random.Generator) -> tuple[Array, Array]:
    """Return one picture, bright cells on a dark ground, and its mask."""
    rows, columns = np.mgrid[:SIDE, :SIDE].astype(np.float64)
    slope = random.uniform(-0.12, 0.12, 2)
    light = 0.22 + (slope[0] * (rows - SIDE / 2) + slope[1] * (columns - SIDE / 2)) / SIDE * 2
    mask = np.zeros((SIDE, SIDE), np.uint8)
    stain = random.uniform(0.14, 0.3)
    for _ in range(random.integers(2, 6)):
        middle, size = random.uniform(4, SIDE - 4, 2), random.uniform(6, 11)
        body = _ellipse(rows, columns, middle, size, random)
        if (mask[body] > 0).any():
            continue
        nucleus = _ellipse(
            rows, columns, middle + random.uniform(-0.2, 0.2, 2) * size, size * 0.42, random
        )
        light[body] += stain * random.uniform(0.8, 1.2)
        light[nucleus & body] += random.uniform(0.18, 0.32)
        mask[body] = 1
        mask[nucleus & body] = 2
    for _ in range(random.integers(0, 5)):
        speck = _ellipse(rows, columns, random.uniform(0, SIDE, 2), random.uniform(1, 3), random)
        light[speck & (mask == 0)] += random.uniform(0.3, 0.5)
    picture = _blurred(light) + random.normal(0, 0.045, light.shape)
    return np.rint(picture.clip(0, 1) * 255).astype(np.uint8), mask


def _ellipse(
    rows: Array, columns: Array, middle: Array, size: float, random: np.random.Generator
) -> Array:
    """Return which pixels lie in an ellipse of about this radius, turned anyhow."""
    angle, stretch = random.uniform(0, np.pi), random.uniform(1, 1.5)
    down, right = rows - middle[0], columns - middle[1]
    along = down * np.cos(angle) + right * np.sin(angle)
    across = right * np.cos(angle) - down * np.sin(angle)
    inside: Array = (along / stretch) ** 2 + (across * stretch) ** 2 <= size**2 / stretch
    return inside


def _blurred(picture: Array) -> Array:
    """Return what a lens a little out of focus makes of it."""
    for axis in (0, 1):
        padded = np.pad(picture, [(1, 1) if axis == other else (0, 0) for other in (0, 1)], "edge")
        parts = [np.take(padded, range(k, k + SIDE), axis) for k in range(3)]
        picture = (parts[0] + 2 * parts[1] + parts[2]) / 4
    return picture
