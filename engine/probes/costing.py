"""Timing each layer: the model runs layer by layer, forward and back, with the live weights.

Each layer gets its inputs cut off from those before it, so that the way back can be taken layer by
layer as well. The gradients are those of the whole model, only the bill is itemised.
"""

import functools
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor, nn

from engine.analysis.cost import LayerCost
from engine.compile.module import CompiledModel, module_of_stage
from engine.compile.stepper import module_of_loss, prepared_stage
from engine.compile.steps import Body, Step
from engine.graph.elements import End, NodeId, told
from engine.training.waiting import Reached, to_the_end

_WARM_UPS: Final = 2
_FEWEST, _MOST = 5, 60
_ASKED: Final = 100


class _Turn(NamedTuple):
    """A node on the way to a layer, and which of its rounds was gone into."""

    node: NodeId
    number: int


_Way = tuple[_Turn, ...]


@dataclass(slots=True)
class _Leaf:
    """One layer that ran: what went in, cut off from before, and what came out."""

    way: _Way
    inputs: list[tuple[Tensor, int]]
    """Tensors that want a gradient, each with the number of the output that it was cut from."""

    weights: list[nn.Parameter]
    outputs: tuple[Tensor, ...]
    numbers: tuple[int, ...]
    """Of its outputs."""

    forward: "_Span"
    backward: "_Span | None" = None

    @property
    def on_cpu(self) -> bool:
        """Whether it was timed by the clock, what it takes to ask for gradients included."""
        return not any(tensor.is_cuda for tensor in self.outputs)


@dataclass(slots=True)
class _Cost:
    forward: list[float] = field(default_factory=list)
    backward: list[float] = field(default_factory=list)
    kept: int = 0


def measure(
    compiled: CompiledModel,
    batch: Mapping[str, Tensor],
    *,
    autocast: Callable[[], Any] = nullcontext,
    seconds: float = 3.0,
    reached: Reached = to_the_end,
) -> tuple[tuple[LayerCost, ...], int]:
    """Return what each layer costs, and over how many passes the medians were taken.

    Args:
        batch: The fields of a whole batch, on the device of the model.
        autocast: The context of a pass forward.
        seconds: How long the passes may take together; a few are made all the same.
        reached: Told after each pass how many are done.

    Raises:
        GivenUpError: Nobody waits for it any more.
    """
    kept = Passing(compiled, autocast, counts=True).run(batch)
    for _ in range(_WARM_UPS):
        reached(0, _MOST)
        Passing(compiled, autocast).run(batch)
    bills: list[dict[str, tuple[float, float]]] = []
    began = time.perf_counter()
    while len(bills) < _FEWEST or (len(bills) < _MOST and time.perf_counter() - began < seconds):
        made = Passing(compiled, autocast)
        made.run(batch)
        # Only the bill is kept: a pass holds all that its layers put out.
        bills.append(made.bill())
        reached(len(bills), _MOST)
    costs: dict[str, _Cost] = {}
    for way, size in kept.items():
        for name in _names(way):
            costs.setdefault(name, _Cost()).kept += size
    for bill in bills:
        for name, (forward, backward) in bill.items():
            costs[name].forward.append(forward)
            costs[name].backward.append(backward)
    return tuple(_told(name, cost) for name, cost in costs.items()), len(bills)


class Passing:
    """One way forward and back, layer by layer.

    Args:
        counts: Count what is kept for the way back; that takes time of its own.
    """

    def __init__(
        self, compiled: CompiledModel, autocast: Callable[[], Any], *, counts: bool = False
    ) -> None:
        self._compiled = compiled
        self._autocast = autocast
        self._counts = counts
        self._leaves: list[_Leaf] = []
        self._made: dict[int, int] = {}
        self._kept: dict[_Way, int] = {}
        self._known: set[int] = set()
        self._beside = {step.node: module_of_loss(compiled, step) for step in compiled.plan.losses}
        self._alive: list[Tensor] = []
        self.gradients: dict[nn.Parameter, Tensor] = {}
        """Of each weight, as the backward pass of the whole model gives it."""

    def run(self, batch: Mapping[str, Tensor]) -> dict[_Way, int]:
        """Go forward and back once and return the bytes that each layer keeps in between."""
        plan, module = self._compiled.plan, self._compiled.module
        weights = (*module.parameters(), *batch.values())
        self._known = {_storage(tensor) for tensor in weights}
        with torch.enable_grad(), self._autocast():
            values = self._run_body(plan, module, batch, ())
            fields = {end: batch[name] for end, name in plan.fields.items() if name in batch}
            self._run_steps(plan.losses, module, {**fields, **values}, ())
            losses = [self._last_of(end) for end in plan.loss_ends]
        self._go_back(losses)
        _settle(batch)
        return self._kept

    def bill(self) -> dict[str, tuple[float, float]]:
        """Return the seconds forward and back of each layer and composite."""
        found: dict[str, tuple[float, float]] = {}
        for leaf in self._leaves:
            forward = leaf.forward.seconds()
            backward = leaf.backward.seconds() if leaf.backward else 0.0
            # In the whole model the way back is gone in one go.
            backward = max(0.0, backward - _asking_seconds()) if leaf.on_cpu else backward
            for name in _names(leaf.way):
                before = found.get(name, (0.0, 0.0))
                found[name] = before[0] + forward, before[1] + backward
        return found

    def _run_body(
        self, body: Body, module: nn.Module, entering: Mapping[str, Tensor], around: _Way
    ) -> dict[End, Tensor]:
        fields = {end: entering[name] for end, name in body.fields.items() if name in entering}
        return self._run_steps(body.steps, module, fields, around)

    def _run_steps(
        self,
        steps: Sequence[Step],
        module: nn.Module,
        values: Mapping[End, Tensor],
        around: _Way,
    ) -> dict[End, Tensor]:
        values = dict(values)
        for step in steps:
            arguments: dict[str, Any] = {}
            for port, ends in step.inputs.items():
                tensors = [values[end] for end in ends]
                arguments[port] = tensors if port in step.many else tensors[0]
            outputs = self._run_step(step, module, arguments, around)
            values.update(
                zip((End(step.node, port) for port in step.outputs), outputs, strict=True)
            )
        return values

    def _run_step(
        self, step: Step, module: nn.Module, arguments: Mapping[str, Any], around: _Way
    ) -> tuple[Tensor, ...]:
        given = dict(arguments)
        outputs: tuple[Tensor, ...] = ()
        for number, stage in enumerate(step.stages):
            way = (*around, _Turn(step.node, number))
            own = module_of_stage(step, module, number)
            if stage.body is None or own is None:
                outputs = self._run_leaf(step, module, given, way)
            else:
                values = self._run_body(stage.body, own, given, way)
                outputs = tuple(values[end] for end in stage.body.outputs)
            given.update(zip(step.fed, outputs, strict=False))
        return outputs

    def _run_leaf(
        self, step: Step, module: nn.Module, arguments: Mapping[str, Any], way: _Way
    ) -> tuple[Tensor, ...]:
        number = way[-1].number
        own = self._beside.get(step.node) or module_of_stage(step, module, number)
        cut: list[tuple[Tensor, int]] = []
        given = {port: self._cut(value, cut) for port, value in arguments.items()}
        span = _Span(next(_tensors(given), None))
        call = prepared_stage(step, module, number, given, own)
        with self._counting(way):
            span.begin()
            outputs = call()
            span.end()
        start = len(self._made)
        numbers = tuple(range(start, start + len(outputs)))
        for tensor, place in zip(outputs, numbers, strict=True):
            self._made[id(tensor)] = place
        weights = [w for w in own.parameters() if w.requires_grad] if own is not None else []
        self._leaves.append(_Leaf(way, cut, weights, outputs, numbers, span))
        return outputs

    def _cut(self, value: Any, cut: list[tuple[Tensor, int]]) -> Any:
        """Return a tensor, or a list of them, that gradients do not flow beyond."""
        if isinstance(value, list):
            return [self._cut(each, cut) for each in value]
        if not value.requires_grad:
            return value
        alone = value.detach().requires_grad_()
        cut.append((alone, self._made[id(value)]))
        return alone

    def _last_of(self, end: End) -> int:
        leaf = next(each for each in reversed(self._leaves) if each.way[0].node == end.node)
        return leaf.numbers[0]

    def _go_back(self, losses: Sequence[int]) -> None:
        gradients: dict[int, Tensor] = {}
        for leaf in reversed(self._leaves):
            for tensor, number in zip(leaf.outputs, leaf.numbers, strict=True):
                if number in losses:
                    gradients[number] = torch.ones_like(tensor)
            asked = [
                (tensor, gradients.pop(number))
                for tensor, number in zip(leaf.outputs, leaf.numbers, strict=True)
                if number in gradients and tensor.requires_grad
            ]
            if asked:
                self._go_back_through(leaf, asked, gradients)

    def _go_back_through(
        self, leaf: _Leaf, asked: list[tuple[Tensor, Tensor]], gradients: dict[int, Tensor]
    ) -> None:
        wanted: list[Tensor] = [*(tensor for tensor, _ in leaf.inputs), *leaf.weights]
        if not wanted:
            return
        span = _Span(asked[0][0])
        span.begin()
        found = torch.autograd.grad(
            [tensor for tensor, _ in asked],
            wanted,
            [gradient for _, gradient in asked],
            allow_unused=True,
        )
        span.end()
        leaf.backward = span
        for (_, number), gradient in zip(leaf.inputs, found, strict=False):
            if gradient is not None:
                gradients[number] = (
                    gradients[number] + gradient if number in gradients else gradient
                )
        for weight, gradient in zip(leaf.weights, found[len(leaf.inputs) :], strict=True):
            if gradient is not None:
                known = self.gradients.get(weight)
                self.gradients[weight] = gradient if known is None else known + gradient

    def _counting(self, way: _Way) -> Any:
        if not self._counts:
            return nullcontext()
        self._kept.setdefault(way, 0)

        def keep(tensor: Tensor) -> Tensor:
            storage = _storage(tensor)
            if storage not in self._known:
                self._known.add(storage)
                # Held, so that no later tensor takes the place of one that is gone.
                self._alive.append(tensor)
                self._kept[way] += tensor.untyped_storage().nbytes()
            return tensor

        return torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor)


class _Span:
    """A stretch of time on the device that a tensor is on."""

    def __init__(self, tensor: Tensor | None) -> None:
        self._events: tuple[torch.cuda.Event, torch.cuda.Event] | None = None
        if tensor is not None and tensor.is_cuda:
            # The processor only queues work there; events are timed where it is done.
            self._events = _event(), _event()
        self._began = self._ended = 0.0

    def begin(self) -> None:
        if self._events:
            self._events[0].record()
        self._began = time.perf_counter()

    def end(self) -> None:
        self._ended = time.perf_counter()
        if self._events:
            self._events[1].record()

    def seconds(self) -> float:
        """Return how long it was; on a GPU, once its work is done."""
        if self._events:
            return float(self._events[0].elapsed_time(self._events[1])) / 1000
        return self._ended - self._began


@functools.cache
def _asking_seconds() -> float:
    """Return what it takes to ask for a gradient that takes no time to compute."""
    x = torch.zeros(1, requires_grad=True)
    found = []
    for _ in range(_ASKED):
        y = x.view(1)
        began = time.perf_counter()
        torch.autograd.grad([y], [x], [y])
        found.append(time.perf_counter() - began)
    return min(found)


def _event() -> torch.cuda.Event:
    return torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]


def _names(way: _Way) -> Iterator[str]:
    """Yield the layer and the composites around it, outermost first.

    Within later rounds of a repeat only what is around them is named.
    """
    for depth in range(1, len(way) + 1):
        yield told(tuple(turn.node for turn in way[:depth]))
        if way[depth - 1].number and depth < len(way):
            return


def _told(name: str, cost: _Cost) -> LayerCost:
    return LayerCost(
        node=name,
        forward_seconds=statistics.median(cost.forward),
        backward_seconds=statistics.median(cost.backward),
        kept_bytes=cost.kept,
    )


def _tensors(arguments: Mapping[str, Any]) -> Iterator[Tensor]:
    for value in arguments.values():
        yield from value if isinstance(value, list) else (value,)


def _storage(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def _settle(batch: Mapping[str, Tensor]) -> None:
    if any(tensor.is_cuda for tensor in batch.values()):
        torch.cuda.synchronize()
