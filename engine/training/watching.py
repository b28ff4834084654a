"""Looking into a model between two steps, within the share of time that it may take."""

import time
from collections.abc import Callable, Mapping
from typing import Final, Literal

import torch
from msgspec.structs import replace
from torch import Tensor

from engine.compile.module import CompiledModel
from engine.data.meaning import (
    Meaning,
    band_of,
    class_names,
    deviation_of,
    is_of_pixels,
    main_meaning,
    mean_of,
)
from engine.graph.elements import NodeId
from engine.probes.capture import Prober, Scale, gradient_norms, weights_at_any_depth
from engine.probes.explaining import explain
from engine.probes.heat import WeightHeat, outputs_heat
from engine.probes.judging import Judge
from engine.probes.mask_judging import MaskJudge
from engine.probes.pictures import explanation_event, map_event, with_worst_pixels
from engine.probes.subjects import input_fields, subject_batch
from engine.probes.texts import TextWriter, text_writer
from engine.probes.walking import Plane, drawn_at
from engine.probes.weights import UpdateMeter, gradients_of, weights_of
from engine.training.events import TrainingEvent
from engine.training.governor import Governor
from engine.training.heat import HeatTaken
from engine.training.insight import Evaluated, InputRefused, Subject
from engine.training.material import Material
from engine.training.requests import WatchLayers
from nodes.errors import LoomError

_REFUSALS: Final = {
    "": "",
    "gradient": "Words and categories have no gradient.",
    "integrated": "It applies to pictures, series, numbers, and texts whose words are embedded.",
    "gradcam": "It applies to models with maps: convolutions over pictures.",
    "occlusion": "It applies to pictures, series, texts and up to 512 numbers.",
}

_TOKENS_AT_ONCE: Final = 12
"""So many are written before they are told."""

_SLOW_SHARE: Final = 0.5
"""Of the share for probes, what maps and explanations may take beside them."""


class View:
    """A model and its samples, ready to be looked into.

    Args:
        moment: The step and the epoch that it is of, where that is not the run as it is now.
    """

    def __init__(
        self,
        compiled: CompiledModel,
        material: Material,
        moment: tuple[int, float] | None = None,
    ) -> None:
        spec = material.spec
        self.compiled, self.material, self.moment = compiled, material, moment
        self.meaning: Meaning | None = main_meaning(compiled.plan)
        scale = Scale(deviation_of(spec, self.meaning), mean_of(spec, self.meaning))
        inputs = input_fields(compiled.plan, spec)
        self.prober = Prober(compiled, material.probe, material.class_names, scale, inputs)
        self.layers = weights_at_any_depth(compiled)
        self.heat = WeightHeat(compiled)
        self.device = next(compiled.module.parameters()).device

    def judge(self) -> Judge | MaskJudge | None:
        """Return who follows a pass over the validation samples."""
        if self.meaning is None or not self.meaning.target:
            return None
        spec = self.material.spec
        if is_of_pixels(self.compiled.plan, self.meaning):
            return MaskJudge(self.meaning, class_names(spec, self.meaning))
        return Judge(
            self.meaning,
            class_names(spec, self.meaning),
            unit=deviation_of(spec, self.meaning),
            zero=mean_of(spec, self.meaning),
            band=band_of(self.compiled.plan, self.meaning),
        )

    def evaluation(
        self, judge: Judge | MaskJudge, *, epoch: int, step: int, is_best: bool
    ) -> Evaluated | None:
        """Return how good the model is by what its judge saw."""
        found = judge.result(epoch=epoch, step=step, is_best=is_best)
        if found is None:
            return None
        return with_worst_pixels(found, self.compiled.plan, self.material.validation)


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
        self._writer: TextWriter | None = None
        self._outdated: set[Literal["why", "map"]] = set()
        self._norms: Mapping[NodeId, float] = {}
        self._plane: Plane | None = None
        self._live = self._view = View(compiled, material)
        self._meter = UpdateMeter(self._live.layers)

    @property
    def view(self) -> View:
        """What is looked into: the model as it is now, or as it was."""
        return self._view

    @property
    def is_past(self) -> bool:
        """Whether a moment that was recorded is looked into."""
        return self._view.moment is not None

    @property
    def seconds(self) -> float:
        """What probes cost so far."""
        return self._governor.spent + self._slow.spent

    def move_to(self, compiled: CompiledModel, material: Material) -> None:
        """Train another model from now on; it is looked into unless a moment is."""
        was_past = self.is_past
        self._live = View(compiled, material)
        self._meter = UpdateMeter(self._live.layers)
        if not was_past:
            self._turn_to(self._live)

    def show(self, view: View | None) -> None:
        """Look into a moment that was recorded, or into the model as it is now."""
        self._turn_to(view or self._live)

    def _turn_to(self, view: View) -> None:
        self._view, self._norms = view, {}
        self._writer = self._plane = None
        if self._watch is not None:
            self._subject = self._read_subject(self._watch)
        self._outdated = {"why", "map"}
        self._governor.ask()
        self._slow.ask()

    def introduce(self) -> None:
        """Tell which samples there are to look with."""
        self._emit(self._view.prober.samples_event())

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
            self._writer = self._writer_for(request)

    def after_step(self, step: int, epoch: float) -> None:
        """Take a probe if it is due; call it while the gradients of the step are there."""
        watch = self._watch
        # What is past does not change: it was looked at when it was asked for.
        if watch is None or self.is_past:
            return
        if self._meter.is_measuring:
            self._meter.end()
        if self._live.heat.is_measuring:
            self._live.heat.end()
        if self._governor.due(time.perf_counter()):
            began = self._begin()
            self._norms = gradient_norms(self._live.compiled, self._live.layers)
            self._take(watch, step, epoch)
            if watch.gradients or watch.weights:
                self._meter.begin()
            if watch.heat == "weights":
                self._live.heat.begin(watch.heat_nodes)
            self._governor.pay(began, time.perf_counter())
        elif self._has_slow(watch) and self._slow.due(time.perf_counter()):
            began = self._begin()
            if watch.why or watch.map:
                self._outdated = self._outdated or {"why", "map"}
            self._take_slow(watch, step, epoch)
            self._write()
            self._slow.pay(began, time.perf_counter())

    def look(self, step: int, epoch: float, *, after_step: bool) -> None:
        """Take everything that is looked at now: training is held, so it costs nothing."""
        if after_step and not self.is_past:
            self._norms = gradient_norms(self._live.compiled, self._live.layers)
            self._outdated = {"why", "map"}
        step, epoch = self._view.moment or (step, epoch)
        if self._watch is not None:
            self._take(self._watch, step, epoch)
            self._take_slow(self._watch, step, epoch)
            while self._writer is not None:
                self._write()

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
        """Return who follows the next pass of the model that trains over the validation samples."""
        return self._live.judge()

    def tell_evaluation(
        self, judge: Judge | MaskJudge, *, epoch: int, step: int, is_best: bool
    ) -> None:
        """Tell how good the model is after an epoch."""
        found = self._live.evaluation(judge, epoch=epoch, step=step, is_best=is_best)
        if found is not None:
            self._emit(found)

    def batch_of(self, sample: int, subject: Subject | None) -> Mapping[str, Tensor]:
        """Return one sample with every field that is known of it.

        Raises:
            DataError: The subject is no input of the model.
        """
        if subject is None:
            place = min(max(sample, 0), self._view.prober.samples - 1)
            return {
                name: values[place : place + 1]
                for name, values in self._view.material.probe.items()
            }
        return self._subject_batch(subject)

    def draw(self, node: str, x: float, y: float) -> Tensor | None:
        """Return what the model draws from a point of the newest map; None where it has no such.

        Shapes:
            out: (C, H, W)
        """
        if self._plane is None or self._plane.node != node:
            return None
        with self._view.prober.unnoticed():
            return drawn_at(self._view.compiled, self._plane, x, y)

    def _begin(self) -> float:
        if self._live.device.type == "cuda":
            # Else the probe would be billed for the steps that the device still has to do.
            torch.cuda.synchronize()
        return time.perf_counter()

    def _take(self, watch: WatchLayers, step: int, epoch: float) -> None:
        view = self._view
        taken = view.prober.take(watch, step, epoch, self._norms, self._subject)
        place = watch.subject.place if watch.subject and self._subject is not None else None
        if place is not None:
            taken = replace(taken, subject_number=int(view.material.validation_numbers[place]))
        self._emit(taken)
        if watch.detail:
            attention = view.prober.attention(watch, step, self._subject)
            if attention is not None:
                self._emit(attention)
        if watch.weights:
            found = weights_of(view.compiled, NodeId(watch.weights), step, self._ratios)
            if found is not None:
                self._emit(found)
        if watch.gradients and self._norms:
            self._emit(gradients_of(view.compiled, step, self._norms, self._ratios))
        if watch.heat and watch.heat_nodes:
            self._take_heat(watch, step)

    def _take_heat(self, watch: WatchLayers, step: int) -> None:
        view = self._view
        if watch.heat == "weights":
            layers = view.heat.take(watch.heat_nodes)
        else:
            inputs = self._subject or view.prober.inputs_of(watch.sample)
            with view.prober.unnoticed():
                layers = outputs_heat(view.compiled, inputs, watch.heat_nodes)
        self._emit(HeatTaken(step=step, layers=layers))

    @property
    def _ratios(self) -> Mapping[NodeId, float]:
        return {} if self.is_past else self._meter.ratios

    def _take_slow(self, watch: WatchLayers, step: int, epoch: float) -> None:
        view = self._view
        with view.prober.unnoticed():
            if watch.why and "why" in self._outdated:
                self._explain(watch)
            layer = view.prober.step_of(NodeId(watch.map)) if watch.map else None
            enough = view.material.validation.samples > 1
            if layer is not None and enough and "map" in self._outdated:
                found = map_event(view.compiled, layer, view.material, step, epoch)
                if found is not None:
                    mapped, self._plane = found
                    self._emit(mapped)
        self._outdated = set()

    def _has_slow(self, watch: WatchLayers) -> bool:
        return bool(watch.why or watch.map or self._writer is not None)

    def _write(self) -> None:
        """Write some more of the text that is asked for."""
        if self._writer is None:
            return
        with self._view.prober.unnoticed():
            self._emit(self._writer.go_on(_TOKENS_AT_ONCE))
        if self._writer.is_done:
            self._writer = None

    def _writer_for(self, request: WatchLayers) -> TextWriter | None:
        if request.subject is None or self._subject is None:
            return None
        view = self._view
        return text_writer(view.compiled, view.material.spec, request.subject, self._subject)

    def _explain(self, watch: WatchLayers) -> None:
        view = self._view
        if view.meaning is None:
            return
        inputs = self._subject or view.prober.inputs_of(watch.sample)
        try:
            found = explain(view.compiled, inputs, watch.why, view.meaning.output)
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
        try:
            return self._subject_batch(request.subject)
        except LoomError as error:
            refused = InputRefused(
                subject=request.subject.key, title=error.title, why=error.why, hint=error.hint
            )
            self._emit(refused)
            return None

    def _subject_batch(self, subject: Subject) -> Mapping[str, Tensor]:
        view = self._view
        material = view.material
        return subject_batch(
            subject, view.compiled.plan, material.spec, material.validation, view.device
        )


def _looks(request: WatchLayers) -> bool:
    named = request.nodes or request.detail or request.subject or request.weights or request.map
    return bool(named or request.gradients or request.heat)


def _explained(request: WatchLayers) -> tuple[object, ...]:
    return request.why, request.subject, request.sample
