"""Taking a probe: run the fixed samples through the live modules and reduce what comes out."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import torch
from msgspec.structs import replace
from torch import Tensor, nn

from engine.compile.module import CompiledModel
from engine.compile.plan import Step
from engine.compile.stepper import run_at_any_depth
from engine.data.meaning import Meaning, band_of, main_meaning
from engine.data.preparation import Answer, Tokens
from engine.data.writing import fill_answer, last_place, read_answer, read_tags
from engine.graph.elements import End, NodeId, path_told, round_told
from engine.probes.attention import attention_event
from engine.probes.feature_maps import Maps, every_channel, form_of, heat_map, preview
from engine.probes.norms import weight_norm
from engine.probes.summaries import Summary, summarise
from engine.probes.texts import beginnings
from engine.training.events import LayerProbe, ProbeTaken, SamplesChosen
from engine.training.insight import AnswerKind, InputField
from engine.training.requests import WatchLayers
from engine.training.texts import AttentionTaken

PREVIEW_BINS = 20
DETAIL_BINS = 40
PREVIEW_SIDE = 64
DETAIL_SIDE = 256
MOST_ANSWERS = 64
_LARGEST_DRAWN = 3 * 64 * 64
SUBJECT = -1
"""The number of the sample where a subject is looked at."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How the numbers that a model predicts are brought back to those of the data."""

    unit: float = 1.0
    zero: float = 0.0

    def restored(self, values: Tensor) -> Tensor:
        """Return values on the scale of the data."""
        return values * self.unit + self.zero


class Prober:
    """Looks into the layers of one model with one fixed batch, without changing either.

    Args:
        batch: Fields of 8 to 16 samples, as the model gets them, on its device.
        class_names: Of the labels that the model predicts; empty where it predicts none.
        scale: Of the numbers that it predicts.
        inputs: What it takes, for people who try inputs of their own.
    """

    def __init__(
        self,
        compiled: CompiledModel,
        batch: Mapping[str, Tensor],
        class_names: Sequence[str] = (),
        scale: Scale | None = None,
        inputs: Sequence[InputField] = (),
    ) -> None:
        self._compiled = compiled
        self._scale = scale or Scale()
        self._inputs = tuple(inputs)
        self._batch = batch
        self._class_names = tuple(class_names)
        self._modules = tuple(compiled.module.modules())
        self._steps = {step.node: step for step in compiled.plan.steps}
        self._meaning = main_meaning(compiled.plan)
        self._band = band_of(compiled.plan, self._meaning)
        self._answer_field = next(
            (one.name for one in inputs if isinstance(one.prepare, Answer)), ""
        )
        self._foresees = any(
            isinstance(one.prepare, Tokens) and one.prepare.fills_end for one in inputs
        )
        how = self._how = inputs[0].prepare if inputs else None
        self._tagged = how if isinstance(how, Tokens) and not how.fills_end else None
        self._samples = len(batch[compiled.plan.inputs[0]])
        self._shown: dict[NodeId, tuple[int, ...]] = {}
        self._shown_sample = -1

    def take(
        self,
        watch: WatchLayers,
        step: int,
        epoch: float,
        gradient_norms: Mapping[NodeId, float],
        subject: Mapping[str, Tensor] | None = None,
    ) -> ProbeTaken:
        """Report on the watched layers; nodes that are no layers of the model are passed over.

        Only the layer looked into costs the whole batch; previews alone run one sample.

        Args:
            subject: The inputs of one sample to look at in place of those of the batch.
        """
        sample = min(max(watch.sample, 0), self._samples - 1) if subject is None else SUBJECT
        if sample != self._shown_sample:
            self._shown, self._shown_sample = {}, sample
        looked_into = self.step_of(NodeId(watch.detail))
        found_steps = (self.step_of(NodeId(node)) for node in watch.nodes)
        wanted = [layer for layer in found_steps if layer is not None]
        place = sample if subject is None else 0
        rows = slice(None) if looked_into else slice(place, place + 1)
        row = place if looked_into else 0
        with self.unnoticed():
            batch = self._batch if subject is None else self._with(self._answered(subject))
            found = self._run(batch, [*wanted, *([looked_into] if looked_into else [])], rows)
            layers = [
                self._preview(layer, found[_first(layer)][row], gradient_norms.get(layer.node))
                for layer in wanted
                if layer is not looked_into
            ]
            if looked_into:
                norm = gradient_norms.get(looked_into.node)
                layers.append(self._detail(looked_into, found[_first(looked_into)], row, norm))
            tokens = batch[self._compiled.plan.inputs[0]][place]
            prediction = self._prediction(found, row, tokens)
            answer_kind, answer = self._answer(found, row)
            mask = self._mask(found, row)
            drawn = self._drawn(found, row)
        return ProbeTaken(
            step=step,
            epoch=epoch,
            sample=sample,
            **self._told_of(subject, watch),  # type: ignore[arg-type]
            layers=tuple(layers),
            prediction=prediction,
            answer=answer,
            answer_kind=answer_kind,
            text=self._text(found, row, tokens),
            band=self._ends(found, row),
            coverage=self._band.coverage if self._band is not None else 0.0,
            mask=b"" if mask is None else mask.numpy().tobytes(),
            mask_size=() if mask is None else tuple(mask.shape),
            drawn=b"" if drawn is None else scaled_bytes(drawn),
            drawn_size=() if drawn is None else tuple(drawn.shape),
        )

    def _told_of(
        self, subject: Mapping[str, Tensor] | None, watch: WatchLayers
    ) -> dict[str, str | bytes]:
        if subject is None or watch.subject is None:
            return {}
        labels = labels_of(self._meaning, subject, self._class_names)
        values = subject[self._compiled.plan.inputs[0]]
        texts = beginnings(values, self._how)
        return {
            "subject": watch.subject.key,
            "subject_pixels": scaled_bytes(values),
            "subject_text": texts[0] if texts else "",
            "subject_label": labels[0] if labels else "",
        }

    @property
    def samples(self) -> int:
        """How many samples there are to look with."""
        return self._samples

    def attention(
        self, watch: WatchLayers, step: int, subject: Mapping[str, Tensor] | None
    ) -> AttentionTaken | None:
        """Tell whom the layer looked into looks at, where it is one of attention."""
        node = NodeId(watch.detail)
        with self.unnoticed():
            own = self.inputs_of(watch.sample) if subject is None else self._answered(subject)
            return attention_event(self._compiled, node, own, self._inputs, step)

    def unnoticed(self) -> AbstractContextManager[None]:
        """Look in evaluation mode, so that training goes on as if nothing was."""
        return _unnoticed(self._modules, self._batch)

    def inputs_of(self, sample: int) -> Mapping[str, Tensor]:
        """Return the model's inputs for one of the samples, each (1, *sizes)."""
        place = min(max(sample, 0), self._samples - 1)
        inputs = self._compiled.plan.inputs
        return {name: self._batch[name][place : place + 1] for name in inputs}

    def samples_event(self) -> SamplesChosen:
        """Return the samples as pictures, with their labels."""
        values = self._batch[self._compiled.plan.inputs[0]]
        return SamplesChosen(
            shape=tuple(values.shape[1:]),
            pixels=scaled_bytes(values),
            labels=labels_of(self._meaning, self._batch, self._class_names),
            texts=beginnings(values, self._how),
            classes=self._class_names,
            inputs=self._inputs,
        )

    def _answered(self, subject: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """Let the model fill in what it answers, where it answers token by token."""
        if not self._answer_field or self._meaning is None:
            return subject
        output = self._meaning.output
        return fill_answer(
            lambda known: self._compiled.outputs(known)[output], subject, self._answer_field
        )

    def _with(self, subject: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """Return the batch with the subject before its first sample."""
        inputs = self._compiled.plan.inputs
        return {name: torch.cat([subject[name], self._batch[name]]) for name in inputs}

    def _run(
        self, whole: Mapping[str, Tensor], layers: Sequence[Step], rows: slice
    ) -> Mapping[End, Tensor]:
        batch = {field: values[rows] for field, values in whole.items()}
        wanted = {layer.node for layer in layers}
        wanted.update(end.node for end in self._compiled.plan.outputs)
        return run_at_any_depth(self._compiled, batch, wanted)

    def step_of(self, node: NodeId) -> Step | None:
        """Return a layer by its id, or by its path where it stands inside of a composite."""
        path = path_told(node)
        if node in self._steps or round_told(path[0])[0] not in self._steps:
            return self._steps.get(node)
        inside = self._compiled.plan.step_at(path)
        return replace(inside, node=node) if inside is not None else None

    def _preview(self, layer: Step, sample: Tensor, gradient_norm: float | None) -> LayerProbe:
        shape = tuple(sample.shape)
        form = form_of(shape)
        probe = LayerProbe(node=layer.node, form=form, shape=shape, gradient_norm=gradient_norm)
        probe = _with_range(probe, sample)
        match form:
            case "maps":
                maps = preview(sample, self._shown.get(layer.node, ()))
                self._shown[layer.node] = maps.channels
                return _with_maps(probe, maps)
            case "sequence":
                return _with_maps(_in_time(probe), heat_map(sample, side=PREVIEW_SIDE))
            case "bars":
                return _with_bars(probe, sample)
            case "histogram":
                return _with_figures(probe, summarise(sample, bins=PREVIEW_BINS))

    def _detail(
        self, layer: Step, outputs: Tensor, row: int, gradient_norm: float | None
    ) -> LayerProbe:
        sample = outputs[row]
        shape = tuple(sample.shape)
        form = form_of(shape)
        probe = LayerProbe(
            node=layer.node,
            form=form,
            shape=shape,
            dead=_dead(outputs),
            gradient_norm=gradient_norm,
            weight_norm=weight_norm(self._compiled, layer.node),
        )
        probe = _with_range(_with_figures(probe, summarise(outputs, bins=DETAIL_BINS)), sample)
        match form:
            case "maps":
                return _with_channels(_with_maps(probe, every_channel(sample)), sample)
            case "sequence":
                return _with_maps(_in_time(probe), heat_map(sample, side=DETAIL_SIDE))
            case "bars":
                return _with_bars(probe, sample)
            case "histogram":
                return probe

    def _prediction(
        self, found: Mapping[End, Tensor], row: int, tokens: Tensor
    ) -> tuple[float, ...]:
        meaning = self._meaning
        if meaning is None or meaning.kind != "classes":
            return ()
        scores = found[self._compiled.plan.outputs[meaning.output]][row]
        if self._foresees and scores.ndim == 2 and scores.shape[1:] == tokens.shape:
            scores = scores[:, last_place(tokens)]
        # A model that labels every pixel has no one prediction for a sample.
        if scores.ndim != 1:
            return ()
        shares = scores.float().softmax(0)
        # Of scores that are not numbers no class is the likeliest.
        return tuple(shares.tolist()) if shares.isfinite().all() else ()

    def _ends(self, found: Mapping[End, Tensor], row: int) -> tuple[float, ...]:
        """Return the ends of the band around the number, on the scale of the data."""
        if self._band is None:
            return ()
        ends = found[self._compiled.plan.outputs[self._band.output]][row].float().reshape(-1)
        return tuple(sorted(torch.nan_to_num(self._scale.restored(ends)).tolist()))

    def _text(self, found: Mapping[End, Tensor], row: int, tokens: Tensor) -> str:
        """Return what the model answers token by token, or the text with a tag for each token."""
        if self._meaning is None or self._meaning.kind != "classes":
            return ""
        scores = found[self._compiled.plan.outputs[self._meaning.output]][row]
        if self._answer_field:
            return read_answer(scores, self._class_names)
        if self._tagged is None or scores.ndim != 2 or scores.shape[1:] != tokens.shape:
            return ""
        how = self._tagged
        return read_tags(scores, tokens, how.vocabulary, self._class_names, how.unit)

    def _mask(self, found: Mapping[End, Tensor], row: int) -> Tensor | None:
        """Return the class of each pixel, where the model says that."""
        meaning = self._meaning
        if meaning is None or meaning.kind != "classes":
            return None
        scores = found[self._compiled.plan.outputs[meaning.output]][row]
        return scores.argmax(0).to(torch.uint8).cpu() if scores.ndim == 3 else None

    def _drawn(self, found: Mapping[End, Tensor], row: int) -> Tensor | None:
        """Return the picture that the model answers with, where it draws one."""
        meaning = self._meaning
        if meaning is None or meaning.kind != "numbers":
            return None
        values = found[self._compiled.plan.outputs[meaning.output]][row]
        is_picture = values.ndim == 3 and values.shape[0] in (1, 3)
        return values if is_picture and values.numel() <= _LARGEST_DRAWN else None

    def _answer(
        self, found: Mapping[End, Tensor], row: int
    ) -> tuple[AnswerKind, tuple[float, ...]]:
        """Return what the model says beside classes, on the scale of the data."""
        meaning = self._meaning
        if meaning is None:
            return "", ()
        values = found[self._compiled.plan.outputs[meaning.output]][row].float().reshape(-1)
        if meaning.kind == "classes" or values.numel() > MOST_ANSWERS:
            return meaning.kind, ()
        values = values.sigmoid() if meaning.kind == "yes_no" else self._scale.restored(values)
        return meaning.kind, tuple(torch.nan_to_num(values).tolist())


def labels_of(
    meaning: Meaning | None, batch: Mapping[str, Tensor], class_names: Sequence[str]
) -> tuple[str, ...]:
    """Return the right answer of each sample in words; nothing where it is not one value."""
    target = batch.get(meaning.target) if meaning else None
    if target is None or target.ndim != 1:
        return ()
    if target.is_floating_point():
        return tuple(f"{value:.4g}" for value in target.tolist())
    return tuple(
        class_names[value] if 0 <= value < len(class_names) else str(value)
        for value in target.int().tolist()
    )


def _first(layer: Step) -> End:
    return End(layer.node, layer.outputs[0])


@contextmanager
def _unnoticed(modules: Sequence[nn.Module], batch: Mapping[str, Tensor]) -> Iterator[None]:
    """Evaluate without gradients; training flags and random numbers go on as if nothing was."""
    flags = [module.training for module in modules]
    devices = {values.device for values in batch.values() if values.is_cuda}
    with torch.no_grad(), torch.random.fork_rng(devices):
        for module in modules:
            module.training = False
        try:
            yield
        finally:
            for module, flag in zip(modules, flags, strict=True):
                module.training = flag


def scaled_bytes(values: Tensor) -> bytes:
    """Scale samples to bytes: images from 0..1, anything else from its own range."""
    flat = torch.nan_to_num(values.detach().float().cpu())
    low, high = 0.0, 1.0
    if flat.numel() and (float(flat.min()) < 0 or float(flat.max()) > 1):
        low, high = float(flat.min()), float(flat.max())
    scaled = ((flat - low) * (255 / (high - low)) + 0.5).clamp(0, 255)
    return scaled.to(torch.uint8).numpy().tobytes()


def _dead(outputs: Tensor) -> tuple[int, ...]:
    """Return the channels, or the units of a vector, that are zero for every sample."""
    if outputs.ndim < 2:
        return ()
    others = (0, *range(2, outputs.ndim))
    silent = (outputs.amax(others) == 0) & (outputs.amin(others) == 0)
    return tuple(torch.nonzero(silent).flatten().tolist())


def _in_time(probe: LayerProbe) -> LayerProbe:
    """Tell the shape of a sequence as (time, features); torch keeps features before time."""
    features, time = probe.shape
    return replace(probe, shape=(time, features))


def _with_range(probe: LayerProbe, sample: Tensor) -> LayerProbe:
    if not sample.numel():
        return probe
    least, greatest = torch.aminmax(torch.nan_to_num(sample.float()))
    return replace(probe, least=float(least), greatest=float(greatest))


def _with_maps(probe: LayerProbe, maps: Maps) -> LayerProbe:
    return replace(
        probe,
        pixels=maps.pixels,
        channels=maps.channels if probe.form == "maps" else (),
        pixel_size=maps.size,
        low=maps.low,
        high=maps.high,
    )


def _with_channels(probe: LayerProbe, sample: Tensor) -> LayerProbe:
    shown = torch.nan_to_num(sample[: len(probe.channels)].float()).flatten(1)
    return replace(
        probe,
        channel_means=tuple(shown.mean(1).tolist()),
        channel_maxima=tuple(shown.amax(1).tolist()),
    )


def _with_bars(probe: LayerProbe, sample: Tensor) -> LayerProbe:
    values = sample.float().reshape(-1).tolist()
    finite = [value for value in values if math.isfinite(value)] or [0.0]
    return replace(
        probe,
        shape=(len(values),),
        values=tuple(values),
        low=min(finite),
        high=max(finite),
    )


def _with_figures(probe: LayerProbe, figures: Summary) -> LayerProbe:
    return replace(
        probe,
        counts=figures.counts,
        bin_low=figures.bin_low,
        bin_high=figures.bin_high,
        low=figures.low,
        high=figures.high,
        mean=figures.mean,
        deviation=figures.deviation,
        zeros=figures.zeros,
        quantiles=figures.quantiles,
        not_finite=figures.not_finite,
    )
