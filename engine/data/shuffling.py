"""The order of the samples: a function of the seed and the epoch alone, known before it is read."""

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Indices: TypeAlias = npt.NDArray[np.int64]

WINDOW_BLOCKS: Final = 16
"""Blocks whose samples are shuffled among each other, and are in memory at once."""


def epoch_order(samples: int, *, seed: int, epoch: int) -> Indices:
    """Shuffle the places of ``samples`` samples, the same way for the same seed and epoch."""
    stream = np.random.Philox(np.random.SeedSequence([seed, epoch]))
    return np.random.Generator(stream).permutation(samples)


def windowed_order(
    blocks: Indices, *, seed: int, epoch: int, window: int = WINDOW_BLOCKS
) -> Indices:
    """Deal blocks out in a new order and shuffle the samples of so many blocks among each other.

    A reader needs no more than these at once. A single block is shuffled as a whole.

    Args:
        blocks: The first place of each block, and the number of samples at the end.
        window: How many blocks are shuffled among each other.
    """
    if len(blocks) <= 2:
        return epoch_order(int(blocks[-1]), seed=seed, epoch=epoch)
    generator = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, epoch])))
    dealt = generator.permutation(len(blocks) - 1)
    order = np.empty(int(blocks[-1]), np.int64)
    filled = 0
    for begin in range(0, len(dealt), window):
        first = filled
        for block in dealt[begin : begin + window]:
            count = int(blocks[block + 1] - blocks[block])
            order[filled : filled + count] = np.arange(blocks[block], blocks[block + 1])
            filled += count
        generator.shuffle(order[first:filled])
    return order
