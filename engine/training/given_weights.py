"""Layers that begin with the weights of a file: a backbone, a teacher, what was trained before."""

from collections.abc import Collection, Iterator
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from engine.compile.module import CompiledModel
from engine.compile.steps import Step
from engine.graph.elements import NodeId
from engine.project.matching import Matching, match, told
from engine.training.events import HealthNoted
from nodes.errors import RunError
from resources import path as shipped

_SHIPPED = "weights"


def give_weights(
    compiled: CompiledModel, nodes: Collection[NodeId] | None = None
) -> list[HealthNoted]:
    """Fill the layers that name a weights file, and say of each what it took.

    Args:
        nodes: Only these.

    Raises:
        RunError: A file cannot be read, or has nothing for its layer.
    """
    return [
        _fill(step, module, _file(step.learning.weights))
        for step, module in _layers(compiled)
        if step.learning.weights and (nodes is None or step.node in nodes)
    ]


def _layers(compiled: CompiledModel) -> Iterator[tuple[Step, nn.Module]]:
    """Yield the layers of the drawing with their modules; one that several share comes once."""
    seen: set[str] = set()
    for step in compiled.plan.steps:
        module = getattr(compiled.module, step.attribute, None)
        if module is not None and step.attribute not in seen:
            seen.add(step.attribute)
            yield step, module


def _file(named: str) -> Path:
    """Return where a file lies; a plain word names one that comes with Layerloom."""
    if Path(named).name == named and not Path(named).suffix:
        return shipped(_SHIPPED, f"{named}.safetensors")
    return Path(named).expanduser()


def _fill(step: Step, module: nn.Module, file: Path) -> HealthNoted:
    tensors = _read(file, step.title)
    own = module.state_dict()
    found = match(_shapes(own), _shapes(tensors))
    if not found.taken:
        raise _nothing_fits(step, file, found)
    with torch.no_grad():
        for name, there in found.taken.items():
            own[name].copy_(tensors[there])
    return HealthNoted(
        code="weights", node=step.node, text=told(step.title, found), is_well=found.is_whole
    )


def _read(file: Path, title: str) -> dict[str, Tensor]:
    try:
        return load_file(file)
    except (OSError, SafetensorError) as error:
        raise RunError(
            f"The weights of {title} cannot be read",
            why=f"{error}." if file.exists() else "The file is not there.",
            where=str(file),
            hint="Choose a safetensors file in Properties of the layer, or none.",
        ) from error


def _shapes(tensors: dict[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def _nothing_fits(step: Step, file: Path, found: Matching) -> RunError:
    why = "None of its tensors has the name and the sizes of one of the layer."
    if found.other_sizes:
        why = f"Its tensors have other sizes: {', '.join(found.other_sizes[:4])}."
    return RunError(
        f"The file has no weights for {step.title}",
        why=why,
        where=str(file),
        hint="Choose another file, or build the layer as it was where the file was trained.",
    )
