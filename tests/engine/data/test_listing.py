import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data import listing
from engine.data.listing import Entry, list_files, stamp_of

FILES = ("b/2.png", "b/10.PNG", "a-b/1.png", "a/1.png", "a/deep/er/é 1.png", "top.png")


@pytest.fixture(params=[0, 100], ids=["kept", "made each time"])
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    monkeypatch.setenv("LAYERLOOM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(listing, "KEPT_FROM", request.param)
    return written(tmp_path / "files", FILES)


def written(folder: Path, names: tuple[str, ...]) -> Path:
    for name in (*names, "a/.hidden.png", "a/notes.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return folder


def test_a_list_holds_every_file_with_its_class_in_the_order_of_the_paths(folder: Path) -> None:
    found = list_files(folder, (".png",))

    paths = sorted((folder / name for name in FILES), key=str)
    labels = ["" if path.parent == folder else path.relative_to(folder).parts[0] for path in paths]
    assert list(found) == [Entry(*pair) for pair in zip(paths, labels, strict=True)]
    assert found.labels().tolist() == labels and found.size_bytes == len(FILES)
    assert found.classes() == (("", 1), ("a", 2), ("a-b", 1), ("b", 2))


def test_a_file_that_comes_or_goes_makes_another_list(folder: Path) -> None:
    before, stamp = list_files(folder, (".png",)), stamp_of(folder, (".png",))
    (folder / "b" / "2.png").rename(folder / "a" / "3.png")
    os.utime(folder / "b", ns=(stamp[1] + 1, stamp[1] + 1))

    after = list_files(folder, (".png",))

    assert stamp_of(folder, (".png",)) != stamp
    assert {entry.path.name for entry in after if entry.label == "a"} == {
        "1.png",
        "é 1.png",
        "3.png",
    }
    assert not after.digest or after.digest != before.digest


def test_folders_called_by_a_part_name_parts_and_not_classes(tmp_path: Path) -> None:
    found = list_files(
        written(tmp_path, ("train/x/1.png", "Val/y/2.png", "test/x/3.png")), (".png",)
    )

    assert {(one.path.name, one.label, one.part) for one in found} == {
        ("1.png", "x", 0),
        ("2.png", "y", 1),
        ("3.png", "x", 2),
    }


@given(places=st.lists(st.integers(0, 5), unique=True))
def test_some_entries_of_a_list_are_those_at_their_places(
    tmp_path_factory: pytest.TempPathFactory, places: list[int]
) -> None:
    whole = listing.listed([Entry(Path(f"{n}.png"), "ab"[n % 2]) for n in range(6)])

    assert list(whole.chosen(np.array(places, int))) == [whole[place] for place in places]
