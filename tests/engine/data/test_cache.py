"""The operating system is the judge of what a mapped array holds."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.data.cache import let_go, mapped

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
