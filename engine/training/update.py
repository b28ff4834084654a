"""One step: forward and backward over the batches of the step, then one change of the weights."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_, clip_grad_value_
from torch.optim import Optimizer

from engine.compile.module import CompiledModel
from engine.project.recipe import Recipe
from engine.training.averaging import Average
from engine.training.checkpoints import Place
from engine.training.metrics import Metric
from engine.training.optimizers import set_learning_rate
from engine.training.precision import Autocast


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
    metric: Tensor | None
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
        optimizer: Optimizer,
        autocast: Autocast,
        average: Average | None,
        place: Place,
        forward: Callable[[Mapping[str, Tensor]], tuple[Tensor, ...]] | None = None,
    ) -> None:
        self.compiled = compiled
        self.optimizer = optimizer
        self.average = average
        self._autocast = autocast
        self._forward = forward or compiled.outputs
        self._place = place
        self.newest: Mapping[str, Tensor] = {}
        """The last batch that was computed."""

        self.weights = [each for each in compiled.module.parameters() if each.requires_grad]
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
        if len(self._titles) < 2:
            return Loss(self.compiled.loss(outputs, batch))
        losses = self.compiled.losses(outputs, batch)
        return Loss(self.compiled.total(losses), dict(zip(self._titles, losses, strict=True)))

    def step(
        self,
        batches: Iterable[Mapping[str, Tensor]],
        samples: int,
        recipe: Recipe,
        rate: float,
        metric: Metric | None,
    ) -> Figures:
        """Change the weights once; gradients stay until ``forget_gradients``.

        The gradient is the mean over the samples of all batches together.

        Raises:
            NotFiniteError: On a processor, where reading the loss makes nothing wait.
        """
        set_learning_rate(self.optimizer, rate)
        figures = [self._backward(batch, samples, metric) for batch in batches]
        if self._scaler is not None:
            self._scaler.unscale_(self.optimizer)
        if recipe.gradient_clip_value:
            clip_grad_value_(self.weights, recipe.gradient_clip_value)
        if recipe.gradient_clip:
            clip_grad_norm_(self.weights, recipe.gradient_clip)
        self._change_weights()
        if self.average is not None:
            self.average.update(self._place.step + 1)
        return figures[0] if len(figures) == 1 else _mean(figures)

    def forget_gradients(self) -> None:
        """Let go of the gradients, as the optimiser's ``zero_grad`` without its 30 µs."""
        for weight in self.weights:
            weight.grad = None

    def _backward(
        self, batch: Mapping[str, Tensor], samples: int, metric: Metric | None
    ) -> Figures:
        self.newest = batch
        outputs = self.outputs(batch)
        loss, parts = self.loss(outputs, batch)
        count = len(outputs[0])
        told: float | Tensor = loss.detach()
        if not loss.is_cuda:
            # Before the weights are changed with it. On a GPU the report looks at it.
            told = loss.item()
            if not math.isfinite(told):
                raise NotFiniteError(batch, told)
        if count != samples:
            loss = loss * (count / samples)
        if self._scaler is not None:
            loss = self._scaler.scale(loss)
        loss.backward()  # type: ignore[no-untyped-call]
        measured = metric(outputs, batch) if metric else None
        return Figures(told, measured, count, {key: part.detach() for key, part in parts.items()})

    def _change_weights(self) -> None:
        if self._scaler is None:
            self.optimizer.step()
            return
        self._scaler.step(self.optimizer)
        self._scaler.update()
        state = self._scaler.state_dict()
        self._place.loss_scale, self._place.scale_steps = state["scale"], state["_growth_tracker"]

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


def _mean(figures: list[Figures]) -> Figures:
    samples = sum(each.samples for each in figures)
    metrics = [each.metric * each.samples for each in figures if each.metric is not None]
    return Figures(
        sum(each.loss * each.samples for each in figures) / samples,
        torch.stack(metrics).sum() / samples if metrics else None,
        samples,
        {
            name: torch.stack([each.parts[name] * each.samples for each in figures]).sum() / samples
            for name in figures[0].parts
        },
    )
