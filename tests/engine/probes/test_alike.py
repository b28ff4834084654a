"""Which samples are most alike, judged by hooks on a plain module and distances one by one."""

import math
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from small_runs import Drawing, a_small_cnn, compiled, node_id
from torch import Tensor

from engine.compile.module import CompiledModel
from engine.data.loading import MemoryFeed
from engine.probes.alike import SHOWN, AlikeFinder
from engine.project.project import Project
from engine.training.alike import AlikeFound
from engine.training.insight import Subject

PROJECT = a_small_cnn()
NAMES = tuple("abcdefghij")


def some_samples(count: int = 40) -> dict[str, Tensor]:
    images = torch.rand(count, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    return {"image": images, "label": torch.arange(count) % 10}


def an_input() -> Tensor:
    return torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(1))


def a_model() -> CompiledModel:
    model = compiled(PROJECT)
    model.module.eval()
    return model


def find(
    model: CompiledModel,
    node: str,
    given: Tensor,
    *,
    finder: AlikeFinder,
    place: int | None = None,
    project: Project = PROJECT,
) -> AlikeFound:
    spec = SimpleNamespace(preparations={})
    feed = MemoryFeed(some_samples(), 40)
    material: Any = SimpleNamespace(validation=feed, class_names=NAMES, spec=spec)
    subject = Subject(key="drawn", place=place)
    chosen = model.plan.step_of(node_id(project, node)) if node else None
    with torch.no_grad():
        told = finder.find(model, material, chosen, subject, {"image": given}, (7, 1.5))
    assert told is not None
    return told


def by_hand(model: CompiledModel, submodule: str, given: Tensor, *, relu: bool) -> list[float]:
    """Return the distance of each sample, each computed alone with nothing but ``math``."""
    seen: list[list[float]] = []

    def note(_module: object, _inputs: object, out: Tensor) -> None:
        out = out.relu() if relu else out
        seen.append(out.detach().flatten()[:: math.ceil(out[0].numel() / 1024)].tolist())

    handle = model.module.get_submodule(submodule).register_forward_hook(note)
    for image in (given, *some_samples()["image"].split(1)):
        model.module(image)
    handle.remove()
    own, *others = seen
    return [
        1
        - sum(a * b for a, b in zip(own, other, strict=True))
        / (math.hypot(*own) * math.hypot(*other))
        for other in others
    ]


@pytest.mark.parametrize(("node", "relu"), [("first", True), ("scores", False)])
def test_the_nearest_samples_are_those_at_the_least_distance_by_hand(node: str, relu: bool) -> None:
    model = a_model()
    distances = by_hand(model, node, an_input(), relu=relu)

    told = find(model, node, an_input(), finder=AlikeFinder())

    order = sorted(range(40), key=distances.__getitem__)[:SHOWN]
    assert told.places == tuple(order)
    assert told.distances == pytest.approx([distances[place] for place in order], abs=1e-5)
    assert told.labels == tuple(NAMES[place % 10] for place in order)
    assert len(told.pixels) == SHOWN * 28 * 28 and not told.texts
    assert (told.step, told.epoch) == (7, 1.5)


def test_a_sample_is_not_among_its_own_neighbours() -> None:
    given = some_samples()["image"][3:4]

    drawn = find(a_model(), "first", given, finder=AlikeFinder())
    kept_aside = find(a_model(), "first", given, finder=AlikeFinder(), place=3)

    assert drawn.places[0] == 3 and drawn.distances[0] == pytest.approx(0, abs=1e-5)
    assert 3 not in kept_aside.places and len(kept_aside.places) == SHOWN


def test_other_weights_have_other_neighbours_although_outputs_are_kept() -> None:
    model, finder = a_model(), AlikeFinder()
    find(model, "scores", an_input(), finder=finder)
    with torch.no_grad():
        torch.nn.init.normal_(model.module.get_parameter("first.weight"))
    distances = by_hand(model, "scores", an_input(), relu=False)

    told = find(model, "scores", an_input(), finder=finder)

    assert told.distances == pytest.approx(sorted(distances)[:SHOWN], abs=1e-5)


def test_the_last_layer_is_taken_where_none_is_chosen() -> None:
    told = find(a_model(), "", an_input(), finder=AlikeFinder())

    assert told.node == node_id(PROJECT, "scores") and not told.by_difference


def find_in_answers(size: int, *, chosen: bool = False) -> tuple[AlikeFound, Drawing, list[float]]:
    """Return what is found where the last layer gives so few numbers, and its first by hand."""
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("Flatten", "flatten", "data.image")
    drawing.put("Linear", "hidden", "flatten", out_features=6)
    drawing.put("Linear", "answer", "hidden", out_features=size)
    drawing.put("Linear", "target", "flatten", out_features=size)
    drawing.put("MSELoss", "loss", "answer", "target")
    project = drawing.project("Few numbers")
    model = compiled(project)
    model.module.eval()
    told = find(
        model, "answer" if chosen else "", an_input(), finder=AlikeFinder(), project=project
    )
    seen: list[float] = []
    handle = model.module.get_submodule("answer").register_forward_hook(
        lambda _module, _inputs, out: seen.append(float(out[0, 0].detach()))
    )
    for image in (an_input(), *some_samples()["image"].split(1)):
        model.module(image)
    handle.remove()
    return told, drawing, seen


@pytest.mark.parametrize("size", [1, 2])
def test_one_or_two_numbers_do_not_tell_samples_apart_unless_they_are_chosen(size: int) -> None:
    told, drawing, _ = find_in_answers(size)
    chosen, other, _ = find_in_answers(size, chosen=True)

    assert told.node == node_id(drawing.project(""), "hidden")
    assert chosen.node == node_id(other.project(""), "answer")


def test_in_one_number_the_distance_is_the_difference() -> None:
    told, _, (own, *others) = find_in_answers(1, chosen=True)

    assert told.by_difference
    assert told.distances == pytest.approx(
        sorted(abs(other - own) for other in others)[:SHOWN], abs=1e-6
    )
