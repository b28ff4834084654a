"""The Properties panel: follows the selection."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.document import Document
from app.inspector.banner import LockBanner
from app.inspector.composite_view import CompositeView
from app.inspector.layer_view import LayerView
from app.inspector.project_view import ProjectView
from app.inspector.wire_view import WireView
from app.theme import ThemeManager
from engine.graph.topology import in_order

_INSET_PX = 16


class PropertiesPanel(QWidget):
    """Parameters of the selected layers, a wire's contents, or the project."""

    code_requested = Signal(str)
    """The code of a layer of one's own is wanted: its name."""

    fix_chosen = Signal(object)
    """A ``Fix`` of the level on show is to be carried out."""

    fix_pointed_at = Signal(object)
    """The change of a ``Fix`` is to be shown on the drawing; None where that of no fix is."""

    def __init__(
        self, document: Document, theme: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Properties"))
        self._document = document
        self._lock = LockBanner()
        self._layers = LayerView(document, theme)
        self._layers.code_requested.connect(self.code_requested)
        self._layers.fix_chosen.connect(self.fix_chosen)
        self._layers.fix_pointed_at.connect(self.fix_pointed_at)
        self._wire = WireView(document)
        self._project = ProjectView(document)
        self._composite = CompositeView(document)
        self._build()
        document.selection_changed.connect(self._show_selection)
        document.report_changed.connect(self._show_selection)
        document.recipe_changed.connect(self._show_selection)
        document.changed.connect(self._show_selection)
        document.history_changed.connect(self._on_history_changed)
        self._show_selection()

    def set_project_form(self, form: QWidget) -> None:
        """Put a form for the recipe below the project's name and notes; not shown yet."""
        self._project.set_form(form)

    def show_project_form(self) -> None:
        """Show the form of the recipe: Qt measures all of it then, which takes a turn."""
        self._project.show_form()

    def set_locked(self, reason: str) -> None:
        """Let nothing be changed and say why; an empty reason unlocks."""
        self._lock.set_reason(reason)
        self._layers.set_editable(editable=not reason)
        self._project.set_editable(editable=not reason)
        self._composite.set_editable(editable=not reason)

    def set_node_actions(self, actions: Sequence[QAction]) -> None:
        """Put actions on the selected layers into the menu beside their name."""
        self._layers.set_actions(actions)
        self._show_selection()

    def focus_first(self) -> None:
        """Put the keyboard into the first parameter."""
        self._layers.focus_first()

    def focus_name(self) -> None:
        """Put the keyboard into the name of the project."""
        self._project.focus_name()

    def focus_learning(self) -> bool:
        """Put the keyboard into how the selected layers' weights begin; False without any."""
        return self._layers.focus_learning()

    def _build(self) -> None:
        content = QWidget()
        content.setProperty("surface", "panel")
        column = QVBoxLayout(content)
        column.setContentsMargins(_INSET_PX, 14, _INSET_PX, _INSET_PX)
        column.setSpacing(12)
        for part in (self._lock, self._layers, self._wire, self._composite, self._project):
            column.addWidget(part)
        column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setAccessibleName(self.tr("Properties"))
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._scroll)

    def _show_selection(self) -> None:
        nodes = self._document.selection
        link = self._document.selected_link
        self._layers.setVisible(bool(nodes))
        self._wire.setVisible(not nodes and link is not None)
        is_inside = bool(self._document.path)
        self._project.setVisible(not nodes and link is None and not is_inside)
        self._composite.setVisible(not nodes and link is None and is_inside)
        if nodes:
            order = in_order(self._document.graph) if len(nodes) > 1 else list(nodes)
            self._layers.show_nodes([node for node in order if node in nodes])
        elif link is not None:
            self._wire.show_link(link)
        elif is_inside:
            self._composite.refresh()
        else:
            self._project.refresh()

    def _on_history_changed(self) -> None:
        if self._project.isVisibleTo(self):
            self._project.refresh()
