import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open

from engine.evaluate.loading import load_run
from engine.project.codec import from_text

pytestmark = pytest.mark.slow


def test_the_file_holds_the_runs_weights_and_says_what_they_are(exports: Any, run: Path) -> None:
    made = exports["safetensors"]
    loaded = load_run(run)

    with safe_open(made.path, "pt") as file:
        assert set(file.keys()) == set(loaded.compiled.module.state_dict())
        for name, values in loaded.compiled.module.state_dict().items():
            assert torch.equal(file.get_tensor(name), values)
        carried = file.metadata()

    assert json.loads(carried["layerloom.labels"]) == list("0123456789")
    assert from_text(carried["layerloom.graph"]).project == loaded.project
    assert made.largest_difference == 0
    assert made.size_bytes == Path(made.path).stat().st_size


def test_the_weights_can_be_read_by_whom_other_new_files_can(exports: Any, tmp_path: Path) -> None:
    (tmp_path / "other").touch()

    for made in (Path(exports["safetensors"].path), Path(exports["source"].path)):
        weights = made if made.is_file() else made / "weights.safetensors"
        assert weights.stat().st_mode == (tmp_path / "other").stat().st_mode
