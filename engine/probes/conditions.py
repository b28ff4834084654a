"""Conditions on the figures of a layer, read and computed by hand: ``std > 10 or has NaN``.

Nothing of a condition is ever run as code; what stands on either side of a comparison is a formula.
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from engine.graph.expressions import evaluate, names_in
from nodes.errors import FormulaError

NAMES: Final = ("mean", "std", "min", "max", "norm", "zeros", "nan", "inf")
"""What a condition can ask of."""

_SIGNS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
_SPLIT: Final = re.compile(r"(<=|>=|==|!=|<|>)")
_HAS: Final = re.compile(r"\s*has\s+(nan|inf)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Comparison:
    left: str
    sign: str
    right: str

    def holds(self, figures: Mapping[str, float]) -> bool:
        left, right = (evaluate(side, figures) for side in (self.left, self.right))
        assert isinstance(left, int | float) and isinstance(right, int | float), "figures are"
        return _SIGNS[self.sign](left, right)


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is so or not of the figures of a layer."""

    text: str
    choices: tuple[tuple[_Comparison, ...], ...]
    """One of them must hold whole."""

    def holds(self, figures: Mapping[str, float]) -> bool:
        """Say whether it is so; a figure that cannot be computed with is not so."""
        try:
            return any(all(part.holds(figures) for part in choice) for choice in self.choices)
        except FormulaError:
            return False


def read_condition(text: str) -> Condition:
    """Read a condition.

    Raises:
        FormulaError: It cannot be read; says why.
    """
    choices = tuple(
        tuple(_comparison(part) for part in re.split(r"\band\b", choice))
        for choice in re.split(r"\bor\b", text)
    )
    condition = Condition(text, choices)
    for part in (part for choice in choices for part in choice):
        # Once with any numbers that differ: what cannot be computed is told now.
        part.holds({name: 2.5 + place**3 for place, name in enumerate(NAMES)})
    return condition


def _comparison(text: str) -> _Comparison:
    has = _HAS.fullmatch(text)
    if has is not None:
        return _Comparison(has[1].lower(), ">", "0")
    parts = _SPLIT.split(text)
    if len(parts) != 3:
        raise FormulaError(
            "This is no condition",
            position=0,
            why=f"“{text.strip()[:40]}” compares nothing.",
            hint="Write one such as std > 10, or has NaN.",
        )
    unknown = (names_in(parts[0]) | names_in(parts[2])) - set(NAMES)
    if unknown:
        raise FormulaError(
            f"There is no figure called {min(unknown)}",
            position=0,
            why=f"A condition can ask of {', '.join(NAMES)}.",
            hint="Use one of these.",
        )
    return _Comparison(parts[0].strip(), parts[1], parts[2].strip())
