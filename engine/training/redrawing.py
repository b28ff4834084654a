"""Layers to be drawn otherwise, as data: what the doctor offers and the window carries out.

Nothing in here imports torch.
"""

from collections.abc import Sequence

import msgspec

from engine.graph.edits import replace_kind, set_learning, set_params
from engine.graph.elements import Graph, Node, NodeId
from engine.graph.learning import Initialiser
from nodes.catalogue import LAYERS
from nodes.params import fields_of


class LayerDrawn(msgspec.Struct, frozen=True, kw_only=True):
    """How one layer is to be drawn; what is left out stays as it is."""

    node: str
    activation: str = ""
    """The kind of layer that is the activation: ``ReLU``."""

    initialiser: Initialiser | None = None

    @property
    def begins_anew(self) -> bool:
        """Whether the layer needs new weights to be of any use."""
        return self.initialiser is not None


def activation_of(node: Node) -> str:
    """Return the kind of activation that a node is, or applies to what it computes."""
    if _has_activation(node):
        return str(node.params.get("activation", "none"))
    return node.kind


def redrawn(graph: Graph, layers: Sequence[LayerDrawn]) -> Graph:
    """Draw layers otherwise; those that are no longer in the drawing are passed over."""
    for layer in layers:
        node_id = NodeId(layer.node)
        if node_id not in graph.nodes:
            continue
        if layer.activation and _has_activation(graph.nodes[node_id]):
            graph = set_params(graph, node_id, {"activation": layer.activation})
        elif layer.activation:
            graph = replace_kind(graph, node_id, layer.activation)
        if layer.initialiser is not None:
            graph = set_learning(graph, [node_id], "initialiser", layer.initialiser)
    return graph


def _has_activation(node: Node) -> bool:
    layer = LAYERS.get(node.kind)
    return any(field.name == "activation" for field in fields_of(layer)) if layer else False
