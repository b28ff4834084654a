"""Exports without a process of their own, for tests of what is taken away and not of how."""

import warnings
from pathlib import Path

from engine.export.job import ExportResult, Target
from engine.export.work import Request, carry_out
from engine.runs.record import CheckpointName


def export_here(
    run: Path,
    to: Target,
    path: Path | None = None,
    *,
    weights: CheckpointName = "best",
    part: str = "",
) -> ExportResult:
    """Take a model away in this process, which has torch and its exporter at hand."""
    scratch = (path or run / "exports" / to).parent / ".scratch"
    request = Request(run=run, to=to, path=path, scratch=scratch, weights=weights, part=part)
    with warnings.catch_warnings():
        # As in the process of an export: torch warns of its own ways.
        warnings.simplefilter("ignore")
        return carry_out(request, lambda stage, text, share: None)
