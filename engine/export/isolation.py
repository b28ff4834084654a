"""Runs a program as if Layerloom were not installed: ``python -I isolation.py PROGRAM FILE...``.

Imports nothing but the standard library, and refuses the packages that an export must not need.
"""

import runpy
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

OURS = frozenset({"app", "engine", "nodes", "resources", "layerloom"})


class Refusal:
    """Stands first among the finders and knows no package of ours.

    Layerloom may be installed in the same folder as torch, so no path can be taken away.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Refuse what is ours; leave the rest to the other finders."""
        del path, target
        if name.partition(".")[0] in OURS:
            raise ModuleNotFoundError(f"{name} is not part of this export", name=name)
        return None


if __name__ == "__main__":
    sys.meta_path.insert(0, Refusal())
    sys.argv = sys.argv[1:]
    # As Python does for a program; -I keeps it from doing so.
    sys.path.insert(0, str(Path(sys.argv[0]).resolve().parent))
    runpy.run_path(sys.argv[0], run_name="__main__")
