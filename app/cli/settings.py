"""``--set KEY=VALUE``: settings of the recipe and parameters of layers, from the command line."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from app.cli.augmenting import with_step
from app.cli.closest import no_such
from app.cli.readings import allowed, cannot_be, readings
from engine.graph.edits import set_learning, set_params
from engine.graph.elements import Graph, Node
from engine.graph.learning import Learning, learning_fields
from engine.project.optimizers import OPTIMIZERS, optimizer_settings
from engine.project.players import Player, player_fields
from engine.project.playing import called, with_recipe
from engine.project.project import Project
from engine.project.recipe import Recipe, recipe_fields
from nodes.catalogue import LAYERS, make_layer
from nodes.errors import ParameterError, UsageError
from nodes.params import check, fields_of

_LEARNING = [field.name for field in learning_fields()]


def with_settings(project: Project, settings: Sequence[str]) -> Project:
    """Return the project with every ``KEY=VALUE`` set, in order.

    A key is a setting of the recipe (``epochs``), one of its optimiser (``optimizer.beta1``), one
    of an optimiser that takes turns (``Judge.learning_rate``), the names of all of these
    (``players=Judge,Maker``), a step of augmentation (``augment.rotate``,
    ``augment.rotate.degrees``), a parameter of a layer (``conv1.filters``), or how a layer learns
    (``conv1.rate_factor``, ``conv1.player``).
    A value is read as JSON where it is JSON, else as text.

    Raises:
        UsageError: A key is not known, or cannot have its value.
    """
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals or not key.strip():
            raise UsageError(
                f"“{setting}” is not a setting",
                why="A setting is a key and a value with an equals sign between them.",
                hint="Write it like --set epochs=5 or --set conv1.kernel_size=5.",
            )
        project = _with_setting(project, key.strip(), text.strip())
    return project


def _with_setting(project: Project, key: str, text: str) -> Project:
    name, dot, parameter = key.partition(".")
    if dot and name == "optimizer" and project.graph.named(name) is None:
        return replace(project, recipe=_with_own_setting(project.recipe, parameter, text))
    if dot and name == "augment" and project.graph.named(name) is None:
        return with_step(project, parameter, text)
    place = next((n for n, one in enumerate(project.recipe.players) if one.name == name), None)
    if dot and place is not None and project.graph.named(name) is None:
        return replace(project, recipe=_with_player(project.recipe, place, parameter, text))
    if dot:
        return _with_parameter(project, name, parameter, text)
    if key == "players":
        return with_recipe(project, _with_players(project.recipe, text))
    known = [*(field.name for field in recipe_fields()), "players"]
    if key not in known:
        nodes = [f"{node.name}.…" for node in project.graph.nodes.values()]
        raise no_such("setting", key, [*known, *nodes])
    return replace(project, recipe=_recipe_with(project.recipe, key, text))


def _recipe_with(recipe: Recipe, key: str, text: str) -> Recipe:
    for value in readings(text):
        try:
            changed = msgspec.convert({**msgspec.to_builtins(recipe), key: value}, Recipe)
            check(Recipe, {key: value})
            if changed.optimizer != recipe.optimizer:
                # Another optimiser has other settings, and its own defaults.
                changed = replace(changed, optimizer_settings={})
        except (msgspec.ValidationError, ParameterError):
            continue
        return changed
    raise cannot_be(key, text, allowed(Recipe, key))


def _with_own_setting(recipe: Recipe, key: str, text: str) -> Recipe:
    described = OPTIMIZERS[recipe.optimizer]
    known = [field.name for field in fields_of(described)]
    if key not in known:
        raise no_such(f"setting of {described.info.title}", key, known)
    for value in readings(text):
        try:
            optimizer_settings(recipe.optimizer, {key: value})
        except (msgspec.ValidationError, ParameterError):
            continue
        return replace(recipe, optimizer_settings={**recipe.optimizer_settings, key: value})
    raise cannot_be(f"optimizer.{key}", text, allowed(described, key))


def _with_players(recipe: Recipe, text: str) -> Recipe:
    """Let optimisers of these names take turns; an empty text leaves the recipe's own."""
    names = text.split(",")
    players = called(recipe, names)
    if not players and text.strip():
        why = "One optimiser is that of the recipe; several take turns, like Judge,Maker."
        raise cannot_be("players", text, why)
    return replace(recipe, players=players)


def _with_player(recipe: Recipe, place: int, key: str, text: str) -> Recipe:
    """Set one of an optimiser that takes turns; its own settings are called like ``beta1``."""
    player = recipe.players[place]
    side = recipe.sides[place]
    if key in (field.name for field in fields_of(OPTIMIZERS[player.optimizer])):
        own = _with_own_setting(side, key, text).optimizer_settings
        changed = replace(player, optimizer_settings=own)
    else:
        changed = _player_with(player, key, text)
    return replace(recipe, players=(*recipe.players[:place], changed, *recipe.players[place + 1 :]))


def _player_with(player: Player, key: str, text: str) -> Player:
    known = [field.name for field in player_fields()]
    if key not in known:
        own = [field.name for field in fields_of(OPTIMIZERS[player.optimizer])]
        raise no_such(f"setting of “{player.name}”", key, [*known, *own])
    for value in readings(text):
        try:
            changed = msgspec.convert({**msgspec.to_builtins(player), key: value}, Player)
            check(Player, {key: value})
        except (msgspec.ValidationError, ParameterError):
            continue
        same = changed.optimizer == player.optimizer
        return changed if same else replace(changed, optimizer_settings={})
    raise cannot_be(f"{player.name}.{key}", text, allowed(Player, key))


def _with_parameter(project: Project, name: str, parameter: str, text: str) -> Project:
    node = project.graph.named(name)
    if node is None:
        names = [node.name for node in project.graph.nodes.values()]
        raise no_such("layer", name, names)
    layer = LAYERS.get(node.kind)
    if parameter in _LEARNING and (layer is None or parameter not in layer.__struct_fields__):
        return replace(project, graph=_learning_with(project.graph, node, parameter, text))
    if layer is None:
        raise UsageError(
            f"“{name}” cannot be set",
            why=f"This version does not know layers of the kind {node.kind}.",
        )
    known = [field.name for field in fields_of(layer)]
    if parameter not in known:
        known += _LEARNING
        raise no_such(f"parameter of “{name}” ({node.kind})", parameter, known)
    value = _fitting(node, layer, parameter, text)
    return replace(project, graph=set_params(project.graph, node.id, {parameter: value}))


def _learning_with(graph: Graph, node: Node, name: str, text: str) -> Graph:
    for value in readings(text):
        try:
            return set_learning(graph, [node.id], name, value)
        except (msgspec.ValidationError, ParameterError):
            continue
    raise cannot_be(f"{node.name}.{name}", text, allowed(Learning, name))


def _fitting(node: Node, layer: type, parameter: str, text: str) -> object:
    for value in readings(text):
        changed: Mapping[str, object] = {**node.params, parameter: value}
        try:
            make_layer(node.kind, changed)
        except ParameterError as refused:
            if refused.parameter == parameter:
                continue
        return value
    raise cannot_be(f"{node.name}.{parameter}", text, allowed(layer, parameter))
