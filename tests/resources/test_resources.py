import numpy as np
import pytest
from PySide6.QtGui import QImage

import resources
from engine.data.shipped import SHIPPED
from engine.project.templates import templates


@pytest.mark.parametrize("family", ["Inter", "JetBrainsMono"])
def test_each_font_comes_with_its_licence(family: str) -> None:
    fonts = [file for file in resources.path("fonts").iterdir() if file.name.startswith(family)]
    licence = resources.path("fonts", f"OFL-{family}.txt").read_text(encoding="utf-8")

    assert fonts
    assert licence.startswith("Copyright")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence


def test_the_shipped_digits_are_whole_and_have_a_notice() -> None:
    with np.load(resources.path("datasets", "mnist10k.npz"), allow_pickle=False) as digits:
        assert digits["x"].shape == (10_000, 28, 28)
        assert set(digits["y"].tolist()) == set(range(10))

    assert "## mnist10k.npz" in resources.path("datasets", "NOTICES.md").read_text("utf-8")


def test_every_shipped_data_set_has_a_notice() -> None:
    notices = resources.path("datasets", "NOTICES.md").read_text("utf-8")

    for file in resources.path("datasets").iterdir():
        assert file.name == "NOTICES.md" or f"## {file.name}" in notices


def test_all_that_ships_beside_the_code_stays_under_20_megabytes() -> None:
    files = [file for file in resources.path().rglob("*") if file.is_file()]

    assert sum(file.stat().st_size for file in files) < 20_000_000


def test_every_data_set_of_a_built_in_project_is_told_of_where_it_lies_or_is_computed() -> None:
    notices = resources.path("datasets", "NOTICES.md").read_text("utf-8")
    titles = [SHIPPED[template.data].spec for template in templates()]
    computed = [spec.title for spec in titles if "omputed" in spec.notice]

    assert computed
    assert all(f"*{title}*" in notices for title in computed)


def test_data_that_are_computed_are_called_synthetic() -> None:
    notices = resources.path("datasets", "NOTICES.md").read_text("utf-8")
    told = notices.partition("## Computed data")[2].partition("are no files")[0]
    computed = [one.spec for one in SHIPPED.values() if f"*{one.spec.title}*" in told]

    assert len(computed) == told.count("*") / 2
    assert all(spec.notice.startswith("Synthetic: computed") for spec in computed)


def test_the_window_icon_can_be_read() -> None:
    icon = QImage(str(resources.path("icons", "app", "layerloom.png")))

    assert (icon.width(), icon.height()) == (256, 256)
