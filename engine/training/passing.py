"""Layers that are put into a model which has learned, and let it compute what it did.

Chen et al. 2016, "Net2Net": a layer that is put in between begins as the identity. He et al. 2016
and Goyal et al. 2017 let a residual block begin as one: what it adds begins at zero.
"""

import re
from collections.abc import Iterable
from typing import Final, TypeAlias

import torch
from torch import nn

from engine.compile.module import module_of_stage
from engine.compile.steps import Body, Stage, Step
from engine.graph.elements import End
from engine.training.acting import RESTING, has_method, names_called, names_in, rests

_RELU: Final = re.compile(r"\bF\.relu\(|\bnn\.ReLU\(")
_SUM: Final = re.compile(r"^(F\.relu\()?\{x\[0\]\}(?: \+ \{x\[\d+\]\})+\)?$")
_KEEPS_SIGN: Final = re.compile(r"^(max|avg)_pool\dd$|^(Max|Avg)Pool\dd$")
_MUTES: Final = RESTING | frozenset(
    """relu relu6 leaky_relu gelu silu mish elu celu selu softsign hardtanh hardswish tanh
    ReLU ReLU6 LeakyReLU GELU SiLU Mish ELU CELU SELU Softsign Hardtanh Hardswish Tanh""".split()  # noqa: SIM905 - a table to be read
)
"""What makes zeros of zeros."""

_LAST_OF: Final = {"MultiheadAttention": "out_proj", "CausalSelfAttention": "output"}
"""The part of a layer that decides over what it puts out."""

_Acts: TypeAlias = list[tuple[str, nn.Module]]
"""Modules that are to be the ``identity``, or ``zero``."""


def is_positive(body: Body, end: End) -> bool:
    """Say whether nothing below zero comes from there."""
    step = body.step_of(end.node)
    if step is None:
        return False
    stage = step.stages[-1]
    if stage.body is not None:
        return is_positive(stage.body, stage.body.outputs[0])
    names = names_in(stage)
    if rests(stage) or (names and all(_KEEPS_SIGN.match(name) for name in names)):
        return is_positive(body, _ends(step)[0])
    module = stage.lowering.module
    return bool(_RELU.search(f"{stage.lowering.expression} {module.source() if module else ''}"))


def pass_on(step: Step, owner: nn.Module, rounds: Iterable[int], *, positive: bool) -> bool:
    """Let rounds of a new step put out what they take; False where they cannot.

    Args:
        owner: What the step's module belongs to.
        positive: Whether nothing below zero comes in.
    """
    acts = _of_step(step, owner, rounds, positive)
    if acts is None:
        return False
    with torch.no_grad():
        for what, module in acts:
            _begin(what, module)
    return True


def _begin(what: str, module: nn.Module) -> None:
    for name, weight in module.named_parameters():
        weight.zero_()
        if what == "identity" and name == "weight":
            (nn.init.eye_ if isinstance(module, nn.Linear) else nn.init.dirac_)(weight)


def _of_step(step: Step, owner: nn.Module, rounds: Iterable[int], positive: bool) -> _Acts | None:
    found: _Acts = []
    for number in rounds:
        stage, module = step.stages[number], module_of_stage(step, owner, number)
        if rests(stage):
            continue
        if module is None:
            return None
        acts = (
            _of_layer(stage, module, positive)
            if stage.body is None
            else _Inside(stage.body, module, positive).same(stage.body.outputs)
        )
        if acts is None:
            return None
        found += acts
    return found


def _of_layer(stage: Stage, module: nn.Module, positive: bool) -> _Acts | None:
    expression = stage.lowering.expression
    if expression != "{module}({x})" and not (positive and expression == "F.relu({module}({x}))"):
        return None
    match module:
        case nn.Linear() if module.in_features == module.out_features:
            return [("identity", module)]
        case nn.Conv1d() | nn.Conv2d() | nn.Conv3d() if _keeps_size(module):
            return [("identity", module)]
        case _:
            return None


class _Inside:
    """Finds what lets the inside of a composite pass on what it takes."""

    def __init__(self, body: Body, module: nn.Module, positive: bool) -> None:
        self._body = body
        self._module = module
        self._positive = positive

    def same(self, ends: tuple[End, ...]) -> _Acts | None:
        """Let all that is put out be the one thing that is taken."""
        if len(ends) != 1 or len(self._body.inputs) != 1:
            return None
        return self._same(ends[0])

    def _same(self, end: End) -> _Acts | None:
        if end in self._body.fields:
            return []
        step = self._body.step_of(end.node)
        if step is None or len(step.outputs) != 1:
            return None
        if added := _SUM.match(step.lowering.expression):
            return self._sum(_ends(step), cuts=added[1] is not None)
        before = self._same(_ends(step)[0]) if len(_ends(step)) == 1 else None
        # What is the input is as positive as that.
        own = _of_step(step, self._module, range(len(step.stages)), self._positive)
        return None if before is None or own is None else [*before, *own]

    def _sum(self, ends: tuple[End, ...], *, cuts: bool) -> _Acts | None:
        if cuts and not self._positive:
            return None
        for skip in ends:
            acts = self._same(skip)
            others = [self._silent(end) for end in ends if end != skip]
            if acts is not None and len(others) == len(ends) - 1 and None not in others:
                return [*acts, *(act for each in others if each is not None for act in each)]
        return None

    def _silent(self, end: End) -> _Acts | None:
        """Let nothing but zeros come from there."""
        step = self._body.step_of(end.node)
        if step is None or len(step.outputs) != 1 or len(step.stages) != 1:
            return None
        stage, module = step.stages[0], module_of_stage(step, self._module, 0)
        if stage.body is not None and module is not None:
            inside = _Inside(stage.body, module, positive=False)
            return inside._silent(stage.body.outputs[0]) if len(stage.body.outputs) == 1 else None
        last = _LAST_OF.get(type(module).__name__)
        if last is not None and module is not None:
            return [("zero", module.get_submodule(last))]
        called = names_called(stage)
        is_plain = module is None or not module.state_dict()
        if has_method(stage) or not (names_in(stage) if is_plain else called) <= _MUTES:
            return None
        if module is None or is_plain:
            return self._silent(_ends(step)[0]) if len(_ends(step)) == 1 else None
        return [("zero", module)] if _scales(module) else None


def _scales(module: nn.Module) -> bool:
    """Say whether a module puts out zeros where its weights are zeros."""
    kinds = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
    norms = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.LayerNorm, nn.GroupNorm)
    return isinstance(module, (*kinds, *norms)) and any(True for _ in module.parameters())


def _ends(step: Step) -> tuple[End, ...]:
    return tuple(end for ends in step.inputs.values() for end in ends)


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
