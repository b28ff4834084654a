"""Looking after a run while it trains: what is going wrong is told once, with what would mend it.

It costs a run less than one part in a hundred: gradients are measured every 25 steps, more often
at the beginning, and what layers put out is looked at after an epoch where that is cheap beside it.
"""

import re
import time
from collections.abc import Callable, Mapping
from typing import Final

import torch
from torch import Tensor

from engine.compile.plan import Step
from engine.compile.stepper import run_nodes
from engine.data.amounts import grouped
from engine.data.loading import Feed
from engine.graph.elements import End, NodeId
from engine.graph.learning import WITH_SPREAD
from engine.probes.norms import gradient_norms, weight_norms, weights_by_layer
from engine.project.recipe import Recipe
from engine.training.bench import Bench
from engine.training.checkpoints import Place
from engine.training.events import HealthAct, HealthNoted
from engine.training.gradient_flow import let_gradients_pass
from engine.training.redrawing import LayerDrawn
from engine.training.symptoms import (
    clip,
    has_exploded,
    has_jumped,
    has_moved,
    is_overfitting,
    is_stuck,
    lower_rate,
    raise_rate,
    vanishing_layer,
)

_EVERY_STEPS: Final = 25
_EARLY_STEPS: Final = 5
_IS_EARLY: Final = 50
_MOST_SAMPLES: Final = 128
_KEPT_NORMS: Final = 40
_VANISHED_CHECKS: Final = 4
_DEAD_SHARE: Final = 0.9
_SATURATED_SHARE: Final = 0.95
_LOOK_SHARE: Final = 0.02
_ROSE: Final = 1.2
_LETS_NOTHING_PASS: Final = frozenset({"vanishing", "dead", "saturated"})
_SLOW_SHARE: Final = 0.5
_SLOW_SECONDS: Final = 5.0
_RELU: Final = re.compile(r"\b(F\.relu6?\(|torch\.relu\(|nn\.ReLU6?\b)")
_TANH: Final = re.compile(r"\b(torch\.tanh\(|F\.tanh\(|nn\.Tanh\b)")
_SIGMOID: Final = re.compile(r"\b(torch\.sigmoid\(|F\.sigmoid\(|nn\.Sigmoid\b)")


class Checkup:
    """Watches over one run."""

    def __init__(self, emit: Callable[[HealthNoted], None], bench: Bench, place: Place) -> None:
        self._emit = emit
        self._place = place
        self._bench = bench
        self._first_loss = 0.0
        self._first_norms: Mapping[NodeId, float] = {}
        self.begin(bench)
        if place.step == 0:
            self._first_norms = weight_norms(bench.compiled, self._layers)

    def begin(self, bench: Bench) -> None:
        """Watch from here on: what was seen before belongs to another recipe or drawing."""
        if bench.project.graph != self._bench.project.graph:
            self._first_loss = 0.0
            self._first_norms = {}
        self._bench = bench
        self._layers = weights_by_layer(bench.compiled)
        self._told: set[str] = set()
        self._norms: list[float] = []
        self._vanished = 0
        self._training: list[float] = []
        self._validation: list[float] = []
        self._looked = self._place.seconds
        self._look_seconds = 0.0
        # Such an epoch has the losses of before and after in its mean.
        self._is_mixed = self._place.seen > 0

    def after_step(self, loss: float | Tensor) -> None:
        """Measure gradients now and then; call it while they are there."""
        # Later on, where a run goes on or was changed, it is no sign of standing still.
        if self._place.step == 1:
            self._first_loss = float(loss)
        step = self._place.step
        is_due = step % _EVERY_STEPS == 0
        # Where they explode that is soon: a run may be lost before ten looks 25 steps apart.
        if is_due or (step < _IS_EARLY and step % _EARLY_STEPS == 0):
            norms = gradient_norms(self._bench.compiled, self._layers)
            self._check_lengths(norms)
            if is_due:
                self._check_vanishing(norms)

    def after_epoch(
        self, training: float, validation: float | None, batch: Mapping[str, Tensor]
    ) -> None:
        """Look at the losses so far, and at what layers put out for the newest batch."""
        if not self._is_mixed:
            self._training.append(training)
            self._validation += [] if validation is None else [validation]
            self._check_losses()
        self._is_mixed = False
        if self._look_seconds <= _LOOK_SHARE * (self._place.seconds - self._looked):
            began = time.perf_counter()
            self._check_outputs(batch)
            self._look_seconds = time.perf_counter() - began
            self._looked = self._place.seconds

    def waited(self, waiting: float, seconds: float) -> None:
        """Take how long steps waited for their batches so far, of how many seconds."""
        if seconds <= _SLOW_SECONDS or waiting <= _SLOW_SHARE * seconds:
            return
        is_read = not self._bench.material.training.bytes_held
        is_augmented = bool(self._bench.compiled.plan.data.augmentation)
        does = "Reading and augmenting" if is_augmented else "Reading"
        mends = "Data that fits in memory is read only once."
        if not is_read and is_augmented:
            does, mends = "Augmenting", "Fewer steps of augmentation take less."
        share = round(100 * waiting / seconds)
        self._tell(
            "loader",
            f"{does} the data takes {share} % of the time: the model waits for its batches. "
            f"{mends}",
            None,
            HealthAct(label="Open Data", opens="data"),
        )

    def read(self, feed: Feed) -> None:
        """Take what could not be read any more."""
        if feed.trouble:
            text = f"{feed.trouble} Training goes on with the samples that are left."
            self._tell("lost", text)

    def _check_lengths(self, norms: Mapping[NodeId, float]) -> None:
        if not norms:
            return
        recipe = self._bench.project.recipe
        total = sum(norm * norm for norm in norms.values()) ** 0.5
        self._norms = [*self._norms, total][-_KEPT_NORMS:]
        if has_exploded(self._norms):
            largest = max(norms, key=lambda node: norms[node])
            self._tell(
                "exploding",
                f"Gradients explode: their length is {total:.2g}, most of it in "
                f"{self._title(largest)}.",
                largest,
                *clip(recipe),
                *lower_rate(recipe),
            )

    def _check_vanishing(self, norms: Mapping[NodeId, float]) -> None:
        nodes, weights = list(norms), weight_norms(self._bench.compiled, self._layers)
        shares = [norms[node] / (weights[node] + 1e-12) for node in nodes]
        place = vanishing_layer(shares)
        self._vanished = 0 if place is None else self._vanished + 1
        if place is not None and self._vanished >= _VANISHED_CHECKS:
            self._tell(
                "vanishing",
                f"Gradients vanish before they reach {self._title(nodes[place])}: its weights "
                "hardly change. Normalisation, ReLU or a skip around some layers lets them pass.",
                nodes[place],
                *let_gradients_pass(
                    self._bench.compiled.plan,
                    self._bench.project.graph,
                    {node for node, weights in self._layers.items() if weights},
                ),
                self._anew(nodes[place]),
            )

    def _check_losses(self) -> None:
        recipe = self._bench.project.recipe
        # What one optimiser lowers another may raise: their sum says nothing of the rate.
        if len(recipe.players) > 1:
            return
        if has_jumped(self._training):
            self._tell(
                "rate_high",
                f"The training loss jumped to {self._training[-1]:.3g}, from "
                f"{min(self._training[:-1]):.3g} at its best: the learning rate is too high.",
                None,
                *lower_rate(recipe),
                *clip(recipe),
            )
        if is_stuck(self._training, self._first_loss, self._place.step):
            self._tell_stuck(recipe)
        if is_overfitting(self._training, self._validation):
            act = HealthAct(label="Weight decay 0.001", settings={"weight_decay": 0.001})
            acts = (act,) if recipe.weight_decay < 0.001 else ()
            stop = HealthAct(label="Stop early from here", settings={"patience": 1})
            self._tell(
                "overfitting",
                f"The model learns the training data by heart: validation loss rose from "
                f"{min(self._validation):.3g} to {self._validation[-1]:.3g} while training loss "
                "falls. The best epoch is kept.",
                None,
                *acts,
                stop,
            )

    def _tell_stuck(self, recipe: Recipe) -> None:
        loss, first = self._training[-1], self._first_loss
        if max(self._training) > _ROSE * first:
            text = f"The loss rose from {first:.3g} and stays at {loss:.3g}: the rate is too high."
            self._tell("stuck", text, None, *lower_rate(recipe))
            return
        # A layer that lets nothing pass was named: that is why the loss stays.
        if any(code.partition(" ")[0] in _LETS_NOTHING_PASS for code in self._told):
            return
        stays = f"The loss stays at {loss:.3g}, where it began"
        if not recipe.learning_rate:
            self._tell("stuck", f"{stays}: the rate is 0.", None, raise_rate(recipe))
        elif has_moved(self._first_norms, weight_norms(self._bench.compiled, self._layers)):
            text = f"{stays}, though weights have changed much: the rate may be too high."
            self._tell("stuck", text, None, *lower_rate(recipe))
        elif still := self._layers_at_rest():
            text = f"{stays}: {still}. Let more layers learn, or raise the rate."
            self._tell("stuck", text, None, raise_rate(recipe))
        else:
            text = f"{stays}: the rate may be far too low."
            self._tell("stuck", text, None, raise_rate(recipe))

    def _layers_at_rest(self) -> str:
        """Say how many layers do not learn, where those are most of them."""
        steps = [step for step in self._bench.compiled.plan.steps if self._layers[step.node]]
        still = [step for step in steps if step.frozen or not step.learning.rate_factor]
        if 2 * len(still) < len(steps):
            return ""
        return f"{len(still)} of {len(steps)} layers with weights are frozen or have a rate of 0"

    def _check_outputs(self, batch: Mapping[str, Tensor]) -> None:
        compiled = self._bench.compiled
        hidden = {end.node for end in compiled.plan.outputs}
        steps = [step for step in compiled.plan.steps if step.node not in hidden]
        watched = {step.node: step for step in steps if _squashes(step)}
        # A run that was stopped while it validated goes on with that, and has no batch yet.
        if not (watched and batch):
            return
        few = {name: values[:_MOST_SAMPLES] for name, values in batch.items()}
        compiled.module.eval()
        try:
            with torch.no_grad():
                found = run_nodes(compiled, few, watched)
        finally:
            compiled.module.train()
        # What comes first makes those behind it so: it is told last, and what is newest is shown.
        for node, step in reversed(watched.items()):
            self._check_output(step, found[End(node, step.outputs[0])])

    def _check_output(self, step: Step, output: Tensor) -> None:
        recipe, name = self._bench.project.recipe, self._title(step.node)
        share = _dead_share(output) if _matches(_RELU, step) else 0.0
        if share >= _DEAD_SHARE:
            self._tell(
                f"dead {step.node}",
                f"{100 * share:.0f} % of the units of {name} put out zero for every sample: they "
                "are dead and learn nothing more.",
                step.node,
                self._anew(step.node),
                *lower_rate(recipe),
            )
        elif not _matches(_RELU, step) and _saturated_share(step, output) >= _SATURATED_SHARE:
            spread = step.learning.spread if step.learning.initialiser in WITH_SPREAD else 0.0
            # Beginning anew as it is drawn, it would begin with the same.
            anew = self._begin_smaller(step.node) if spread else (self._anew(step.node),)
            wide = f" It began with weights of spread {spread:g}: smaller ones leave room."
            self._tell(
                f"saturated {step.node}",
                f"{name} is saturated: nearly all of its values are at an end of its range, "
                f"so that hardly any gradient passes.{wide if spread else ''}",
                step.node,
                *anew,
                *lower_rate(recipe),
            )

    def _tell(self, code: str, text: str, node: NodeId | None = None, *acts: HealthAct) -> None:
        if code in self._told:
            return
        self._told.add(code)
        name = code.partition(" ")[0]
        step = self._place.step
        said = f"{text} Seen at step {grouped(step)}."
        self._emit(HealthNoted(code=name, text=said, node=node, step=step, acts=acts))

    def _title(self, node: NodeId) -> str:
        return self._bench.compiled.plan.told_apart(node) or "a layer"

    def _begin_smaller(self, node: NodeId) -> tuple[HealthAct, ...]:
        """Offer the first weights that the layer has by itself; not inside of a composite."""
        if node not in self._bench.project.graph.nodes:
            return ()
        layer = LayerDrawn(node=node, initialiser="default")
        label = f"Begin {self._title(node)} anew with smaller weights"
        return (HealthAct(label=label, redraws=(layer,)),)

    def _anew(self, node: NodeId) -> HealthAct:
        return HealthAct(label=f"Begin {self._title(node)} anew", reset=node)


def _squashes(step: Step) -> bool:
    return any(_matches(pattern, step) for pattern in (_RELU, _TANH, _SIGMOID))


def _matches(pattern: re.Pattern[str], step: Step) -> bool:
    module = step.lowering.module
    made = module.source() if module else ""
    return bool(pattern.search(step.lowering.expression) or pattern.search(made))


def _dead_share(output: Tensor) -> float:
    """Return the share of units, or channels, that are zero for every sample and place."""
    if output.dim() < 2:
        return 0.0
    # Sequences have their units last, images and vectors have them second.
    units = output.movedim(-1 if output.dim() == 3 else 1, 0).flatten(1)  # (units, everything)
    return float((units == 0).all(1).float().mean())


def _saturated_share(step: Step, output: Tensor) -> float:
    values = output.float()
    if _matches(_SIGMOID, step):
        values = values * 2 - 1
    return float((values.abs() > 0.99).float().mean())
