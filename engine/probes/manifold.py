"""Samples in a plane by UMAP, in a process of its own: what is trained does not wait for it.

Method of McInnes, Healy and Melville, "UMAP: Uniform Manifold Approximation and Projection for
Dimension Reduction", 2018, arXiv:1802.03426, as umap-learn has it. The library is an extra: it
compiles itself for some seconds before it begins.
"""

import importlib.util
import subprocess
import sys
import tempfile
import weakref
from typing import IO, Final

import numpy as np
import torch
from torch import Tensor

from nodes.errors import DataError

_COMMAND: Final = (sys.executable, "-P", "-m", "engine.probes.manifold_process")
_FEWEST: Final = 4
"""Of fewer samples there is no neighbourhood to keep."""


class ManifoldArrangement:
    """The samples of one layer, which stand at their start until UMAP has placed them.

    Shapes:
        values: (N, F)
        start: (N, 2)
    """

    iterations = 1

    def __init__(self, values: Tensor, start: Tensor) -> None:
        if importlib.util.find_spec("umap") is None:
            raise DataError(
                "UMAP is not installed",
                why="It is an extra of Layerloom.",
                hint="Install it: pip install 'layerloom[embedding]'. t-SNE needs nothing.",
            )
        self.points = start
        self.iteration = 0
        if len(values) < _FEWEST:
            self.iteration = 1
            return
        self._answer, self._errors = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115
        with tempfile.TemporaryFile() as question:
            np.save(question, values.numpy())
            np.save(question, start.numpy())
            question.seek(0)
            self._process = subprocess.Popen(
                _COMMAND, stdin=question, stdout=self._answer, stderr=self._errors
            )
        self._end = weakref.finalize(self, _end, self._process, self._answer, self._errors)

    @property
    def is_done(self) -> bool:
        """Whether the samples have arrived."""
        return self.iteration >= self.iterations

    def go_on(self, seconds: float) -> None:
        """See whether the samples have arrived; nothing is waited for.

        Raises:
            DataError: UMAP failed.
        """
        del seconds
        if self.is_done or self._process.poll() is None:
            return
        try:
            self.points = self._read()
            self.iteration = 1
        finally:
            self._end()

    def _read(self) -> Tensor:
        if self._process.returncode != 0:
            self._errors.seek(0)
            lines = self._errors.read().decode(errors="replace").strip().splitlines()
            raise DataError(
                "UMAP could not place these samples",
                why=lines[-1] if lines else "Its process ended.",
                hint="Choose t-SNE, or another layer.",
            )
        self._answer.seek(0)
        return torch.from_numpy(np.load(self._answer, allow_pickle=False))


def _end(process: subprocess.Popen[bytes], *files: IO[bytes]) -> None:
    """Let go of a process that nobody waits for any more."""
    process.kill()
    process.wait()
    for file in files:
        file.close()
