"""Whether a window can be opened here, asked before Qt is loaded.

Qt ends the process where a display does not answer or a library of its platform plugin is
missing, so both are looked at first. It costs a few milliseconds.
"""

import os
import socket
import sys
from collections.abc import Mapping

from app.cli.libraries import QT, WAYLAND, X11, how_to_get, missing_libraries
from nodes.errors import LoomError

# Platforms of Qt that draw without a display server.
_OWN_PLATFORMS = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs")


def obstacle(environment: Mapping[str, str] = os.environ) -> LoomError | None:
    """Return what keeps a window from opening, or None where nothing does."""
    if not sys.platform.startswith("linux"):
        return None
    platform = environment.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if platform in _OWN_PLATFORMS:
        return _without_libraries(())
    wayland, x11 = environment.get("WAYLAND_DISPLAY"), environment.get("DISPLAY")
    if wayland and platform != "xcb" and _without_libraries(WAYLAND) is None:
        return None
    if not x11:
        return LoomError(
            "There is no display for a window",
            why="Neither DISPLAY nor WAYLAND_DISPLAY names one that can be used.",
            hint="Start Layerloom from a desktop, or use the commands: layerloom --help",
        )
    if not display_answers(x11):
        return LoomError(
            "The display does not answer",
            why=f"DISPLAY names {x11}, and nothing listens there.",
            hint="Set DISPLAY to a display that runs, or use the commands: layerloom --help",
        )
    return _without_libraries(X11)


def qt_problem() -> LoomError | None:
    """Return why Qt cannot even draw a picture without a window, or None where it can."""
    return _without_libraries(())


def display_answers(name: str) -> bool:
    """Say whether an X server listens at a display such as ``:0`` or ``localhost:10.0``."""
    host, _, rest = name.rpartition(":")
    number = rest.split(".")[0]
    if not number.isdigit():
        return False
    if host in ("", "unix"):
        path = f"/tmp/.X11-unix/X{number}"
        return any(_listens(socket.AF_UNIX, place) for place in (path, "\0" + path))
    return _listens(socket.AF_INET, (host, 6000 + int(number)))


def _listens(family: int, place: str | tuple[str, int]) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.settimeout(1)
        try:
            connection.connect(place)
        except OSError:
            return False
    return True


def _without_libraries(more: Mapping[str, str] | tuple[()]) -> LoomError | None:
    missing = missing_libraries({**QT, **dict(more)})
    if not missing:
        return None
    return LoomError(
        "Qt cannot be loaded",
        why=f"It needs {', '.join(missing)}, which this system does not have.",
        hint=f"To get them: {how_to_get(missing)}",
    )
