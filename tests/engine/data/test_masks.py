"""Masks are found by where they lie and how they are called; a table or a saved set names them."""

import io
import json
from pathlib import Path, PurePath

import numpy as np
import polars
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.data import decoding
from engine.data.inspect import inspect_path
from engine.data.inspect.table import with_target
from engine.data.listing import Entry, listed
from engine.data.masks import matched
from engine.data.opening import open_data
from nodes.io import Data, DataField
from nodes.sources import Pairs, PictureTable

paths = st.lists(
    st.builds(
        lambda folder, stem, ending: PurePath(folder, f"{stem}{ending}"),
        st.sampled_from(["", "a", "b/c"]),
        st.sampled_from(["1", "2", "10", "a.b"]),
        st.sampled_from([".png", ".jpg"]),
    ),
    unique_by=lambda path: path.with_suffix(""),
    max_size=9,
)


def mask_of(picture: PurePath, masks: list[PurePath]) -> int:
    """Look at every mask, one by one."""
    same = [k for k, one in enumerate(masks) if one.with_suffix("") == picture.with_suffix("")]
    named = [k for k, one in enumerate(masks) if one.stem == picture.stem]
    return same[0] if same else named[0] if len(named) == 1 else -1


@given(pictures=paths, masks=paths)
def test_a_mask_is_found_by_its_place_or_by_a_name_that_no_other_has(
    pictures: list[PurePath], masks: list[PurePath]
) -> None:
    lists = [listed([Entry(Path(path), "") for path in some]) for some in (pictures, masks)]

    found = matched(*lists)

    assert found.tolist() == [mask_of(picture, masks) for picture in pictures]


def test_masks_that_cannot_be_read_are_told_before_any_training(tmp_path: Path) -> None:
    for kind in ("images", "masks"):
        (tmp_path / kind).mkdir()
        for number in range(3):
            Image.new("L", (4, 4), number).save(tmp_path / kind / f"{number}.png")
    (tmp_path / "masks" / "1.png").write_bytes(b"")

    found = inspect_path(tmp_path)

    assert isinstance(found.source, Pairs) and found.has_choice
    assert [one.examples for one in found.findings] == [(str(tmp_path / "masks" / "1.png"),)]


def test_a_saved_data_set_with_masks_gives_every_pixel_a_class(tmp_path: Path) -> None:
    def encoded(value: int) -> dict[str, object]:
        stream = io.BytesIO()
        Image.new("L", (4, 4), value).save(stream, "PNG")
        return {"bytes": stream.getvalue(), "path": None}

    rows = range(6)
    columns = {
        "image": [encoded(number * 9) for number in rows],
        "annotation": [encoded(number % 3) for number in rows],
        "scene": ["street", "park"] * 3,
    }
    file = tmp_path / "data.arrow"
    polars.DataFrame(columns).write_ipc_stream(file, compat_level=polars.CompatLevel.oldest())
    (tmp_path / "state.json").write_text('{"_data_files": [{"filename": "data.arrow"}]}')
    features = {"image": {"_type": "Image"}, "annotation": {"_type": "Image"}, "scene": {}}
    (tmp_path / "dataset_info.json").write_text(json.dumps({"features": features}))

    found = inspect_path(tmp_path)

    assert isinstance(found.source, PictureTable) and found.usable
    assert (found.source.picture, found.source.mask) == ("image", "annotation")
    data_set = open_data(Data(dataset="d", source=found.source))
    assert data_set.spec.fields[-1] == DataField("mask", "mask", (4, 4), "int", 3)
    assert data_set.read("mask", np.arange(6))[:, 0, 0].tolist() == [0, 1, 2, 0, 1, 2]
    # Whoever learns something else of the pictures needs no masks.
    other = with_target(found, "scene").source
    assert isinstance(other, PictureTable)
    plain = open_data(Data(dataset="d", source=other)).spec.fields
    assert [field.name for field in plain] == ["image", "scene"]


@pytest.mark.parametrize(
    ("tones", "meant"),
    [((0, 255), (0, 1)), ((0, 128, 255), (0, 1, 2)), ((0, 1, 3), (0, 1, 3)), ((1, 2), (1, 2))],
)
@pytest.mark.parametrize("at_first", [100, 1])
def test_tones_far_apart_are_a_class_each(
    tones: tuple[int, ...],
    meant: tuple[int, ...],
    at_first: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decoding, "MOST_AT_FIRST", at_first)
    for kind in ("images", "masks"):
        (tmp_path / kind).mkdir()
    for place, tone in enumerate(tones):
        Image.new("RGB", (4, 4)).save(tmp_path / "images" / f"{place}.png")
        Image.new("L", (4, 4), tone).save(tmp_path / "masks" / f"{place}.png")
    folders = str(tmp_path / "images"), str(tmp_path / "masks")

    source = Pairs(path=folders[0], masks=folders[1], height=4, width=4)
    found = open_data(Data(dataset="d", source=source))

    assert found.spec.fields[-1].classes == max(meant) + 1
    assert found.read("mask", np.arange(len(tones)))[:, 0, 0].tolist() == list(meant)
    assert any("1 is tone" in note for note in found.spec.notes) == (tones != meant)
