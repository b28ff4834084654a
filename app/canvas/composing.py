"""Composites made, dissolved and repeated on the canvas."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from msgspec.structs import replace

from app.canvas.growing import closed_up, parted
from app.canvas.words import layers_text, title_of
from app.dialogs.blocks import may_replace
from engine.graph.composing import make_composite
from engine.graph.composites import composites_in, definition_of
from engine.graph.definitions import rename_definition
from engine.graph.dissolving import dissolve
from engine.graph.edits import change_node
from engine.graph.elements import Formula, Graph, NodeId, Value
from engine.graph.expressions import evaluate
from engine.graph.names import identifier, unique
from engine.graph.sharing import set_repeat
from engine.project.blocks import load_blocks, save_block
from nodes.errors import LoomError

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

_NEW = "Composite"


def _name_for(graph: Graph, nodes: Collection[NodeId]) -> str:
    """Return the title of the frame around exactly these layers, if there is one."""
    titles = (frame.title for frame in graph.frames if set(frame.nodes) == set(nodes))
    return next(titles, "") or _NEW


class Composing:
    """What can be asked of composites and repeats."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view

    def make(self) -> None:
        """Put the selected layers into a composite and ask for its name."""
        document = self._view.document
        nodes, around = document.selection, document.definition
        if not nodes:
            self._view.tell("Select the layers that the composite is to hold")
            return
        made: list[NodeId] = []

        def change(graph: Graph) -> Graph:
            parameters = around.parameters if around is not None else None
            name = _name_for(graph, nodes)
            after, use = make_composite(graph, nodes, name, parameters=parameters)
            made.append(use)
            return closed_up(graph, after, use)

        label = f"Make composite of {layers_text(document, nodes)}"
        if document.edit(label, change):
            document.select(made)
            self._view.open_composite_name(made[0])

    def rename(self, node: NodeId, name: str) -> None:
        """Give the definition of a composite another name; the use is called after it."""
        document = self._view.document
        found = document.graph.nodes.get(node)
        if found is None or not name.strip():
            return
        key = found.definition

        def change(graph: Graph) -> Graph:
            if graph.definitions[key].name == name.strip():
                return graph
            taken = {other.name for other in graph.nodes.values() if other.id != node}
            renamed = replace(graph.nodes[node], name=unique(identifier(name), taken))
            return change_node(rename_definition(graph, key, name), renamed)

        document.edit(f"Rename {title_of(document, node)}", change)

    def dissolve(self) -> bool:
        """Put what is inside of the selected composites in their place; say whether any was."""
        document = self._view.document
        chosen = [node for node in document.graph.nodes.values() if node.id in document.selection]
        composites = [node.id for node in composites_in(chosen)]
        if not composites:
            return False
        out: list[NodeId] = []

        def change(graph: Graph) -> Graph:
            for node in composites:
                after, freed = dissolve(graph, node)
                graph = parted(graph, after, node)
                out.extend(freed)
            return graph

        if document.edit(f"Dissolve {layers_text(document, composites)}", change):
            document.select(out)
        return True

    def save_block(self) -> None:
        """Keep the selected composite in the library, for any project."""
        document = self._view.document
        if len(document.selection) != 1:
            self._view.tell("Select a composite to keep it as a block")
            return
        (node,) = document.selection
        self._keep(document.graph, node)

    def keep(self, nodes: Collection[NodeId]) -> None:
        """Keep layers in the library as a block; the drawing stays as it is."""
        document = self._view.document
        graph, chosen = document.graph, [document.graph.nodes[node] for node in nodes]
        if len(chosen) == 1 and definition_of(graph, chosen[0]) is not None:
            self._keep(graph, chosen[0].id)
            return
        around = document.definition
        parameters = around.parameters if around is not None else None
        frame = self._view.framing.selected()
        name = frame.title if frame is not None else title_of(document, chosen[0].id)
        try:
            graph, use = make_composite(graph, nodes, name, parameters=parameters)
        except LoomError as error:
            document.refused.emit(error)
            return
        self._keep(graph, use)

    def _keep(self, graph: Graph, node: NodeId) -> None:
        view = self._view
        definition = definition_of(graph, graph.nodes[node])
        same = [b for b in load_blocks().blocks if definition and b.name == definition.name]
        if same and not may_replace(same[0].name, view):
            return
        try:
            block = save_block(graph, node)
        except LoomError as error:
            view.document.refused.emit(error)
            return
        view.blocks_changed.emit()
        view.tell(f"{block.name} is in the library now, under My blocks")

    def ask_repeat(self) -> None:
        """Ask how often the selected layers stand in a row."""
        document = self._view.document
        chosen = [node for node in document.graph.nodes if node in document.selection]
        if chosen:
            self._view.open_repeat(chosen[0])
        else:
            self._view.tell("Select the layer that is to be repeated")

    def repeat(self, text: str) -> None:
        """Let the selected layers stand in a row as often as a number or a formula says."""
        document = self._view.document
        nodes = [node for node in document.graph.nodes if node in document.selection]
        wanted = text.strip().lstrip("×xX").strip()
        if not nodes or not wanted:
            return

        def change(graph: Graph) -> Graph:
            times = _times(wanted)
            if isinstance(times, Formula):
                evaluate(times.formula, document.report.values)
            for node in nodes:
                before = graph.nodes[node]
                shares = before.share_weights and times != 1
                if (before.repeat, before.share_weights) != (times, shares):
                    graph = set_repeat(graph, [node], times, share_weights=shares)
            return graph

        document.edit(f"Repeat {layers_text(document, nodes)} ×{wanted}", change)


def repeat_text(times: Value) -> str:
    """Write how often something stands in a row."""
    return times.formula if isinstance(times, Formula) else str(times)


def _times(text: str) -> Value:
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else Formula(text)
