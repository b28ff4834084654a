"""Training in this process, followed by a person or by a program."""

from pathlib import Path

from app.cli.own_code import planned
from app.cli.printing import out, print_object
from app.cli.progress import TrainingProgress
from engine.project.project import Project
from engine.runs.record import new_run_folder
from engine.training.config import Device, TrainingConfig
from engine.training.events import RunEnded
from engine.training.keeping import Keeping

KEEPING = Keeping()
_EXIT_CODES = {"finished": 0, "stopped_early": 0, "stopped": 130, "failed": 1, "lost": 1}


def train_project(
    project: Project,
    *,
    folder: Path | None = None,
    device: Device = "auto",
    keeping: Keeping = KEEPING,
    json: bool = False,
) -> RunEnded:
    """Train a project in a new run folder.

    Raises:
        LoomError: The drawing has errors, or the folder cannot be used.
    """
    # Before a run folder is made: a drawing with errors leaves nothing behind.
    planned(project)
    made = new_run_folder(project.name, folder)
    config = TrainingConfig(
        run_folder=str(made),
        device=device,
        moments_megabytes=keeping.moments_megabytes,
        moment_steps=keeping.moment_steps,
        memory_megabytes=keeping.memory_megabytes,
    )
    return follow(project, config, json=json)


def follow(project: Project, config: TrainingConfig, *, json: bool) -> RunEnded:
    """Carry out a run and show its events: as lines of JSON, or with a bar."""
    # Not before now: what is only asked about a drawing must not wait for torch.
    from engine.training.runner import train_here

    if json:
        return train_here(project, config, print_object)
    with TrainingProgress(out()) as progress:
        return train_here(project, config, progress.show)


def exit_code(ended: RunEnded) -> int:
    """Return what the process says to its caller of how a run ended."""
    return 1 if ended.is_unsaved else _EXIT_CODES[ended.outcome]
