"""What a person can ask of the selection: each is one edit of the document."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import reduce

from app.canvas.choosing import chosen_of
from app.canvas.growing import (
    add_after,
    add_at,
    add_before,
    insert_on,
    output_names,
    ports_of,
    put_block,
    with_room,
    with_room_throughout,
)
from app.canvas.words import layers_text, title_of
from app.document import Document, new_gesture
from engine.analysis.report import Fix
from engine.analysis.shapes import infer_shapes
from engine.analysis.verdict import Prediction, predict, predict_kind
from engine.graph.alignment import moved_by
from engine.graph.bends import set_bends
from engine.graph.composites import INPUT, OUTPUT, inputs_of, outputs_of
from engine.graph.edits import (
    disconnect,
    move,
    name_output,
    remove_and_rejoin,
    remove_nodes,
    rename,
    set_bypassed,
    set_frozen,
    set_params,
)
from engine.graph.elements import End, Graph, Link, NodeId
from engine.graph.names import unique
from engine.graph.rewiring import replace_layer, split_activation, swap_inputs
from engine.project.blocks import Block
from nodes.catalogue import kind_named
from nodes.params import fields_of

Place = tuple[float, float]


class Editing:
    """Edits of the selection of one document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._nudging: tuple[frozenset[NodeId], int] | None = None

    @property
    def _chosen(self) -> list[NodeId]:
        """The selected nodes in the order of the drawing."""
        return chosen_of(self._document)

    def delete(self) -> None:
        """Delete the selected nodes or the selected wire."""
        nodes, link = self._chosen, self._document.selected_link
        if nodes:
            label = f"Delete {layers_text(self._document, nodes)}"
            self._document.edit(label, lambda graph: remove_nodes(graph, nodes))
        elif link is not None:
            self._document.edit("Disconnect", lambda graph: disconnect(graph, link))

    def delete_and_rejoin(self) -> None:
        """Delete the selected nodes and connect what fed each to what it fed."""
        nodes = self._chosen
        if not nodes:
            self.delete()
            return
        label = f"Delete {layers_text(self._document, nodes)} and rejoin"
        self._document.edit(label, lambda graph: remove_and_rejoin(graph, nodes))

    def nudge(self, dx: float, dy: float) -> None:
        """Move the selection; pressing on is one step."""
        nodes = self._document.selection
        if not nodes:
            self._nudge_bends(dx, dy)
            return
        label = f"Move {layers_text(self._document, nodes)}"
        gesture = self._nudge_of(nodes)
        self._document.edit(label, lambda graph: moved_by(graph, nodes, dx, dy), gesture=gesture)

    def _nudge_of(self, nodes: Collection[NodeId]) -> int:
        """Return the gesture that moving these on belongs to."""
        if self._nudging is None or self._nudging[0] != frozenset(nodes):
            self._nudging = (frozenset(nodes), new_gesture())
        return self._nudging[1]

    def _nudge_bends(self, dx: float, dy: float) -> None:
        """Move the points of the selected wire."""
        link = self._document.selected_link
        points = self._document.graph.bends.get(link, ()) if link is not None else ()
        if link is not None and points:
            moved = [(x + dx, y + dy) for x, y in points]
            self._document.edit(
                "Bend wire", lambda graph: set_bends(graph, link, moved), gesture=self._nudge_of(())
            )

    def end_nudge(self) -> None:
        """Let the next move be a step of its own."""
        self._nudging = None

    @property
    def _layers(self) -> list[NodeId]:
        """The selected nodes that compute: neither data nor losses nor ends of a composite."""
        kinds = {node: kind_named(self._document.graph.nodes[node].kind) for node in self._chosen}
        return [node for node, kind in kinds.items() if not kind or kind.info.role == "layer"]

    def toggle_bypass(self) -> bool:
        """Let the selected layers pass their input through, or compute again; say if any could."""
        nodes, graph = self._layers, self._document.graph
        if not nodes:
            return False
        on = not all(graph.nodes[node].bypassed for node in nodes)
        label = f"{'Bypass' if on else 'Use'} {layers_text(self._document, nodes)}"
        return self._document.edit(label, lambda now: set_bypassed(now, nodes, bypassed=on))

    def toggle_freeze(self) -> bool:
        """Keep the weights of the selected layers, or let them train again; say if any could."""
        nodes, graph = self._layers, self._document.graph
        if not nodes:
            return False
        on = not all(graph.nodes[node].frozen for node in nodes)
        label = f"{'Freeze' if on else 'Unfreeze'} {layers_text(self._document, nodes)}"
        return self._document.edit(label, lambda now: set_frozen(now, nodes, frozen=on))

    def add_bend(self, link: Link, number: int, point: Place) -> None:
        """Lead a wire through one more point."""
        points = [*self._document.graph.bends.get(link, ())]
        points.insert(number, (round(point[0]), round(point[1])))
        self._document.edit("Add bend", lambda graph: set_bends(graph, link, points))

    def remove_bend(self, link: Link, number: int) -> None:
        """Lead a wire through one point less."""
        points = [*self._document.graph.bends.get(link, ())]
        del points[number]
        self._document.edit("Remove bend", lambda graph: set_bends(graph, link, points))

    def remove_bends(self) -> None:
        """Lead the selected wire as if nobody had bent it."""
        link = self._document.selected_link
        if link is not None:
            self._document.edit("Remove bends", lambda graph: set_bends(graph, link, ()))

    def rename(self, node: NodeId, title: str) -> None:
        """Give a node a name; an empty one gives it back its layer's."""
        found = self._document.graph.nodes.get(node)
        if found is not None and found.title != title:
            label = f"Rename {title_of(self._document, node)}"
            self._document.edit(label, lambda graph: rename(graph, node, title))

    def name_output(self, end: End, name: str) -> None:
        """Name what leaves an output; an empty name takes it away."""
        found = self._document.graph.nodes.get(end.node)
        if found is not None and found.called.get(end.port, "") != name:
            label = f"Name output of {title_of(self._document, end.node)}"
            self._document.edit(label, lambda graph: name_output(graph, end, name))

    def replace(self, node: NodeId, kind: str, params: Mapping[str, object]) -> None:
        """Make a node another kind of layer; parameters and wires that fit are kept."""
        if node not in self._document.graph.nodes:
            return
        layer = kind_named(kind)
        assert layer is not None, "only known kinds are offered"
        label = f"Replace {title_of(self._document, node)} with {layer.info.title}"
        self._document.edit(label, lambda graph: replace_layer(graph, node, kind, params))

    def swap_inputs(self) -> None:
        """Let what feeds the inputs of the one selected node change places."""
        nodes = self._chosen
        if len(nodes) == 1:
            label = f"Swap inputs of {title_of(self._document, nodes[0])}"
            self._document.edit(label, lambda graph: swap_inputs(graph, nodes[0]))

    def set_activation(self, node: NodeId, activation: str) -> None:
        """Fuse another activation into a layer."""
        value = None if activation == "none" else activation
        self._document.edit(
            f"Set activation of {title_of(self._document, node)}",
            lambda graph: set_params(graph, node, {"activation": value}),
        )

    def split_activations(self) -> bool:
        """Make the activations of the selected nodes layers of their own."""
        nodes = self._chosen
        label = f"Split activation of {layers_text(self._document, nodes)}"
        return self._document.edit(label, lambda graph: reduce(split_activation, nodes, graph))

    def activations_of(self, node: NodeId) -> tuple[str, ...]:
        """Return the activations that can be fused into a layer."""
        layer = kind_named(self._document.graph.nodes[node].kind)
        fields = fields_of(layer) if layer else ()
        return next((field.choices for field in fields if field.name == "activation"), ())

    def apply(self, fix: Fix) -> bool:
        """Carry out a quick fix of the level on show."""
        return self._document.take(fix) or self._document.edit(
            fix.label, lambda graph: with_room(graph, fix.edit(graph), fix.link)
        )

    def apply_in_model(self, fix: Fix) -> bool:
        """Carry out a quick fix of the whole drawing."""
        return self._document.take(fix) or self._document.edit_model(
            fix.label, lambda graph: with_room_throughout(graph, fix.edit(graph), fix.link)
        )

    # Adding layers.

    def source_of_selection(self) -> End | None:
        """Return the output that a new layer is fed by: of the one selected node."""
        chosen = self._chosen
        if len(chosen) != 1:
            return None
        graph = self._document.graph
        node = graph.nodes[chosen[0]]
        names = ports_of(graph, node)[1]
        return End(node.id, names[0]) if names else None

    def predict(self, source: End | None, kind: str, params: Mapping[str, object]) -> Prediction:
        """Say what a layer would put out behind an output."""
        if source is None:
            return Prediction(fits=True, text="")
        return predict_kind(self._document.report.at(source), kind, params)

    def predict_block(self, source: End | None, block: Block) -> Prediction:
        """Say what a block would put out behind an output."""
        use = block.use
        graph = Graph(nodes={use.id: use}, definitions=block.definitions, code=block.code)
        layer = infer_shapes(graph).nodes[use.id].layer
        if source is None or layer is None:
            return Prediction(fits=True, text="")
        return predict(self._document.report.at(source), layer)

    def predict_instead(self, node: NodeId, kind: str, params: Mapping[str, object]) -> Prediction:
        """Say what a layer would put out in the place of a node."""
        graph = self._document.graph
        feeding = next(graph.links_into(node), None)
        if feeding is None:
            return Prediction(fits=True, text="")
        if any(graph.links_from(node)) and not output_names(kind, params):
            return Prediction(fits=False, text="")
        return self.predict(feeding.source, kind, params)

    def add(
        self,
        kind: str,
        params: Mapping[str, object],
        *,
        source: End | None = None,
        target: End | None = None,
        link: Link | None = None,
        at: Place = (0.0, 0.0),
        keeps_place: bool = False,
    ) -> NodeId | None:
        """Add a layer into a wire, behind an output, before an input, or at a place."""
        added: NodeId | None = None

        def change(graph: Graph) -> Graph:
            nonlocal added
            if link is not None and link in graph.links:
                graph, node = insert_on(graph, kind, params, link)
            elif source is not None and source.node in graph.nodes:
                graph, node = add_after(graph, source, kind, params, branch=keeps_place)
            elif target is not None and target.node in graph.nodes:
                graph, node = add_before(graph, target, kind, params)
            else:
                graph, node = add_at(graph, kind, params, at)
            added = node.id
            return move(graph, {node.id: at}) if keeps_place else graph

        layer = kind_named(kind)
        assert layer is not None, "only known kinds are offered"
        params = self._with_port(kind, params)
        if not self._document.edit(f"Add {layer.info.title}", change):
            return None
        assert added is not None, "the edit was carried out"
        self._document.select([added])
        return added

    def add_block(
        self,
        block: Block,
        *,
        source: End | None = None,
        target: End | None = None,
        link: Link | None = None,
        at: Place = (0.0, 0.0),
        keeps_place: bool = False,
    ) -> NodeId | None:
        """Add a block into a wire, behind an output, before an input, or at a place."""
        added: list[NodeId] = []

        def change(graph: Graph) -> Graph:
            graph, node = put_block(
                graph,
                block,
                source=source,
                target=target,
                link=link,
                place=at,
                branch=keeps_place,
            )
            added.append(node)
            return graph

        if not self._document.edit(f"Add {block.name}", change):
            return None
        self._document.select(added)
        return added[-1]

    def _with_port(self, kind: str, params: Mapping[str, object]) -> Mapping[str, object]:
        """Give a new end of a composite a name that no other has."""
        graph = self._document.graph
        ends = {INPUT: inputs_of, OUTPUT: outputs_of}.get(kind)
        if ends is None or "port" in params:
            return params
        taken = {end.port for end in ends(graph)}
        first = "x" if kind == INPUT else "y"
        return {**params, "port": unique(first, taken)} if first in taken else params
