"""The models that are trained: each drawn once, so that everybody trains the very same module."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from builders import Drawing, a_project, node_named
from torch import Tensor

from engine.compile.module import compile_project
from engine.data.shipped import SHIPPED
from engine.graph.edits import set_params
from engine.graph.elements import Graph
from engine.project.project import Project
from engine.training.material import gather

LEARNING_RATE = 1e-3


@dataclass(frozen=True)
class Task:
    """A model, its data as tensors, and how many samples make a step."""

    name: str
    project: Project
    inputs: Tensor
    targets: Tensor
    batch: int

    def module(self) -> torch.nn.Module:
        """Make the model anew."""
        return compile_project(self.project).module.train()


def an_mlp() -> Graph:
    """Draw 784-256-128-10."""
    drawing = Drawing()
    digits = drawing.add("Data")
    last = drawing.add("Flatten", after=digits)
    for width in (256, 128):
        last = drawing.add("Linear", after=last, out_features=width, activation="ReLU")
    last = drawing.add("Linear", after=last, out_features=10)
    return _judged(drawing, digits, last, "label")


def a_lenet() -> Graph:
    """Draw LeNet-5 with ReLU and maximum pooling."""
    drawing = Drawing()
    digits = last = drawing.add("Data")
    for channels, padding in ((6, 2), (16, 0)):
        last = drawing.add(
            "Conv2d",
            after=last,
            out_channels=channels,
            kernel_size=5,
            padding=padding,
            activation="ReLU",
        )
        last = drawing.add("MaxPool2d", after=last)
    last = drawing.add("Flatten", after=last)
    for width in (120, 84):
        last = drawing.add("Linear", after=last, out_features=width, activation="ReLU")
    last = drawing.add("Linear", after=last, out_features=10)
    return _judged(drawing, digits, last, "label")


def a_gpt() -> Graph:
    """Draw two causal transformer layers of 64 features over passages of 128 letters."""
    fields = SHIPPED["pride"].spec.fields
    plain = [
        {"name": f.name, "kind": f.kind, "sizes": f.sizes, "dtype": f.dtype, "classes": 77}
        for f in fields
    ]
    drawing = Drawing()
    text = drawing.add("Data", dataset="pride", fields=plain, split_by="order")
    letters = drawing.add("Embedding", after=(text, "text"), num_embeddings=77, embedding_dim=64)
    places = drawing.add("Positions", after=(text, "text"))
    where = drawing.add("Embedding", after=places, num_embeddings=128, embedding_dim=64)
    last = drawing.add("Add", after=letters)
    drawing.wire(where, last)
    last = drawing.add(
        "TransformerEncoder", after=last, num_layers=2, dropout=0.0, causal=True, norm_first=True
    )
    last = drawing.add("Linear", after=last, out_features=77)
    last = drawing.add("Transpose", after=last)
    return _judged(drawing, text, last, "next")


MODELS: dict[str, tuple[Callable[[], Graph], int]] = {
    "mlp 64": (an_mlp, 64),
    "mlp 512": (an_mlp, 512),
    "lenet 128": (a_lenet, 128),
    "gpt 32": (a_gpt, 32),
}


def task(name: str) -> Task:
    """Return one of the models with its data."""
    draw, batch = MODELS[name]
    # What the other loops do not do is left out.
    graph = draw()
    graph = set_params(graph, node_named(graph, "data"), {"validation_share": 0.0})
    project = a_project(graph, epochs=100_000, batch_size=batch, learning_rate=LEARNING_RATE)
    plan = compile_project(project).plan
    feed = gather(plan, torch.device("cpu"), 0).training
    samples = next(feed.batches(np.arange(feed.samples), feed.samples))
    return Task(name, project, samples[plan.inputs[0]], samples[plan.targets[0]], batch)


def _judged(drawing: Drawing, data: object, last: object, target: str) -> Graph:
    loss = drawing.add("CrossEntropyLoss", after=last)  # type: ignore[arg-type]
    drawing.wire((data, target), loss, "target")  # type: ignore[arg-type]
    return drawing.graph
