"""Keeps the colours of the canvas true: to the drawing, to what was measured, and to the run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, Signal

from app.canvas.heat import CardHeat, shade_of
from app.canvas.heat_legend import LegendWords
from app.canvas.view import CanvasView
from app.document import Document
from app.heat.folded import folded_figures
from app.heat.measures import MEASURES, Measure
from app.heat.scale import Scale, scale_of
from app.layer_costs import LayerCosts
from app.training_control import TrainingControl
from engine.analysis.cost import forecast
from engine.analysis.sees import Sees, sees_on_level
from engine.graph.elements import NodeId, told
from engine.training.events import RunEnded, RunStarted, TrainingEvent
from engine.training.heat import HeatOf, HeatTaken, LayerHeat


class Heat(QObject):
    """Colours the cards of the level on show by one measure, and says in a legend which."""

    asked = Signal(str)
    """Other figures of the run are wanted: a ``HeatOf``."""

    def __init__(
        self,
        document: Document,
        canvas: CanvasView,
        control: TrainingControl,
        costs: LayerCosts,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._canvas = canvas
        self._costs = costs
        self._measure: Measure | None = None
        self._run: dict[str, dict[str, float]] = {}
        self._trains = False
        document.report_changed.connect(self.refresh)
        document.recipe_changed.connect(self.refresh)
        document.level_changed.connect(self.refresh)
        costs.changed.connect(self.refresh)
        control.arrived.connect(self._on_arrived)

    @property
    def shown(self) -> str:
        """The key of the measure that is shown; empty for none."""
        return self._measure.key if self._measure else ""

    @property
    def asks(self) -> HeatOf:
        """What a run is asked for."""
        return self._measure.asks if self._measure else ""

    def show(self, key: str) -> None:
        """Colour the canvas by a measure; an empty key takes the colours away."""
        self._measure = MEASURES[key] if key else None
        self.asked.emit(self.asks)
        self.refresh()

    def refresh(self) -> None:
        """Colour the cards by what is known now, folded frames by what is in them."""
        measure = self._measure
        if measure is None:
            self._canvas.show_heat({}, None)
            return
        weights = self._of_run("weight")
        graph = self._document.graph
        values = folded_figures(graph, self._values(measure), weights, measure.join)
        scale = Scale(*measure.ends) if measure.ends else scale_of(values.values())
        if scale is None or not values:
            note = self.tr("Every layer sees all of a sample") if values else self._why(measure)
            self._canvas.show_heat({}, LegendWords(title=measure.title, note=note))
            return
        heats = {
            node: CardHeat(shade_of(scale.place(value)), measure.write(value))
            for node, value in values.items()
        }
        words = LegendWords(
            title=measure.title,
            low=measure.write(scale.low),
            high=measure.write(scale.high),
            is_log=scale.is_log,
        )
        self._canvas.show_heat(heats, words)

    def _values(self, measure: Measure) -> Mapping[NodeId, float]:
        if measure.source == "report":
            return self._of_drawing(measure.key)
        if measure.source == "costs":
            costs = self._costs.by_path
            names = self._names().items()
            return {n: costs[name].seconds for n, name in names if name in costs}
        return self._of_run(measure.key)

    def _of_run(self, key: str) -> Mapping[NodeId, float]:
        found = self._run.get(key, {})
        return {node: found[name] for node, name in self._names().items() if name in found}

    def _names(self) -> Mapping[NodeId, NodeId]:
        """Return how the engine calls the nodes of the level on show."""
        path = self._document.path
        return {node: told((*path, node)) for node in self._document.graph.nodes}

    def _of_drawing(self, key: str) -> Mapping[NodeId, float]:
        nodes, recipe = self._document.report.nodes, self._document.project.recipe
        known = {
            node: found
            for node, found in nodes.items()
            if found.state == "ok" and found.layer and found.layer.info.role == "layer"
        }
        match key:
            case "parameters":
                return {node: float(found.parameters) for node, found in known.items()}
            case "multiply_adds":
                return {node: float(found.multiply_adds) for node, found in known.items()}
            case "receptive_field":
                seen = sees_on_level(self._document.model_report, self._document.path)
                return {n: _longest(sees) for n, sees in seen.items() if n in known and sees}
            case _:
                return {n: float(forecast(found, recipe).total) for n, found in known.items()}

    def _why(self, measure: Measure) -> str:
        """Say why nothing is coloured."""
        return {
            "run": self.tr("Comes after this step")
            if self._trains
            else self.tr("Shown while training"),
            "costs": self.tr("Shown after Train, Profile"),
            "report": self.tr("Shown once shapes are known"),
        }[measure.source]

    def _on_arrived(self, events: Sequence[TrainingEvent]) -> None:
        fresh = False
        for event in events:
            match event:
                case RunStarted() | RunEnded():
                    self._trains = isinstance(event, RunStarted)
                    if self._trains:
                        self._run.clear()
                    fresh = True
                case HeatTaken():
                    for layer in event.layers:
                        self._note(layer)
                    fresh = True
                case _:
                    pass
        if fresh and self._measure is not None and self._measure.source == "run":
            self.refresh()

    def _note(self, layer: LayerHeat) -> None:
        figures = {
            "activation": layer.activation,
            "zeros": layer.zeros,
            "gradient": layer.gradient,
            "weight": layer.weight,
            "update_ratio": layer.update_ratio,
        }
        for key, value in figures.items():
            if value is not None:
                self._run.setdefault(key, {})[layer.node] = value


def _longest(sees: Sees) -> float:
    """Return how many places are seen along the longest axis; infinite for all."""
    return max(math.inf if size is None else float(size) for size in sees)
