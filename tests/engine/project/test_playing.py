"""Optimisers that take turns are added, renamed and removed, and nodes follow them."""

from builders import a_plain_network, a_project, node_named
from msgspec.structs import replace

from engine.graph.edits import set_learning
from engine.project.playing import renamed, several, with_recipe, without
from engine.project.project import Project
from engine.project.recipe import Recipe


def owned(players: int = 2) -> Project:
    recipe = Recipe()
    for _ in range(players - 1):
        recipe = replace(recipe, players=several(recipe))
    graph = a_plain_network()
    graph = set_learning(graph, [node_named(graph, "linear")], "player", recipe.players[-1].name)
    return replace(a_project(graph), recipe=recipe)


def owner(project: Project, name: str) -> str:
    return project.graph.nodes[node_named(project.graph, name)].learning.player


def test_the_first_of_two_is_the_one_that_the_recipe_had() -> None:
    recipe = Recipe(optimizer="sgd", learning_rate=0.3, momentum=0.5)

    first, second = several(recipe)

    sides = replace(recipe, players=(first, second)).sides
    assert sides == (recipe, recipe) and first.name != second.name


def test_nodes_follow_an_optimiser_that_is_called_otherwise() -> None:
    project = owned()
    players = renamed(project.recipe.players, 1, " Generator ")

    changed = with_recipe(project, replace(project.recipe, players=players))

    assert players[1].name == "Generator" == owner(changed, "linear")
    assert owner(changed, "linear_2") == ""


def test_a_name_that_another_has_is_made_its_own() -> None:
    players = owned().recipe.players

    assert len({player.name for player in renamed(players, 1, players[0].name)}) == 2


def test_nodes_of_an_optimiser_that_is_removed_belong_to_none() -> None:
    project = owned(players=3)
    players = without(project.recipe.players, 2)

    changed = with_recipe(project, replace(project.recipe, players=players))

    assert len(players) == 2 and owner(changed, "linear") == ""
    assert without(players, 0) == ()


def test_another_setting_leaves_the_drawing_as_it_is() -> None:
    project = owned()
    first, second = project.recipe.players
    recipe = replace(project.recipe, players=(first, replace(second, every=3)))

    assert with_recipe(project, recipe).graph is project.graph
