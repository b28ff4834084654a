"""Projects kept as templates of one's own."""

from pathlib import Path

import pytest
from builders import a_project
from msgspec.structs import replace

from engine.project.own_templates import open_own_template, own_templates, save_template
from nodes.errors import ProjectError


def test_a_project_kept_as_a_template_comes_back_under_the_name_of_the_template(
    tmp_path: Path,
) -> None:
    folder, project = tmp_path / "data" / "templates", a_project()

    path = save_template(folder, project, "My net, small")

    assert own_templates(folder) == (path,)
    assert open_own_template(path) == replace(project, name="My net, small")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "etcpasswd"),
        ("  ", "Template"),
        ("a/b:c*?", "abc"),
        ("…", "Template"),
        ("Netz für Töne", "Netz für Töne"),
        ("x" * 300, "x" * 60),
    ],
)
def test_any_name_gives_a_file_in_the_folder(tmp_path: Path, name: str, kept: str) -> None:
    path = save_template(tmp_path, a_project(), name)

    assert path.parent == tmp_path and path.stem == kept


def test_one_of_the_same_name_stays(tmp_path: Path) -> None:
    first = save_template(tmp_path, a_project(), "Net")
    before = first.read_bytes()

    second = save_template(tmp_path, a_project(epochs=3), "net")

    assert first.read_bytes() == before
    assert [file.stem for file in own_templates(tmp_path)] == ["Net", "net 2"]
    assert second.stem == "net 2"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(ProjectError):
        save_template(tmp_path / "file" / "templates", a_project(), "Net")
