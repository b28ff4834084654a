"""The command ``layerloom``: the window or, with the name of a command, the terminal.

Which of the two is decided before anything large is imported: the window is to stand within a
second, and the terminal has to work where Qt cannot be loaded.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from app.cli import COMMANDS


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out what the command line asks for and return the exit code.

    Args:
        arguments: The words after the command's name; those of the process where None.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if "--debug" in words:
        words.remove("--debug")
        os.environ["LAYERLOOM_DEBUG"] = "1"
    if _asks_for_window(words):
        return _open_window(Path(words[0]) if words else None)

    from app.cli.program import run

    return run(words)


def _asks_for_window(words: Sequence[str]) -> bool:
    if not words:
        return True
    if len(words) > 1 or words[0].startswith("-") or words[0] in COMMANDS:
        return False
    return words[0].endswith(".loom") or Path(words[0]).exists()


def _open_window(project: Path | None) -> int:
    if project is not None and not project.exists():
        from app.cli.program import say_missing

        return say_missing(project)

    from app.cli.screen import obstacle

    reason = obstacle()
    if reason is not None:
        from app.cli.program import run_without_window

        return run_without_window(project, reason)

    # Before all other imports of the window, which are the faster for it.
    from app import plain_imports

    plain_imports.restore()

    from app.start import run

    return run(project)


if __name__ == "__main__":
    sys.exit(main())
