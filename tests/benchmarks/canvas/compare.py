"""How the canvas compares with other node editors for Qt in Python, as lines of JSON.

Chains with skips of 100, 1,000 and 3,000 nodes are built, painted, zoomed, panned, dragged and
selected. Every measurement has a process of its own; the editors take turns, so that a busy
machine slows all of them. Times are milliseconds of CPU, medians over the rounds: three, or as
many as fit into seven minutes; an editor that takes longer than 40 s for a chain has that chain
once. A line is printed after each measurement, and one that compares after each round of a size.

    python tests/benchmarks/canvas/compare.py
    python tests/benchmarks/canvas/compare.py --peers /path/to/python --nodes 100 1000

``--peers`` is a Python that has NodeGraphQt and qtpynodeeditor; without it, one is made in a
temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent
NEEDED = (
    "PySide6-Essentials==6.11.3",
    "NodeGraphQt==0.6.44",
    "qtpynodeeditor==0.3.3",
    "qtpy",
    "setuptools",
)
LONGEST_S = 900
SLOW_S = 40.0
"""What takes longer is measured once."""

Times = dict[str, float]


def main() -> None:
    """Measure and print."""
    asked = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        peers = asked.peers or _made_in(Path(folder))
        pythons = {"layerloom": sys.executable, "nodegraphqt": peers, "qtpynodeeditor": peers}
        _measure_in_turns(pythons, asked.nodes, asked.rounds, asked.minutes)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--peers", help="a Python that has the other editors")
    parser.add_argument("--nodes", type=int, nargs="+", default=[100, 1000, 3000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=7.0, help="no further round after these")
    return parser.parse_args()


def _made_in(folder: Path) -> str:
    venv.create(folder, with_pip=True)
    python = str(folder / ("Scripts" if os.name == "nt" else "bin") / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", *NEEDED], check=True)
    return python


def _measure_in_turns(
    pythons: dict[str, str], counts: list[int], rounds: int, minutes: float
) -> None:
    """Measure all sizes of all editors once a round, while another round fits into the time."""
    found: dict[int, dict[str, list[Times]]] = {count: defaultdict(list) for count in counts}
    slow: set[tuple[str, int]] = set()
    began = time.monotonic()
    for number in range(rounds):
        for count in counts:
            for editor, python in pythons.items():
                if (editor, count) in slow:
                    continue
                started = time.monotonic()
                times = _measured(editor, python, count)
                if time.monotonic() - started > SLOW_S and editor != "layerloom":
                    slow.add((editor, count))
                found[count][editor].append(times)
                _tell({"nodes": count, "editor": editor, "round": number + 1, **times})
            _tell({"nodes": count, **_compared(found[count])})
        took = time.monotonic() - began
        print(f"round {number + 1} of {rounds} after {took:.0f} s", file=sys.stderr)
        if took * (number + 2) / (number + 1) > minutes * 60:
            break


def _tell(line: dict[str, object]) -> None:
    print(json.dumps(line), flush=True)


def _compared(found: dict[str, list[Times]]) -> dict[str, object]:
    medians = {editor: _medians(times) for editor, times in found.items()}
    ours = medians["layerloom"]
    others = [times for editor, times in medians.items() if editor != "layerloom"]
    best = {
        what: round(min(times[what] for times in others) / max(value, 0.01), 1)
        for what, value in ours.items()
        if what != "mb"
    }
    rounds = len(found["layerloom"])
    return {**medians, "rounds": rounds, "times_faster_than_the_best_other": best}


def _measured(editor: str, python: str, count: int) -> Times:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_API": "pyside6"}
    done = subprocess.run(
        [python, str(HERE / f"of_{editor}.py"), str(count)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=True,
    )
    line = json.loads(done.stdout.strip().splitlines()[-1])
    return {**line["ms"], "mb": line["mb"]}


def _medians(times: list[Times]) -> Times:
    return {what: round(statistics.median(t[what] for t in times), 2) for what in times[0]}


if __name__ == "__main__":
    main()
