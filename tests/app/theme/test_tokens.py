import json
import re
from pathlib import Path

import pytest
from PySide6.QtGui import QColor

import resources
from app.theme.tokens import ThemeName, faded, load_theme

RAW = json.loads(resources.path("themes", "tokens.json").read_text(encoding="utf-8"))
PYTHON_FOLDERS = ("app", "engine", "nodes", "resources")


@pytest.mark.parametrize("name", ["dark", "light"])
def test_every_colour_of_the_file_is_in_the_theme(name: ThemeName) -> None:
    colours = load_theme(name).colours
    written = RAW["themes"][name]["colours"]

    for token, text in written.items():
        field = re.sub(r"([A-Z])", lambda found: "_" + found[1].lower(), token)
        assert colours[field] == QColor(text), token
    assert len(written) == len(colours.__struct_fields__)


def test_sizes_radii_and_type_are_read() -> None:
    theme = load_theme("light")

    assert theme.size.node == (300, 58)
    assert theme.radius.card == 10
    assert theme.type.styles.node_detail.size_px == 11.5
    assert theme.wire.width3d == 2.6
    assert theme.motion_ms.dock == 120
    assert not theme.is_dark


def test_a_faded_colour_is_a_copy() -> None:
    accent = load_theme("dark").colours.accent

    assert faded(accent, 0.5).alphaF() == pytest.approx(0.5, abs=0.01)
    assert accent.alphaF() == 1


def test_no_colour_value_stands_in_the_code() -> None:
    root = Path(resources.__file__).parents[1]
    colour = re.compile(r"""["']#(?:[0-9a-fA-F]{3}){1,2}(?:[0-9a-fA-F]{2})?["']""")

    for folder in PYTHON_FOLDERS:
        for file in (root / folder).rglob("*.py"):
            assert not colour.search(file.read_text(encoding="utf-8")), file
