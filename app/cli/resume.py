"""``layerloom resume``: a run goes on from its last checkpoint."""

import typer

from app.cli.arguments import JsonOption, MemoryOption, RunArgument, find_run, limit_memory
from app.cli.following import exit_code, follow
from app.cli.own_code import TrustOption, settle_run
from engine.runs.record import RunRecord
from engine.training.config import TrainingConfig


def resume(
    run: RunArgument,
    *,
    memory: MemoryOption = "",
    trust: TrustOption = False,
    json: JsonOption = False,
) -> None:
    """Go on with a run from its last checkpoint."""
    limit_memory(memory)
    folder = find_run(run)
    settle_run(folder, trusted=trust)
    project = RunRecord.open(folder).project()
    config = TrainingConfig(run_folder=str(folder), resume=True)
    raise typer.Exit(exit_code(follow(project, config, json=json)))
