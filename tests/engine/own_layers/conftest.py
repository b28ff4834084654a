from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def nobody_trusts_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of their own for each test."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
