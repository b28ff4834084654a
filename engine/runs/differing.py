"""In what runs differ: their recipes setting by setting, their drawings layer by layer."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec

from engine.analysis.report import NodeReport, ShapeReport
from engine.graph.composites import at, definition_of
from engine.graph.elements import Graph, Link, Node, NodeId
from engine.graph.learning import learning_fields
from engine.graph.topology import in_order
from engine.project.optimizers import OPTIMIZERS
from engine.project.project import Project
from engine.project.recipe import Recipe, applies, recipe_fields
from engine.training.changes import value_words
from nodes.catalogue import LAYERS
from nodes.errors import GraphError
from nodes.params import fields_of

Part: TypeAlias = Literal["recipe", "layer", "wire"]
Change: TypeAlias = Literal["added", "removed", "changed"]

_LONGEST = 48


class Trained(NamedTuple):
    """What a run trained: the project, and the analysis of its drawing."""

    project: Project
    report: ShapeReport


class Differing(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in which runs differ."""

    part: Part
    change: Change
    """From the first run to the last."""

    name: str
    values: tuple[str, ...]
    """One for each run, as a person reads it; empty where a run has no such thing."""


def what_differs(runs: Sequence[Trained]) -> tuple[Differing, ...]:
    """Return in what runs differ, the recipe first and then the drawing in its own order."""
    recipes = [run.project.recipe for run in runs]
    drawn = [_Drawn(run.project.graph, run.report) for run in runs]
    return (*_recipe_rows(recipes), *_layer_rows(drawn, (), set()), *_code_rows(drawn))


# The recipe.


def _recipe_rows(recipes: Sequence[Recipe]) -> Iterator[Differing]:
    for field in recipe_fields():
        values = [setting_words(recipe, field.name) for recipe in recipes]
        if len(set(values)) > 1:
            yield _row("recipe", field.param.label, values)
    for name, words in GROUPS.items():
        values = [words(recipe) for recipe in recipes]
        if len(set(values)) > 1:
            yield _row("recipe", name, values)


def setting_words(recipe: Recipe, name: str) -> str:
    """Return a setting of a recipe as a person reads it; empty where it makes no difference."""
    if not applies(recipe, name):
        return ""
    value = getattr(recipe, name)
    if name == "optimizer":
        return OPTIMIZERS[value].info.title
    return value_words(value)


def _own_settings(recipe: Recipe) -> str:
    settings = recipe.optimizer_settings.items()
    return ", ".join(f"{name} {value_words(value)}" for name, value in settings)


def _players(recipe: Recipe) -> str:
    return ", ".join(f"{one.name} {value_words(one.learning_rate)}" for one in recipe.players)


GROUPS: Final[Mapping[str, Callable[[Recipe], str]]] = {
    "Optimiser's settings": _own_settings,
    "Taking turns": _players,
}
"""What a recipe holds beside single settings, in words; empty where it does not."""


# The drawing.


class _Drawn(NamedTuple):
    graph: Graph
    report: ShapeReport

    def node(self, node: NodeId) -> Node | None:
        return self.graph.nodes.get(node)

    def found(self, node: NodeId) -> NodeReport | None:
        return self.report.nodes.get(node)


def _layer_rows(
    drawn: Sequence[_Drawn], around: tuple[str, ...], seen: set[str]
) -> Iterator[Differing]:
    for node in merged_order([each.graph for each in drawn]):
        name = " › ".join((*around, _name(drawn, node)))
        values = _layer_values(drawn, node)
        if len(set(values)) > 1:
            has = [each.node(node) is not None for each in drawn]
            yield _coming_row("layer", name, values, has)
        elif all(each.node(node) for each in drawn):
            yield from _inside_rows(drawn, node, (*around, _title(drawn, node)), seen)
    yield from _wire_rows(drawn, around)


def merged_order(graphs: Sequence[Graph]) -> list[NodeId]:
    """Return the nodes of several drawings in the order of the data flow of the last one.

    What it does not have stands behind what it stood behind.
    """
    merged = in_order(graphs[-1])
    for graph in graphs[:-1]:
        for before, node in pairwise([None, *in_order(graph)]):
            if node is not None and node not in merged:
                merged.insert(merged.index(before) + 1 if before is not None else 0, node)
    return merged


def _layer_values(drawn: Sequence[_Drawn], node: NodeId) -> list[str]:
    """Return what the cards of a node say; what they leave out where they all say the same."""
    cards = [_card(each, node) for each in drawn]
    nodes = [each.node(node) for each in drawn]
    known = [one for one in nodes if one is not None]
    # The card of a composite counts what is inside, which has rows of its own.
    are_composites = all(definition_of(each.graph, one) for each, one in _pairs(drawn, node))
    if len(known) < len(nodes) or (len(set(cards)) > 1 and not are_composites):
        return cards
    settings = [_settings(each.graph, one) for each, one in _pairs(drawn, node)]
    names = list(dict.fromkeys(name for one in settings for name in one))
    differing = [name for name in names if len({one.get(name, "") for one in settings}) > 1]
    return [
        ", ".join(f"{name} {one[name]}" for name in differing if name in one) for one in settings
    ]


def _pairs(drawn: Sequence[_Drawn], node: NodeId) -> Iterator[tuple[_Drawn, Node]]:
    for each in drawn:
        one = each.node(node)
        if one is not None:
            yield each, one


def _card(drawn: _Drawn, node: NodeId) -> str:
    """Return what a node's card says; its title where it says nothing."""
    found = drawn.found(node)
    if found is None:
        return ""
    words = [word for word in (found.card, found.activation) if word]
    return " · ".join(words) or found.title


def _settings(graph: Graph, node: Node) -> dict[str, str]:
    """Return all that decides what a node computes and how it learns, by what people call it."""
    definition = definition_of(graph, node)
    kind = definition.name if definition is not None else node.kind
    found = {"kind": kind, "frozen": value_words(node.frozen), "bypass": value_words(node.bypassed)}
    if node.repeat != 1:
        found["repeated"] = f"{node.repeat}"
    for field in learning_fields():
        found[field.param.label.lower()] = value_words(getattr(node.learning, field.name))
    return found | {name: value_words(value)[:_LONGEST] for name, value in _parameters(node)}


def _parameters(node: Node) -> Iterator[tuple[str, object]]:
    """Yield the parameters of a node by what people call them, those left at their default too."""
    layer = LAYERS.get(node.kind)
    described = {field.name: field for field in fields_of(layer)} if layer is not None else {}
    for field in described.values():
        yield field.param.label.lower(), node.params.get(field.name, field.default)
    for name, value in node.params.items():
        if name not in described:
            yield name, value


def _inside_rows(
    drawn: Sequence[_Drawn], node: NodeId, around: tuple[str, ...], seen: set[str]
) -> Iterator[Differing]:
    """Yield what differs inside of a composite that all have; each is looked into once."""
    inside = [_inside(each, node) for each in drawn]
    known = [each for each in inside if each is not None]
    uses = [one.definition for one in (each.node(node) for each in drawn) if one is not None]
    if len(known) < len(drawn) or uses[-1] in seen:
        return
    seen.add(uses[-1])
    yield from _layer_rows(known, around, seen)


def _inside(drawn: _Drawn, node: NodeId) -> _Drawn | None:
    one = drawn.node(node)
    if one is None or definition_of(drawn.graph, one) is None:
        return None
    try:
        report = drawn.report.inside((node,))
    except GraphError:  # it does not fit: there is nothing to say of its inside
        return None
    return _Drawn(at(drawn.graph, (node,)), report)


def _wire_rows(drawn: Sequence[_Drawn], around: tuple[str, ...]) -> Iterator[Differing]:
    """Yield the wires that only some have between layers that all have.

    Where a layer stands in between instead, that layer has a row of its own.
    """
    common = set.intersection(*(set(each.graph.nodes) for each in drawn))
    wires = dict.fromkeys(link for each in drawn for link in each.graph.links)
    for link in wires:
        if not {link.source.node, link.target.node} <= common:
            continue
        has = [_leads(each.graph, link, common) for each in drawn]
        if not all(has):
            name = f"{_title(drawn, link.source.node)} → {_title(drawn, link.target.node)}"
            values = ["joined" if each else "" for each in has]
            yield _coming_row("wire", " › ".join((*around, name)), values, has)


def _leads(graph: Graph, wire: Link, common: Collection[NodeId]) -> bool:
    """Say whether a drawing has a wire, or leads the same way through layers of its own."""
    if wire in graph.links:
        return True
    reached, open_ends = set[NodeId](), [wire.source.node]
    while open_ends:
        for link in graph.links_from(open_ends.pop()):
            target = link.target.node
            if target in common or target in reached:
                continue
            reached.add(target)
            open_ends.append(target)
    return any(link.source.node in reached for link in graph.links if link.target == wire.target)


def _code_rows(drawn: Sequence[_Drawn]) -> Iterator[Differing]:
    for name in dict.fromkeys(name for each in drawn for name in each.graph.code):
        texts = [each.graph.code.get(name, "") for each in drawn]
        if len(set(texts)) > 1:
            lines = [f"{len(text.splitlines())} lines" if text else "" for text in texts]
            yield _coming_row("layer", f"Code of {name}", lines, [bool(text) for text in texts])


# Words.


def _name(drawn: Sequence[_Drawn], node: NodeId) -> str:
    """Return what a layer is called; where that is no name of its own, with what it follows."""
    graph = _owner(drawn, node).graph
    title = _title(drawn, node)
    alike = [one for one in graph.nodes if _title(drawn, one) == title]
    before = next((link.source.node for link in graph.links_into(node)), None)
    if len(alike) < 2 or before is None:
        return title
    return f"{title}, after {_title(drawn, before)}"


def _title(drawn: Sequence[_Drawn], node: NodeId) -> str:
    found = _owner(drawn, node).found(node)
    return found.title if found is not None else ""


def _owner(drawn: Sequence[_Drawn], node: NodeId) -> _Drawn:
    """Return the last drawing that has a node."""
    return next(each for each in reversed(drawn) if each.node(node) is not None)


def _row(part: Part, name: str, values: Sequence[str]) -> Differing:
    return Differing(part=part, change="changed", name=name, values=tuple(values))


def _coming_row(part: Part, name: str, values: Sequence[str], has: Sequence[bool]) -> Differing:
    """Return a row on what not all runs have."""
    change: Change = "changed" if has[0] == has[-1] else "added" if has[-1] else "removed"
    return Differing(part=part, change=change, name=name, values=tuple(values))
