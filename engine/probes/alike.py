"""The validation samples whose outputs of a layer are nearest to those of an input."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import torch
from torch import Tensor

from engine.compile.module import CompiledModel
from engine.compile.plan import Step
from engine.compile.stepper import run_at_any_depth
from engine.data.meaning import main_meaning
from engine.graph.elements import End
from engine.probes.mapping import Floats, Gathered, gather_outputs, in_even_steps
from engine.probes.samples_shown import samples_shown
from engine.training.alike import AlikeFound
from engine.training.insight import Subject
from engine.training.material import Material
from engine.training.waiting import Reached, to_the_end

SHOWN: Final = 12
_TELLING: Final = 3


class AlikeFinder:
    """Keeps what the layers put out for the validation samples until the weights are others."""

    def __init__(self) -> None:
        self._model: CompiledModel | None = None
        self._state = torch.empty(0)
        self._known: dict[str, Gathered | None] = {}

    def find(
        self,
        compiled: CompiledModel,
        material: Material,
        chosen: Step | None,
        subject: Subject,
        inputs: Mapping[str, Tensor],
        where: tuple[int, float],
        reached: Reached = to_the_end,
    ) -> AlikeFound | None:
        """Rank the samples by how far their outputs of a layer are from those of one input.

        The measure is that of the neighbours in the map of a layer. A validation sample is not
        among its own neighbours. The model is in evaluation mode.

        Args:
            chosen: The layer; where it has no place for each sample, the last one that has and
                puts out more than two values stands in: one or two hardly tell samples apart.
            inputs: The subject as the model takes it, each (1, *sizes).
            where: Step and epoch.
            reached: Told between two batches how many samples are done.

        Returns:
            The nearest first; None where no layer has a place for each sample.

        Raises:
            GivenUpError: Nobody waits for it any more.
        """
        taken = self._taken(compiled, material, chosen, reached)
        if taken is None:
            return None
        layer, gathered = taken
        found = run_at_any_depth(compiled, inputs, {layer.node})
        distances = distances_to(found[End(layer.node, layer.outputs[0])], gathered)
        distances[gathered.places == subject.place] = np.inf
        return _told(compiled, material, layer, gathered, distances, subject, where)

    def _taken(
        self,
        compiled: CompiledModel,
        material: Material,
        chosen: Step | None,
        reached: Reached,
    ) -> tuple[Step, Gathered] | None:
        """Return the chosen layer, else the last that tells samples apart, else the answer."""
        answer = _last_layer(compiled)
        for layer, fewest in (
            *(((chosen, 1),) if chosen is not None else ()),
            *((layer, _TELLING) for layer in _backwards_from(answer, compiled)),
            (answer, 1),
        ):
            gathered = self._gathered(compiled, material, layer, reached)
            if gathered is not None and gathered.features >= fewest:
                return layer, gathered
        return None

    def _gathered(
        self, compiled: CompiledModel, material: Material, layer: Step, reached: Reached
    ) -> Gathered | None:
        state = _state_of(compiled)
        if compiled is not self._model or not torch.equal(state, self._state):
            self._model, self._state = compiled, state
            self._known.clear()
        if layer.node not in self._known:
            meaning = main_meaning(compiled.plan)
            self._known[layer.node] = gather_outputs(
                compiled, layer, material.validation, meaning, reached=reached
            )
        return self._known[layer.node]


def distances_to(outputs: Tensor, gathered: Gathered) -> Floats:
    """Return 1 − cosine between one input and each sample; 1 where either is all zeros.

    One number has no direction but a sign: there it is how far apart the two are.

    Shapes:
        outputs: (1, ...), of the layer for the input
        out: (N,)
    """
    own = np.nan_to_num(in_even_steps(outputs.reshape(1, -1)).float().cpu().numpy()[0])
    if gathered.features == 1:
        return np.asarray(np.abs(gathered.values[:, 0] - own[0]), np.float32)
    lengths = np.linalg.norm(gathered.values, axis=1) * np.linalg.norm(own)
    alike = gathered.values @ own / np.where(lengths > 0, lengths, 1)
    return np.asarray(1 - alike, np.float32).clip(0, 2)


def _told(
    compiled: CompiledModel,
    material: Material,
    layer: Step,
    gathered: Gathered,
    distances: Floats,
    subject: Subject,
    where: tuple[int, float],
) -> AlikeFound:
    order = np.argsort(distances, kind="stable")[:SHOWN]
    order = order[np.isfinite(distances[order])]
    places = gathered.places[order]
    labels, looks = samples_shown(compiled, material, main_meaning(compiled.plan), places)
    return AlikeFound(
        subject=subject.key,
        node=layer.node,
        name=layer.name,
        step=where[0],
        epoch=where[1],
        places=tuple(places.tolist()),
        distances=tuple(distances[order].tolist()),
        by_difference=gathered.features == 1,
        labels=labels,
        texts=looks.texts,
        sample_shape=looks.shape,
        pixels=looks.pixels,
    )


def _last_layer(compiled: CompiledModel) -> Step:
    """Return the layer that gives the main answer."""
    meaning = main_meaning(compiled.plan)
    end = compiled.plan.outputs[meaning.output if meaning is not None else 0]
    layer = compiled.plan.step_of(end.node)
    assert layer is not None, "an output of the model comes from one of its layers"
    return layer


def _backwards_from(answer: Step, compiled: CompiledModel) -> Iterator[Step]:
    """Yield the layer that gives the answer, then those before it."""
    steps = compiled.plan.steps
    return reversed(steps[: steps.index(answer) + 1])


def _state_of(compiled: CompiledModel) -> Tensor:
    """Return what differs between the weights of two moments, and what layers remember."""
    state = compiled.module.state_dict().values()
    return torch.stack([values.double().sum().cpu() for values in state])
