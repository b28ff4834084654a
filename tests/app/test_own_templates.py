"""Templates of one's own, from the File menu to the start page."""

from pathlib import Path

from builders import a_project
from msgspec.structs import replace
from window_hands import Windows

from app.own_templates import OwnTemplates


def test_a_project_kept_as_a_template_begins_new_ones(windows: Windows, tmp_path: Path) -> None:
    project = a_project()
    window = windows(project, with_panels=False)
    window.own_templates = OwnTemplates(window, tmp_path)
    window.own_templates.save("My net")
    (path,) = window.own_templates.files()
    page = window.beginning.open_page()

    page.side.template_chosen.emit(path)

    assert window.document.project == replace(project, name="My net")
    assert window.files.path is None
