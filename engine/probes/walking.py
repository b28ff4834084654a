"""Walking through what a layer puts out: a point of its map becomes what the rest draws from it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.compile.module import CompiledModel
from engine.compile.plan import Plan, Step
from engine.compile.stepper import run_from
from engine.graph.elements import End, NodeId
from engine.probes.mapping import Floats, Gathered

_COLOURS: Final = (1, 3)


@dataclass(frozen=True, slots=True)
class Plane:
    """The plane through the outputs of a layer that its map shows.

    Shapes:
        middle: (F,)
        axes: (F, 2)
    """

    node: NodeId
    middle: Floats
    axes: Floats

    def values_at(self, x: float, y: float) -> Floats:
        """Return the outputs that a point of the map stands for.

        Shapes:
            out: (F,)
        """
        values: Floats = self.middle + self.axes @ np.array([x, y], np.float32)
        return values


def plane_of(layer: Step, found: Gathered, points: npt.NDArray[np.float32]) -> Plane:
    """Return the plane that the points of a map lie in.

    Shapes:
        points: (N, 2)
    """
    middle = found.values.mean(0, dtype=np.float64)
    lengths = (points.astype(np.float64) ** 2).sum(0)
    axes = (found.values - middle).T @ (points / np.where(lengths > 0, lengths, 1))
    return Plane(layer.node, middle.astype(np.float32), axes.astype(np.float32))


def draws_from(plan: Plan, layer: Step) -> bool:
    """Say whether a layer is all that a picture, the first output of the model, is drawn from."""
    picture = plan.types[plan.outputs[0]].sizes[1:]
    if len(picture) != 3 or picture[0] not in _COLOURS or len(layer.outputs) != 1:
        return False
    if plan.types[End(layer.node, layer.outputs[0])].rank != 2:
        return False
    past = set(plan.fields)
    for step in plan.steps:
        ends = {end for many in step.inputs.values() for end in many}
        if step.node != layer.node and ends & past:
            past.update(End(step.node, port) for port in step.outputs)
    before = any(end in past for ends in layer.inputs.values() for end in ends)
    return before and plan.outputs[0] not in past


def drawn_at(compiled: CompiledModel, plane: Plane, x: float, y: float) -> Tensor:
    """Return what the model draws from a point; its modules are in evaluation mode.

    Shapes:
        out: (C, H, W)
    """
    device = next(compiled.module.parameters()).device
    values = torch.from_numpy(plane.values_at(x, y)).to(device)
    return run_from(compiled, plane.node, values[None])[0][0]
