"""A network that branches, trained a little, and made larger."""

import torch
from builders import Drawing, a_project, node_named
from training_runs import with_graph

from engine.compile.module import CompiledModel, compile_project
from engine.graph.edits import set_params
from engine.project.project import Project
from engine.training.carrying import Carried, carry_weights


def a_branching_network() -> Project:
    """Return convolutions with normalisation, pooling, a skip and a concatenation."""
    drawing = Drawing()
    digits = drawing.add("Data")
    first = drawing.add("Conv2d", after=digits, out_channels=4, activation="ReLU")
    norm = drawing.add("BatchNorm2d", after=first)
    pool = drawing.add("MaxPool2d", after=norm)
    gelu = drawing.add("GELU", after=pool)
    second = drawing.add("Conv2d", after=gelu, out_channels=4)
    add = drawing.add("Add", after=second)
    drawing.wire(gelu, add)
    both = drawing.add("Concat", after=add)
    drawing.wire(gelu, both)
    flat = drawing.add("Flatten", after=both)
    linear = drawing.add("Linear", after=flat, out_features=12, activation="Tanh")
    scores = drawing.add("Linear", after=linear, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=scores)
    drawing.wire((digits, "label"), loss, "target")
    return a_project(drawing.graph)


def with_sizes(project: Project, **sizes: dict[str, int]) -> Project:
    graph = project.graph
    for name, params in sizes.items():
        graph = set_params(graph, node_named(graph, name), params)
    return with_graph(project, graph)


def trained(project: Project) -> CompiledModel:
    """Return a model whose statistics are not those that it begins with."""
    torch.manual_seed(0)
    compiled = compile_project(project)
    compiled.module.train()
    for _ in range(3):
        compiled.outputs(a_batch())
    compiled.module.eval()
    return compiled


def a_batch() -> dict[str, torch.Tensor]:
    return {"image": torch.rand(8, 1, 28, 28), "label": torch.arange(8)}


def carried(one: CompiledModel, project: Project) -> tuple[CompiledModel, Carried]:
    other = compile_project(project)
    found = carry_weights(one, other)
    other.module.eval()
    return other, found
