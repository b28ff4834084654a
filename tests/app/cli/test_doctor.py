"""What the doctor finds on this machine, and what it says where something is missing."""

import json
import platform

import pytest

from app.__main__ import main
from app.cli import doctor

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def found() -> doctor.Findings:
    return doctor.examine()


def test_versions_and_devices_are_found(found: doctor.Findings) -> None:
    import torch

    assert found.python == platform.python_version()
    assert found.packages["torch"] == torch.__version__
    assert found.devices[0].startswith("CPU")
    assert found.memory_bytes > 0 and found.free_bytes > 0


def test_an_offscreen_platform_counts_as_a_display(found: doctor.Findings) -> None:
    assert found.display == "offscreen" and found.missing == ()


def test_a_package_that_is_not_there_is_named_with_the_way_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(doctor, "_PACKAGES", ("no-such-package",))

    assert main(["doctor"]) == 1

    printed = capsys.readouterr().out
    assert "no-such-package is not installed" in printed and "pip install" in printed


@pytest.mark.skipif("not sys.platform.startswith('linux')")
def test_a_missing_display_is_told_and_is_no_error(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)

    assert main(["doctor", "--json"]) == 0

    findings = json.loads(capsys.readouterr().out)
    assert findings["display"] == ""
    assert [missing["needed"] for missing in findings["missing"]] == [False]
