"""The road of a first hour, driven in the real window with real events and photographed.

``make screenshots`` runs it in both themes at 1600x1000 on a virtual display of its own, then
photographs every panel in every state, in high contrast and at 200 % too.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SIZE = "1600x1000x24"
LARGE = "3200x2000x24"
ROADS = [("walk", "dark", "1"), ("walk", "light", "1")]
STATES = [
    ("states", "dark", "1"),
    ("states", "light", "1"),
    ("states", "contrast", "1"),
    ("states", "dark", "2"),
]


def main() -> int:
    """Do all parts, each in a process and on a display of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "screenshots")
    parser.add_argument("--part", choices=["walk", "states"])
    parser.add_argument("--theme", choices=["dark", "light", "contrast"])
    parser.add_argument("--scale", default="")
    options = parser.parse_args()
    if os.environ.get("LAYERLOOM_ROAD"):
        return _photograph(options.part, options.theme, options.out)
    wanted = (options.part, options.theme, options.scale)
    parts = [
        part
        for part in (*ROADS, *STATES)
        if all(want in (None, "", have) for want, have in zip(wanted, part, strict=True))
    ]
    return max(_on_display(*part, options.out) for part in parts)


def _photograph(part: str, theme: str, out: Path) -> int:
    """Do one part on the display that is there."""
    from states import photograph_states
    from walk import walk

    try:
        (walk if part == "walk" else photograph_states)(theme, out)
    # The window takes exceptions for itself; here they are for whoever drives it.
    except Exception:  # noqa: BLE001
        traceback.print_exc()
        return 1
    return 0


def _on_display(part: str, theme: str, scale: str, out: Path) -> int:
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        [
            "Xvfb",
            "-displayfd",
            str(write_end),
            "-screen",
            "0",
            SIZE if scale == "1" else LARGE,
            "-nolisten",
            "tcp",
        ],
        pass_fds=(write_end,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    with os.fdopen(read_end) as answer:
        display = f":{answer.readline().strip()}"
    environment = {**os.environ, "DISPLAY": display, "LAYERLOOM_ROAD": "1"}
    environment.pop("WAYLAND_DISPLAY", None)
    environment.update(QT_QPA_PLATFORM="xcb", QT_SCALE_FACTOR=scale, LC_ALL="C.UTF-8")
    manager = subprocess.Popen(["openbox"], env=environment, stderr=subprocess.DEVNULL)
    try:
        with tempfile.TemporaryDirectory(prefix="layerloom-road-") as home:
            environment.update(
                HOME=home,
                LAYERLOOM_RUNS=f"{home}/runs",
                XDG_CONFIG_HOME=f"{home}/config",
                XDG_DATA_HOME=f"{home}/data",
                PYTHONPATH=f"{ROOT}{os.pathsep}{Path(__file__).parent}",
            )
            folder = out if scale == "1" else out / f"at-{scale}00-percent"
            command = [sys.executable, __file__, "--part", part, "--theme", theme]
            command += ["--out", str(folder)]
            return subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode
    finally:
        manager.terminate()
        server.terminate()
        manager.wait()
        server.wait()


if __name__ == "__main__":
    sys.exit(main())
