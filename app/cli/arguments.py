"""What the words on the command line stand for: projects, templates, runs."""

import os
from pathlib import Path
from typing import Annotated

import typer

from app.cli.closest import no_such
from app.cli.printing import err
from engine.data.memory import VARIABLE, bytes_of
from engine.project.codec import Opened
from engine.project.files import load
from engine.project.project import Project
from engine.project.templates import all_templates, open_template
from engine.runs.record import runs_root
from engine.runs.store import list_runs
from nodes.errors import ProjectError, UsageError

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object a line and nothing else.")
]
ProjectArgument = Annotated[
    str, typer.Argument(metavar="PROJECT", help="A project file, or the key of a template.")
]
SettingsOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="A setting, as “layerloom train” takes."),
]
RunArgument = Annotated[
    str,
    typer.Argument(metavar="RUN", help="A run folder, the name of a run, or “last”."),
]

MemoryOption = Annotated[
    str,
    typer.Option(
        metavar="SIZE",
        envvar=VARIABLE,
        help="What training may take in memory in all, like 2GB; about 500 MB of it are its "
        "libraries. Samples that do not fit are read from disk meanwhile. Where not given, "
        "samples take a quarter of the free memory at most.",
    ),
]


def limit_memory(size: str) -> None:
    """Let what is trained from here on take no more than this; nothing is limited by no words.

    Raises:
        UsageError: It is no size.
    """
    if size:
        os.environ[VARIABLE] = str(bytes_of(size))


def open_project(word: str) -> Project:
    """Open a project file, or the built-in project of that name.

    Raises:
        ProjectError: The file cannot be read.
        UsageError: There is neither a file nor a template of that name.
    """
    path = Path(word)
    if path.exists() or path.suffix == ".loom" or path.name != word:
        opened = load_named(path)
        for note in opened.notes:
            err().print(f"{path.name}: {note}", soft_wrap=True)
        return opened.project
    keys = [template.key for template in all_templates()]
    if word not in keys:
        raise no_such("project or template", word, keys, see="layerloom templates")
    return open_template(word)


def load_named(path: Path) -> Opened:
    """Open the project file that a command names.

    Raises:
        ProjectError: It cannot be read.
        UsageError: There is none: it is the command that has to be mended.
    """
    try:
        return load(path)
    except ProjectError as error:
        if not isinstance(error.__cause__, FileNotFoundError):
            raise
        raise UsageError(error.title, why=error.why, where=error.where, hint=error.hint) from error


def find_run(word: str) -> Path:
    """Find a run by its folder, its name, the beginning of its name, or ``last``.

    Raises:
        UsageError: There is no such run, or several begin like this.
    """
    if Path(word).is_dir():
        return Path(word).absolute()
    names = [record.folder.name for record in list_runs()]
    if word == "last" and names:
        return runs_root().absolute() / names[0]
    fitting = [word] if word in names else [name for name in names if name.startswith(word)]
    if len(fitting) > 1:
        raise UsageError(
            f"Several runs begin with “{word}”",
            why=f"{', '.join(fitting[:3])}{' and more' if len(fitting) > 3 else ''}.",
            hint="Write more of the name.",
        )
    if not fitting:
        raise no_such("run", word, [*names, "last"] if names else [], see="layerloom runs")
    return runs_root().absolute() / fitting[0]
