"""The road of the window without a window: train, take the model away, draw what it looked like."""

import shutil
import sys
from pathlib import Path

from app.cli.arguments import load_named
from app.cli.export import export_line, export_with_bar
from app.cli.following import exit_code, train_project
from app.cli.pictures import draw_canvas, draw_curves
from app.cli.printing import err, explained, out
from engine.project.project import Project
from engine.project.templates import STARTER, open_template
from nodes.errors import LoomError


def run_starter(path: Path | None, reason: LoomError) -> int:
    """Train a project, the starter where none is given, and return the exit code.

    Raises:
        LoomError: The project has a problem.
    """
    parts = (("why", reason.why), ("to fix", reason.hint))
    err().print(explained(reason.title, *parts, style="yellow"), soft_wrap=True)
    project = load_named(path).project if path else open_template(STARTER)
    console = out()
    console.print("Training in the terminal instead; Ctrl+C stops after a checkpoint.\n")
    ended = train_project(project)
    code = exit_code(ended)
    if code == 0:
        run = Path(ended.run)
        console.print(f"Model:      {export_line(export_with_bar(run, 'onnx'))}", soft_wrap=True)
        _draw(project, run)
        console.print(f"Ask it:     {_command()} predict last sample:0", soft_wrap=True)
    return code


def _draw(project: Project, run: Path) -> None:
    canvas, curves = run / "exports" / "canvas.png", run / "exports" / "curves.png"
    try:
        draw_canvas(project, canvas, "dark")
        draw_curves(run, curves, "dark")
    except LoomError as problem:
        # The trained model is what was asked for; without Qt it goes without its pictures.
        parts = (("why", problem.why), ("to fix", problem.hint))
        err().print(explained(problem.title, *parts, style="yellow"), soft_wrap=True)
        return
    out().print(f"Canvas:     {canvas}\nCurves:     {curves}", soft_wrap=True)


def _command() -> str:
    """Return what to type for ``layerloom``: ``make run`` does not put it on the path."""
    if shutil.which("layerloom"):
        return "layerloom"
    return str(Path(sys.executable).with_name("layerloom"))
