"""What a change of a run is called: for its mark on the curve and its line in the log."""

from engine.graph.difference import difference
from engine.graph.elements import Graph, NodeId
from engine.project.optimizers import OPTIMIZERS
from engine.project.project import Project
from engine.project.recipe import recipe_fields
from nodes.catalogue import LAYERS
from nodes.params import fields_of


def change_title(before: Project, after: Project) -> str:
    """Say in a few words what differs: ``Learning rate 0.001``, ``2 layers added``."""
    parts = [*_recipe_words(before, after), *_graph_words(before.graph, after.graph)]
    return ", ".join(parts[:3]) + (" and more" if len(parts) > 3 else "") or "Nothing changed"


def _recipe_words(before: Project, after: Project) -> list[str]:
    words = [
        f"{field.param.label} {_value(getattr(after.recipe, field.name))}"
        for field in recipe_fields()
        if getattr(before.recipe, field.name) != getattr(after.recipe, field.name)
    ]
    if before.recipe.optimizer_settings != after.recipe.optimizer_settings:
        words.append(f"settings of {OPTIMIZERS[after.recipe.optimizer].info.title}")
    return words


def _graph_words(before: Graph, after: Graph) -> list[str]:
    found = difference(before, after)
    words = [word for node in found.changed for word in _node_words(before, after, node)]
    for nodes, what in ((found.added, "added"), (found.removed, "removed")):
        if nodes:
            words.append(f"{len(nodes)} {'layer' if len(nodes) == 1 else 'layers'} {what}")
    if not words and found.concerns_model:
        words.append("wires changed")
    return words


def _node_words(before: Graph, after: Graph, node_id: NodeId) -> list[str]:
    one, other = before.nodes[node_id], after.nodes[node_id]
    layer = LAYERS.get(other.kind)
    title = other.title or (layer.info.title if layer else other.kind)
    words = []
    if one.frozen != other.frozen:
        words.append(f"{title} {'frozen' if other.frozen else 'thawed'}")
    if one.bypassed != other.bypassed:
        words.append(f"{title} {'bypassed' if other.bypassed else 'used again'}")
    for field in fields_of(layer) if layer else ():
        value = other.params.get(field.name, field.default)
        if one.params.get(field.name, field.default) != value:
            words.append(f"{title}: {field.param.label.lower()} {_value(value)}")
    return words


def _value(value: object) -> str:
    match value:
        case bool():
            return "on" if value else "off"
        case float():
            return f"{value:.6g}"
        case _:
            return str(value)
