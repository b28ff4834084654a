"""Every panel of the Build layout fits the narrowest dock that it can stand in."""

from collections.abc import Callable

import pytest
from builders import a_project, a_residual_cnn
from PySide6.QtWidgets import QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from app.code import CodePanel
from app.data.panel import DataPanel
from app.document import Document
from app.inspector import PropertiesPanel
from app.outline import OutlinePanel
from app.palette import LibraryPanel
from app.problems import ProblemsPanel
from app.runs import RunsPanel
from app.summary import SummaryPanel
from app.theme import ThemeManager, theme_manager

_LEFT_PX = 200
_RIGHT_PX = 280
_BOTTOM_PX = 480

Made = Callable[[Document, ThemeManager], QWidget]


def needed_width(panel: QWidget) -> int:
    """Return what the panel needs, and what stands in its scroll areas."""
    contents = [area.widget() for area in panel.findChildren(QScrollArea)]
    parts = [panel, *(content for content in contents if content is not None)]
    return max(part.minimumSizeHint().width() for part in parts)


@pytest.mark.parametrize(
    ("make", "room_px"),
    [
        (LibraryPanel, _LEFT_PX),
        (OutlinePanel, _LEFT_PX),
        (DataPanel, _LEFT_PX),
        (RunsPanel, _LEFT_PX),
        (PropertiesPanel, _RIGHT_PX),
        (CodePanel, _RIGHT_PX),
        (ProblemsPanel, _BOTTOM_PX),
        (SummaryPanel, _BOTTOM_PX),
    ],
)
def test_a_panel_fits_the_narrowest_dock(qtbot: QtBot, make: Made, room_px: int) -> None:
    theme_manager().choose("light")  # the style sheet makes fields wider
    graph = a_residual_cnn()
    document = Document(a_project(graph))
    panel = make(document, theme_manager())
    qtbot.addWidget(panel)
    theme_manager().dress(panel)
    panel.resize(room_px, 900)
    panel.show()
    if isinstance(panel, DataPanel):
        qtbot.waitUntil(lambda: panel.grid.samples.rowCount() > 0)

    assert needed_width(panel) <= room_px
    for node in graph.nodes:
        document.select((node,))
        qtbot.wait(1)  # layouts are laid out by an event
        assert needed_width(panel) <= room_px, graph.nodes[node].name
