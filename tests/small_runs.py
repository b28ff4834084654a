"""Small projects and runs to look into, evaluate and take away."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from engine.compile.module import CompiledModel, compile_project
from engine.graph.edits import add_node, connect, make_node
from engine.graph.elements import End, Graph, NodeId
from engine.project.files import save
from engine.project.project import Project
from engine.training.checkpoints import Place, SavedState, Snapshot, save_checkpoint


class Drawing:
    """A graph under construction, in which nodes are called by their names."""

    def __init__(self) -> None:
        self.graph = Graph()

    def put(self, kind: str, name: str, /, *sources: str, **params: Any) -> str:
        """Put a node behind others, each given as ``name`` or ``name.port``, in port order."""
        node = make_node(self.graph, kind, params=params, name=name)
        self.graph = add_node(self.graph, node)
        ports = ("x", "target") if kind.endswith("Loss") else ("x",) * len(sources)
        for source, port in zip(sources, ports, strict=True):
            self.graph = connect(self.graph, self._end(source), End(node.id, port))
        return node.name

    def project(self, name: str) -> Project:
        """Return what was drawn."""
        return Project(name=name, graph=self.graph)

    def _end(self, source: str) -> End:
        name, _, port = source.partition(".")
        node = self.graph.named(name)
        assert node is not None
        return End(node.id, port or "y")


def a_small_cnn(name: str = "Small digits", data: Mapping[str, Any] | None = None) -> Project:
    """Return a residual network for digits with about 8,000 weights."""
    drawing = Drawing()
    drawing.put("Data", "data", **(data or {}))
    drawing.put("Conv2d", "first", "data.image", out_channels=4, kernel_size=3, activation="ReLU")
    drawing.put("MaxPool2d", "pool", "first")
    drawing.put("Conv2d", "second", "pool", out_channels=4, kernel_size=3)
    drawing.put("Add", "add", "pool", "second")
    drawing.put("Flatten", "flatten", "add")
    drawing.put("Linear", "scores", "flatten", out_features=10)
    drawing.put("CrossEntropyLoss", "loss", "scores", "data.label")
    return drawing.project(name)


def compiled(project: Project, seed: int = 0) -> CompiledModel:
    """Return the project's model with weights that depend on the seed only."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return compile_project(project)


def save_run(folder: Path, project: Project, model: CompiledModel | None = None) -> Path:
    """Write a run as the trainer leaves it: the project and its best and last weights."""
    model = model or compiled(project)
    folder.mkdir(parents=True)
    save(folder / "project.loom", project)
    snapshot = Snapshot(
        weights=model.module.state_dict(),
        optimizer={},
        state=SavedState(place=Place(), random={}),
    )
    for name in ("best", "last"):
        save_checkpoint(folder / "checkpoints", name, snapshot)
    return folder


def node_id(project: Project, name: str) -> NodeId:
    """Return the id of the node called ``name``."""
    node = project.graph.named(name)
    assert node is not None
    return node.id
