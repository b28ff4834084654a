"""Growing a model that has learned, so that it computes the same with more weights.

Chen et al. 2016, "Net2Net": a wider layer repeats units of the narrower one, and what takes them
shares its weights among the repeats; a layer that is put in between begins as the identity. The
repeats get unequal shares rather than noise: the sum stays exact, and they learn apart. Inside of
composites, and of each round of a row, it is done as outside.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

import torch
from torch import Tensor, nn

from engine.compile.module import CompiledModel, module_of_stage
from engine.compile.steps import Body, Stage, Step
from engine.graph.elements import End, NodeId, NodePath, in_round, told
from engine.training.acting import (
    BY_ITSELF,
    acts_by_itself,
    has_method,
    is_called_plainly,
    names_in,
    rests,
)
from engine.training.growth import Growth
from engine.training.passing import is_positive, pass_on

_FLATTEN: Final = "{x}.flatten(1)"
_TOGETHER: Final = re.compile(r"\{x\[0\]\}( [+*] \{x\[\d+\]\})+")
_CONCAT: Final = re.compile(r"^torch\.cat\(\[.*\], dim=1\)$")


class _Map(NamedTuple):
    """What each channel of the new model is to those of the old one."""

    repeats: Tensor
    """The channel that it repeats."""

    shares: Tensor
    """The part that it gets of what takes that channel."""

    axis: int
    """On which the channels are."""

    def over(self, channels: int) -> "_Map | None":
        """Return it for so many channels; None where it has others."""
        if self is _SAME:
            return _Map(torch.arange(channels), torch.ones(channels), 1)
        return self if len(self.repeats) == channels else None

    def is_like(self, other: "_Map") -> bool:
        if self is _SAME or other is _SAME:
            return self is other
        same = torch.equal(self.repeats, other.repeats) and torch.equal(self.shares, other.shares)
        return same and self.axis == other.axis


_SAME: Final = _Map(torch.arange(0), torch.ones(0), 1)
"""Each channel is what it was."""

_MIXES: Final = "It mixes all its channels, so none can be repeated."

_Maps: TypeAlias = tuple[_Map | None, ...]


@dataclass(frozen=True, slots=True)
class Grown:
    """What became of layers that are larger, or new; by their paths."""

    growths: dict[NodeId, Growth] = field(default_factory=dict)
    passing: set[NodeId] = field(default_factory=set)
    """New layers, and new rounds of a row, that pass on what they take."""

    why: dict[NodeId, str] = field(default_factory=dict)
    """Why the model does not compute there what it did, in a sentence."""


def grow(before: CompiledModel, after: CompiledModel) -> Grown:
    """Fill the layers of a larger model from those of the smaller, and say how each was filled.

    Layers of equal sizes are filled already. What cannot be grown exactly is left as it is, and
    so is what comes after it.
    """
    found = Grown()
    sides = _Side(before.plan, before.module), _Side(after.plan, after.module)
    entering: dict[str, _Map | None] = dict.fromkeys(after.plan.fields.values(), _SAME)
    with torch.no_grad():
        _Growing(*sides, entering, found).run()
    return found


class _Side(NamedTuple):
    """A drawing, or the inside of a composite, with its live module."""

    body: Body
    module: nn.Module


class _Layer(NamedTuple):
    """A layer in both models."""

    node: NodeId
    """Its path."""

    former: Stage
    stage: Stage
    old: nn.Module
    new: nn.Module
    last_axis: int


class _Growing:
    def __init__(
        self,
        before: _Side,
        after: _Side,
        entering: Mapping[str, _Map | None],
        found: Grown,
        around: NodePath = (),
        *,
        positive: bool = False,
    ) -> None:
        self._before, self._after = before, after
        self._found, self._around = found, around
        self._positive = positive
        self._maps = {end: entering.get(name) for end, name in after.body.fields.items()}
        # What is only in one of both, and passes on what it takes: where that comes from.
        self._sources: dict[End, End] = {}
        self._former_sources = {
            End(step.node, step.outputs[0]): _ends(step)[0]
            for step in before.body.steps
            if after.body.step_of(step.node) is None and all(map(rests, step.stages))
        }

    def run(self) -> _Maps:
        """Return the maps of what the drawing puts out."""
        for step in self._after.body.steps:
            maps = self._through(step)
            self._maps |= {
                End(step.node, port): each for port, each in zip(step.outputs, maps, strict=True)
            }
        return tuple(self._maps.get(end) for end in self._after.body.outputs)

    def _through(self, step: Step) -> _Maps:
        """Return the maps of what a step puts out; None where what it computes is another."""
        old = self._before.body.step_of(step.node)
        given = {port: tuple(map(self._maps.get, ends)) for port, ends in step.inputs.items()}
        maps: _Maps = (None,) * len(step.outputs)
        if old is None:
            return (self._put_in(step, given),) if len(maps) == 1 else maps
        if not self._takes_the_same(step, old):
            return maps
        for number in range(len(step.stages)):
            maps = self._round(step, old, number, given)
            given |= {port: (each,) for port, each in zip(step.fed, maps, strict=False)}
        if len(step.stages) < len(old.stages):
            self._found.why[self._path(step)] = "It has fewer rounds than before."
            return (None,) * len(step.outputs)
        return maps

    def _takes_the_same(self, step: Step, old: Step) -> bool:
        now, then = (
            {port: tuple(_source(end, sources) for end in ends) for port, ends in each.items()}
            for each, sources in (
                (step.inputs, self._sources),
                (old.inputs, self._former_sources),
            )
        )
        return now == then

    def _put_in(self, step: Step, given: Mapping[str, _Maps]) -> _Map | None:
        """Let a new layer pass on what it takes, where it can."""
        (end, *others), maps = _ends(step) or (None,), _flat(given)
        rounds = range(len(step.stages))
        positive = end is not None and self._is_positive(end)
        if others or not maps or not pass_on(step, self._after.module, rounds, positive=positive):
            self._found.why[self._path(step)] = "It is new, and changes what passes through it."
            return None
        assert end is not None, "there are maps of it"
        self._sources[End(step.node, step.outputs[0])] = _source(end, self._sources)
        self._found.passing.update(self._path(step, number) for number in rounds)
        return maps[0]

    def _round(self, step: Step, old: Step, number: int, given: Mapping[str, _Maps]) -> _Maps:
        """Return the maps of what one round of a step puts out."""
        none: _Maps = (None,) * len(step.outputs)
        maps = _flat(given)
        if None in maps:
            return none
        if number >= len(old.stages):
            return (self._new_round(step, number, maps),) if len(none) == len(maps) == 1 else none
        stage, former = step.stages[number], old.stages[number]
        new = module_of_stage(step, self._after.module, number)
        was = module_of_stage(old, self._before.module, number)
        if stage.body is not None and former.body is not None and new and was:
            sides = _Side(former.body, was), _Side(stage.body, new)
            entering = {port: each[0] for port, each in given.items()}
            around = (*self._around, in_round(step.node, number) if number else step.node)
            positive = all(map(self._is_positive, _ends(step)))
            return _Growing(*sides, entering, self._found, around, positive=positive).run()
        if len(none) != 1:
            is_as_before = all(each is _SAME for each in maps) and stage == former
            return (_SAME,) * len(none) if is_as_before else none
        known = [each for each in maps if each is not None]
        if new is not None and was is not None and new.state_dict():
            last_axis = len(step.types[0].sizes) - 1
            layer = _Layer(self._path(step, number), former, stage, was, new, last_axis)
            return (self._weighted(layer, known),)
        return (self._plain(step, old, stage, former, known),)

    def _new_round(self, step: Step, number: int, maps: _Maps) -> _Map | None:
        """Let a round that a row did not have before pass on what it takes, where it can."""
        last = step.stages[number - 1]
        positive = is_positive(last.body, last.body.outputs[0]) if last.body else False
        if step.holding == "shared":
            self._found.why[self._path(step)] = "Its rounds share weights: one more computes more."
            return None
        if not pass_on(step, self._after.module, [number], positive=positive):
            self._found.why[self._path(step)] = "A new round of it changes what passes through it."
            return None
        self._found.passing.add(self._path(step, number))
        return maps[0]

    def _is_positive(self, end: End) -> bool:
        inside = self._positive and end in self._after.body.fields
        return inside or is_positive(self._after.body, end)

    def _plain(
        self, step: Step, old: Step, stage: Stage, former: Stage, maps: list[_Map]
    ) -> _Map | None:
        expression = stage.lowering.expression
        if all(each is _SAME for each in maps):
            return _SAME if acts_by_itself(stage, 1) or stage == former else None
        if _TOGETHER.search(expression) and not has_method(stage):
            same = all(each.is_like(maps[0]) for each in maps)
            return maps[0] if same and names_in(stage) <= BY_ITSELF else None
        on_channels = all(each.axis == 1 for each in maps)
        if _CONCAT.match(expression) and on_channels:
            return self._side_by_side(old, maps)
        if expression == _FLATTEN and on_channels:
            places = _width(old, self._before.body) // _width_of(_ends(old)[0], self._before.body)
            repeats = (maps[0].repeats[:, None] * places + torch.arange(places)).flatten()
            return _Map(repeats, maps[0].shares.repeat_interleave(places), 1)
        if acts_by_itself(stage, maps[0].axis):
            return maps[0]
        self._found.why[self._path(step)] = _MIXES
        return None

    def _side_by_side(self, old: Step, maps: list[_Map]) -> _Map | None:
        widths = [_width_of(end, self._before.body) for end in _ends(old)]
        offsets = [sum(widths[:place]) for place in range(len(widths))]
        known = [
            each.over(width) if each is _SAME else each
            for each, width in zip(maps, widths, strict=True)
        ]
        placed = [(each, offset) for each, offset in zip(known, offsets, strict=True) if each]
        repeats = torch.cat([each.repeats + offset for each, offset in placed])
        return _Map(repeats, torch.cat([each.shares for each, _ in placed]), 1)

    def _weighted(self, layer: _Layer, maps: list[_Map]) -> _Map | None:
        if type(layer.old) is not type(layer.new):
            return self._refuse(layer, "It is another kind of layer than before.")
        taken, plain = maps[0], is_called_plainly(layer.stage)
        same = _sizes(layer.old) == _sizes(layer.new)
        if all(each is _SAME for each in maps) and same:
            # What is done to its outputs may be another thing now, but the weights are its own.
            return _SAME if plain or layer.stage == layer.former else None
        if not plain:
            return self._refuse(layer, _MIXES)
        match layer.new:
            case nn.Linear() if taken is _SAME or taken.axis == layer.last_axis:
                return self._wider(layer, taken, layer.last_axis)
            case nn.Conv1d() | nn.Conv2d() | nn.Conv3d() if taken.axis == 1:
                grouped = max(_groups(layer.old), _groups(layer.new)) > 1
                return self._deep(layer, taken) if grouped else self._wider(layer, taken, 1)
            case nn.ConvTranspose1d() | nn.ConvTranspose2d() | nn.ConvTranspose3d() if (
                taken.axis == 1 and max(_groups(layer.old), _groups(layer.new)) == 1
            ):
                return self._wider(layer, taken, 1, inputs_first=True)
            case nn.BatchNorm1d() | nn.BatchNorm2d() | nn.BatchNorm3d() if taken.axis == 1:
                return self._repeat(layer, taken)
            case _:
                return self._refuse(layer, _MIXES)

    def _wider(
        self, layer: _Layer, taken: _Map, axis: int, *, inputs_first: bool = False
    ) -> _Map | None:
        one, other = (
            weight.transpose(0, 1) if inputs_first else weight
            for weight in (layer.old.get_parameter("weight"), layer.new.get_parameter("weight"))
        )
        names, former = layer.new.state_dict().keys(), layer.old.state_dict().keys()
        if one.shape[2:] != other.shape[2:]:
            return self._refuse(layer, "Its kernel has another size than before.")
        if other.shape[0] < one.shape[0]:
            return self._refuse(layer, "It is narrower than before.")
        columns = taken.over(other.shape[1])
        fits = columns is not None and _origins(columns) == one.shape[1]
        if not fits or columns is None or not former <= names:
            return self._refuse(layer, "It takes or adds something else than before.")
        # The same choice everywhere: branches that meet in a sum must repeat the same channels.
        put_out = _with_shares(torch.arange(other.shape[0]) % one.shape[0])
        self._fill(layer, Growth(*put_out, columns.repeats, columns.shares, inputs_first))
        return _SAME if other.shape[0] == one.shape[0] else _Map(*put_out, axis)

    def _deep(self, layer: _Layer, taken: _Map) -> _Map | None:
        """Repeat filters that see one channel each, as those of a depthwise convolution."""
        one, other = layer.old.get_parameter("weight"), layer.new.get_parameter("weight")
        groups, wider = _groups(layer.old), _groups(layer.new)
        each = one.shape[0] // groups
        sees_one = one.shape[1:] == other.shape[1:] and other.shape[1] == 1
        channels = taken.over(wider) if sees_one else None
        if channels is None or _origins(channels) != groups or each * wider != len(other):
            return self._refuse(layer, "Its groups of channels cannot be repeated.")
        rows = (channels.repeats[:, None] * each + torch.arange(each)).flatten()
        put_out = _Map(rows, channels.shares.repeat_interleave(each), 1)
        return self._repeat(layer, put_out)

    def _repeat(self, layer: _Layer, taken: _Map) -> _Map | None:
        if layer.old.state_dict().keys() != layer.new.state_dict().keys() or taken is _SAME:
            return self._refuse(layer, "It adds something else than before.")
        self._fill(layer, Growth(taken.repeats, taken.shares))
        return taken

    def _fill(self, layer: _Layer, growth: Growth) -> None:
        former = layer.old.state_dict()
        for name, tensor in layer.new.state_dict().items():
            if name not in former:
                tensor.zero_()
            else:
                tensor.copy_(growth.weight(former[name]) if tensor.dim() else former[name])
        self._found.growths[layer.node] = growth

    def _refuse(self, layer: _Layer, why: str) -> _Map | None:
        self._found.why[layer.node] = why
        return None

    def _path(self, step: Step, number: int = 0) -> NodeId:
        return told((*self._around, in_round(step.node, number) if number else step.node))


def _source(end: End, sources: Mapping[End, End]) -> End:
    while end in sources:
        end = sources[end]
    return end


def _ends(step: Step) -> tuple[End, ...]:
    return tuple(end for ends in step.inputs.values() for end in ends)


def _flat(given: Mapping[str, _Maps]) -> _Maps:
    return tuple(each for maps in given.values() for each in maps)


def _origins(channels: _Map) -> int:
    return int(channels.repeats.max()) + 1


def _groups(module: nn.Module) -> int:
    return int(getattr(module, "groups", 1))


def _with_shares(repeats: Tensor) -> tuple[Tensor, Tensor]:
    """Part one among the repeats of each channel, unequally, the same way each time."""
    stream = torch.Generator().manual_seed(len(repeats))
    parts = 0.5 + torch.rand(len(repeats), generator=stream)
    sums = torch.zeros(int(repeats.max()) + 1).index_add_(0, repeats, parts)
    return repeats, parts / sums[repeats]


def _sizes(module: nn.Module) -> Mapping[str, torch.Size]:
    return {name: tensor.shape for name, tensor in module.state_dict().items()}


def _width(step: Step, body: Body) -> int:
    return _width_of(End(step.node, step.outputs[0]), body)


def _width_of(end: End, body: Body) -> int:
    size = body.types[end].sizes[1]
    assert isinstance(size, int), "only the number of samples is open"
    return size
