"""``layerloom code``: the PyTorch source of a project."""

import sys

from app.cli.arguments import ProjectArgument, open_project
from app.cli.own_code import TrustOption, planned, settle_trust
from engine.compile.source import write_source


def code(project: ProjectArgument, *, trust: TrustOption = False) -> None:
    """Print the PyTorch source that is trained."""
    opened = open_project(project)
    settle_trust(opened.graph, project, trusted=trust)
    sys.stdout.write(write_source(planned(opened)).text)
