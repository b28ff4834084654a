"""Pictures drawn with Qt on no screen: the canvas and the curves.

Only here the command line loads Qt, and only once a picture is asked for.
"""

import os
from pathlib import Path

from app.cli.screen import qt_problem
from engine.project.project import Project
from engine.runs.replay import read_curves


def draw_canvas(project: Project, path: Path, theme: str) -> None:
    """Write a picture of the drawing; the ending of ``path`` says which kind.

    Raises:
        LoomError: The libraries of Qt are missing.
    """
    _prepare()
    from app.canvas.picture import save_picture

    save_picture(project, path, theme)


def draw_curves(run: Path, path: Path, theme: str) -> None:
    """Write a picture of a run's loss and metric.

    Raises:
        LoomError: The libraries of Qt are missing.
    """
    _prepare()
    from app.plots import save_curves

    save_curves(path, read_curves(run), theme)


def _prepare() -> None:
    problem = qt_problem()
    if problem is not None:
        raise problem
    # A picture must not depend on whether a display is at hand, nor open anything on it.
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
