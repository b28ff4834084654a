"""Taking one sample through a model layer by layer, forward and backward.

The whole pass is taken at once and told as figures; whoever shows it steps through what was told,
in either direction, while the model goes on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from engine.compile.module import CompiledModel
from engine.compile.stepper import Computed, walk_through
from engine.data.meaning import main_meaning
from engine.graph.elements import End, told
from engine.training.questions import LayerPass, PassTaken, Score, ValueFigures

MOST_VALUES: Final = 1024


@dataclass(slots=True)
class _Recorded:
    """What was computed, and why it ended early."""

    computed: list[Computed]
    problem: str = ""
    problem_node: str = ""


def pass_through(
    compiled: CompiledModel,
    batch: Mapping[str, Tensor],
    *,
    step: int,
    epoch: float,
    sample: int,
    subject: str = "",
) -> PassTaken:
    """Take a batch of one sample through; the modules are in evaluation mode.

    Gradients are of the loss, or of the highest score where the batch has no label; none of them
    is left in the model.

    Args:
        batch: Every field (1, *sizes).
    """
    with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
        found = _forward(compiled, _derivable(compiled, batch))
        score, name = _score(compiled, found.computed)
        try:
            gradients = _backward(compiled, found, score)
        except RuntimeError:  # a layer has no derivative: the way forward is told all the same
            gradients, name = _Gradients(), "none"
    return PassTaken(
        step=step,
        epoch=epoch,
        sample=sample,
        subject=subject,
        layers=tuple(_told(compiled, one, gradients) for one in found.computed),
        score=name,
        problem=found.problem,
        problem_node=found.problem_node,
    )


def figures_of(values: Tensor) -> ValueFigures:
    """Describe the numbers of one sample.

    Shapes:
        values: (1, *sizes), or () for a loss
    """
    sample = values.detach()[0] if values.ndim else values.detach()
    flat = sample.reshape(-1).float()
    finite = flat[torch.isfinite(flat)].double()
    is_nan = torch.isnan(flat)
    some = finite.numel() > 0
    return ValueFigures(
        shape=tuple(sample.shape),
        mean=float(finite.mean()) if some else 0.0,
        std=float(finite.std(correction=0)) if some else 0.0,
        low=float(finite.min()) if some else 0.0,
        high=float(finite.max()) if some else 0.0,
        norm=float(torch.linalg.vector_norm(finite)) if some else 0.0,
        zeros=float((finite == 0).double().mean()) if some else 0.0,
        nan=int(is_nan.sum()),
        inf=flat.numel() - finite.numel() - int(is_nan.sum()),
        values=flat[:MOST_VALUES].cpu().numpy().tobytes(),
    )


def _derivable(compiled: CompiledModel, batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """Let gradients flow back to the inputs, so that layers without weights show one too."""
    return {
        name: values.detach().clone().requires_grad_()
        if name in compiled.plan.inputs and values.is_floating_point()
        else values
        for name, values in batch.items()
    }


def _forward(compiled: CompiledModel, batch: Mapping[str, Tensor]) -> _Recorded:
    found = _Recorded([])
    try:
        for one in walk_through(compiled, batch):
            found.computed.append(one)
    # What a layer cannot do is what the person looks for: the pass tells how far it came.
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        found.problem = str(error).strip().partition("\n")[0]
        found.problem_node = _next_node(compiled, found.computed)
    return found


def _next_node(compiled: CompiledModel, computed: list[Computed]) -> str:
    done = {one.path[0] for one in computed if len(one.path) == 1}
    steps = (*compiled.plan.steps, *compiled.plan.losses)
    return next((str(step.node) for step in steps if step.node not in done), "")


def _score(compiled: CompiledModel, computed: list[Computed]) -> tuple[Tensor | None, Score]:
    """Return what is derived: the loss, else the highest score of the answer."""
    outputs = {
        End(one.path[0], port): tensor
        for one in computed
        if len(one.path) == 1
        for port, tensor in zip(one.step.outputs, one.outputs, strict=True)
    }
    losses = [outputs[end] for end in compiled.plan.loss_ends if end in outputs]
    if losses and len(losses) == len(compiled.plan.loss_ends):
        return (compiled.total(tuple(losses)) if len(losses) > 1 else losses[0].mean()), "loss"
    meaning = main_meaning(compiled.plan)
    answer = outputs.get(compiled.plan.outputs[meaning.output]) if meaning else None
    return (answer.max(), "answer") if answer is not None else (None, "none")


class _Gradients:
    """Gradients by the tensor that they are of."""

    def __init__(self) -> None:
        self._found: dict[int, Tensor] = {}

    def keep(self, tensor: Tensor, gradient: Tensor | None) -> None:
        if gradient is not None:
            self._found[id(tensor)] = gradient

    def of(self, tensor: Tensor) -> Tensor | None:
        return self._found.get(id(tensor))


def _backward(compiled: CompiledModel, found: _Recorded, score: Tensor | None) -> _Gradients:
    gradients = _Gradients()
    if score is None or not score.requires_grad:
        return gradients
    outputs = [one.outputs[0] for one in found.computed if one.outputs[0].requires_grad]
    weights = [weight for weight in compiled.module.parameters() if weight.requires_grad]
    wanted = [*outputs, *weights]
    derived = torch.autograd.grad(score, wanted, allow_unused=True)
    for tensor, gradient in zip(wanted, derived, strict=True):
        gradients.keep(tensor, gradient)
    return gradients


def _told(compiled: CompiledModel, one: Computed, gradients: _Gradients) -> LayerPass:
    gradient = gradients.of(one.outputs[0])
    module = None if one.is_loss else compiled.module_at(one.path)
    return LayerPass(
        node=told(one.path),
        title=one.step.title,
        name=one.step.name,
        round=one.round,
        phase="loss" if one.is_loss else "forward",
        output=figures_of(one.outputs[0]),
        gradient=None if gradient is None else figures_of(gradient),
        weight_gradient=_length(module, gradients),
    )


def _length(module: nn.Module | None, gradients: _Gradients) -> float | None:
    weights = module.parameters() if module is not None else ()
    found = [gradients.of(weight) for weight in weights]
    lengths = [torch.linalg.vector_norm(gradient) for gradient in found if gradient is not None]
    return float(torch.linalg.vector_norm(torch.stack(lengths))) if lengths else None
