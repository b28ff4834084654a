"""The road of a first hour, driven in the real window with real events and photographed.

``make screenshots`` runs it in both themes at 1600x1000 on a virtual display of its own.
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


def main() -> int:
    """Drive both themes, each in a process and on a display of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "screenshots")
    parser.add_argument("--theme", choices=["dark", "light"])
    parser.add_argument("--scale", default="1")
    options = parser.parse_args()
    if os.environ.get("LAYERLOOM_ROAD"):
        from walk import walk

        try:
            walk(options.theme, options.out)
        # The window takes exceptions for itself; here they are for whoever drives it.
        except Exception:  # noqa: BLE001
            traceback.print_exc()
            return 1
        return 0
    themes = [options.theme] if options.theme else ["dark", "light"]
    return max(_on_display(theme, options.out, options.scale) for theme in themes)


def _on_display(theme: str, out: Path, scale: str) -> int:
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", SIZE, "-nolisten", "tcp"],
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
            command = [sys.executable, __file__, "--theme", theme, "--out", str(out)]
            return subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode
    finally:
        manager.terminate()
        server.terminate()
        manager.wait()
        server.wait()


if __name__ == "__main__":
    sys.exit(main())
