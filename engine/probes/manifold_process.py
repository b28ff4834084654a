"""The process that runs UMAP: samples and where they start in, where they end out, as arrays.

Started by :class:`~engine.probes.manifold.ManifoldArrangement` as
``python -m engine.probes.manifold_process``.
"""

import os
import sys
import warnings
from io import BytesIO

import numpy as np
import numpy.typing as npt

_NEIGHBOURS = 15
_APART = 0.4
"""How close samples may come; closer, those of one class hide each other."""


def main() -> int:
    """Place the samples that standard input holds."""
    if hasattr(os, "nice"):
        # What trains comes first.
        os.nice(10)
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    given = BytesIO(sys.stdin.buffer.read())
    values, start = (np.load(given, allow_pickle=False) for _ in range(2))
    np.save(answer, place(values, start))
    answer.flush()
    return 0


def place(
    values: npt.NDArray[np.float32], start: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Place samples by UMAP, the same ones always alike.

    Shapes:
        values: (N, F)
        start: (N, 2)
        out: (N, 2)
    """
    import umap

    with warnings.catch_warnings():
        # That one processor is used where draws are to be the same.
        warnings.simplefilter("ignore")
        found = umap.UMAP(
            n_neighbors=min(_NEIGHBOURS, len(values) - 1),
            min_dist=_APART,
            init=start,
            random_state=0,
            n_jobs=1,
        ).fit_transform(values)
    return np.asarray(found, np.float32)


if __name__ == "__main__":
    sys.exit(main())
