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

from engine.compile.plan import Plan, project_plan
from engine.compile.source import Source, write_source
from engine.graph.elements import NodeId
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

    def node_of(self, error: BaseException) -> NodeId | None:
        """Return the node whose line raised an error, where the traceback leads to one."""
        found = None
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self.filename:
                found = self.source.lines.get(trace.tb_lineno, found)
            trace = trace.tb_next
        return found

    def module_of(self, node: NodeId) -> nn.Module | None:
        """Return the module of a node; layers without weights may have none."""
        step = self.plan.step_of(node)
        if step is None or step.lowering.module is None:
            return None
        return getattr(self.module, step.name, None)


def compile_project(project: Project) -> CompiledModel:
    """Lower a project, print it and execute the text.

    Raises:
        LoomError: The drawing has errors.
    """
    return compile_plan(project_plan(project))


def compile_plan(plan: Plan) -> CompiledModel:
    """Print a plan and execute the text."""
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
