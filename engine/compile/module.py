"""Source to module: the text is executed, and what it defines is what trains.

The text is also handed to ``linecache``, so that tracebacks, ``inspect`` and debuggers show it.
"""

import itertools
import linecache
import re
import types
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from engine.compile.plan import project_plan
from engine.compile.source import Source, write_source
from engine.compile.steps import Body, Plan, Step
from engine.graph.elements import NodeId, NodePath, path_told
from engine.own_layers.running import find_here
from engine.own_layers.trust import check_texts, check_trusted
from engine.project.project import Project

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class CompiledModel:
    """A drawing as a PyTorch model."""

    plan: Plan
    source: Source
    module: nn.Module
    """Takes the fields of ``plan.inputs`` in order; its keys are ``<node name>.weight``."""

    filename: str
    """What tracebacks call the source."""

    namespace: Mapping[str, object]

    def outputs(self, batch: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
        """Run the model on a batch of fields."""
        result = self.module(*(batch[name] for name in self.plan.inputs))
        return (result,) if isinstance(result, Tensor) else tuple(result)

    def loss(self, outputs: tuple[Tensor, ...], batch: Mapping[str, Tensor]) -> Tensor:
        """Return the training loss: a scalar, the mean over the samples of the batch."""
        function = self.namespace["training_loss"]
        assert callable(function), "a plan that trains has a loss"
        loss: Tensor = function(*outputs, *(batch[name] for name in self.plan.targets))
        return loss

    def losses(
        self, outputs: tuple[Tensor, ...], batch: Mapping[str, Tensor]
    ) -> tuple[Tensor, ...]:
        """Return each loss of the drawing, a scalar, before it is weighed."""
        function = self.namespace["training_losses"]
        assert callable(function), "a plan with several losses has a function of them"
        losses: tuple[Tensor, ...] = function(
            *outputs, *(batch[name] for name in self.plan.targets)
        )
        return losses

    def total(self, losses: tuple[Tensor, ...]) -> Tensor:
        """Return the sum of several losses as the source has it: each as much as it weighs."""
        pairs = zip(self.plan.loss_weights, losses, strict=True)
        first, *others = (loss if weight == 1 else weight * loss for weight, loss in pairs)
        return sum(others, start=first)

    def node_of(self, error: BaseException) -> NodeId | None:
        """Return the node whose line raised an error, where the traceback leads to one."""
        path = self.path_of(error)
        return path[0] if path else None

    def path_of(self, error: BaseException) -> NodePath:
        """Return the way to the node whose line raised an error: into composites, if it is there.

        Empty where the traceback leads to none.
        """
        path: NodePath = ()
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self.filename:
                found = self.source.paths.get(trace.tb_lineno, ())
                path = (*path, *found[-1:])
            trace = trace.tb_next
        return path

    def module_of(self, node: NodeId) -> nn.Module | None:
        """Return the module of a node; layers without weights may have none.

        Args:
            node: Its id, or its whole path as ``told`` writes it.
        """
        here = self.plan.step_of(node) is not None
        return self.module_at((node,) if here else path_told(node))

    def module_at(self, path: NodePath) -> nn.Module | None:
        """Return the module of a node at any depth; for a repeat, what holds all its rounds.

        Args:
            path: The composites around it, outermost first, then the node. ``in_round`` names a
                round: without it, the first is gone through, and all are meant at the end.
        """
        body: Body | None = self.plan
        module: nn.Module | None = self.module
        for place, node in enumerate(path):
            found = body.step_in_round(node) if body is not None else None
            if found is None or module is None or found[0].lowering.module is None:
                return None
            step, number = found
            if place == len(path) - 1 and number is None:
                return getattr(module, step.attribute, None)
            module = module_of_stage(step, module, number or 0)
            body = step.stages[number or 0].body
        return module


def module_of_stage(step: Step, module: nn.Module, number: int) -> nn.Module | None:
    """Return what one round of a step calls.

    Args:
        module: What the step belongs to.
    """
    if step.lowering.module is None:
        return None
    own: nn.Module | None = getattr(module, step.attribute, None)
    if own is None or step.holding in ("one", "shared"):
        return own
    return own.get_submodule(str(number))


def compile_project(project: Project) -> CompiledModel:
    """Lower a project, print it and execute the text.

    Raises:
        LoomError: The drawing has errors.
    """
    check_trusted(project.graph, project.name)
    return compile_plan(project_plan(project, find_here))


def compile_plan(plan: Plan) -> CompiledModel:
    """Print a plan and execute the text.

    Raises:
        TrustError: It holds code that the person does not trust.
    """
    check_texts(plan.code, plan.name)
    source = write_source(plan)
    filename = f"<layerloom-{next(_numbers)}>"
    linecache.cache[filename] = (
        len(source.text),
        None,
        source.text.splitlines(keepends=True),
        filename,
    )
    module = types.ModuleType(re.sub(r"\W", "_", filename.strip("<>")))
    code = compile(source.text, filename, "exec")
    exec(code, module.__dict__)
    model = getattr(module, source.class_name)()
    return CompiledModel(plan, source, model, filename, module.__dict__)
