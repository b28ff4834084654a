"""``layerloom doctor``: what this machine has, what is missing, and how to get it."""

import importlib.metadata
import os
import platform
import shutil
import sys
from pathlib import Path

import msgspec
import psutil
import typer

from app.cli.arguments import JsonOption
from app.cli.printing import explained, out, print_object, table
from app.cli.screen import obstacle, qt_problem
from app.cli.words import size
from engine.project.layer_files import load_layers
from engine.project.layer_packages import installed_layers
from engine.runs.record import runs_root
from nodes.errors import LoomError

_PACKAGES = (
    "torch",
    "PySide6-Essentials",
    "pyqtgraph",
    "numpy",
    "networkx",
    "msgspec",
    "safetensors",
    "onnx",
    "onnxscript",
    "onnxruntime",
    "pillow",
)


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is not there, and what to do about it."""

    title: str
    why: str
    hint: str
    needed: bool
    """False where Layerloom works without it, with less."""

    where: str = ""
    """The file or the package that is meant."""


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, as one object."""

    layerloom: str
    python: str
    executable: str
    system: str
    cores: int
    memory_bytes: int
    packages: dict[str, str]
    """Version by name; empty where a package is missing."""

    devices: tuple[str, ...]
    display: str
    """Where windows open; empty where they cannot."""

    layers: dict[str, str]
    """Where each layer of one's own comes from: a file, or an installed package."""

    runs: str
    free_bytes: int
    """On the disk of the runs folder."""

    missing: tuple[Missing, ...]


def doctor(*, json: JsonOption = False) -> None:
    """Say what this machine has, what is missing and how to get it."""
    found = examine()
    if json:
        print_object(found)
    else:
        _print_findings(found)
    if any(missing.needed for missing in found.missing):
        raise typer.Exit(1)


def installed_version(package: str) -> str:
    """Return the version of an installed package; empty where it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def examine() -> Findings:
    """Look at the machine; importing torch takes most of the time."""
    packages = {name: installed_version(name) for name in _PACKAGES}
    screen = obstacle()
    devices, torch_problem = _devices() if packages.get("torch") else ((), None)
    missing = [_missing_package(name) for name, version in packages.items() if not version]
    if torch_problem is not None:
        missing.append(torch_problem)
    missing += _screen_problems(screen)
    found = (load_layers(), installed_layers())
    missing += [_bad_layer(problem) for part in found for problem in part.problems]
    runs = runs_root()
    return Findings(
        layerloom=installed_version("layerloom") or "run from its source",
        python=platform.python_version(),
        executable=sys.executable,
        system=platform.platform(),
        cores=psutil.cpu_count(logical=False) or os.cpu_count() or 1,
        memory_bytes=psutil.virtual_memory().total,
        packages=packages,
        devices=devices,
        display="" if screen else _display(),
        layers={one.name: str(one.file) for part in reversed(found) for one in part.blocks},
        runs=str(runs),
        free_bytes=shutil.disk_usage(_existing(runs)).free,
        missing=tuple(missing),
    )


def _missing_package(name: str) -> Missing:
    return Missing(
        title=f"{name} is not installed",
        why="Layerloom needs it.",
        hint=f"{sys.executable} -m pip install --upgrade --force-reinstall layerloom",
        needed=True,
    )


def _bad_layer(problem: LoomError) -> Missing:
    return Missing(
        title=problem.title,
        where=problem.where,
        why=problem.why,
        hint=problem.hint,
        needed=False,
    )


def _devices() -> tuple[tuple[str, ...], Missing | None]:
    try:
        from engine.training.devices import device_names

        return device_names(), None
    except (ImportError, OSError) as error:
        return (), Missing(
            title="torch is installed but cannot be loaded",
            why=f"{error}",
            hint="Install it again in a fresh environment.",
            needed=True,
        )


def _screen_problems(screen: LoomError | None) -> list[Missing]:
    found = [problem for problem in (qt_problem(), screen) if problem is not None]
    return [
        Missing(title=problem.title, why=problem.why, hint=problem.hint, needed=False)
        for problem in {problem.why: problem for problem in found}.values()
    ]


def _display() -> str:
    if not sys.platform.startswith("linux"):
        return platform.system()
    names = ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY")
    return next(os.environ[name] for name in names if os.environ.get(name))


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def _print_findings(found: Findings) -> None:
    console = out()
    rows = table("", "")
    rows.show_header = False
    rows.add_row("Layerloom", found.layerloom)
    rows.add_row("Python", f"{found.python}  {found.executable}")
    rows.add_row("System", found.system)
    rows.add_row("Memory", f"{size(found.memory_bytes)}, {found.cores} cores")
    for name, version in found.packages.items():
        rows.add_row(name, version or "missing")
    rows.add_row("Devices", " · ".join(found.devices) or "none")
    rows.add_row("Display", found.display or "none")
    for name, place in found.layers.items():
        rows.add_row("Own layer", f"{name}  {place}")
    rows.add_row("Runs", f"{found.runs}  ({size(found.free_bytes)} free)")
    console.print(rows)
    for missing in found.missing:
        console.print()
        parts = (("where", missing.where), ("why", missing.why), ("to fix", missing.hint))
        style = "red" if missing.needed else "yellow"
        console.print(explained(missing.title, *parts, style=style), soft_wrap=True)
    if not found.missing:
        console.print("\nNothing is missing.")
