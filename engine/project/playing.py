"""Edits of the optimisers that take turns, which layers and losses follow."""

from collections.abc import Sequence

from msgspec.structs import replace

from engine.graph.elements import Graph
from engine.graph.names import unique
from engine.project.players import Player
from engine.project.project import Project
from engine.project.recipe import Recipe


def several(recipe: Recipe) -> tuple[Player, ...]:
    """Return the optimisers of a recipe and one more, which begins as the last of them."""
    players = recipe.players or (_own(recipe, "Optimiser 1"),)
    taken = {player.name for player in players}
    number = next(n for n in range(len(players) + 1, len(players) + 100) if _name(n) not in taken)
    return (*players, replace(players[-1], name=_name(number)))


def called(recipe: Recipe, names: Sequence[str]) -> tuple[Player, ...]:
    """Return optimisers of these names: those that are there, and new ones like the last of them.

    One alone is the recipe's own, so fewer than two are none.
    """
    there = {player.name: player for player in recipe.players}
    last = recipe.players[-1] if recipe.players else _own(recipe, "")
    wanted = list(dict.fromkeys(name.strip()[:60] for name in names if name.strip()))
    players = tuple(there.get(name) or replace(last, name=name) for name in wanted)
    return players if len(players) > 1 else ()


def without(players: tuple[Player, ...], place: int) -> tuple[Player, ...]:
    """Take one of the optimisers away; of two none stays, and the recipe's own does it all."""
    kept = (*players[:place], *players[place + 1 :])
    return kept if len(kept) > 1 else ()


def renamed(players: tuple[Player, ...], place: int, name: str) -> tuple[Player, ...]:
    """Call one of the optimisers otherwise; by a name that no other has."""
    taken = {player.name for player in players if player is not players[place]}
    wanted = unique(name.strip()[:60] or players[place].name, taken)
    return tuple(
        replace(player, name=wanted) if number == place else player
        for number, player in enumerate(players)
    )


def with_recipe(project: Project, recipe: Recipe) -> Project:
    """Give a project another recipe: its nodes follow optimisers that are called otherwise.

    Nodes of an optimiser that is no more belong to none.
    """
    old, new = project.recipe.players, recipe.players
    if old == new:
        return replace(project, recipe=recipe)
    names = {player.name for player in new}
    same_length = len(old) == len(new)
    follows = {
        before.name: after.name if same_length else ""
        for before, after in zip(old, new if same_length else old, strict=True)
        if before.name not in names
    }
    return replace(project, recipe=recipe, graph=_following(project.graph, follows))


def _following(graph: Graph, names: dict[str, str]) -> Graph:
    changed = {
        node.id: replace(node, learning=replace(node.learning, player=names[node.learning.player]))
        for node in graph.nodes.values()
        if node.learning.player in names
    }
    return replace(graph, nodes={**graph.nodes, **changed}) if changed else graph


def _own(recipe: Recipe, name: str) -> Player:
    return Player(
        name=name,
        optimizer=recipe.optimizer,
        learning_rate=recipe.learning_rate,
        momentum=recipe.momentum,
        weight_decay=recipe.weight_decay,
        optimizer_settings=recipe.optimizer_settings,
    )


def _name(number: int) -> str:
    return f"Optimiser {number}"
