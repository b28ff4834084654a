"""Finding out what went wrong in a run, and saying it in words."""

import traceback
from collections.abc import Mapping

import torch
from torch import Tensor

from engine.atomic import is_no_room
from engine.compile.module import CompiledModel
from engine.compile.plan import Step
from engine.compile.stepper import run_nodes
from engine.graph.elements import End, NodeId
from engine.project.recipe import Recipe
from engine.training.events import HealthAct, RunFailed
from engine.training.moving import ANOTHER_FOLDER, FREE_SPACE
from engine.training.precision import short_numbers
from engine.training.remedies import against_memory, against_numbers_lost, memory_told
from nodes.errors import DataError, LoomError

_NO_MEMORY = (
    *("can't allocate memory", "out of memory", "not enough memory"),
    # Of the libraries that torch computes with on a GPU: they have memory of their own.
    *("CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED"),
)


class NotANumberError(LoomError):
    """The loss became infinite or not a number."""

    code = "LL-R002"

    def __init__(self, why: str, node: NodeId | None) -> None:
        super().__init__(
            "The loss is no longer a number",
            why=why,
            hint="Use a tenth of the learning rate, or clip gradients at 1, and train again. "
            "The last checkpoint is untouched.",
        )
        self.node = node


def not_a_number(
    compiled: CompiledModel, batch: Mapping[str, Tensor], step: int, value: float
) -> NotANumberError:
    """Find the first node with a value that is not finite, by running the batch node by node.

    Args:
        step: In which the loss was found; the weights are those before its update.
        value: Of the loss.
    """
    node, what = _first_bad(compiled, batch)
    began = "It became infinite" if abs(value) == float("inf") else "It began"
    return NotANumberError(f"{began} at step {step}{what}.", node)


def failure_of(
    error: Exception, compiled: CompiledModel | None, recipe: Recipe | None = None
) -> RunFailed:
    """Say what stopped a run.

    Args:
        recipe: That it was trained with, to say what would mend it.
    """
    details = "".join(traceback.format_exception(error))
    node = compiled.node_of(error) if compiled else None
    if isinstance(error, LoomError):
        node = getattr(error, "node", None) or node
        why = f"{error.where}: {error.why}" if error.where else error.why
        return RunFailed(
            title=error.title,
            why=why,
            hint=error.hint,
            code=error.code,
            node=node,
            acts=_acts_for(error, recipe),
        )
    if is_memory(error):
        gpu = short_numbers() if is_of_gpu(error) else None
        asked = f"{layer_name(compiled, node)} asked for more than there is." if node else ""
        return RunFailed(
            title="The GPU ran out of memory" if gpu else "There is not enough memory",
            why=" ".join(part for part in (asked, memory_told(str(error))) if part),
            hint="Halve the batch size, or use smaller layers.",
            code="LL-R003",
            node=node,
            details=details,
            acts=against_memory(recipe, gpu) if recipe is not None else (),
        )
    if "does not have a deterministic implementation" in str(error):
        return RunFailed(
            title=f"{layer_name(compiled, node)} does not give the same bits twice",
            why=_first_line(error).partition(",")[0] + ".",
            hint="Switch off Deterministic in the recipe.",
            code="LL-R007",
            node=node,
            details=details,
        )
    if "CUDA error" in str(error):
        return RunFailed(
            title="The GPU stopped on an error",
            why=f"It said: {_first_line(error)}. GPUs tell late, so any layer may have caused it.",
            hint="Train on the processor once: it names the layer and what was wrong.",
            code="LL-R008",
            details=details,
        )
    if isinstance(error, OSError):
        return RunFailed(
            title="The run folder could not be written",
            why=f"{error.strerror or error}.",
            hint="Free some space or choose another folder, then go on from the last checkpoint.",
            code="LL-R004",
            details=details,
            acts=_acts_for(error, recipe),
        )
    return RunFailed(
        title=f"{layer_name(compiled, node)} could not compute"
        if node
        else "Training met a problem",
        why=_first_line(error),
        hint="Change this layer or what feeds it." if node else "Copy the details and report them.",
        code="LL-R005",
        node=node,
        details=details,
    )


def _acts_for(error: Exception, recipe: Recipe | None) -> tuple[HealthAct, ...]:
    if is_no_room(error) or is_no_room(error.__cause__):
        return (ANOTHER_FOLDER, FREE_SPACE)
    if isinstance(error, DataError):
        return (HealthAct(label="Open Data", opens="data"),)
    lost = isinstance(error, NotANumberError) and recipe is not None
    return against_numbers_lost(recipe) if lost and recipe is not None else ()


def _first_bad(compiled: CompiledModel, batch: Mapping[str, Tensor]) -> tuple[NodeId | None, str]:
    for name, values in batch.items():
        if not _is_finite(values):
            return compiled.plan.data_node, f", in the field {name} of the data"
    # Training flags stay as they are: batch normalisation meets the batch as the step did.
    with torch.no_grad(), torch.random.fork_rng(_devices(batch)):
        found = run_nodes(compiled, batch)
    for step in compiled.plan.steps:
        weight = _bad_weight(compiled, step)
        if weight:
            name = compiled.plan.told_apart(step.node)
            return step.node, f", in {name}: its {weight} is no longer finite"
        if not all(_is_finite(found[End(step.node, port)]) for port in step.outputs):
            return step.node, f", in the output of {compiled.plan.told_apart(step.node)}"
    losses = compiled.plan.losses
    if losses:
        largest = max((float(values.abs().max()) for values in found.values()), default=0.0)
        return losses[-1].node, (
            f", in {losses[-1].title}: before it numbers are finite, up to {largest:.2g}"
        )
    return None, ""


def _bad_weight(compiled: CompiledModel, step: Step) -> str:
    module = compiled.module_of(step.node)
    if module is None:
        return ""
    named = [*module.named_parameters(), *module.named_buffers()]
    return next((name for name, values in named if not _is_finite(values)), "")


def _is_finite(values: Tensor) -> bool:
    return not values.is_floating_point() or bool(torch.isfinite(values).all())


def _devices(batch: Mapping[str, Tensor]) -> list[torch.device]:
    return list({values.device for values in batch.values() if values.is_cuda})


def is_memory(error: Exception) -> bool:
    """Say whether there was not enough memory."""
    text = str(error)
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or any(
        sign in text for sign in _NO_MEMORY
    )


def is_of_gpu(error: Exception) -> bool:
    """Say whether a GPU told it."""
    return any(sign in str(error) for sign in ("CUDA", "CUBLAS", "CUDNN"))


def layer_name(compiled: CompiledModel | None, node: NodeId | None) -> str:
    """Return what the layer that an error came from is called."""
    name = compiled.plan.told_apart(node) if compiled and node else ""
    return name or "A layer"


def _first_line(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return text[0] if text else type(error).__name__
