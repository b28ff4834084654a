"""What is installed: pins that must hold, the command, the licence, and what may lie at the top."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DEPENDENCIES = {
    requirement.name: requirement
    for requirement in map(Requirement, PYPROJECT["project"]["dependencies"])
}


@pytest.mark.parametrize(
    ("version", "why"),
    [
        ("6.11.0", "dock layouts break"),
        ("6.11.1", "dock layouts break"),
        ("6.12.0", "every call that returns nothing drops a reference to None"),
    ],
)
def test_releases_of_qt_that_break_the_window_are_not_taken(version: str, why: str) -> None:
    assert version not in DEPENDENCIES["PySide6-Essentials"].specifier, why


@pytest.mark.parametrize("version", ["6.10.0", "6.11.2", "6.12.1"])
def test_releases_of_qt_around_them_are_taken(version: str) -> None:
    assert version in DEPENDENCIES["PySide6-Essentials"].specifier


def test_the_installed_qt_survives_calls_that_return_nothing() -> None:
    # Python 3.11 ends the process when the last reference to None is dropped.
    program = (
        "import sys\n"
        "from PySide6.QtCore import QObject, Signal\n"
        "class Sender(QObject):\n"
        "    sent = Signal()\n"
        "sender = Sender()\n"
        "sender.sent.connect(lambda: None)\n"
        "before = sys.getrefcount(None)\n"
        "for _ in range(20_000):\n"
        "    sender.setObjectName('x')\n"
        "    sender.sent.emit()\n"
        "print(sys.getrefcount(None) - before)\n"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert abs(int(done.stdout)) < 100


def test_nothing_that_needs_torchvision_is_asked_for() -> None:
    assert not {"torchvision", "torchaudio", "torchcodec"} & DEPENDENCIES.keys()


def test_the_command_is_the_main_function() -> None:
    assert PYPROJECT["project"]["scripts"] == {"layerloom": "app.__main__:main"}


def test_the_licence_is_the_apache_licence_in_full() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert PYPROJECT["project"]["license"] == "Apache-2.0"
    assert "Version 2.0, January 2004" in text and "END OF TERMS AND CONDITIONS" in text


@pytest.mark.parametrize("pattern", PYPROJECT["project"]["license-files"])
def test_notices_that_the_package_promises_are_there(pattern: str) -> None:
    assert list(ROOT.glob(pattern))


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize("target", ["run", "env", "test", "check", "bench", "screenshots", "clean"])
def test_make_knows_what_to_do_for(target: str) -> None:
    done = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
