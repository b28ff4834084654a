"""The panels that are made after the window stands: those that no first look needs.

Plots and data come with imports that take longer than the rest of the window together.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance
from PySide6.QtWidgets import QWidget

from app.document import Document
from app.handover import Handover
from app.plots import load_plots
from app.reading_ahead import PLOTS, ReadingAhead
from app.shell.panel_dock import PanelDock
from app.theme import theme_manager
from app.time_travel import TimeSlider

if TYPE_CHECKING:
    from app.compare import ComparisonPanel
    from app.data.panel import DataPanel
    from app.docs import DocsPanel
    from app.evaluation.panel import EvaluationPanel
    from app.outline import OutlinePanel
    from app.probes.gradients_panel import GradientsPanel
    from app.probes.map_panel import MapPanel
    from app.probes.panel import ActivationsPanel
    from app.probes.weights_panel import WeightsPanel
    from app.runs import RunsPanel
    from app.stepping import StepPanel
    from app.summary import SummaryPanel
    from app.training.log import TrainingLog
    from app.training.panel import TrainingPanel
    from app.tryout.panel import TryPanel

_RUN_PAGE = "app.training.run_page"
# A timer of zero is a posted event, and Qt sends all of those before it looks at keys and pointer.
_PAUSE_MS = 1

_NAMES_A_TURN = 50

P = TypeVar("P", bound=QWidget)

_MODULES = {
    "training": "app.training.panel",
    "evaluation": "app.evaluation.panel",
    "log": "app.training.log",
    "activations": "app.probes.panel",
    "weights": "app.probes.weights_panel",
    "gradients": "app.probes.gradients_panel",
    "map": "app.probes.map_panel",
    "step": "app.stepping",
    "try": "app.tryout.panel",
    "code": "app.code",
    "docs": "app.docs",
    "outline": "app.outline",
    "data": "app.data.panel",
    "runs": "app.runs",
    "summary": "app.summary",
    "comparison": "app.compare",
}

_IN_PARTS = {
    "evaluation": ("app.evaluation.forecast", "app.evaluation.worst"),
    "try": (
        "app.tryout.input_strip",
        "app.tryout.form_pad",
        "app.tryout.page",
        "app.tryout.choosing",
    ),
    "data": ("app.data.augmentation", "app.data.import_sheet", "app.data.importing"),
    "comparison": ("app.compare", "app.comparing"),
}
"""What of a panel is read in turns of its own, in this order: all at once it would take long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPanels:
    """The panels that the window introduces to each other."""

    training: TrainingPanel
    evaluation: EvaluationPanel
    log: TrainingLog
    activations: ActivationsPanel
    weights: WeightsPanel
    gradients: GradientsPanel
    map: MapPanel
    stepping: StepPanel
    slider: TimeSlider
    tryout: TryPanel
    runs: RunsPanel
    comparison: ComparisonPanel
    outline: OutlinePanel
    data: DataPanel
    docs: DocsPanel
    summary: SummaryPanel

    @property
    def train_requests(self) -> tuple[SignalInstance, ...]:
        """Where a panel that is empty until there is a run asks to begin one."""
        return (
            self.training.train_requested,
            self.evaluation.train_requested,
            self.activations.train_requested,
            self.weights.train_requested,
            self.gradients.train_requested,
            self.map.train_requested,
            self.stepping.train_requested,
            self.tryout.train_requested,
            self.runs.train_requested,
        )


class LatePanels(QObject):
    """Makes panels one by one, in small turns of the event loop; a thread reads ahead for them.

    What derives from Qt is made on this thread alone: see ``reading_ahead``.
    """

    done = Signal()
    """All panels stand in their docks."""

    prepared = Signal()
    """What the first run needs beyond them has been made as well."""

    def __init__(self, document: Document, docks: dict[str, PanelDock], parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._docks = docks
        self._made: dict[str, QWidget] = {}
        self._waiting: deque[Iterator[object]] = deque()
        self._is_stopped = False
        self._reading = ReadingAhead((*_MODULES, PLOTS), Handover(self, self._on_read))
        self._makers = self._list_makers()
        for key, (title, dock, _) in self._makers.items():
            docks[dock].add_panel(key, title, QWidget())
        self._slider = TimeSlider()
        docks["inspection"].add_footer(self._slider)

    def begin(self) -> None:
        """Make the panels from now on."""
        Thread(target=self._reading.run, name="read panels", daemon=True).start()

    def stop(self) -> None:
        """Make nothing more: the window closes."""
        self._is_stopped = True
        self._waiting.clear()
        self._reading.stop()

    def also_make(self, work: Callable[[], None]) -> None:
        """Do something in a turn of its own once the panels are made, before more is read."""
        self._waiting.append(_doing(work))

    def also_make_in_parts(self, parts: Iterator[object]) -> None:
        """Do something in several turns of its own, one for each part, once the panels are made."""
        self._waiting.append(parts)

    def panels(self) -> RunPanels:
        """Return the panels that others talk to, once all are made."""
        from app.compare import ComparisonPanel
        from app.data.panel import DataPanel
        from app.docs import DocsPanel
        from app.evaluation.panel import EvaluationPanel
        from app.outline import OutlinePanel
        from app.probes.gradients_panel import GradientsPanel
        from app.probes.map_panel import MapPanel
        from app.probes.panel import ActivationsPanel
        from app.probes.weights_panel import WeightsPanel
        from app.runs import RunsPanel
        from app.stepping import StepPanel
        from app.summary import SummaryPanel
        from app.training.log import TrainingLog
        from app.training.panel import TrainingPanel
        from app.tryout.panel import TryPanel

        return RunPanels(
            training=self._made_as("training", TrainingPanel),
            evaluation=self._made_as("evaluation", EvaluationPanel),
            log=self._made_as("log", TrainingLog),
            activations=self._made_as("activations", ActivationsPanel),
            weights=self._made_as("weights", WeightsPanel),
            gradients=self._made_as("gradients", GradientsPanel),
            map=self._made_as("map", MapPanel),
            stepping=self._made_as("step", StepPanel),
            slider=self._slider,
            tryout=self._made_as("try", TryPanel),
            runs=self._made_as("runs", RunsPanel),
            comparison=self._made_as("comparison", ComparisonPanel),
            outline=self._made_as("outline", OutlinePanel),
            data=self._made_as("data", DataPanel),
            docs=self._made_as("docs", DocsPanel),
            summary=self._made_as("summary", SummaryPanel),
        )

    def _made_as(self, key: str, kind: type[P]) -> P:
        made = self._made[key]
        assert isinstance(made, kind), "a key names one kind of panel"
        return made

    def _on_read(self, key: str) -> None:
        if self._is_stopped:
            return
        self._waiting.append(self._prepare() if key == PLOTS else self._make(key))
        if len(self._waiting) == 1:
            QTimer.singleShot(_PAUSE_MS, self._take_turn)

    def _take_turn(self) -> None:
        """Do the next part of the work; each has a turn of the event loop, so that none is long."""
        if self._waiting and next(self._waiting[0], None) is None:
            self._waiting.popleft()
        if self._waiting:
            QTimer.singleShot(_PAUSE_MS, self._take_turn)
        else:
            self._reading.go_on()

    def _make(self, key: str) -> Iterator[object]:
        for module in (*_IN_PARTS.get(key, ()), _MODULES[key]):
            yield import_module(module)
        _, dock, make = self._makers[key]
        yield (panel := make())
        self._docks[dock].replace_panel(key, panel)
        self._made[key] = panel
        if len(self._made) == len(self._makers):
            self.done.emit()

    def _prepare(self) -> Iterator[object]:
        """Make what a run is shown with before there is one."""
        yield from _classes_of_qt()
        yield from load_plots()
        yield import_module(_RUN_PAGE)
        panels = self.panels()
        yield from panels.training.prepare()
        yield from panels.activations.prepare()
        self.prepared.emit()

    def _list_makers(self) -> dict[str, tuple[str, str, Callable[[], QWidget]]]:
        return {
            "training": (self.tr("Training"), "training", self._training),
            "evaluation": (self.tr("Evaluation"), "training", self._evaluation),
            "log": (self.tr("Log"), "training", self._log),
            "activations": (self.tr("Activations"), "inspection", self._activations),
            "weights": (self.tr("Weights"), "inspection", self._weights),
            "gradients": (self.tr("Gradients"), "inspection", self._gradients),
            "map": (self.tr("Map"), "inspection", self._map),
            "step": (self.tr("Step"), "inspection", self._step),
            "try": (self.tr("Try it"), "inspection", self._try),
            "code": (self.tr("Code"), "right", self._code),
            "docs": (self.tr("Docs"), "right", self._docs),
            "outline": (self.tr("Outline"), "left", self._outline),
            "data": (self.tr("Data"), "left", self._data),
            "runs": (self.tr("Runs"), "left", self._runs),
            "comparison": (self.tr("Comparison"), "comparison", self._comparison),
            "summary": (self.tr("Summary"), "bottom", self._summary),
        }

    def _training(self) -> QWidget:
        from app.training.panel import TrainingPanel

        panel = TrainingPanel()
        # It may be looked at before it is introduced to the document.
        panel.show_recipe(self._document.project.recipe)
        return panel

    def _evaluation(self) -> QWidget:
        from app.evaluation.panel import EvaluationPanel

        return EvaluationPanel()

    def _log(self) -> QWidget:
        from app.training.log import TrainingLog

        return TrainingLog()

    def _activations(self) -> QWidget:
        from app.probes.panel import ActivationsPanel

        return ActivationsPanel()

    def _weights(self) -> QWidget:
        from app.probes.weights_panel import WeightsPanel

        return WeightsPanel()

    def _gradients(self) -> QWidget:
        from app.probes.gradients_panel import GradientsPanel

        return GradientsPanel()

    def _map(self) -> QWidget:
        from app.probes.map_panel import MapPanel

        return MapPanel()

    def _step(self) -> QWidget:
        from app.stepping import StepPanel

        return StepPanel()

    def _try(self) -> QWidget:
        from app.tryout.panel import TryPanel

        return TryPanel()

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
        from app.data.panel import DataPanel

        return DataPanel(self._document, theme_manager())

    def _runs(self) -> QWidget:
        from app.runs import RunsPanel

        return RunsPanel(self._document, theme_manager())

    def _comparison(self) -> QWidget:
        from app.compare import ComparisonPanel

        return ComparisonPanel()

    def _summary(self) -> QWidget:
        from app.summary import SummaryPanel

        return SummaryPanel(self._document, theme_manager())


def _classes_of_qt() -> Iterator[object]:
    """Name the classes of Qt, some in a turn: PySide makes each when it is first named.

    pyqtgraph names all of them at once.
    """
    for library in (QtCore, QtGui, QtWidgets):
        names = dir(library)
        for first in range(0, len(names), _NAMES_A_TURN):
            yield [getattr(library, name) for name in names[first : first + _NAMES_A_TURN]]


def _doing(work: Callable[[], None]) -> Iterator[object]:
    work()
    yield from ()
