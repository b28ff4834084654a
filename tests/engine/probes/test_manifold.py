"""UMAP in a process of its own, judged by the neighbours it keeps."""

from pathlib import Path

import pytest
import torch
from sklearn.manifold import trustworthiness

from engine.probes import manifold
from engine.probes.manifold import ManifoldArrangement
from engine.probes.mapping import principal_components
from nodes.errors import DataError


def eight_groups() -> torch.Tensor:
    numbers = torch.Generator().manual_seed(6)
    middles = 3 * torch.randn(8, 20, generator=numbers)
    return middles.repeat_interleave(20, 0) + torch.randn(160, 20, generator=numbers)


def begun(values: torch.Tensor) -> ManifoldArrangement:
    start, _ = principal_components(values.numpy())
    return ManifoldArrangement(values, torch.from_numpy(start))


def awaited(arrangement: ManifoldArrangement) -> torch.Tensor:
    while not arrangement.is_done:
        arrangement._process.wait(380)
        arrangement.go_on(0)
    return arrangement.points


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_neighbours_stay_together_better_than_on_the_principal_components() -> None:
    values = eight_groups()
    arrangement = begun(values)
    start = arrangement.points
    assert not arrangement.is_done, "nobody waits for it"

    points = awaited(arrangement)

    assert points.shape == (160, 2) and points.dtype == torch.float32
    own, before = (
        trustworthiness(values.numpy(), some.numpy(), n_neighbors=10) for some in (points, start)
    )
    assert own > before + 0.01


def test_too_few_samples_stay_where_they_are() -> None:
    arrangement = begun(torch.eye(3))

    assert arrangement.is_done and arrangement.points.shape == (3, 2)


def test_where_it_is_not_installed_the_way_to_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)

    with pytest.raises(DataError, match="not installed") as told:
        begun(torch.eye(9))

    assert "layerloom[embedding]" in told.value.hint


def test_a_failure_is_told_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise MemoryError('no room for the graph')")
    monkeypatch.setattr(manifold, "_COMMAND", (manifold.sys.executable, str(broken)))
    arrangement = begun(eight_groups())

    with pytest.raises(DataError) as told:
        awaited(arrangement)

    assert "no room for the graph" in told.value.why


def test_what_nobody_waits_for_any_more_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = (manifold.sys.executable, "-c", "import time; time.sleep(600)")
    monkeypatch.setattr(manifold, "_COMMAND", waiting)
    arrangement = begun(eight_groups())
    process = arrangement._process

    del arrangement

    assert process.returncode is not None
