"""Small projects and runs to look into, evaluate and take away."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import torch

from engine.analysis.free_sizes import with_free_sizes
from engine.compile.module import CompiledModel, compile_project
from engine.data.builtin import open_data_set
from engine.evaluate.loading import LoadedRun, load_run
from engine.graph.edits import add_node, connect, make_node
from engine.graph.elements import End, Graph, NodeId
from engine.project.files import save
from engine.project.project import Project
from engine.training.checkpoints import Place, SavedState, Snapshot, save_checkpoint
from nodes.catalogue import LAYERS


class Drawing:
    """A graph under construction, in which nodes are called by their names."""

    def __init__(self) -> None:
        self.graph = Graph()

    def put(self, kind: str, name: str, /, *sources: str, **params: Any) -> str:
        """Put a node behind others, each given as ``name`` or ``name.port``, in port order."""
        node = make_node(self.graph, kind, params=params, name=name)
        self.graph = add_node(self.graph, node)
        ports = LAYERS[kind].info.inputs
        for place, source in enumerate(sources):
            port = ports[0] if ports[0].many else ports[place]
            self.graph = connect(self.graph, self._end(source), End(node.id, port.name))
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


def what_reads_images_of_any_size() -> Project:
    """Return what reads an image place by place: any number of them."""
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("ImageToSequence", "steps", "data.image")
    drawing.put("LSTM", "lstm", "steps", hidden_size=4)
    drawing.put("Mean", "mean", "lstm", dims=[1])
    drawing.put("Linear", "scores", "mean", out_features=10)
    drawing.put("CrossEntropyLoss", "loss", "scores", "data.label")
    return with_any_size(drawing.project("Any size"))


def with_any_size(project: Project) -> Project:
    """Return the project with any height and width of its images."""
    data = next(node.id for node in project.graph.nodes.values() if node.kind == "Data")
    graph = with_free_sizes(project.graph, data, ("H", "W"), 1)
    return msgspec.structs.replace(project, graph=graph)


def a_translator() -> Project:
    """Return an encoder and a decoder for dates."""
    spec = open_data_set("dates").spec
    fields = [
        {"name": field.name, "kind": "tokens", "sizes": list(field.sizes), "classes": field.classes}
        for field in spec.fields
    ]
    drawing = Drawing()
    share = {"validation_share": 0.02, "test_share": 0.9}
    drawing.put(
        "Data", "data", dataset="dates", fields=[{**f, "dtype": "int"} for f in fields], **share
    )
    drawing.put("Embedding", "letters", "data.written", embedding_dim=4)
    drawing.put("GRU", "encoder", "letters", hidden_size=8)
    drawing.put("Embedding", "answered", "data.so_far", embedding_dim=4)
    drawing.put("GRU", "decoder", "answered", "encoder.h", hidden_size=8)
    drawing.put("Linear", "linear", "decoder", out_features=13)
    drawing.put("Transpose", "scores", "linear")
    drawing.put("CrossEntropyLoss", "loss", "scores", "data.date")
    return drawing.project("Dates")


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


def a_plain_run(folder: Path, data_set: str, **data: Any) -> LoadedRun:
    """Return an untrained network on the first field, compared with the last one."""
    spec = open_data_set(data_set).spec
    first, last = spec.fields[0], spec.fields[-1]
    drawing = Drawing()
    fields = msgspec.to_builtins(spec.fields)
    split = {"split_by": spec.split_by, **data}
    drawing.put("Data", "data", dataset=data_set, fields=fields, **split)
    drawing.put("Flatten", "flatten", f"data.{first.name}")
    drawing.put("Linear", "scores", "flatten", out_features=last.classes or 1)
    loss = "CrossEntropyLoss" if last.classes else "MSELoss"
    drawing.put(loss, "loss", "scores", f"data.{last.name}")
    return load_run(save_run(folder / data_set, drawing.project(data_set)))


def node_id(project: Project, name: str) -> NodeId:
    """Return the id of the node called ``name``."""
    node = project.graph.named(name)
    assert node is not None
    return node.id
