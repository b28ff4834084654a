"""Projects that are tried on this machine without being trained."""

from collections.abc import Sequence

from app.cli.arguments import open_project
from app.cli.own_code import planned, settle_trust
from app.cli.settings import with_settings
from engine.project.project import Project


def open_to_try(project: str, settings: Sequence[str] | None, *, trusted: bool) -> Project:
    """Return a project with its settings, once its code may run and its drawing has no errors.

    Raises:
        LoomError: There is no such project, a setting is wrong, or one of the two does not hold.
    """
    chosen = with_settings(open_project(project), settings or ())
    settle_trust(chosen.graph, project, trusted=trusted)
    planned(chosen)
    return chosen
