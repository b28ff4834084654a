"""The compiled module beside the same layers written by hand: forward, batch 1 and 64.

Prints one JSON object: the median of the ratios of interleaved rounds.
"""

import json
import statistics
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own short name
from builders import a_project, a_residual_cnn
from torch import Tensor, nn

from engine.compile.module import compile_project

ROUNDS = 41
LIMIT = 1.02


class ByHand(nn.Module):
    """The starter's network as a person writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv2d = nn.Conv2d(1, 16, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.conv2d_2 = nn.Conv2d(16, 16, 3, padding=1)
        self.conv2d_3 = nn.Conv2d(16, 16, 3, padding=1)
        self.linear = nn.Linear(16 * 14 * 14, 10)

    def forward(self, image: Tensor) -> Tensor:
        """Return one score for each class."""
        x = self.pool(F.relu(self.conv2d(image)))
        y = self.conv2d_3(F.relu(self.conv2d_2(x)))
        return self.linear(F.relu(y + x).flatten(1))


def main() -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    source = type(compile_project(a_project(a_residual_cnn())).module)
    ratios = {}
    with torch.no_grad():
        for batch, repeats in ((1, 60), (64, 8)):
            images = torch.rand(batch, 1, 28, 28)
            ratios[batch] = _ratio(source, ByHand, images, repeats)
    print(
        json.dumps(
            {
                "benchmark": "forward",
                "ratio_batch_1": ratios[1],
                "ratio_batch_64": ratios[64],
                "limit": LIMIT,
                "holds": max(ratios.values()) <= LIMIT,
            }
        )
    )


def _ratio(
    ours: Callable[[], nn.Module], theirs: Callable[[], nn.Module], images: Tensor, repeats: int
) -> float:
    ratios = []
    for turn in range(ROUNDS):
        # Where weights happen to lie in memory is worth up to a tenth, so every round makes both
        # anew; who is made and goes first changes, so that a warm cache favours neither.
        order = (ours, theirs) if turn % 2 else (theirs, ours)
        models = {make: make().eval() for make in order}
        for model in models.values():
            _seconds(model, images, 2)
        times = {make: _seconds(model, images, repeats) for make, model in models.items()}
        ratios.append(times[ours] / times[theirs])
    return round(statistics.median(ratios), 4)


def _seconds(model: nn.Module, images: Tensor, repeats: int) -> float:
    began = time.process_time()
    for _ in range(repeats):
        model(images)
    return time.process_time() - began


if __name__ == "__main__":
    main()
