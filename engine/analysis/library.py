"""The definitions of a drawing, and what was found of their insides.

An inside is looked at once for each set of parameters and of tensors that arrive: equal uses of a
definition share one report, and so do later versions of the drawing that leave it as it is.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Final, NamedTuple, TypeAlias

import msgspec

from engine.analysis.report import ShapeReport
from engine.graph.composites import composites_in, reached_from
from engine.graph.elements import Definition, Formula, Graph, Node, Value
from engine.graph.expressions import names_in
from nodes.errors import GraphError
from nodes.tensors import TensorType

DEEPEST: Final = 24
"""How many composites may stand within each other."""

MOST_LAYERS: Final = 20_000
"""How many layers a drawing may have, those inside of each use of a composite counted."""

INDEX: Final = ("i", "n")
"""What formulas in a repeat call its number, from 0, and how many there are."""

_KEPT: Final = 4096


class Setting(NamedTuple):
    """What an inside is looked at with."""

    values: Mapping[str, Value]
    """What the names in its formulas stand for."""

    entering: Mapping[str, TensorType]
    """What arrives at its inputs; those not named are not known."""


class _Key(NamedTuple):
    definition: str
    values: bytes
    entering: tuple[tuple[str, TensorType], ...]


Look: TypeAlias = Callable[[Graph, Setting, "Library", ShapeReport | None], ShapeReport]


class Library:
    """The definitions of one version of a drawing.

    Args:
        look: Looks at an inside; may be given an earlier report on it.
        code: Of layers of one's own, by name.
        previous: The library of an earlier version, to take unchanged reports from.
    """

    def __init__(
        self,
        definitions: Mapping[str, Definition],
        look: Look,
        previous: "Library | None",
        code: Mapping[str, str],
    ) -> None:
        self.definitions = definitions
        self.code = code
        self._look = look
        self._previous = previous
        self._bodies: dict[_Key, ShapeReport] = {}
        self._reached: dict[str, dict[str, None]] = {}
        if previous is not None:
            previous.forget()

    def __eq__(self, other: object) -> bool:
        # Layers are equal where they say the same, whichever analysis they come from.
        return isinstance(other, Library)

    __hash__ = None  # type: ignore[assignment]

    def forget(self) -> None:
        """Let go of the library before this one."""
        self._previous = None

    def body(self, key: str, setting: Setting, earlier: ShapeReport | None = None) -> ShapeReport:
        """Return the report on an inside.

        Args:
            earlier: A report on the same use of the definition before it changed.
        """
        values = msgspec.json.encode(setting.values, order="sorted")
        place = _Key(key, values, tuple(sorted(setting.entering.items(), key=lambda item: item[0])))
        found = self.found(place)
        if found is not None:
            return found
        previous = self._previous
        before = previous.found(place) if previous is not None else None
        if before is None or previous is None or not self.is_same(key, previous):
            inside = msgspec.structs.replace(
                self.definitions[key].graph, definitions=self.definitions, code=self.code
            )
            before = self._look(inside, setting, self, before or earlier)
        if len(self._bodies) >= _KEPT:
            self._bodies.clear()
        self._bodies[place] = before
        return before

    def found(self, place: "_Key") -> ShapeReport | None:
        """Return a report that is there already."""
        return self._bodies.get(place)

    def is_same(self, key: str, other: "Library") -> bool:
        """Whether a definition, and all that it uses, is what it was in another library."""
        if self is other:
            return True
        if self.code is not other.code and self.code != other.code:
            return False
        mine, theirs = self.definitions, other.definitions
        return all(mine[name] is theirs.get(name) for name in self.reached(key))

    def reached(self, key: str) -> dict[str, None]:
        """Return a definition and all that it uses."""
        found = self._reached.get(key)
        if found is None:
            found = self._reached[key] = reached_from(self.definitions, (key,))
        return found

    def uses_index(self, key: str) -> bool:
        """Whether formulas right in a definition use the number of a repeat."""
        return key in self._using_index

    def checked(self, key: str) -> Definition:
        """Return a definition that can be looked into.

        Raises:
            GraphError: It is not there, holds itself, or is nested too deeply.
        """
        definition = self.definitions.get(key)
        if definition is None:
            raise GraphError(
                f"There is no composite “{key[:40]}”",
                why="The project does not hold what this block is made of.",
                hint="Remove the block, or paste it again from where it came from.",
            )
        height = self._heights.get(key, DEEPEST + 1)
        if height > DEEPEST:
            raise _endless(definition.name) if height == _ENDLESS else _too_deep(definition.name)
        return definition

    @cached_property
    def _using_index(self) -> frozenset[str]:
        return frozenset(
            key
            for key, definition in self.definitions.items()
            if any(_uses_index(node) for node in definition.graph.nodes.values())
        )

    @cached_property
    def _heights(self) -> dict[str, float]:
        """How many composites stand within each other in each; endless where one holds itself."""
        heights: dict[str, float] = {}
        open_: set[str] = set()
        for first in self.definitions:
            stack = [(first, False)]
            while stack:
                key, ready = stack.pop()
                inner = self._inside_of(key)
                if ready:
                    open_.discard(key)
                    heights[key] = 1 + max(
                        (heights.get(other, _ENDLESS) for other in inner), default=0
                    )
                elif key not in heights and key not in open_:
                    open_.add(key)
                    stack.append((key, True))
                    stack.extend((other, False) for other in inner)
        return heights

    def _inside_of(self, key: str) -> list[str]:
        nodes = self.definitions[key].graph.nodes.values()
        used = dict.fromkeys(node.definition for node in composites_in(nodes))
        return [other for other in used if other in self.definitions]


_ENDLESS: Final = float("inf")


def _uses_index(node: Node) -> bool:
    formulas = [
        value for value in (*node.params.values(), node.repeat) if isinstance(value, Formula)
    ]
    return any(not names_in(value.formula).isdisjoint(INDEX) for value in formulas)


def _endless(name: str) -> GraphError:
    return GraphError(
        f"“{name[:40]}” holds itself",
        why="A composite within itself would never end.",
        hint="Take it out of its own inside.",
    )


def _too_deep(name: str) -> GraphError:
    return GraphError(
        f"“{name[:40]}” is nested too deeply",
        why=f"At most {DEEPEST} composites stand within each other.",
        hint="Dissolve some of them.",
    )
