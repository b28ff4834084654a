"""Project to text and back.

The text is JSON that reads and diffs well: one node, one wire, one frame a line. Reading checks
everything and builds only values: no text of a project is ever run. What this version does not
know (kinds of layers, fields) is kept and written back.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from engine.graph.bends import MOST_BENDS
from engine.graph.documents import graph_lines, json_text
from engine.graph.elements import (
    Definition,
    End,
    Frame,
    Graph,
    Link,
    Node,
    NodeId,
    Point,
)
from engine.graph.learning import Learning, read_learning
from engine.graph.names import identifier, whole
from engine.project.fields import LONGEST_WORD, FieldReader, short_text
from engine.project.migrations import VERSION, migrate
from engine.project.optimizers import optimizer_settings
from engine.project.parsing import LARGEST_TEXT, TOO_DEEP, is_whole, not_a_project, parse
from engine.project.players import Player
from engine.project.project import Project
from engine.project.recipe import Recipe
from nodes.errors import ParameterError
from nodes.params import check

_LARGEST_CODE = 200_000


class Opened(msgspec.Struct, frozen=True):
    """A project that was read, and what a person should know of the reading."""

    project: Project
    notes: tuple[str, ...] = ()
    newer: bool = False
    """Written by a newer version of Layerloom."""


def to_text(project: Project) -> str:
    """Write a project as the text of its file."""
    head = {
        "format": "layerloom",
        "version": VERSION,
        "name": project.name,
        "notes": project.notes,
        **project.extra,
        "recipe": {**_without_defaults(project.recipe), **project.extra.get("recipe", {})},
    }
    lines = ["{"]
    lines += [f'"{key}": {json_text(value)},' for key, value in head.items()]
    lines += graph_lines(project.graph)
    lines.append("}")
    return whole("\n".join(lines) + "\n")


def from_text(text: str, where: str = "project") -> Opened:
    """Read the text of a project file.

    Args:
        where: What to call the file in messages.

    Raises:
        ProjectError: The text is not a project; says where and what to do.
    """
    document = parse(text, where)
    newer = _is_newer(document, where)
    read = FieldReader(where)
    try:
        project = _Reader(read).project(migrate(document))
    except RecursionError:
        raise not_a_project(where, TOO_DEEP) from None
    if not is_whole(document, text):
        raise not_a_project(where, "One of its texts holds half a character.")
    if newer:
        read.notes.append(
            "This project was saved by a newer Layerloom. What this version does not know is kept."
        )
    return Opened(project, tuple(read.notes), newer)


def _is_newer(document: Mapping[str, Any], where: str) -> bool:
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise not_a_project(where, "Its version is missing.")
    return version > VERSION


class _Reader:
    """Builds the project that a document describes."""

    def __init__(self, read: FieldReader) -> None:
        self._read = read

    def project(self, document: Mapping[str, Any]) -> Project:
        """Build the project."""
        known = {"format", "version", "name", "notes", "recipe"} | _GRAPH_KEYS
        recipe, unknown = self._recipe(document.get("recipe", {}))
        extra = {key: value for key, value in document.items() if key not in known}
        return Project(
            name=self._read.title(document.get("name", "Untitled"), "name") or "Untitled",
            notes=self._read.text(document.get("notes", ""), "notes", longest=LARGEST_TEXT),
            recipe=recipe,
            graph=self._with_definitions(document),
            extra={**extra, "recipe": unknown} if unknown else extra,
        )

    def _recipe(self, value: object) -> tuple[Recipe, dict[str, Any]]:
        """Return the recipe, and the settings of a newer version."""
        settings = self._read.mapping(value, "recipe")
        known = {name: settings[name] for name in settings if name in Recipe.__struct_fields__}
        unknown = {name: settings[name] for name in settings if name not in known}
        if unknown:
            names = ", ".join(sorted(name[:40] for name in unknown))
            self._read.notes.append(
                f"The recipe has settings that this version does not know: {names}. They are kept."
            )
        try:
            recipe = msgspec.convert(known, Recipe)
            check(Recipe, known)
            # Settings that only a newer version knows stay where they are; these must be good.
            optimizer_settings(recipe.optimizer, recipe.optimizer_settings)
            for player in recipe.players:
                check(Player, msgspec.structs.asdict(player))
                optimizer_settings(player.optimizer, player.optimizer_settings)
        except msgspec.ValidationError as error:
            raise self._read.misread(error, "recipe", Recipe) from error
        except ParameterError as error:
            raise self._read.wrong("recipe", str(error)) from error
        return recipe, unknown

    def _graph(self, document: Mapping[str, Any], place: str) -> Graph:
        nodes: dict[NodeId, Node] = {}
        taken = _Names()
        for number, item in enumerate(self._read.items(document.get("nodes", []), f"{place}nodes")):
            node = self._node(item, f"{place}nodes[{number}]", taken)
            if node.id in nodes:
                raise self._read.wrong(
                    f"{place}nodes[{number}]", f"The id {node.id!r} is used twice."
                )
            nodes[node.id] = node
        links = self._links(document.get("links", []), f"{place}links", nodes)
        return Graph(
            nodes=nodes,
            links=links,
            bends=self._bends(document.get("bends", []), f"{place}bends", links),
            frames=self._frames(document.get("frames", []), f"{place}frames", nodes),
            flow="right" if document.get("flow") == "right" else "down",
        )

    def _node(self, item: object, place: str, taken: "_Names") -> Node:
        read = self._read
        fields = read.mapping(item, place)
        kind = read.text(fields.get("kind"), f"{place}.kind")
        name = read.title(fields.get("name", kind), f"{place}.name")
        return Node(
            id=NodeId(read.text(fields.get("id"), f"{place}.id", longest=64)),
            kind=kind,
            name=taken.unique(identifier(name)),
            title=read.title(fields.get("title", ""), f"{place}.title"),
            params=read.params(fields.get("params", {}), f"{place}.params"),
            definition=read.text(fields.get("definition", ""), f"{place}.definition"),
            repeat=read.value(fields.get("repeat", 1), f"{place}.repeat"),
            share_weights=read.flag(fields.get("share_weights", False), f"{place}.share_weights"),
            shares=self._shares(fields.get("shares"), f"{place}.shares"),
            called=self._called(fields.get("called", {}), f"{place}.called"),
            position=read.position(fields.get("position", [0, 0]), f"{place}.position"),
            frozen=read.flag(fields.get("frozen", False), f"{place}.frozen"),
            learning=self._learning(fields.get("learning", {}), f"{place}.learning"),
            bypassed=read.flag(fields.get("bypassed", False), f"{place}.bypassed"),
            extra={key: value for key, value in fields.items() if key not in _NODE_KEYS},
        )

    def _learning(self, value: object, place: str) -> Learning:
        try:
            return read_learning(self._read.mapping(value, place))
        except msgspec.ValidationError as error:
            raise self._read.misread(error, place, Learning) from error
        except ParameterError as error:
            raise self._read.wrong(place, str(error)) from error

    def _shares(self, value: object, place: str) -> NodeId | None:
        return None if value is None else NodeId(self._read.text(value, place, longest=64))

    def _called(self, value: object, place: str) -> dict[str, str]:
        texts = {
            port: self._read.text(name, f"{place}.{port}", longest=LONGEST_WORD)
            for port, name in self._read.mapping(value, place).items()
        }
        return {port: identifier(name) for port, name in texts.items()}

    def _links(self, value: object, place: str, nodes: Mapping[NodeId, Node]) -> tuple[Link, ...]:
        links: dict[Link, None] = {}
        for number, item in enumerate(self._read.items(value, place)):
            ends = self._read.items(item, f"{place}[{number}]")
            if len(ends) != 4 or not all(isinstance(end, str) for end in ends):
                raise self._read.wrong(f"{place}[{number}]", "A wire is [from, port, to, port].")
            link = Link(End(NodeId(ends[0]), ends[1]), End(NodeId(ends[2]), ends[3]))
            if link.source.node in nodes and link.target.node in nodes:
                links[link] = None
            else:
                self._read.notes.append(
                    f"A wire led to a layer that is not in the file ({place}[{number}])."
                )
        return tuple(links)

    def _bends(
        self, value: object, place: str, links: Collection[Link]
    ) -> dict[Link, tuple[Point, ...]]:
        there = set(links)
        bends: dict[Link, tuple[Point, ...]] = {}
        for number, item in enumerate(self._read.items(value, place)):
            at = f"{place}[{number}]"
            fields = self._read.items(item, at)
            if len(fields) != 5 or not all(isinstance(end, str) for end in fields[:4]):
                raise self._read.wrong(at, "A bent wire is [from, port, to, port, points].")
            link = Link(End(NodeId(fields[0]), fields[1]), End(NodeId(fields[2]), fields[3]))
            points = self._read.items(fields[4], at)[:MOST_BENDS]
            if link in there and points:
                bends[link] = tuple(self._read.position(point, at) for point in points)
        return bends

    def _frames(self, value: object, place: str, nodes: Mapping[NodeId, Node]) -> tuple[Frame, ...]:
        frames = []
        for number, item in enumerate(self._read.items(value, place)):
            fields = self._read.mapping(item, f"{place}[{number}]")
            members = self._read.items(fields.get("nodes", []), f"{place}[{number}].nodes")
            frames.append(
                Frame(
                    id=self._read.text(fields.get("id"), f"{place}[{number}].id", longest=64),
                    title=self._read.title(fields.get("title", ""), f"{place}[{number}].title"),
                    nodes=tuple(
                        dict.fromkeys(
                            NodeId(m) for m in members if isinstance(m, str) and m in nodes
                        )
                    ),
                    colour=short_text(fields.get("colour")),
                    folded=fields.get("folded") is True,
                    large_title=fields.get("large_title") is True,
                    extra={key: item for key, item in fields.items() if key not in _FRAME_KEYS},
                )
            )
        return tuple(frames)

    def _with_definitions(self, document: Mapping[str, Any]) -> Graph:
        items = self._read.mapping(document.get("definitions", {}), "definitions")
        definitions = {
            key: self._definition(key, item, f"definitions.{key[:40]}")
            for key, item in items.items()
        }
        code = self._code(document.get("code", {}))
        graph = self._graph(document, "")
        return msgspec.structs.replace(graph, definitions=definitions, code=code)

    def _code(self, value: object) -> dict[str, str]:
        """Read the code of layers of one's own as text; it is not even parsed here."""
        return {
            name: "\n".join(
                self._read.text(line, f"code.{name[:40]}[{number}]", longest=_LARGEST_CODE)
                for number, line in enumerate(self._read.items(lines, f"code.{name[:40]}"))
            )
            for name, lines in self._read.mapping(value, "code").items()
        }

    def _definition(self, key: str, item: object, place: str) -> Definition:
        fields = self._read.mapping(item, place)
        return Definition(
            name=self._read.title(fields.get("name", key), f"{place}.name"),
            summary=self._read.title(fields.get("summary", ""), f"{place}.summary"),
            parameters=self._read.params(fields.get("parameters", {}), f"{place}.parameters"),
            graph=self._graph(fields, f"{place}."),
            extra={name: item for name, item in fields.items() if name not in _DEFINITION_KEYS},
        )


class _Names:
    """The names of one graph; as many nodes of one name as a file may hold are named at once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def unique(self, name: str) -> str:
        """Return ``name``, with the first free number behind it if it is taken."""
        free = name
        if name in self._taken:
            stem = re.sub(r"_\d+$", "", name).rstrip("_")
            number = self._next.get(stem, 2)
            while f"{stem}_{number}" in self._taken:
                number += 1
            self._next[stem] = number + 1
            free = f"{stem}_{number}"
        self._taken.add(free)
        return free


_NODE_KEYS = frozenset(Node.__struct_fields__) - {"extra"}
_DEFINITION_KEYS = frozenset(
    {"name", "summary", "parameters", "flow", "nodes", "links", "bends", "frames"}
)
_FRAME_KEYS = frozenset({"id", "title", "nodes", "colour", "folded", "large_title"})
_GRAPH_KEYS = {"flow", "nodes", "links", "bends", "frames", "definitions", "code"}


def _without_defaults(recipe: Recipe) -> dict[str, object]:
    return {
        name: msgspec.to_builtins(getattr(recipe, name))
        for name in Recipe.__struct_fields__
        if getattr(recipe, name) != getattr(Recipe(), name)
    }
