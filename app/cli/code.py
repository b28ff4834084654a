"""``layerloom code``: the PyTorch source of a project."""

import sys

from app.cli.arguments import ProjectArgument, open_project
from engine.compile.plan import project_plan
from engine.compile.source import write_source


def code(project: ProjectArgument) -> None:
    """Print the PyTorch source that is trained."""
    sys.stdout.write(write_source(project_plan(open_project(project))).text)
