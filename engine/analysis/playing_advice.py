"""Advice on optimisers that take turns: drawings that ask for them, and who has nothing to do."""

from collections.abc import Iterator

from engine.analysis.report import Fix, Problem
from engine.graph.elements import Graph, Node
from engine.project.playing import several
from engine.project.recipe import Recipe


def advise_players(graph: Graph, recipe: Recipe) -> Iterator[Problem]:
    """Return what is unwise about who trains what in a drawing."""
    yield from _unnamed(graph, recipe) if recipe.players else _both_ways(graph, recipe)


def _both_ways(graph: Graph, recipe: Recipe) -> Iterator[Problem]:
    """Losses of two sides, lowered as one: what one side learns the other unlearns."""
    losses = [node for node in graph.nodes.values() if node.kind == "AdversarialLoss"]
    if len(losses) < 2:
        return
    yield Problem(
        code="LL-A017",
        severity="warning",
        title="One optimiser serves both sides",
        text="Adversarial losses ask opposite things of the same weights. Let two optimisers take "
        "turns, and choose in Properties which layers and losses belong to each.",
        reason="one optimiser",
        node=losses[0].id,
        fixes=(
            Fix(
                label="Let two take turns",
                edit=_as_it_is,
                detail="in the recipe",
                settings={"players": several(recipe)},
            ),
        ),
    )


def _unnamed(graph: Graph, recipe: Recipe) -> Iterator[Problem]:
    """What names nobody belongs to the first."""
    named = {node.learning.player for node in _every_node(graph)}
    for player in recipe.players[1:]:
        if player.name not in named:
            yield Problem(
                code="LL-A018",
                severity="warning",
                title=f"“{player.name}” has nothing to train",
                text="Select the layers and the losses that belong to it, and choose it in "
                "Properties.",
                reason="no layers",
            )


def _every_node(graph: Graph) -> Iterator[Node]:
    yield from graph.nodes.values()
    for definition in graph.definitions.values():
        yield from definition.graph.nodes.values()


def _as_it_is(graph: Graph) -> Graph:
    return graph
