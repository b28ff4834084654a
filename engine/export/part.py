"""One network of a drawing by itself: its module, what it was given, and its source alone."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from engine.compile.steps import Body, Plan, Step
from engine.evaluate.loading import LoadedRun
from engine.export.free_axes import Axes, axes_of, other_sizes
from engine.export.networks import networks
from nodes.errors import ExportError
from nodes.tensors import TensorType

_LOSSES: Final = ("training_loss", "training_losses")


@dataclass(frozen=True, slots=True)
class Part:
    """A network that stands within a run's model."""

    loaded: LoadedRun
    name: str
    attribute: str
    """Of its module in that of the whole."""

    module: nn.Module
    made_by: str
    """The expression that makes it anew: ``Generator()``."""

    inputs: Mapping[str, Tensor]
    """What it was given when the samples went through the whole, by the names of its ports."""

    axes: Axes
    """Which sizes of its inputs are free."""

    others: Mapping[str, Tensor] | None
    """What it is given of samples of other sizes; None where all sizes are what they are."""

    outputs: tuple[str, ...]

    @property
    def class_name(self) -> str:
        """The class that its source has it as."""
        return self.made_by.partition("(")[0]

    def answers(self, batch: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
        """Run it."""
        return as_tuple(self.module(*(batch[name] for name in self.inputs)))


def find_part(loaded: LoadedRun, name: str, samples: Mapping[str, Tensor]) -> Part:
    """Return a network by its name on the canvas.

    Args:
        samples: Go through the whole model, to see what the network is given.

    Raises:
        ExportError: There is none of this name that stands by itself.
    """
    known = networks(loaded.project)
    step = next((step for step in loaded.plan.steps if step.name == name), None)
    body = step.stages[0].body if step is not None and name in known else None
    if step is None or body is None or step.lowering.module is None:
        raise ExportError(
            f"There is no network called “{name}”",
            why=f"There is {', '.join(known)}." if known else "The drawing is one network.",
            hint="Name one of them, or export the whole." if known else "Export the whole.",
        )
    module = loaded.compiled.module.get_submodule(step.attribute)
    others = other_sizes(loaded.plan, samples)
    return Part(
        loaded=loaded,
        name=name,
        attribute=step.attribute,
        module=module,
        made_by=step.lowering.module.source(),
        inputs=_given(loaded, module, body, samples),
        axes=axes_of(_types(loaded.plan, step, body)),
        others=_given(loaded, module, body, others) if others is not None else None,
        outputs=step.outputs,
    )


def as_tuple(found: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Return one output or several as several."""
    return (found,) if isinstance(found, Tensor) else tuple(found)


def source_of(part: Part) -> str:
    """Return the classes that the network is made of, out of the source of the whole."""
    text = part.loaded.compiled.source.text
    tree = ast.parse(text)
    defined = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    needed: set[str] = set()
    waiting = [part.class_name]
    while waiting:
        name = waiting.pop()
        if name in defined and name not in needed:
            needed.add(name)
            waiting += [n.id for n in ast.walk(defined[name]) if isinstance(n, ast.Name)]
    lines = text.splitlines()
    left_out = {*defined, *_LOSSES} - needed
    kept = [node for node in tree.body if getattr(node, "name", "") not in left_out]
    return "".join(_joined(kept, lines))


def _joined(nodes: list[ast.stmt], lines: list[str]) -> Iterator[str]:
    """Yield the text of statements, as far apart as style asks for."""
    for place, node in enumerate(nodes):
        is_block = isinstance(node, ast.ClassDef | ast.FunctionDef)
        if place:
            yield "\n\n" if is_block or isinstance(nodes[place - 1], ast.ClassDef) else ""
        decorators = getattr(node, "decorator_list", ())
        first = min([node.lineno, *(each.lineno for each in decorators)]) - 1
        yield "\n".join(lines[first : node.end_lineno]) + "\n"


def _given(
    loaded: LoadedRun, module: nn.Module, body: Body, samples: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Return what a module is called with first, by the names of its inputs."""
    seen: list[tuple[Tensor, ...]] = []
    hook = module.register_forward_pre_hook(lambda _, inputs: seen.append(inputs))
    try:
        with torch.inference_mode():
            loaded.compiled.outputs({name: samples[name] for name in loaded.plan.inputs})
    finally:
        hook.remove()
    return dict(zip(body.inputs, (tensor.clone() for tensor in seen[0]), strict=True))


def _types(plan: Plan, step: Step, body: Body) -> dict[str, TensorType]:
    """Return the types of what a network is given, with letters for the sizes that are free."""
    types = plan.letters or plan.types
    return {name: types[step.inputs[name][0]] for name in body.inputs}
