"""The panels that are made after the window stands: those that no first look needs.

Plots and data come with imports that take longer than the rest of the window together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from app.document import Document
from app.plots import load_in_background
from app.shell.panel_dock import PanelDock
from app.theme import theme_manager

if TYPE_CHECKING:
    from app.data import DataPanel
    from app.docs import DocsPanel
    from app.outline import OutlinePanel
    from app.probes.panel import ActivationsPanel
    from app.runs import RunsPanel
    from app.training.log import TrainingLog
    from app.training.panel import TrainingPanel
_PLOTS_MS = 50

P = TypeVar("P", bound=QWidget)

_MODULES = {
    "training": "app.training.panel",
    "log": "app.training.log",
    "activations": "app.probes.panel",
    "code": "app.code",
    "docs": "app.docs",
    "outline": "app.outline",
    "data": "app.data",
    "runs": "app.runs",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPanels:
    """The panels that the window introduces to each other."""

    training: TrainingPanel
    log: TrainingLog
    activations: ActivationsPanel
    runs: RunsPanel
    outline: OutlinePanel
    data: DataPanel
    docs: DocsPanel


class LatePanels(QObject):
    """Makes panels one by one, each in a turn of the event loop of its own."""

    done = Signal()
    """All panels stand in their docks."""

    def __init__(self, document: Document, docks: dict[str, PanelDock], parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._docks = docks
        self._made: dict[str, QWidget] = {}
        self._plots: Thread | None = None
        self._imported: set[str] = set()
        self._waiting = self._makers()
        for key, (title, dock, _) in self._waiting.items():
            docks[dock].add_panel(key, title, QWidget())

    def begin(self) -> None:
        """Make the panels from now on."""
        self._make_next()

    def panels(self) -> RunPanels:
        """Return the panels that others talk to, once all are made."""
        from app.data import DataPanel
        from app.docs import DocsPanel
        from app.outline import OutlinePanel
        from app.probes.panel import ActivationsPanel
        from app.runs import RunsPanel
        from app.training.log import TrainingLog
        from app.training.panel import TrainingPanel

        return RunPanels(
            training=self._made_as("training", TrainingPanel),
            log=self._made_as("log", TrainingLog),
            activations=self._made_as("activations", ActivationsPanel),
            runs=self._made_as("runs", RunsPanel),
            outline=self._made_as("outline", OutlinePanel),
            data=self._made_as("data", DataPanel),
            docs=self._made_as("docs", DocsPanel),
        )

    def _made_as(self, key: str, kind: type[P]) -> P:
        made = self._made[key]
        assert isinstance(made, kind), "a key names one kind of panel"
        return made

    def _make_plots(self) -> None:
        """Make the plots of a run before there is one, a turn each, once pyqtgraph is there."""
        assert self._plots is not None, "it is being loaded by now"
        panels = self.panels()
        if self._plots.is_alive():
            QTimer.singleShot(_PLOTS_MS, self._make_plots)
        else:
            QTimer.singleShot(0, panels.training.prepare)
            QTimer.singleShot(_PLOTS_MS, panels.activations.prepare)

    def _make_next(self) -> None:
        if not self._waiting:
            self.done.emit()
            self._plots = load_in_background()
            self._make_plots()
            return
        key = next(iter(self._waiting))
        if key not in self._imported:
            # Reading the module and making the panel are a turn each.
            self._imported.add(key)
            import_module(_MODULES[key])
        else:
            _, dock, make = self._waiting.pop(key)
            panel = make()
            self._docks[dock].replace_panel(key, panel)
            self._made[key] = panel
        QTimer.singleShot(0, self._make_next)

    def _makers(self) -> dict[str, tuple[str, str, Callable[[], QWidget]]]:
        return {
            "training": (self.tr("Training"), "training", self._training),
            "log": (self.tr("Log"), "training", self._log),
            "activations": (self.tr("Activations"), "inspection", self._activations),
            "code": (self.tr("Code"), "right", self._code),
            "docs": (self.tr("Docs"), "right", self._docs),
            "outline": (self.tr("Outline"), "left", self._outline),
            "data": (self.tr("Data"), "left", self._data),
            "runs": (self.tr("Runs"), "left", self._runs),
        }

    def _training(self) -> QWidget:
        from app.training.panel import TrainingPanel

        return TrainingPanel()

    def _log(self) -> QWidget:
        from app.training.log import TrainingLog

        return TrainingLog()

    def _activations(self) -> QWidget:
        from app.probes.panel import ActivationsPanel

        return ActivationsPanel()

    def _code(self) -> QWidget:
        from app.code import CodePanel

        return CodePanel(self._document, theme_manager())

    def _docs(self) -> QWidget:
        from app.docs import DocsPanel

        return DocsPanel(self._document, theme_manager())

    def _outline(self) -> QWidget:
        from app.outline import OutlinePanel

        return OutlinePanel(self._document, theme_manager())

    def _data(self) -> QWidget:
        from app.data import DataPanel

        return DataPanel(self._document, theme_manager())

    def _runs(self) -> QWidget:
        from app.runs import RunsPanel

        return RunsPanel(self._document, theme_manager())
