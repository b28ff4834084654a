"""Project to text and back.

The text is JSON that reads and diffs well: one node, one wire, one frame a line. Reading checks
everything and builds only values: no text of a project is ever run. What this version does not
know (kinds of layers, fields) is kept and written back.
"""

import json
import math
import re
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from engine.graph.bends import MOST_BENDS
from engine.graph.documents import FARTHEST, graph_lines, json_text
from engine.graph.elements import (
    Definition,
    End,
    Formula,
    Frame,
    Graph,
    Link,
    Node,
    NodeId,
    Point,
    Value,
)
from engine.graph.learning import Learning, read_learning
from engine.graph.misreading import place_of, reason_of
from engine.graph.names import identifier
from engine.project.migrations import VERSION, migrate
from engine.project.optimizers import optimizer_settings
from engine.project.players import Player
from engine.project.project import Project
from engine.project.recipe import Recipe
from nodes.errors import ParameterError, ProjectError
from nodes.params import check

LARGEST_TEXT = 64 * 1024 * 1024
LARGEST_CODE = 200_000
_LONGEST_TITLE = 400
_DEEPEST_VALUE = 100
_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")


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
    return "\n".join(lines) + "\n"


def from_text(text: str, where: str = "project") -> Opened:
    """Read the text of a project file.

    Args:
        where: What to call the file in messages.

    Raises:
        ProjectError: The text is not a project; says where and what to do.
    """
    if len(text) > LARGEST_TEXT:
        raise ProjectError(
            "The project file is too large",
            why=f"It has {len(text) // 1_000_000} MB; projects have at most 64.",
            where=where,
            hint="Choose another file.",
        )
    document = _document(text, where)
    newer = _is_newer(document, where)
    reader = _Reader(where)
    try:
        migrated = migrate(document)
        project = reader.project(migrated)
    except RecursionError:
        raise _not_a_project(where, _TOO_DEEP) from None
    if _HALF_CHARACTER.search(text) and not _is_whole(document):
        raise _not_a_project(where, "One of its texts holds half a character.")
    if newer:
        reader.notes.append(
            "This project was saved by a newer Layerloom. What this version does not know is kept."
        )
    return Opened(project, tuple(reader.notes), newer)


def _told(error: json.JSONDecodeError) -> str:
    """Say where a text is no JSON; one that was cut off, by its end."""
    if not error.doc[error.pos :].strip() or error.msg.startswith("Unterminated string"):
        return f"It ends in the middle, in line {error.doc.count(chr(10)) + 1}."
    return f"Line {error.lineno}, column {error.colno}: {error.msg}."


def _document(text: str, where: str) -> dict[str, Any]:
    try:
        document = json.loads(
            text, parse_constant=_refuse_constant, parse_int=_whole_number, parse_float=_number
        )
    except json.JSONDecodeError as error:
        raise ProjectError(
            "This is not a readable project file",
            why=_told(error),
            where=where,
            hint="Open a backup, or the autosaved copy from Recent.",
        ) from error
    except ValueError as error:
        raise _not_a_project(where, f"{error}.") from error
    except RecursionError as error:
        raise _not_a_project(where, _TOO_DEEP) from error
    if not isinstance(document, dict) or document.get("format") != "layerloom":
        raise _not_a_project(where, "It does not say that it is a Layerloom project.")
    if _is_deeper_than(_DEEPEST_VALUE, document):
        # Written from a deeper stack than it was read, such a file could not be saved again.
        raise _not_a_project(where, _TOO_DEEP)
    return document


_TOO_DEEP = "It is nested too deeply."


def _is_deeper_than(depth: int, value: object) -> bool:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(depth == 0 or _is_deeper_than(depth - 1, item) for item in items)


def _is_whole(document: Mapping[str, Any]) -> bool:
    """Say whether no text holds one half of a pair of surrogates: it could not be saved again."""
    try:
        json_text(document).encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number that a project can hold")


def _whole_number(digits: str) -> int:
    if len(digits) > 20:
        raise ValueError(f"The number {digits[:12]}… is too large")
    return int(digits)


def _number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"The number {digits[:12]} is too large")
    return number


def _is_newer(document: Mapping[str, Any], where: str) -> bool:
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise _not_a_project(where, "Its version is missing.")
    return version > VERSION


def _not_a_project(where: str, why: str) -> ProjectError:
    return ProjectError(
        "This is not a Layerloom project",
        why=why,
        where=where,
        hint="Choose a .loom file that Layerloom saved.",
    )


class _Reader:
    """Reads one document; what is wrong is told with its place in the file."""

    def __init__(self, where: str) -> None:
        self.notes: list[str] = []
        self._where = where

    def project(self, document: Mapping[str, Any]) -> Project:
        """Build the project."""
        known = {"format", "version", "name", "notes", "recipe"} | _GRAPH_KEYS
        recipe, unknown = self._recipe(document.get("recipe", {}))
        extra = {key: value for key, value in document.items() if key not in known}
        return Project(
            name=self._title(document.get("name", "Untitled"), "name") or "Untitled",
            notes=self._text(document.get("notes", ""), "notes", longest=LARGEST_TEXT),
            recipe=recipe,
            graph=self._with_definitions(document),
            extra={**extra, "recipe": unknown} if unknown else extra,
        )

    def _recipe(self, value: object) -> tuple[Recipe, dict[str, Any]]:
        """Return the recipe, and the settings of a newer version."""
        settings = self._mapping(value, "recipe")
        known = {name: settings[name] for name in settings if name in Recipe.__struct_fields__}
        unknown = {name: settings[name] for name in settings if name not in known}
        if unknown:
            names = ", ".join(sorted(name[:40] for name in unknown))
            self.notes.append(
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
            raise self._misread(error, "recipe", Recipe) from error
        except ParameterError as error:
            raise self._wrong("recipe", str(error)) from error
        return recipe, unknown

    def _graph(self, document: Mapping[str, Any], place: str) -> Graph:
        nodes: dict[NodeId, Node] = {}
        taken = _Names()
        for number, item in enumerate(self._list(document.get("nodes", []), f"{place}nodes")):
            node = self._node(item, f"{place}nodes[{number}]", taken)
            if node.id in nodes:
                raise self._wrong(f"{place}nodes[{number}]", f"The id {node.id!r} is used twice.")
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
        fields = self._mapping(item, place)
        kind = self._text(fields.get("kind"), f"{place}.kind")
        name = self._title(fields.get("name", kind), f"{place}.name")
        return Node(
            id=NodeId(self._text(fields.get("id"), f"{place}.id", longest=64)),
            kind=kind,
            name=taken.unique(identifier(name)),
            title=self._title(fields.get("title", ""), f"{place}.title"),
            params=self._params(fields.get("params", {}), f"{place}.params"),
            definition=self._text(fields.get("definition", ""), f"{place}.definition"),
            repeat=self._value(fields.get("repeat", 1), f"{place}.repeat"),
            share_weights=self._flag(fields.get("share_weights", False), f"{place}.share_weights"),
            shares=self._shares(fields.get("shares"), f"{place}.shares"),
            called=self._called(fields.get("called", {}), f"{place}.called"),
            position=self._position(fields.get("position", [0, 0]), f"{place}.position"),
            frozen=self._flag(fields.get("frozen", False), f"{place}.frozen"),
            learning=self._learning(fields.get("learning", {}), f"{place}.learning"),
            bypassed=self._flag(fields.get("bypassed", False), f"{place}.bypassed"),
            extra={key: value for key, value in fields.items() if key not in _NODE_KEYS},
        )

    def _learning(self, value: object, place: str) -> Learning:
        try:
            return read_learning(self._mapping(value, place))
        except msgspec.ValidationError as error:
            raise self._misread(error, place, Learning) from error
        except ParameterError as error:
            raise self._wrong(place, str(error)) from error

    def _params(self, value: object, place: str) -> dict[str, Value]:
        return {
            name: self._value(item, f"{place}.{name}")
            for name, item in self._mapping(value, place).items()
        }

    def _value(self, value: object, place: str) -> Value:
        if isinstance(value, dict) and value.keys() == {"formula"}:
            return Formula(self._text(value["formula"], place))
        return value

    def _shares(self, value: object, place: str) -> NodeId | None:
        return None if value is None else NodeId(self._text(value, place, longest=64))

    def _called(self, value: object, place: str) -> dict[str, str]:
        texts = {
            port: self._text(name, f"{place}.{port}", longest=_LONGEST_WORD)
            for port, name in self._mapping(value, place).items()
        }
        return {port: identifier(name) for port, name in texts.items()}

    def _position(self, value: object, place: str) -> tuple[float, float]:
        numbers = self._list(value, place)
        good = len(numbers) == 2 and all(
            isinstance(number, int | float) and not isinstance(number, bool) for number in numbers
        )
        if not good or not all(math.isfinite(n) and abs(n) <= FARTHEST for n in numbers):
            raise self._wrong(place, "A place is two numbers within ten million.")
        return float(numbers[0]), float(numbers[1])

    def _links(self, value: object, place: str, nodes: Mapping[NodeId, Node]) -> tuple[Link, ...]:
        links: dict[Link, None] = {}
        for number, item in enumerate(self._list(value, place)):
            ends = self._list(item, f"{place}[{number}]")
            if len(ends) != 4 or not all(isinstance(end, str) for end in ends):
                raise self._wrong(f"{place}[{number}]", "A wire is [from, port, to, port].")
            link = Link(End(NodeId(ends[0]), ends[1]), End(NodeId(ends[2]), ends[3]))
            if link.source.node in nodes and link.target.node in nodes:
                links[link] = None
            else:
                self.notes.append(
                    f"A wire led to a layer that is not in the file ({place}[{number}])."
                )
        return tuple(links)

    def _bends(
        self, value: object, place: str, links: Collection[Link]
    ) -> dict[Link, tuple[Point, ...]]:
        there = set(links)
        bends: dict[Link, tuple[Point, ...]] = {}
        for number, item in enumerate(self._list(value, place)):
            at = f"{place}[{number}]"
            fields = self._list(item, at)
            if len(fields) != 5 or not all(isinstance(end, str) for end in fields[:4]):
                raise self._wrong(at, "A bent wire is [from, port, to, port, points].")
            link = Link(End(NodeId(fields[0]), fields[1]), End(NodeId(fields[2]), fields[3]))
            points = self._list(fields[4], at)[:MOST_BENDS]
            if link in there and points:
                bends[link] = tuple(self._position(point, at) for point in points)
        return bends

    def _frames(self, value: object, place: str, nodes: Mapping[NodeId, Node]) -> tuple[Frame, ...]:
        frames = []
        for number, item in enumerate(self._list(value, place)):
            fields = self._mapping(item, f"{place}[{number}]")
            members = self._list(fields.get("nodes", []), f"{place}[{number}].nodes")
            frames.append(
                Frame(
                    id=self._text(fields.get("id"), f"{place}[{number}].id", longest=64),
                    title=self._title(fields.get("title", ""), f"{place}[{number}].title"),
                    nodes=tuple(
                        dict.fromkeys(
                            NodeId(m) for m in members if isinstance(m, str) and m in nodes
                        )
                    ),
                    colour=_short_text(fields.get("colour")),
                    folded=fields.get("folded") is True,
                    large_title=fields.get("large_title") is True,
                    extra={key: item for key, item in fields.items() if key not in _FRAME_KEYS},
                )
            )
        return tuple(frames)

    def _with_definitions(self, document: Mapping[str, Any]) -> Graph:
        items = self._mapping(document.get("definitions", {}), "definitions")
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
                self._text(line, f"code.{name[:40]}[{number}]", longest=LARGEST_CODE)
                for number, line in enumerate(self._list(lines, f"code.{name[:40]}"))
            )
            for name, lines in self._mapping(value, "code").items()
        }

    def _definition(self, key: str, item: object, place: str) -> Definition:
        fields = self._mapping(item, place)
        return Definition(
            name=self._title(fields.get("name", key), f"{place}.name"),
            summary=self._title(fields.get("summary", ""), f"{place}.summary"),
            parameters=self._params(fields.get("parameters", {}), f"{place}.parameters"),
            graph=self._graph(fields, f"{place}."),
            extra={name: item for name, item in fields.items() if name not in _DEFINITION_KEYS},
        )

    def _title(self, value: object, place: str) -> str:
        """Read a text that is only shown: a long one is cut rather than the file refused."""
        text = self._text(value, place, longest=LARGEST_TEXT)
        if len(text) > _LONGEST_TITLE:
            self.notes.append(
                f"A text was longer than {_LONGEST_TITLE} letters and was cut ({place})."
            )
        return text[:_LONGEST_TITLE]

    def _text(self, value: object, place: str, *, longest: int = 400) -> str:
        if not isinstance(value, str):
            raise self._wrong(place, f"Text is expected, not {_what(value)}.")
        if len(value) > longest:
            raise self._wrong(place, f"The text is longer than {longest} letters.")
        if any(0xD800 <= ord(letter) <= 0xDFFF for letter in value):
            raise self._wrong(place, "The text holds half a character.")
        return value

    def _flag(self, value: object, place: str) -> bool:
        if not isinstance(value, bool):
            raise self._wrong(place, f"true or false is expected, not {_what(value)}.")
        return value

    def _mapping(self, value: object, place: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._wrong(place, f"An object is expected, not {_what(value)}.")
        return value

    def _list(self, value: object, place: str) -> list[Any]:
        if not isinstance(value, list):
            raise self._wrong(place, f"A list is expected, not {_what(value)}.")
        return value

    def _misread(self, error: msgspec.ValidationError, place: str, holder: type) -> ProjectError:
        return self._wrong(place + place_of(error), reason_of(error, holder))

    def _wrong(self, place: str, why: str) -> ProjectError:
        place = place.encode("utf-8", "backslashreplace").decode()
        return ProjectError(
            "The project file is damaged",
            why=f"At {place.rstrip('.') or 'the top'}: {why}",
            where=self._where,
            hint="Open a backup, or mend the file with a text editor.",
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
_LONGEST_WORD = 40
_FRAME_KEYS = frozenset({"id", "title", "nodes", "colour", "folded", "large_title"})
_GRAPH_KEYS = {"flow", "nodes", "links", "bends", "frames", "definitions", "code"}


def _without_defaults(recipe: Recipe) -> dict[str, object]:
    return {
        name: msgspec.to_builtins(getattr(recipe, name))
        for name in Recipe.__struct_fields__
        if getattr(recipe, name) != getattr(Recipe(), name)
    }


def _what(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "an object"


def _short_text(value: object) -> str:
    """Return a word as it came, whether or not this version knows it."""
    return value if isinstance(value, str) and len(value) <= _LONGEST_WORD else ""
