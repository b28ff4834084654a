"""Looking into layers between two steps, within the share of time that it may take."""

import time
from collections.abc import Callable, Mapping

import torch

from engine.compile.module import CompiledModel
from engine.graph.elements import NodeId
from engine.probes.capture import Prober, gradient_norms
from engine.training.events import ProbeTaken, SamplesChosen, WatchLayers
from engine.training.governor import Governor
from engine.training.material import Material


class Watcher:
    """Takes probes of the layers that somebody looks at; none while nobody does."""

    def __init__(
        self,
        compiled: CompiledModel,
        prober: Prober,
        share: float,
        emit: Callable[[ProbeTaken | SamplesChosen], None],
    ) -> None:
        self._compiled = compiled
        self._prober = prober
        self._emit = emit
        self._governor = Governor(share, time.perf_counter())
        self._watch: WatchLayers | None = None
        self._norms: Mapping[NodeId, float] = {}
        self._on_cuda = next(compiled.module.parameters()).is_cuda

    @property
    def seconds(self) -> float:
        """What probes cost so far."""
        return self._governor.spent

    def move_to(self, compiled: CompiledModel, material: Material) -> None:
        """Look into another model from now on."""
        self._compiled = compiled
        self._prober = Prober(compiled, material.probe, material.class_names)
        self._norms = {}
        self._governor.ask()

    def introduce(self) -> None:
        """Tell which samples there are to look with."""
        self._emit(self._prober.samples_event())

    def watch(self, request: WatchLayers) -> None:
        """Look at these layers from now on."""
        looks = bool(request.nodes or request.detail)
        self._watch = request if looks else None
        self._governor.skip(time.perf_counter())
        self._governor.ask()

    def after_step(self, step: int, epoch: float) -> None:
        """Take a probe if it is due; call it while the gradients of the step are there."""
        if self._watch is None or not self._governor.due(time.perf_counter()):
            return
        if self._on_cuda:
            # Else the probe would be billed for the steps that the device still has to do.
            torch.cuda.synchronize()
        began = time.perf_counter()
        self._norms = gradient_norms(self._compiled)
        self._take(self._watch, step, epoch)
        self._governor.pay(began, time.perf_counter())

    def look(self, step: int, epoch: float, *, after_step: bool) -> None:
        """Take a probe now: training is held, so it costs nothing."""
        if after_step:
            self._norms = gradient_norms(self._compiled)
        if self._watch is not None:
            self._take(self._watch, step, epoch)

    def go_on(self) -> None:
        """Training goes on after it was held."""
        self._governor.skip(time.perf_counter())

    def _take(self, watch: WatchLayers, step: int, epoch: float) -> None:
        self._emit(self._prober.take(watch, step, epoch, self._norms))
