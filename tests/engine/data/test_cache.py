"""The operating system is the judge of what a mapped array holds."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.data.cache import cached, let_go, mapped

MEGABYTES = 24


def held_megabytes() -> int:
    (kilobytes,) = re.findall(r"RssFile:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(kilobytes) // 1024


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_a_mapped_array_gives_its_memory_back_and_is_read_again(tmp_path: Path) -> None:
    written = np.arange(MEGABYTES << 17).reshape(-1, 64)
    np.save(tmp_path / "a.npy", written)
    array = np.asarray(mapped(tmp_path / "a.npy"))[:, None]
    before = held_megabytes()
    assert array.sum() == written.sum()
    assert held_megabytes() - before > MEGABYTES // 2

    let_go(array)

    assert held_megabytes() - before < MEGABYTES // 2
    assert (array[::100, 0] == written[::100]).all()


def test_a_file_that_went_since_it_was_listed_decodes_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAYERLOOM_CACHE", str(tmp_path / "cache"))
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    files = [tmp_path / "a", tmp_path / "b"]
    before, _ = cached(files, "s", lambda folder: {})

    files[1].unlink()

    after, _ = cached(files, "s", lambda folder: {})
    assert before != after == cached(files, "s", lambda folder: {})[0]
