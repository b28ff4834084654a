"""Which validation samples excite one channel of a layer the most."""

from contextlib import closing
from typing import Final

import torch
from torch import Tensor

from engine.compile.module import CompiledModel
from engine.compile.stepper import run_at_any_depth
from engine.data.meaning import Meaning
from engine.graph.elements import End, NodeId
from engine.probes.samples_shown import samples_shown
from engine.training.material import Material
from engine.training.questions import ExcitingFound
from engine.training.waiting import Reached, to_the_end
from nodes.errors import DataError

MOST_SAMPLES: Final = 2000
SHOWN: Final = 8
_BATCH: Final = 128


def find_exciting(
    compiled: CompiledModel,
    material: Material,
    meaning: Meaning | None,
    node: str,
    channel: int,
    *,
    step: int,
    epoch: float,
    reached: Reached = to_the_end,
) -> ExcitingFound:
    """Rank at most 2,000 validation samples, in even steps, by the channel's greatest value.

    Args:
        reached: Told after each batch how many samples are done.

    Raises:
        GivenUpError: Nobody waits for it any more.
        DataError: The layer has no such channel, or there is nothing to rank.
    """
    feed = material.validation
    count = min(feed.samples, MOST_SAMPLES)
    if not count:
        raise DataError("There are no validation samples", hint="Hold some out.")
    places = feed.spread(count)
    strengths = []
    with closing(feed.batches(places, _BATCH)) as batches, torch.no_grad():
        for batch in batches:
            found = run_at_any_depth(compiled, batch, [NodeId(node)])
            strengths.append(_strengths(found, node, channel))
            reached(sum(map(len, strengths)), count)
    ranked = torch.cat(strengths)
    best = torch.argsort(ranked, descending=True, stable=True)[:SHOWN]
    chosen = places[best.cpu().numpy()]
    labels, looks = samples_shown(compiled, material, meaning, chosen)
    return ExcitingFound(
        node=node,
        channel=channel,
        step=step,
        epoch=epoch,
        places=tuple(chosen.tolist()),
        strengths=tuple(ranked[best].tolist()),
        labels=labels,
        texts=looks.texts,
        sample_shape=looks.shape,
        pixels=looks.pixels,
    )


def _strengths(found: dict[End, Tensor], node: str, channel: int) -> Tensor:
    outputs = next((tensor for end, tensor in found.items() if end.node == node), None)
    if outputs is None or outputs.ndim < 2 or not 0 <= channel < outputs.shape[1]:
        raise DataError(
            f"There is no channel {channel}",
            why="The layer is not part of the model any more, or has fewer channels.",
            hint="Choose another channel.",
        )
    values = torch.nan_to_num(outputs[:, channel].float())
    return values.reshape(len(values), -1).amax(1)
