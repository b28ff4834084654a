"""How alike two layers see the same samples: linear CKA (Kornblith et al., 2019).

Summed over small batches with the unbiased estimator of Nguyen et al. (2021), so that the figure
does not grow with the number of features and no large matrix is held.
"""

from contextlib import closing
from typing import Final

import torch
from torch import Tensor

from engine.compile.module import CompiledModel
from engine.compile.stepper import run_nodes
from engine.data.loading import Feed
from engine.graph.elements import End
from engine.training.questions import LayersCompared
from engine.training.waiting import Reached, to_the_end
from nodes.errors import DataError

MOST_SAMPLES: Final = 512
_BATCH: Final = 64
_FEWEST: Final = 8
_MOST_LAYERS: Final = 64


def compare_layers(
    compiled: CompiledModel,
    validation: Feed,
    *,
    step: int,
    epoch: float,
    reached: Reached = to_the_end,
) -> LayersCompared:
    """Compare the layers of the drawing; the modules are in evaluation mode.

    Layers that do not put out one thing for each sample are left out.

    Args:
        reached: Told after each batch how many samples are done.

    Raises:
        GivenUpError: Nobody waits for it any more.
        DataError: There are too few validation samples.
    """
    samples = min(validation.samples, MOST_SAMPLES)
    if samples < _FEWEST:
        raise DataError(
            "There are too few validation samples to compare layers",
            why=f"There are {samples}; {_FEWEST} are needed.",
            hint="Hold out a larger share.",
        )
    places = validation.spread(samples)
    steps = list(compiled.plan.steps[:_MOST_LAYERS])
    ends = [End(one.node, one.outputs[0]) for one in steps]
    total: Tensor | None = None
    done = 0
    with closing(validation.batches(places, _BATCH)) as batches, torch.no_grad():
        for batch in batches:
            count = len(batch[compiled.plan.inputs[0]])
            if count < _FEWEST:
                continue
            found = run_nodes(compiled, batch, {end.node for end in ends})
            ends = [end for end in ends if _is_one_each(found[end], count)]
            grams = torch.stack([gram(found[end]) for end in ends])
            part = unbiased_hsic(grams)
            total = part if total is None or total.shape != part.shape else total + part
            done += count
            reached(done, samples)
    if total is None:
        raise DataError("No layer can be compared", hint="Draw a layer that sees each sample.")
    return LayersCompared(
        step=step,
        epoch=epoch,
        nodes=tuple(str(end.node) for end in ends),
        similarity=alignment(total).float().cpu().numpy().tobytes(),
        samples=samples,
    )


def gram(outputs: Tensor) -> Tensor:
    """Return how alike the samples are to a layer.

    Shapes:
        outputs: (N, ...)
        out: (N, N), zero on the diagonal
    """
    flat = torch.nan_to_num(outputs.reshape(len(outputs), -1).double())
    return (flat @ flat.T).fill_diagonal_(0)


def unbiased_hsic(grams: Tensor) -> Tensor:
    """Return the unbiased estimate of HSIC for any two layers (Song et al., 2012).

    Shapes:
        grams: (L, N, N), zero on the diagonals
        out: (L, L)
    """
    n = grams.shape[-1]
    rows = grams.sum(-1)
    sums = rows.sum(-1)
    traces = torch.einsum("aij,bji->ab", grams, grams)
    middle = sums[:, None] * sums / ((n - 1) * (n - 2))
    crossed = 2 / (n - 2) * (rows @ rows.T)
    return (traces + middle - crossed) / (n * (n - 3))


def alignment(hsic: Tensor) -> Tensor:
    """Return the similarities, from 0 to 1.

    Shapes:
        hsic: (L, L)
        out: (L, L)
    """
    own = hsic.diagonal().clamp(min=0).sqrt()
    scale = own[:, None] * own
    return torch.where(scale > 0, hsic / scale.clamp(min=1e-300), 0.0).clamp(0, 1)


def _is_one_each(outputs: Tensor, samples: int) -> bool:
    return outputs.ndim > 0 and len(outputs) == samples and outputs.numel() > 0
