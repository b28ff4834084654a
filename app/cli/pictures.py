"""Pictures drawn with Qt on no screen: the canvas and the curves.

Only here the command line loads Qt, and only once a picture is asked for.
"""

import os
from pathlib import Path
from typing import Literal, TypeAlias

from app.cli.screen import qt_problem
from engine.data.metric_names import is_share, sentence
from engine.project.project import Project
from engine.runs.record import RunRecord

ThemeName: TypeAlias = Literal["dark", "light"]


def draw_canvas(project: Project, path: Path, theme: ThemeName) -> None:
    """Write a picture of the drawing; the ending of ``path`` says which kind.

    Raises:
        LoomError: The libraries of Qt are missing.
    """
    _prepare()
    from app.canvas.picture import save_picture

    save_picture(project, path, dark=theme == "dark")


def drawn_canvas(project: Project) -> bytes:
    """Return a picture of the drawing as SVG, on a light ground.

    Raises:
        LoomError: The libraries of Qt are missing.
    """
    _prepare()
    from app.canvas.picture import picture_svg

    return picture_svg(project, dark=False)


def draw_curves(run: Path, path: Path, theme: ThemeName) -> None:
    """Write a PNG of a run's loss and metric.

    Raises:
        LoomError: The libraries of Qt are missing, or there is nothing to draw.
    """
    _prepare()
    from app.plots import save_curves
    from app.plots.series import CurveData
    from engine.runs.replay import read_curves

    curves = read_curves(run)
    ended = RunRecord.open(run).info.ended
    steps, passes = curves.step_epochs.tolist(), curves.epochs.tolist()
    epochs = max([*steps[-1:], *passes[-1:]], default=0.0)
    best = ended.best_epoch if ended else None
    plots = [
        CurveData(
            title="Loss",
            epochs=epochs,
            training=(steps, curves.losses.tolist()),
            validation=(passes, curves.validation_losses.tolist()),
            best_epoch=best,
        )
    ]
    if curves.metric:
        plots.append(
            CurveData(
                title=sentence(curves.metric) + (", %" if is_share(curves.metric) else ""),
                epochs=epochs,
                training=(steps, curves.metrics.tolist()),
                validation=(passes, curves.validation_metrics.tolist()),
                percent=is_share(curves.metric),
                best_epoch=best,
            )
        )
    save_curves(path, plots, theme)


def _prepare() -> None:
    problem = qt_problem()
    if problem is not None:
        raise problem
    # A picture must not depend on whether a display is at hand, nor open anything on it.
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
