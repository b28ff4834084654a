"""Blocks: composites that are kept apart from projects, to be used in any of them.

A block is a file like a project's whose drawing is one use of a composite. Those that come with
Layerloom lie among its resources, a person's own in a folder of theirs.
"""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
import platformdirs
from msgspec.structs import replace

from engine.graph.adopting import adopt_with_code
from engine.graph.composites import COMPOSITE, at, make_use, reached_from
from engine.graph.edits import add_node
from engine.graph.elements import Definition, Formula, Graph, Node, NodeId, NodePath
from engine.graph.names import identifier
from engine.graph.own_layers import make_own_layer, used_code
from engine.project.files import SUFFIX, load, save
from engine.project.project import Project
from nodes.errors import LoomError, ProjectError
from nodes.own_layer import OWN_LAYER, own_kind, own_kind_or_none
from resources import path

_READY: Final = (
    "residual-block",
    "residual-block-down",
    "bottleneck",
    "bottleneck-down",
    "inverted-residual",
    "inverted-residual-down",
    "squeeze-excite",
    "dense-layer",
    "dense-transition",
    "inception-module",
    "double-convolution",
    "unet-level-down",
    "unet-level-up",
    "temporal-block",
    "transformer-block",
    "transformer-block-post-norm",
    "gpt-block",
    "gated-mlp",
)


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A composite, or a layer of one's own, to be used in any project."""

    use: Node
    """How it is used when it is added: its definition, and parameters where they differ."""

    definitions: Mapping[str, Definition]
    """Its own, and those that it uses."""

    code: Mapping[str, str] = {}
    """Of layers that a person wrote, where it has some inside."""

    file: Path = Path()
    """Nothing where it is of a drawing, and in no file of its own."""

    is_ready_made: bool = False
    """It came with Layerloom."""

    is_drawn: bool = False
    """The drawing that is open has it; a use more follows the same definition."""

    @property
    def name(self) -> str:
        """What people call it."""
        return self.use.definition if self.is_layer else self._definition.name

    @property
    def summary(self) -> str:
        """What it is for."""
        if self.is_layer:
            return own_kind(self.code[self.use.definition]).info.summary
        return self._definition.summary

    @property
    def other_names(self) -> str:
        """What else it is looked for by: its file or its package, and their words."""
        name = self.file.name.removesuffix(".py").removesuffix(".loom")
        return f"{name} {name.replace('-', ' ').replace('_', ' ')}"

    @property
    def is_layer(self) -> bool:
        """Whether it is a layer in Python, and no composite."""
        return self.use.kind == OWN_LAYER

    @property
    def _definition(self) -> Definition:
        return self.definitions[self.use.definition]


class Blocks(msgspec.Struct, frozen=True):
    """The blocks of a folder, and why some files could not be read."""

    blocks: tuple[Block, ...] = ()
    problems: tuple[LoomError, ...] = ()


def blocks_folder() -> Path:
    """Return where a person's own blocks lie."""
    return platformdirs.user_data_path("layerloom", appauthor=False) / "blocks"


@functools.cache
def ready_made_blocks() -> tuple[Block, ...]:
    """Return the blocks that come with Layerloom, in the order of a library."""
    files = (path("blocks", f"{key}{SUFFIX}") for key in _READY)
    return tuple(replace(load_block(file), is_ready_made=True) for file in files)


def load_blocks(folder: Path | None = None) -> Blocks:
    """Read a person's own blocks, by name; files that are damaged are told, not raised.

    Args:
        folder: Where they lie; where they always do if None.
    """
    blocks: list[Block] = []
    problems: list[LoomError] = []
    place = folder or blocks_folder()
    for file in sorted(place.glob(f"*{SUFFIX}")) if place.is_dir() else ():
        try:
            blocks.append(load_block(file))
        except LoomError as error:
            problems.append(error)
    return Blocks(tuple(sorted(blocks, key=lambda block: block.name.casefold())), tuple(problems))


def drawn_blocks(model: Graph, path: NodePath = ()) -> tuple[Block, ...]:
    """Return what a drawing has of its own and may use once more: composites, then layers.

    Args:
        path: The composites that are entered: what has one of them inside cannot stand there.
    """
    entered = {at(model, path[:depth]).nodes[node].definition for depth, node in enumerate(path)}
    reached = {key: reached_from(model.definitions, (key,)) for key in model.definitions}
    composites = [
        Block(
            use=Node(id=NodeId(key), kind=COMPOSITE, name=identifier(key), definition=key),
            definitions={other: model.definitions[other] for other in uses},
            code=model.code,
            is_drawn=True,
        )
        for key, uses in reached.items()
        if entered.isdisjoint(uses)
    ]
    layers = [
        Block(
            use=Node(id=NodeId(name), kind=OWN_LAYER, name=identifier(name), definition=name),
            definitions={},
            code={name: text},
            is_drawn=True,
        )
        for name, text in model.code.items()
        if own_kind_or_none(model.code, name) is not None
    ]
    return (*composites, *layers)


def load_block(file: Path) -> Block:
    """Read one block.

    Raises:
        ProjectError: The file cannot be read, or it holds no block.
    """
    graph = load(file).project.graph
    uses = list(graph.nodes.values())
    if len(uses) != 1 or uses[0].kind != COMPOSITE or uses[0].definition not in graph.definitions:
        raise ProjectError(
            "This is no block",
            why="The drawing of a block is one composite and nothing else.",
            where=str(file),
            hint="Open it as a project, or remove it from the folder of blocks.",
        )
    return Block(use=uses[0], definitions=graph.definitions, code=graph.code, file=file)


def save_block(graph: Graph, node_id: NodeId, folder: Path | None = None) -> Block:
    """Keep a composite of a drawing as a block; it takes the place of one of the same name.

    Raises:
        ProjectError: The node is no composite, or the file cannot be written.
    """
    node = graph.nodes[node_id]
    definition = graph.definitions.get(node.definition) if node.kind == COMPOSITE else None
    if definition is None:
        raise ProjectError(
            "Only composites can be kept as blocks",
            why=f"“{node.title or node.name}” has nothing inside.",
            hint="Make a composite of it first.",
        )
    keys = reached_from(graph.definitions, (node.definition,))
    use = Node(
        id=node.id,
        kind=COMPOSITE,
        name=identifier(definition.name),
        definition=node.definition,
        # A formula means nothing without what is around it.
        params={
            name: value for name, value in node.params.items() if not isinstance(value, Formula)
        },
    )
    definitions = {key: graph.definitions[key] for key in keys}
    file = _file_for(definition.name, folder or blocks_folder())
    part = Graph(nodes={use.id: use}, definitions=definitions)
    code = {name: graph.code[name] for name in used_code(part) if name in graph.code}
    save(file, Project(name=definition.name, graph=replace(part, code=code)))
    return Block(use=use, definitions=definitions, code=code, file=file)


def insert_block(graph: Graph, block: Block, position: tuple[float, float]) -> tuple[Graph, NodeId]:
    """Put a use of a block on a drawing, with the definitions that it needs."""
    graph, keys, names = adopt_with_code(graph, block.definitions, block.code)
    if block.is_layer:
        layer = make_own_layer(graph, names[block.use.definition], position=position)
        return add_node(graph, layer), layer.id
    key = keys[block.use.definition]
    made = make_use(graph, key, params=block.use.params, position=position)
    return add_node(graph, made), made.id


def _file_for(name: str, folder: Path) -> Path:
    """Return the file of a block: the one that has its name, else a free one."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProjectError(
            "The folder of blocks cannot be made",
            why=f"{error.strerror or error}.",
            where=str(folder),
            hint="Free the place, or change its permissions.",
        ) from error
    stem = identifier(name, fallback="block")
    number = 1
    while True:
        file = folder / f"{stem if number == 1 else f'{stem}_{number}'}{SUFFIX}"
        if not file.exists() or _name_of(file) == name:
            return file
        number += 1


def _name_of(file: Path) -> str:
    try:
        return load_block(file).name
    except LoomError:
        return ""
