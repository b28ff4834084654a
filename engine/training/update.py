"""One step: forward and backward over the batches of the step, then one change of the weights."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_, clip_grad_value_

from engine.compile.module import CompiledModel
from engine.data.augmenting import MixedBatch
from engine.project.recipe import Recipe
from engine.training.averaging import Average
from engine.training.checkpoints import Place
from engine.training.metrics import Answers, Measured, Metric, figures_of
from engine.training.optimizers import set_learning_rate, take_step
from engine.training.precision import Autocast
from engine.training.turns import Turn


class Loss(NamedTuple):
    """What training lowers, on one batch."""

    total: Tensor
    """()"""

    parts: Mapping[str, Tensor] = {}
    """Each loss by what people call it, before it is weighed; nothing where there is one."""


class NotFiniteError(Exception):
    """The loss of a batch is infinite or not a number; the weights are as before the step."""

    def __init__(self, batch: Mapping[str, Tensor], value: float) -> None:
        super().__init__(value)
        self.batch = batch
        self.value = value


@dataclass(frozen=True, slots=True)
class Figures:
    """What one step gave."""

    loss: float | Tensor
    metric: Measured | None
    samples: int
    parts: Mapping[str, Tensor] = field(default_factory=dict)
    """Each loss where there are several, by what people call it."""


class Updater:
    """Changes the weights of a model.

    Args:
        forward: Runs the model on a batch; ``compiled.outputs``, or a faster form of it.
    """

    def __init__(
        self,
        compiled: CompiledModel,
        turns: tuple[Turn, ...],
        autocast: Autocast,
        average: Average | None,
        place: Place,
        forward: Callable[[Mapping[str, Tensor]], tuple[Tensor, ...]] | None = None,
    ) -> None:
        self.compiled = compiled
        self.turns = turns
        self.average = average
        self._autocast = autocast
        self._forward = forward or compiled.outputs
        self._place = place
        self.newest: Mapping[str, Tensor] = {}
        """The last batch that was computed."""

        self.weights = [weight for turn in turns for weight in turn.weights]
        self._titles = compiled.plan.loss_titles
        self._scaler = self._make_scaler()

    def outputs(self, batch: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
        """Return the predictions for a batch, each (N, ...), in single precision."""
        with self._autocast():
            outputs = self._forward(batch)
        if not self._autocast.is_short:
            return outputs
        return tuple(each.float() if each.is_floating_point() else each for each in outputs)

    def loss(self, outputs: tuple[Tensor, ...], batch: Mapping[str, Tensor]) -> Loss:
        """Return the training loss of predictions, and what it is the sum of."""
        found = self._against(outputs, batch)
        if not isinstance(batch, MixedBatch):
            return found
        return _blended(found, self._against(outputs, batch.other), batch.share)

    def _against(self, outputs: tuple[Tensor, ...], batch: Mapping[str, Tensor]) -> Loss:
        if len(self._titles) < 2:
            return Loss(self.compiled.loss(outputs, batch))
        losses = self.compiled.losses(outputs, batch)
        return Loss(self.compiled.total(losses), dict(zip(self._titles, losses, strict=True)))

    def step(
        self,
        batches: Iterable[Mapping[str, Tensor]],
        samples: int,
        recipe: Recipe,
        rates: Sequence[float],
        metric: Metric | None,
    ) -> Figures:
        """Change the weights once; gradients stay until ``forget_gradients``.

        The gradient is the mean over the samples of all batches together. Optimisers act one
        after the other, each on what those before have changed; the figures are the first one's.

        Args:
            rates: Of each optimiser.

        Raises:
            NotFiniteError: On a processor, where reading the loss makes nothing wait.
        """
        if len(self.turns) > 1:
            batches = list(batches)
        found = [
            self._take(turn, batches, samples, recipe, rate, metric)
            for turn, player, rate in zip(self.turns, recipe.players or (None,), rates, strict=True)
            if player is None or self._place.step % player.every == 0
        ]
        self._end_step()
        return found[0]

    def forget_gradients(self) -> None:
        """Let go of the gradients, as the optimiser's ``zero_grad`` without its 30 µs."""
        for weight in self.weights:
            weight.grad = None

    def _take(
        self,
        turn: Turn,
        batches: Iterable[Mapping[str, Tensor]],
        samples: int,
        recipe: Recipe,
        rate: float,
        metric: Metric | None,
    ) -> Figures:
        """Let one optimiser act."""
        set_learning_rate(turn.optimizer, rate)
        figures = [self._backward(turn, batch, samples, metric) for batch in batches]
        if self._scaler is not None:
            self._scaler.unscale_(turn.optimizer)
        if recipe.gradient_clip_value:
            clip_grad_value_(turn.weights, recipe.gradient_clip_value)
        if recipe.gradient_clip:
            clip_grad_norm_(turn.weights, recipe.gradient_clip)
        if self._scaler is None:
            take_step(turn.optimizer)
        else:
            self._scaler.step(turn.optimizer)
        return figures[0] if len(figures) == 1 else _mean(figures)

    def _backward(
        self, turn: Turn, batch: Mapping[str, Tensor], samples: int, metric: Metric | None
    ) -> Figures:
        self.newest = batch
        outputs = self.outputs(batch)
        loss, parts = self.loss(outputs, batch)
        lowered = self._lowered(turn, loss, parts)
        count = len(outputs[0])
        told: float | Tensor = loss.detach()
        if not loss.is_cuda:
            # Before the weights are changed with it. On a GPU the report looks at it.
            told = loss.item()
            if not math.isfinite(told):
                raise NotFiniteError(batch, told)
        if count != samples:
            lowered = lowered * (count / samples)
        if self._scaler is not None:
            lowered = self._scaler.scale(lowered)
        # What the others move keeps its gradients for them.
        inputs = turn.weights if len(self.turns) > 1 else None
        lowered.backward(inputs=inputs)  # type: ignore[no-untyped-call]
        measured = metric(outputs, batch) if metric else None
        return Figures(told, measured, count, {key: part.detach() for key, part in parts.items()})

    def _lowered(self, turn: Turn, loss: Tensor, parts: Mapping[str, Tensor]) -> Tensor:
        """Return what one optimiser lowers: its own losses, each as much as it weighs."""
        if len(self.turns) == 1:
            return loss
        losses, weights = tuple(parts.values()), self.compiled.plan.loss_weights
        first, *others = (weights[place] * losses[place] for place in turn.losses)
        return sum(others, start=first)

    def _end_step(self) -> None:
        if self._scaler is not None:
            self._scaler.update()
            state = self._scaler.state_dict()
            place = self._place
            place.loss_scale, place.scale_steps = state["scale"], state["_growth_tracker"]
        if self.average is not None:
            self.average.update(self._place.step + 1)

    def _make_scaler(self) -> torch.amp.GradScaler | None:
        if not self._autocast.needs_scaling:
            return None
        scaler = torch.amp.GradScaler("cuda")
        if self._place.loss_scale:
            scaler.load_state_dict(
                {
                    **scaler.state_dict(),
                    "scale": self._place.loss_scale,
                    "_growth_tracker": self._place.scale_steps,
                }
            )
        return scaler


def _blended(one: Loss, other: Loss, share: float) -> Loss:
    """Return the loss of samples that are blends: ``share`` of one, the rest of another."""
    parts = {
        name: part * share + other.parts[name] * (1 - share) for name, part in one.parts.items()
    }
    return Loss(one.total * share + other.total * (1 - share), parts)


def _mean(figures: list[Figures]) -> Figures:
    samples = sum(each.samples for each in figures)
    metrics = [_tensor(each.metric) * each.samples for each in figures if each.metric is not None]
    return Figures(
        sum(each.loss * each.samples for each in figures) / samples,
        torch.stack(metrics).sum() / samples if metrics else None,
        samples,
        {
            name: torch.stack([each.parts[name] * each.samples for each in figures]).sum() / samples
            for name in figures[0].parts
        },
    )


def _tensor(measured: Measured) -> Tensor:
    if isinstance(measured, Answers):
        return torch.tensor(figures_of([measured])[0])
    return measured
