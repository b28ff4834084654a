"""Changes of a run as a person meets them: what they are called, and what they leave as it was.

Nothing in here imports torch.
"""

from collections.abc import Mapping

import msgspec

from engine.analysis.report import NodeReport
from engine.analysis.shapes import infer_shapes
from engine.graph.composites import definition_of
from engine.graph.difference import difference
from engine.graph.elements import Formula, Graph, Node, NodeId
from engine.graph.learning import learning_fields
from engine.project.optimizers import OPTIMIZERS
from engine.project.players import player_fields
from engine.project.project import Project
from engine.project.recipe import Recipe, recipe_fields
from engine.training.foreseeing import ChangeForeseen
from nodes.catalogue import LAYERS
from nodes.params import fields_of
from nodes.tensors import TensorType


def change_title(before: Project, after: Project) -> str:
    """Say in a few words what differs: ``Learning rate 0.001``, ``2 layers added``."""
    parts = [*_recipe_words(before, after), *_graph_words(before.graph, after.graph)]
    return ", ".join(parts[:3]) + (" and more" if len(parts) > 3 else "") or "Nothing changed"


def _recipe_words(before: Project, after: Project) -> list[str]:
    words = [
        f"{field.param.label} {value_words(getattr(after.recipe, field.name))}"
        for field in recipe_fields()
        if getattr(before.recipe, field.name) != getattr(after.recipe, field.name)
    ]
    words += _player_words(before.recipe, after.recipe)
    if before.recipe.optimizer_settings != after.recipe.optimizer_settings:
        words.append(f"settings of {OPTIMIZERS[after.recipe.optimizer].info.title}")
    return words


def _player_words(before: Recipe, after: Recipe) -> list[str]:
    """Say what differs in optimisers that take turns."""
    old = {player.name: player for player in before.players}
    words = []
    for player in after.players:
        former = old.get(player.name)
        if former is None:
            words.append(f"optimiser {player.name}")
            continue
        words += [
            f"{player.name}: {field.param.label.lower()} {value_words(getattr(player, field.name))}"
            for field in player_fields()
            if getattr(player, field.name) != getattr(former, field.name)
        ]
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
    for field in learning_fields():
        value = getattr(other.learning, field.name)
        if getattr(one.learning, field.name) != value:
            words.append(f"{title}: {field.param.label.lower()} {value_words(value)}")
    if one.bypassed != other.bypassed:
        words.append(f"{title} {'bypassed' if other.bypassed else 'used again'}")
    if one.definition and one.definition == other.definition:
        then, now = _filled_in(before, one), _filled_in(after, other)
        words += [
            f"{title}: {name} {value_words(value)}"
            for name, value in now.items()
            if then.get(name) != value
        ]
    for field in fields_of(layer) if layer else ():
        value = other.params.get(field.name, field.default)
        if one.params.get(field.name, field.default) != value:
            words.append(f"{title}: {field.param.label.lower()} {value_words(value)}")
    return words


def _filled_in(graph: Graph, node: Node) -> dict[str, object]:
    """Return the parameters of a composite; those that it does not set are as it was defined."""
    definition = definition_of(graph, node)
    return {**(definition.parameters if definition else {}), **node.params}


def value_words(value: object) -> str:
    """Return a setting as a person reads it: ``on``, ``0.001``, ``crop, flip``."""
    match value:
        case bool():
            return "on" if value else "off"
        case float():
            return f"{value:.6g}"
        case list():
            corrected = sum(isinstance(step, dict) and "sample" in step for step in value)
            if corrected:
                return f"{corrected} sample" if corrected == 1 else f"{corrected} samples"
            # Only augmentation is a list of steps.
            steps = [step["step"] for step in value if isinstance(step, dict) and "step" in step]
            return ", ".join(steps) or str(value)
        case ():
            return "none"
        case Formula():
            return value.formula
        case _:
            return str(value)


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of the layers with weights when a run takes another drawing: their names."""

    kept: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    """Layers that were not there, or whose sizes change. Whether they can be made so that the
    model computes what it did is known to the worker alone."""

    grown: tuple[str, ...] = ()
    """Those that can."""

    new: tuple[str, ...] = ()
    """Those that begin with new weights."""

    dropped: tuple[str, ...] = ()
    why: Mapping[str, str] = {}
    """Why the model would not compute with a layer what it did, by its name."""


def outlook(before: Project, after: Project) -> Outlook:
    """Say what a run would keep of what it learned, without asking it."""
    old, new = _learned(before.graph), _learned(after.graph)
    kept = [node for node in new if old.get(node) == new[node]]
    return Outlook(
        kept=tuple(called(after.graph, node) for node in kept),
        unsure=tuple(called(after.graph, node) for node in new if node not in kept),
        dropped=tuple(called(before.graph, node) for node in old if node not in new),
    )


def foreseen(told: ChangeForeseen, before: Graph, after: Graph) -> Outlook:
    """Say what the worker foresees, by the names of the layers."""
    return Outlook(
        kept=tuple(called(after, node) for node in told.kept),
        grown=tuple(called(after, node) for node in told.grown),
        new=tuple(called(after, node) for node in told.new),
        dropped=tuple(called(before, node) for node in told.dropped),
        why={called(after, node): why for node, why in told.why.items()},
    )


def called(graph: Graph, node: str) -> str:
    """Return what tells a layer from all others for people: its title, else its name."""
    found = graph.nodes.get(NodeId(node))
    return (found.title or found.name) if found is not None else node


def is_same_training(one: Project, other: Project) -> bool:
    """Say whether two projects learn alike: only names, places and words may differ."""
    if one.recipe != other.recipe:
        return False
    found = difference(one.graph, other.graph)
    if found.added or found.removed or found.links_added or found.links_removed:
        return False
    if found.links_reordered or found.definitions or found.code:
        return False
    return all(
        _computed(one.graph.nodes[node]) == _computed(other.graph.nodes[node])
        for node in found.changed
    )


def with_soft_changes(trained: Graph, now: Graph) -> Graph:
    """Return the trained drawing with what may change between two steps as it stands.

    That is how layers learn, which are frozen, and the settings of dropout and of losses: no
    weight has another size by them.
    """
    nodes = dict(trained.nodes)
    for node_id, node in trained.nodes.items():
        other = now.nodes.get(node_id)
        if other is None or other.kind != node.kind:
            continue
        params = other.params if is_soft(node.kind) else node.params
        soft = {"frozen": other.frozen, "learning": other.learning, "params": params}
        if any(getattr(node, name) != value for name, value in soft.items()):
            nodes[node_id] = msgspec.structs.replace(node, **soft)
    if all(nodes[node_id] is node for node_id, node in trained.nodes.items()):
        return trained
    return msgspec.structs.replace(trained, nodes=nodes)


def is_soft(kind: str) -> bool:
    """Say whether the settings of such a layer may change between two steps of a run."""
    layer = LAYERS.get(kind)
    return layer is not None and (layer.info.role == "loss" or "Dropout" in kind)


def _computed(node: Node) -> tuple[object, ...]:
    return node.kind, node.definition, node.params, node.frozen, node.learning, node.bypassed


def _learned(graph: Graph) -> dict[NodeId, tuple[object, ...]]:
    """Return what decides over the sizes of every layer with weights."""
    found: dict[NodeId, tuple[object, ...]] = {}
    for node, report in infer_shapes(graph).nodes.items():
        if report.parameters or report.buffers:
            into = tuple(tensor.sizes[1:2] for tensor in _arriving(report))
            found[node] = (graph.nodes[node].kind, report.parameters, report.buffers, into)
    return found


def _arriving(report: NodeReport) -> tuple[TensorType, ...]:
    if report.inputs is None:
        return ()
    return tuple(tensor for _, tensors in report.inputs.key() for tensor in tensors)
