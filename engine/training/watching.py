"""Looking into a model between two steps, within the share of time that it may take."""

import time
from collections.abc import Callable, Mapping
from typing import Final, Literal

import torch
from torch import Tensor

from engine.compile.module import CompiledModel
from engine.data.meaning import (
    Meaning,
    class_names,
    deviation_of,
    is_of_pixels,
    main_meaning,
    mean_of,
)
from engine.graph.elements import NodeId
from engine.probes.capture import Prober, Scale, gradient_norms
from engine.probes.explaining import explain
from engine.probes.judging import Judge
from engine.probes.mask_judging import MaskJudge
from engine.probes.pictures import explanation_event, map_event, with_worst_pixels
from engine.probes.subjects import input_fields, subject_batch
from engine.probes.walking import Plane, drawn_at
from engine.probes.weights import UpdateMeter, gradients_of, weights_of
from engine.training.events import TrainingEvent, WatchLayers
from engine.training.governor import Governor
from engine.training.insight import InputRefused
from engine.training.material import Material
from nodes.errors import LoomError

_REFUSALS: Final = {
    "": "",
    "gradient": "Words and categories have no gradient.",
    "occlusion": "It applies to pictures, series, texts and up to 512 numbers.",
}

_SLOW_SHARE: Final = 0.5
"""Of the share for probes, what maps and explanations may take beside them."""


class Watcher:
    """Takes probes of the layers that somebody looks at; none while nobody does.

    What is quick, previews, figures and weights, and what is slow, maps and explanations, each
    have a budget of their own: a map must not silence the previews for long.
    """

    def __init__(
        self,
        compiled: CompiledModel,
        material: Material,
        share: float,
        emit: Callable[[TrainingEvent], None],
    ) -> None:
        self._emit = emit
        now = time.perf_counter()
        self._governor = Governor(share, now)
        self._slow = Governor(share * _SLOW_SHARE, now)
        self._watch: WatchLayers | None = None
        self._subject: Mapping[str, Tensor] | None = None
        self._outdated: set[Literal["why", "map"]] = set()
        self._norms: Mapping[NodeId, float] = {}
        self._plane: Plane | None = None
        self._look_into(compiled, material)

    @property
    def seconds(self) -> float:
        """What probes cost so far."""
        return self._governor.spent + self._slow.spent

    def move_to(self, compiled: CompiledModel, material: Material) -> None:
        """Look into another model from now on."""
        self._look_into(compiled, material)
        self._outdated = {"why", "map"}
        self._governor.ask()
        self._slow.ask()

    def introduce(self) -> None:
        """Tell which samples there are to look with."""
        self._emit(self._prober.samples_event())

    def watch(self, request: WatchLayers) -> None:
        """Look at these layers from now on."""
        before, self._watch = self._watch, request if _looks(request) else None
        now = time.perf_counter()
        self._governor.skip(now)
        self._governor.ask()
        if before is None or _explained(before) != _explained(request):
            self._outdated.add("why")
        if before is None or before.map != request.map:
            self._outdated.add("map")
        if self._outdated:
            self._slow.skip(now)
            self._slow.ask()
        if before is None or before.subject != request.subject:
            self._subject = self._read_subject(request)

    def after_step(self, step: int, epoch: float) -> None:
        """Take a probe if it is due; call it while the gradients of the step are there."""
        watch = self._watch
        if watch is None:
            return
        if self._meter.is_measuring:
            self._meter.end()
        if self._governor.due(time.perf_counter()):
            began = self._begin()
            self._norms = gradient_norms(self._compiled)
            self._take(watch, step, epoch)
            if watch.gradients or watch.weights:
                self._meter.begin()
            self._governor.pay(began, time.perf_counter())
        elif (watch.why or watch.map) and self._slow.due(time.perf_counter()):
            began = self._begin()
            self._outdated = self._outdated or {"why", "map"}
            self._take_slow(watch, step, epoch)
            self._slow.pay(began, time.perf_counter())

    def look(self, step: int, epoch: float, *, after_step: bool) -> None:
        """Take everything that is looked at now: training is held, so it costs nothing."""
        if after_step:
            self._norms = gradient_norms(self._compiled)
            self._outdated = {"why", "map"}
        if self._watch is not None:
            self._take(self._watch, step, epoch)
            self._take_slow(self._watch, step, epoch)

    def look_again(self, step: int, epoch: float) -> None:
        """Take everything anew: the weights are others now, and nobody trains."""
        self._outdated = {"why", "map"}
        self.look(step, epoch, after_step=False)

    def go_on(self) -> None:
        """Training goes on after it was held."""
        now = time.perf_counter()
        self._governor.skip(now)
        self._slow.skip(now)

    def judge(self) -> Judge | MaskJudge | None:
        """Return who follows the next pass over the validation samples."""
        meaning, spec = self._meaning, self._material.spec
        if meaning is None or not meaning.target:
            return None
        if is_of_pixels(self._compiled.plan, meaning):
            return MaskJudge(meaning, class_names(spec, meaning))
        return Judge(
            meaning,
            class_names(spec, meaning),
            unit=deviation_of(spec, meaning),
            zero=mean_of(spec, meaning),
        )

    def tell_evaluation(
        self, judge: Judge | MaskJudge, *, epoch: int, step: int, is_best: bool
    ) -> None:
        """Tell how good the model is after an epoch."""
        found = judge.result(epoch=epoch, step=step, is_best=is_best)
        if found is not None:
            self._emit(with_worst_pixels(found, self._compiled.plan, self._material.validation))

    def draw(self, node: str, x: float, y: float) -> Tensor | None:
        """Return what the model draws from a point of the newest map; None where it has no such.

        Shapes:
            out: (C, H, W)
        """
        if self._plane is None or self._plane.node != node:
            return None
        with self._prober.unnoticed():
            return drawn_at(self._compiled, self._plane, x, y)

    def _look_into(self, compiled: CompiledModel, material: Material) -> None:
        spec = material.spec
        self._compiled, self._material = compiled, material
        self._meaning: Meaning | None = main_meaning(compiled.plan)
        scale = Scale(deviation_of(spec, self._meaning), mean_of(spec, self._meaning))
        inputs = input_fields(compiled.plan, spec)
        self._prober = Prober(compiled, material.probe, material.class_names, scale, inputs)
        self._meter = UpdateMeter(compiled)
        self._norms = {}
        self._plane = None
        self._device = next(compiled.module.parameters()).device

    def _begin(self) -> float:
        if self._device.type == "cuda":
            # Else the probe would be billed for the steps that the device still has to do.
            torch.cuda.synchronize()
        return time.perf_counter()

    def _take(self, watch: WatchLayers, step: int, epoch: float) -> None:
        self._emit(self._prober.take(watch, step, epoch, self._norms, self._subject))
        if watch.weights:
            found = weights_of(self._compiled, NodeId(watch.weights), step, self._meter.ratios)
            if found is not None:
                self._emit(found)
        if watch.gradients and self._norms:
            self._emit(gradients_of(self._compiled, step, self._norms, self._meter.ratios))

    def _take_slow(self, watch: WatchLayers, step: int, epoch: float) -> None:
        with self._prober.unnoticed():
            if watch.why and "why" in self._outdated:
                self._explain(watch)
            layer = self._compiled.plan.step_of(NodeId(watch.map)) if watch.map else None
            enough = self._material.validation.samples > 1
            if layer is not None and enough and "map" in self._outdated:
                found = map_event(self._compiled, layer, self._material, step, epoch)
                if found is not None:
                    mapped, self._plane = found
                    self._emit(mapped)
        self._outdated = set()

    def _explain(self, watch: WatchLayers) -> None:
        if self._meaning is None:
            return
        inputs = self._subject or self._prober.inputs_of(watch.sample)
        try:
            found = explain(self._compiled, inputs, watch.why, self._meaning.output)
        except (RuntimeError, ValueError, IndexError) as error:
            # A layer that has no derivative, above all: the run must not end for a question.
            found, why = None, f"{error}".partition("\n")[0]
        else:
            why = _REFUSALS[watch.why]
        if found is not None:
            self._emit(explanation_event(found, watch))
        elif watch.subject is not None:
            self._emit(
                InputRefused(
                    subject=watch.subject.key,
                    title="This answer cannot be explained in this way",
                    why=why,
                    hint="Try the other way.",
                )
            )

    def _read_subject(self, request: WatchLayers) -> Mapping[str, Tensor] | None:
        if request.subject is None:
            return None
        plan, material = self._compiled.plan, self._material
        try:
            return subject_batch(
                request.subject, plan, material.spec, material.validation, self._device
            )
        except LoomError as error:
            refused = InputRefused(
                subject=request.subject.key, title=error.title, why=error.why, hint=error.hint
            )
            self._emit(refused)
            return None


def _looks(request: WatchLayers) -> bool:
    named = request.nodes or request.detail or request.subject or request.weights or request.map
    return bool(named or request.gradients)


def _explained(request: WatchLayers) -> tuple[object, ...]:
    return request.why, request.subject, request.sample
