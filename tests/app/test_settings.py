from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from app.settings import Settings
from engine.training.keeping import Keeping


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.ini"


def test_a_first_start_has_quiet_defaults(file: Path) -> None:
    settings = Settings(file)

    assert (settings.theme, settings.recent, settings.is_done("hint")) == ("system", (), False)
    assert settings.geometry.isEmpty() and settings.layout_state("build").isEmpty()


def test_everything_is_there_at_the_next_start(file: Path) -> None:
    settings = Settings(file)
    settings.theme = "light"
    settings.geometry = QByteArray(b"\x00\x01geometry")
    settings.set_layout_state("train", QByteArray(b"\xffdocks"))
    settings.add_recent(Path("/a b/ü.loom"))
    settings.set_done("hint")
    settings.sync()

    again = Settings(file)

    assert again.theme == "light" and again.is_done("hint")
    assert again.geometry == QByteArray(b"\x00\x01geometry")
    assert again.layout_state("train") == QByteArray(b"\xffdocks")
    assert again.recent == (Path("/a b/ü.loom"),)


def test_recent_files_are_few_newest_first_and_each_once(file: Path) -> None:
    settings = Settings(file)

    for number in [*range(15), 7]:
        settings.add_recent(Path(f"/{number}.loom"))

    names = [path.stem for path in settings.recent]
    assert names == ["7", "14", "13", "12", "11", "10", "9", "8", "6", "5"]


def test_layouts_are_forgotten_and_the_rest_stays(file: Path) -> None:
    settings = Settings(file)
    settings.set_layout_state("build", QByteArray(b"docks"))
    settings.theme = "dark"

    settings.forget_layouts()

    assert settings.layout_state("build").isEmpty() and settings.theme == "dark"


@pytest.mark.parametrize("text", ["theme=purple\n", "\x00\x01\x02", "[layouts]\nbuild=oops\n"])
def test_a_damaged_file_counts_as_a_first_start(file: Path, text: str) -> None:
    file.write_text(text)

    settings = Settings(file)

    assert settings.theme == "system" and settings.layout_state("build").isEmpty()


def test_a_file_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    settings = Settings(tmp_path / "taken" / "settings.ini")

    settings.theme = "dark"
    settings.sync()

    assert settings.theme == "dark"


def test_what_is_kept_of_a_run_is_remembered_and_damage_is_no_harm(file: Path) -> None:
    settings = Settings(file)
    assert settings.keeping == Keeping()

    settings.keeping = Keeping(moments_megabytes=0, moment_steps=25)
    settings.sync()
    assert Settings(file).keeping == Keeping(moments_megabytes=0, moment_steps=25)

    settings.set_preference("record/moment_steps", "many")
    assert settings.keeping == Keeping()
