"""Growing a model that has learned, so that it computes the same with more weights.

Chen et al. 2016, "Net2Net": a wider layer repeats units of the narrower one, and what takes them
shares its weights among the repeats; a layer that is put in between begins as the identity. The
repeats get unequal shares rather than noise: the sum stays exact, and they learn apart.
"""

import re
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn

from engine.compile.module import CompiledModel
from engine.compile.plan import Step
from engine.graph.elements import End, NodeId
from engine.training.growth import Growth

# What acts on every number, or on every channel, by itself. Softmax and the like do not.
_BY_ITSELF: Final = frozenset(
    """relu relu6 leaky_relu gelu silu mish elu celu selu softplus softsign hardtanh hardswish
    hardsigmoid tanh sigmoid logsigmoid tanhshrink softshrink hardshrink dropout dropout2d
    alpha_dropout max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d
    adaptive_avg_pool1d adaptive_avg_pool2d adaptive_max_pool2d interpolate
    ReLU ReLU6 LeakyReLU GELU SiLU Mish ELU CELU SELU Softplus Softsign Hardtanh Hardswish
    Hardsigmoid Tanh Sigmoid LogSigmoid Dropout Dropout1d Dropout2d Dropout3d AlphaDropout MaxPool1d
    MaxPool2d MaxPool3d AvgPool1d AvgPool2d AvgPool3d AdaptiveAvgPool1d AdaptiveAvgPool2d
    AdaptiveMaxPool2d Identity Upsample""".split()  # noqa: SIM905 - a table to be read
)
_NAMES: Final = re.compile(r"\b(?:F|torch|nn)\.(\w+)")
_PLAIN: Final = re.compile(r"\{module\}\(\{x\}\)|\{x\}")
_FLATTEN: Final = "{x}.flatten(1)"
_SUM: Final = re.compile(r"^\{x\[0\]\}( \+ \{x\[\d+\]\})+$")
_CONCAT: Final = re.compile(r"^torch\.cat\(\[.*\], dim=1\)$")


class _Map(NamedTuple):
    """What each channel of the new model is to those of the old one."""

    repeats: Tensor
    """The channel that it repeats."""

    shares: Tensor
    """The part that it gets of what takes that channel."""

    def is_identity(self) -> bool:
        return torch.equal(self.repeats, torch.arange(len(self.repeats)))

    def is_like(self, other: "_Map") -> bool:
        return torch.equal(self.repeats, other.repeats) and torch.equal(self.shares, other.shares)


def grow(before: CompiledModel, after: CompiledModel) -> dict[NodeId, Growth]:
    """Fill the layers of a larger model from those of the smaller, and say how each was filled.

    Layers of equal sizes are filled already. What cannot be grown exactly is left as it is, and
    so is what comes after it.
    """
    return _Growing(before, after).run()


def start_as_identity(after: CompiledModel, node: NodeId) -> bool:
    """Let a new layer pass on what it takes; False where it cannot."""
    step, module = after.plan.step_of(node), after.module_of(node)
    if step is None or not _passes_positive(after, step):
        return False
    with torch.no_grad():
        match module:
            case nn.Linear() if module.in_features == module.out_features:
                nn.init.eye_(module.weight)
            case nn.Conv1d() | nn.Conv2d() | nn.Conv3d() if _keeps_size(module):
                nn.init.dirac_(module.weight)
            case _:
                return False
        if module.bias is not None:
            module.bias.zero_()
    return True


class _Growing:
    def __init__(self, before: CompiledModel, after: CompiledModel) -> None:
        self._before = before
        self._after = after
        self._maps: dict[End, _Map | None] = {}
        self._grown: dict[NodeId, Growth] = {}

    @torch.no_grad()
    def run(self) -> dict[NodeId, Growth]:
        for step in self._after.plan.steps:
            end = End(step.node, step.outputs[0])
            self._maps[end] = self._through(step)
        return self._grown

    def _through(self, step: Step) -> _Map | None:
        """Return the map of what a step puts out; None where what it computes is another."""
        old = self._before.plan.step_of(step.node)
        if old is None or old.inputs != step.inputs or len(step.outputs) != 1:
            return None
        maps = [self._of(end) for ends in step.inputs.values() for end in ends]
        if any(each is None for each in maps):
            return None
        known = [each for each in maps if each is not None]
        module = self._after.module_of(step.node)
        if module is not None and module.state_dict():
            return self._weighted(step, module, known)
        return self._plain(step, old, known)

    def _of(self, end: End) -> _Map | None:
        if end in self._maps:
            return self._maps[end]
        sizes = self._after.plan.types[end].sizes
        channels = sizes[1] if len(sizes) > 1 else 1
        return _unchanged(channels) if isinstance(channels, int) else None

    def _plain(self, step: Step, old: Step, maps: list[_Map]) -> _Map | None:
        expression = step.lowering.expression
        if _SUM.match(expression):
            same = all(each.is_like(maps[0]) for each in maps)
            return maps[0] if same else None
        if _CONCAT.match(expression):
            return self._side_by_side(old, maps)
        if expression == _FLATTEN:
            places = _channels(old) // _of_input(self._before, old)
            repeats = (maps[0].repeats[:, None] * places + torch.arange(places)).flatten()
            return _Map(repeats, maps[0].shares.repeat_interleave(places))
        if _acts_by_itself(step) or (maps[0].is_identity() and old.lowering == step.lowering):
            return maps[0]
        return None

    def _side_by_side(self, old: Step, maps: list[_Map]) -> _Map:
        widths = [_width(self._before, end) for ends in old.inputs.values() for end in ends]
        offsets = [sum(widths[:place]) for place in range(len(widths))]
        placed = [each.repeats + offset for each, offset in zip(maps, offsets, strict=True)]
        return _Map(torch.cat(placed), torch.cat([each.shares for each in maps]))

    def _weighted(self, step: Step, new: nn.Module, maps: list[_Map]) -> _Map | None:
        old = self._before.module_of(step.node)
        if old is None or type(old) is not type(new) or not _acts_by_itself(step, of_module=False):
            return None
        taken = maps[0]
        match new:
            case nn.Linear() | nn.Conv1d() | nn.Conv2d() | nn.Conv3d():
                return self._wider(step, old, new, taken)
            case nn.BatchNorm1d() | nn.BatchNorm2d() | nn.BatchNorm3d():
                return self._repeat(step, old, new, taken)
            case _:
                same = {k: v.shape for k, v in old.state_dict().items()} == {
                    k: v.shape for k, v in new.state_dict().items()
                }
                return _unchanged(_channels(step)) if same and taken.is_identity() else None

    def _wider(self, step: Step, old: nn.Module, new: nn.Module, taken: _Map) -> _Map | None:
        one, other = old.get_parameter("weight"), new.get_parameter("weight")
        if getattr(new, "groups", 1) != 1 or one.shape[2:] != other.shape[2:]:
            return None
        if other.shape[0] < one.shape[0] or len(taken.repeats) != other.shape[1]:
            return None
        names, former = new.state_dict().keys(), old.state_dict().keys()
        if not former <= names:
            return None
        # The same choice everywhere: branches that meet in a sum must repeat the same channels.
        put_out = _with_shares(torch.arange(other.shape[0]) % one.shape[0])
        if one.shape != other.shape or former != names or not taken.is_identity():
            self._fill(step, old, new, Growth(*put_out, *taken))
        return put_out

    def _repeat(self, step: Step, old: nn.Module, new: nn.Module, taken: _Map) -> _Map | None:
        if old.state_dict().keys() != new.state_dict().keys():
            return None
        if not taken.is_identity():
            self._fill(step, old, new, Growth(*taken))
        return taken

    def _fill(self, step: Step, old: nn.Module, new: nn.Module, growth: Growth) -> None:
        former = old.state_dict()
        for name, tensor in new.state_dict().items():
            if name not in former:
                tensor.zero_()
            else:
                tensor.copy_(growth.weight(former[name]) if tensor.dim() else former[name])
        self._grown[step.node] = growth


def _unchanged(channels: int) -> _Map:
    return _Map(torch.arange(channels), torch.ones(channels))


def _with_shares(repeats: Tensor) -> _Map:
    """Part one among the repeats of each channel, unequally, the same way each time."""
    stream = torch.Generator().manual_seed(len(repeats))
    parts = 0.5 + torch.rand(len(repeats), generator=stream)
    sums = torch.zeros(int(repeats.max()) + 1).index_add_(0, repeats, parts)
    return _Map(repeats, parts / sums[repeats])


def _acts_by_itself(step: Step, *, of_module: bool = True) -> bool:
    module = step.lowering.module
    made = module.source() if module is not None and of_module else ""
    text = f"{step.lowering.expression} {made}"
    names = set(_NAMES.findall(text))
    return bool(_PLAIN.search(step.lowering.expression)) and names <= _BY_ITSELF


def _passes_positive(compiled: CompiledModel, step: Step) -> bool:
    """Say whether the activation in a layer leaves what arrives as it is."""
    if step.lowering.expression == "{module}({x})":
        return True
    if not step.lowering.expression.startswith("F.relu("):
        return False
    ends = [end for ends in step.inputs.values() for end in ends]
    before = compiled.plan.step_of(ends[0].node) if ends else None
    return before is not None and "relu(" in before.lowering.expression


def _keeps_size(module: nn.Conv1d | nn.Conv2d | nn.Conv3d) -> bool:
    same = all(
        2 * pad == gap * (size - 1)
        for pad, gap, size in zip(
            _numbers(module), module.dilation, module.kernel_size, strict=True
        )
    )
    plain = module.groups == 1 and set(module.stride) == {1}
    return plain and same and module.in_channels == module.out_channels


def _numbers(module: nn.Conv1d | nn.Conv2d | nn.Conv3d) -> tuple[int, ...]:
    if isinstance(module.padding, str):
        halves = zip(module.dilation, module.kernel_size, strict=True)
        return tuple(
            gap * (size - 1) // 2 if module.padding == "same" else 0 for gap, size in halves
        )
    return tuple(module.padding)


def _channels(step: Step) -> int:
    size = step.types[0].sizes[1]
    assert isinstance(size, int), "only the number of samples is open"
    return size


def _of_input(compiled: CompiledModel, step: Step) -> int:
    end = next(end for ends in step.inputs.values() for end in ends)
    return _width(compiled, end)


def _width(compiled: CompiledModel, end: End) -> int:
    size = compiled.plan.types[end].sizes[1]
    assert isinstance(size, int), "only the number of samples is open"
    return size
