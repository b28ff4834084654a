"""What is asked of a model, taken from it and told: wherever that is done."""

from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from functools import cached_property
from typing import Final, Literal

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
from engine.probes.capture import Prober, Scale
from engine.probes.explaining import Explanation, explain
from engine.probes.heat import outputs_heat, weights_heat
from engine.probes.judging import Judge
from engine.probes.learning import Learning, learning_of
from engine.probes.mask_judging import MaskJudge
from engine.probes.norms import weights_at_any_depth
from engine.probes.pictures import explanation_event, map_event, with_looks
from engine.probes.row_explaining import MOST_ROWS, explain_row, row_columns
from engine.probes.subjects import input_fields, subject_batch
from engine.probes.texts import TextWriter, text_writer
from engine.probes.walking import Plane, drawn_at
from engine.probes.weights import gradients_of, weights_of
from engine.training.events import TrainingEvent
from engine.training.giving_up import never
from engine.training.heat import HeatTaken
from engine.training.insight import Evaluated, GradientsTaken, InputRefused, Subject
from engine.training.material import Material
from engine.training.questions import NotAnswered
from engine.training.requests import WatchLayers
from engine.training.waiting import GivenUp, GivenUpError, Reached, Telling, to_the_end
from nodes.errors import LoomError

_REFUSALS: Final = {
    "": "",
    "gradient": "Words and categories have no gradient.",
    "integrated": "It applies to pictures, series, numbers, and texts whose words are embedded.",
    "gradcam": "It applies to models with maps: convolutions over pictures.",
    "occlusion": "It applies to pictures, series, texts, tables and up to 512 numbers.",
}

_NO_MAP: Final = NotAnswered(
    question="map",
    title="This layer has no place for each sample",
    why="It does not put out one thing for each of them.",
    hint="Choose another layer.",
)
_NOTHING_TO_MAP: Final = NotAnswered(
    question="map",
    title="There are no samples to map",
    why="None are kept aside to validate.",
    hint="Hold some out in the Data panel.",
)

_TOKENS_AT_ONCE: Final = 12
"""So many are written before they are told."""


class View:
    """A model and its samples, ready to be looked into.

    Args:
        moment: The step and the epoch that it is of, where that is not the run as it is now.
        retake: Takes the step after it once more, where no step is taken by itself; returns what a
            meter measured, or None.
    """

    def __init__(
        self,
        compiled: CompiledModel,
        material: Material,
        moment: tuple[int, float] | None = None,
        retake: Callable[[], Tensor | None] | None = None,
    ) -> None:
        spec = material.spec
        self.compiled, self.material, self.moment = compiled, material, moment
        self.meaning: Meaning | None = main_meaning(compiled.plan)
        scale = Scale(deviation_of(spec, self.meaning), mean_of(spec, self.meaning))
        inputs = input_fields(compiled.plan, spec)
        self.prober = Prober(compiled, material.probe, material.class_names, scale, inputs)
        self.columns = row_columns(inputs)
        """Of the row of a table that the model takes; none where it takes something else."""

        self.layers = weights_at_any_depth(compiled)
        self.device = next(compiled.module.parameters()).device
        self._retake = retake

    @property
    def is_retaken(self) -> bool:
        """Whether its learning is that of a step which is taken once more."""
        return self._retake is not None

    def retake_by(self, retake: Callable[[], Tensor | None]) -> None:
        """Take the step after it once more from now on: none is taken by itself any more."""
        self._retake = retake

    @cached_property
    def retaken(self) -> Learning:
        """What the step after it does to the weights; nothing where that cannot be known."""
        figures = self._retake() if self._retake is not None else None
        if figures is None:
            return Learning()
        return learning_of(tuple(self.compiled.module.parameters()), figures)

    @cached_property
    def usual_rows(self) -> Mapping[str, Tensor]:
        """Rows that are kept aside, which say what is usual; those of the probe where none are."""
        feed = self.material.validation
        if not feed.samples:
            return {name: self.material.probe[name] for name in self.compiled.plan.inputs}
        many = min(MOST_ROWS, feed.samples)
        places = feed.spread(many)
        with closing(feed.batches(places, many)) as batches:
            rows = next(batches)
        return {name: rows[name] for name in self.compiled.plan.inputs}

    def explanation(
        self,
        inputs: Mapping[str, Tensor],
        method: str,
        output: int,
        target: int | None,
        reached: Reached = to_the_end,
    ) -> Explanation | None:
        """Return why the model answers so; None where the method does not apply.

        Raises:
            GivenUpError: Nobody waits for it any more.
        """
        if not self.columns:
            return explain(self.compiled, inputs, method, output, target, reached)
        given = {name: inputs[name] for name in self.compiled.plan.inputs}
        return explain_row(
            self.compiled, given, method, output, self.columns, self.usual_rows, target, reached
        )

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
        return with_looks(found, self.compiled.plan, self.material)


class Looker:
    """Takes what is asked of a view, and tells it."""

    def __init__(
        self,
        view: View,
        emit: Callable[[TrainingEvent], None],
        given_up: GivenUp | None = None,
    ) -> None:
        self._emit = emit
        self._telling = Telling(emit, given_up or GivenUp())
        self.view = view
        self.request: WatchLayers | None = None
        """What is looked at; None where that is nothing."""

        self._subject: Mapping[str, Tensor] | None = None
        self._writer: TextWriter | None = None
        self._outdated: set[Literal["why", "map"]] = set()
        self._plane: Plane | None = None

    @property
    def has_slow(self) -> bool:
        """Whether there is anything to be taken that takes long."""
        request = self.request
        return request is not None and bool(request.why or request.map or self._writer is not None)

    @property
    def is_outdated(self) -> bool:
        """Whether something that takes long is to be taken."""
        return bool(self._outdated)

    @property
    def is_writing(self) -> bool:
        """Whether a text that is asked for is not at its end."""
        return self._writer is not None

    def turn_to(self, view: View) -> None:
        """Look into another view, at what was looked at in the one before."""
        self.view = view
        self._writer = self._plane = None
        if self.request is not None:
            self._subject = self._read_subject(self.request)
        self._outdated = {"why", "map"}

    def watch(self, request: WatchLayers) -> bool:
        """Look at these layers from now on; True where something that takes long is new."""
        before, self.request = self.request, request if looks(request) else None
        new: set[Literal["why", "map"]] = set()
        if before is None or _explained(before) != _explained(request):
            new.add("why")
        if before is None or before.map != request.map:
            new.add("map")
        self._outdated |= new
        if before is None or before.subject != request.subject:
            self._subject = self._read_subject(request)
            self._writer = self._writer_for(request)
        return bool(new)

    def age(self) -> None:
        """The weights are others now: take what takes long anew."""
        self._outdated = {"why", "map"}

    def take(self, step: int, epoch: float, learning: Learning) -> None:
        """Take what is quick: previews, figures, weights."""
        request, view = self.request, self.view
        if request is None:
            return
        norms = {
            node: length
            for node, parameters in view.layers.items()
            if (length := learning.gradient(parameters)) is not None
        }
        taken = view.prober.take(request, step, epoch, norms, self._subject)
        place = request.subject.place if request.subject and self._subject is not None else None
        if place is not None:
            taken = replace(taken, subject_number=int(view.material.validation_numbers[place]))
        self._emit(taken)
        if request.detail:
            attention = view.prober.attention(request, step, self._subject)
            if attention is not None:
                self._emit(attention)
        if request.weights:
            self._emit(weights_of(view.compiled, NodeId(request.weights), step, learning))
        if request.gradients:
            told = gradients_of(view.compiled, step, learning)
            self._emit(_of_next_step(told) if view.is_retaken else told)
        if request.heat and request.heat_nodes:
            self._take_heat(request, step, learning)

    def take_slow(self, step: int, epoch: float, is_over: Callable[[], bool] = never) -> None:
        """Take what takes long: maps and explanations.

        Args:
            is_over: Says now and then whether something else comes first; a map waits then.
        """
        request, view = self.request, self.view
        if request is None:
            return
        with view.prober.unnoticed():
            if request.why and "why" in self._outdated:
                with suppress(GivenUpError):
                    self._explain(request)
            self._outdated.discard("why")
            if request.map and "map" in self._outdated:
                with suppress(GivenUpError):
                    reached = self._telling.of("map", is_over)
                    self._map(view, request.map, (step, epoch), reached)
                    self._outdated.discard("map")

    def write(self) -> None:
        """Write some more of the text that is asked for."""
        if self._writer is None:
            return
        with self.view.prober.unnoticed():
            self._emit(self._writer.go_on(_TOKENS_AT_ONCE))
        if self._writer.is_done:
            self._writer = None

    def batch_of(self, sample: int, subject: Subject | None) -> Mapping[str, Tensor]:
        """Return one sample with every field that is known of it.

        Raises:
            DataError: The subject is no input of the model.
        """
        if subject is None:
            place = min(max(sample, 0), self.view.prober.samples - 1)
            return {
                name: values[place : place + 1] for name, values in self.view.material.probe.items()
            }
        return self._subject_batch(subject)

    def draw(self, node: str, x: float, y: float) -> Tensor | None:
        """Return what the model draws from a point of the newest map; None where it has no such.

        Shapes:
            out: (C, H, W)
        """
        if self._plane is None or self._plane.node != node:
            return None
        with self.view.prober.unnoticed():
            return drawn_at(self.view.compiled, self._plane, x, y)

    def _take_heat(self, request: WatchLayers, step: int, learning: Learning) -> None:
        view = self.view
        if request.heat == "weights":
            layers = weights_heat(view.compiled, request.heat_nodes, learning)
        else:
            inputs = self._subject or view.prober.inputs_of(request.sample)
            with view.prober.unnoticed():
                layers = outputs_heat(view.compiled, inputs, request.heat_nodes)
        self._emit(HeatTaken(step=step, layers=layers))

    def _writer_for(self, request: WatchLayers) -> TextWriter | None:
        if request.subject is None or self._subject is None:
            return None
        view = self.view
        return text_writer(view.compiled, view.material.spec, request.subject, self._subject)

    def _map(self, view: View, node: str, where: tuple[int, float], reached: Reached) -> None:
        """Tell how a layer arranges the validation samples, or why it does not."""
        if view.material.validation.samples < 2:
            self._emit(_NOTHING_TO_MAP)
            return
        layer = view.prober.step_of(NodeId(node))
        found = layer and map_event(view.compiled, layer, view.material, where, reached)
        if not found:
            self._emit(_NO_MAP)
            return
        mapped, self._plane = found
        self._emit(mapped)

    def _explain(self, request: WatchLayers) -> None:
        view = self.view
        if view.meaning is None:
            return
        inputs, output = self._subject or view.prober.inputs_of(request.sample), view.meaning.output
        reached = self._telling.of("why")
        try:
            found = view.explanation(inputs, request.why, output, request.why_target, reached)
        except (RuntimeError, ValueError, IndexError) as error:
            # A layer that has no derivative, above all: the run must not end for a question.
            found, why = None, f"{error}".partition("\n")[0]
        else:
            why = _REFUSALS[request.why]
        if found is not None:
            names = tuple(column.name for column in view.columns)
            self._emit(explanation_event(found, request, names))
        elif request.subject is not None:
            self._emit(
                InputRefused(
                    subject=request.subject.key,
                    title="This answer cannot be explained in this way",
                    why=why,
                    hint="Try another way.",
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
        view = self.view
        material = view.material
        return subject_batch(
            subject, view.compiled.plan, material.spec, material.validation, view.device
        )


def looks(request: WatchLayers) -> bool:
    """Say whether anything is asked for."""
    named = request.nodes or request.detail or request.subject or request.weights or request.map
    return bool(named or request.gradients or request.heat)


def learns(request: WatchLayers) -> bool:
    """Say whether it is asked what a step does to the weights."""
    return bool(request.gradients or request.weights or request.heat == "weights")


def _of_next_step(found: GradientsTaken) -> GradientsTaken:
    return replace(found, step=found.step + 1, is_retaken=True)


def _explained(request: WatchLayers) -> tuple[object, ...]:
    return request.why, request.why_target, request.subject, request.sample
