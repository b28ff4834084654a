"""What the words on the command line stand for: projects, templates, runs."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.closest import no_such
from app.cli.printing import err
from engine.project.files import load
from engine.project.project import Project
from engine.project.templates import open_template, templates
from engine.runs.store import list_runs, runs_root

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object a line and nothing else.")
]
ProjectArgument = Annotated[
    str, typer.Argument(metavar="PROJECT", help="A project file, or the key of a template.")
]
RunArgument = Annotated[
    str,
    typer.Argument(metavar="RUN", help="A run folder, the name of a run, or “last”."),
]


def open_project(word: str) -> Project:
    """Open a project file, or the built-in project of that name.

    Raises:
        ProjectError: The file cannot be read.
        UsageError: There is neither a file nor a template of that name.
    """
    path = Path(word)
    if path.exists() or path.suffix == ".loom" or path.name != word:
        opened = load(path)
        for note in opened.notes:
            err().print(f"{path.name}: {note}", soft_wrap=True)
        return opened.project
    keys = [template.key for template in templates()]
    if word not in keys:
        raise no_such("project or template", word, keys, see="layerloom templates")
    return open_template(word)


def find_run(word: str) -> Path:
    """Find a run by its folder, its name, the beginning of its name, or ``last``.

    Raises:
        UsageError: There is no such run, or several begin like this.
    """
    if Path(word).is_dir():
        return Path(word).resolve()
    return Path(word)
