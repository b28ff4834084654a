"""The system libraries that Qt needs on Linux: which are missing, and how to get them.

Run as a program (``make env`` does) it installs those that are missing, where apt is at hand and
may be used without asking; otherwise it prints one line that says what to type. It needs nothing
but the standard library, so it runs before anything else is installed.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence

QT = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
"""What Qt's modules are linked with, and the Debian package each comes from."""

X11 = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""What Qt loads on top to open a window on an X display."""

WAYLAND = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}
"""What Qt loads on top to open a window on a Wayland display."""

DISPLAY_TOOLS = {"Xvfb": "xvfb", "openbox": "openbox", "xdotool": "xdotool"}
"""The programs with which the tests and the screenshots drive a real window."""


def missing_libraries(libraries: Mapping[str, str]) -> tuple[str, ...]:
    """Return those that the dynamic linker does not find; none on other systems than Linux."""
    if not sys.platform.startswith("linux"):
        return ()
    return tuple(name for name in libraries if not _loads(name))


def packages_for(names: Sequence[str]) -> tuple[str, ...]:
    """Return the Debian packages that bring libraries or programs, each once, sorted."""
    known = {**QT, **X11, **WAYLAND, **DISPLAY_TOOLS}
    return tuple(sorted({known[name] for name in names}))


def how_to_get(names: Sequence[str]) -> str:
    """Say in one line what to type to get libraries or programs."""
    packages = " ".join(packages_for(names))
    if shutil.which("apt-get"):
        return f"sudo apt-get install {packages}"
    return f"install with your package manager what Debian calls {packages}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Install what is missing, or say how; ``--tests`` adds what drives a real window."""
    words = sys.argv[1:] if arguments is None else arguments
    if not sys.platform.startswith("linux"):
        return 0
    names = [*missing_libraries({**QT, **X11, **WAYLAND})]
    if "--tests" in words:
        names += [tool for tool in DISPLAY_TOOLS if shutil.which(tool) is None]
    if not names or _install(packages_for(names)):
        return 0
    user = "The tests need" if "--tests" in words else "The window needs"
    sys.stderr.write(f"{user} what this system does not have. To get it: {how_to_get(names)}\n")
    return 1 if "--tests" in words else 0


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _install(packages: Sequence[str]) -> bool:
    prefix = _administrator()
    if prefix is None or shutil.which("apt-get") is None:
        return False
    sys.stderr.write(f"Installing {' '.join(packages)}\n")
    # sudo does not pass the environment on.
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y"]
    subprocess.run([*apt, "update"], stdout=subprocess.DEVNULL, check=False)
    install = [*apt, "install", "--no-install-recommends", *packages]
    return subprocess.run(install, stdout=subprocess.DEVNULL, check=False).returncode == 0


def _administrator() -> list[str] | None:
    """Return what to put before a command so that it may install, or None where nothing does."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n"] if asked.returncode == 0 else None


if __name__ == "__main__":
    sys.exit(main())
