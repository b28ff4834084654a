"""Formulas: arithmetic over the parameters of a composite, read and computed by hand.

Nothing of a formula is ever run as code. Its length, its depth, its exponents and the size of its
results are bounded, so that a formula from a stranger takes no time worth speaking of.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple, TypeAlias

from engine.graph.elements import Value
from nodes.errors import FormulaError

Number: TypeAlias = int | float

LONGEST: Final = 200
_DEEPEST: Final = 40
_LARGEST: Final = 10**15
_LARGEST_EXPONENT: Final = 64

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign>\*\*|//|[-+*/%(),]))",
    re.ASCII,
)
_FUNCTIONS: Mapping[str, tuple[Callable[..., Number], int, int]] = {
    "min": (min, 2, 8),
    "max": (max, 2, 8),
    "round": (round, 1, 1),
    "int": (int, 1, 1),
}
"""What each computes, and how few and how many numbers it takes."""


class _Token(NamedTuple):
    kind: str
    text: str
    position: int


def evaluate(formula: str, names: Mapping[str, Value]) -> Value:
    """Compute a formula.

    A formula that is nothing but a name gives what the name stands for, whatever that is; all
    others give a number. A division that comes out even gives a whole number.

    Args:
        names: What the names in it stand for.

    Raises:
        FormulaError: It cannot be read, or gives no number; says at which letter.
    """
    tokens = _tokens(formula)
    if len(tokens) == 2 and tokens[0].kind == "name" and tokens[0].text in names:
        return names[tokens[0].text]
    return _Computation(tokens, names).result()


def names_in(formula: str) -> frozenset[str]:
    """Return the names that a formula needs; of one that cannot be read, those up to there."""
    return frozenset(token.text for token in _words(formula) if _is_variable(formula, token))


def with_names(formula: str, replacements: Mapping[str, str]) -> str:
    """Put other formulas in the place of names."""
    parts: list[str] = []
    done = 0
    for token in _words(formula):
        if _is_variable(formula, token) and token.text in replacements:
            parts += [formula[done : token.position], _in_brackets(replacements[token.text])]
            done = token.position + len(token.text)
    return "".join([*parts, formula[done:]])


def is_name(text: str) -> bool:
    """Whether a formula can use a text as a name."""
    return len(text) <= 40 and bool(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text, re.ASCII))


def _in_brackets(formula: str) -> str:
    plain = is_name(formula) or re.fullmatch(r"\d+(\.\d+)?", formula, re.ASCII)
    return formula if plain else f"({formula})"


def _is_variable(formula: str, token: _Token) -> bool:
    after = formula[token.position + len(token.text) :].lstrip()
    return not (token.text in _FUNCTIONS and after.startswith("("))


def _words(formula: str) -> Iterator[_Token]:
    return (token for token in _scan(formula[:LONGEST]) if token.kind == "name")


def _scan(formula: str) -> Iterator[_Token]:
    position = 0
    while (found := _TOKEN.match(formula, position)) is not None:
        kind = found.lastgroup or ""
        yield _Token(kind, found[kind], found.start(kind))
        position = found.end()
    if formula[position:].strip():
        start = position + len(formula[position:]) - len(formula[position:].lstrip())
        yield _Token("other", formula[start], start)


def _tokens(formula: str) -> list[_Token]:
    if len(formula) > LONGEST:
        raise FormulaError(
            "The formula is too long",
            position=LONGEST,
            why=f"It has {len(formula)} letters; at most {LONGEST} are read.",
            hint="Shorten it, or give the composite another parameter.",
        )
    tokens = list(_scan(formula))
    if tokens and tokens[-1].kind == "other":
        raise FormulaError(
            f"A formula cannot hold “{tokens[-1].text}”",
            position=tokens[-1].position,
            why="It is made of numbers, names, + - * / // % **, parentheses, "
            "and min, max, round and int.",
            hint="Take it out.",
        )
    return [*tokens, _Token("end", "", len(formula))]


class _Computation:
    """One formula on its way to a number, by recursive descent."""

    def __init__(self, tokens: list[_Token], names: Mapping[str, Value]) -> None:
        self._tokens = tokens
        self._names = names
        self._place = 0
        self._depth = 0

    def result(self) -> Number:
        """Compute all of it."""
        value = self._sum()
        if self._next.kind != "end":
            raise self._stumbles()
        return value

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place]

    def _take(self, *signs: str) -> _Token | None:
        token = self._next
        if token.kind != "sign" or token.text not in signs:
            return None
        self._place += 1
        return token

    def _sum(self) -> Number:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise FormulaError(
                "The formula is nested too deeply",
                position=self._next.position,
                why=f"At most {_DEEPEST} parentheses and signs stand within each other.",
                hint="Write it with fewer parentheses.",
            )
        value = self._product()
        while (sign := self._take("+", "-")) is not None:
            value = _computed(sign, value, self._product())
        self._depth -= 1
        return value

    def _product(self) -> Number:
        value = self._signed()
        while (sign := self._take("*", "/", "//", "%")) is not None:
            value = _computed(sign, value, self._signed())
        return value

    def _signed(self) -> Number:
        minus = False
        while (sign := self._take("+", "-")) is not None:
            minus ^= sign.text == "-"
        value = self._power()
        return -value if minus else value

    def _power(self) -> Number:
        base = self._atom()
        sign = self._take("**")
        if sign is None:
            return base
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._stumbles()
        exponent = self._signed()
        self._depth -= 1
        return _computed(sign, base, exponent)

    def _atom(self) -> Number:
        token = self._next
        self._place += 1
        match token.kind:
            case "number":
                return _number(token)
            case "name" if token.text in _FUNCTIONS and self._take("("):
                return self._called(token)
            case "name":
                return self._named(token)
            case "sign" if token.text == "(":
                value = self._sum()
                self._close()
                return value
            case _:
                self._place -= 1
                raise self._stumbles()

    def _called(self, token: _Token) -> Number:
        function, fewest, most = _FUNCTIONS[token.text]
        numbers = [self._sum()]
        while self._take(","):
            numbers.append(self._sum())
        self._close()
        if not fewest <= len(numbers) <= most:
            wanted = "one number" if most == 1 else f"{fewest} to {most} numbers"
            raise FormulaError(
                f"{token.text} takes {wanted}",
                position=token.position,
                why=f"Here it is given {len(numbers)}.",
                hint=f"Give it {wanted}.",
            )
        return function(*numbers)

    def _named(self, token: _Token) -> Number:
        value = self._names.get(token.text)
        if token.text not in self._names:
            known = ", ".join(self._names)
            raise FormulaError(
                f"There is no parameter “{token.text[:40]}”",
                position=token.position,
                why=f"The composite has {known}." if known else "The composite has none.",
                hint="Use one of them, or add a parameter.",
            )
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise FormulaError(
                f"“{token.text[:40]}” is no number",
                position=token.position,
                why="Only numbers can be computed with.",
                hint="Use the name alone, or another parameter.",
            )
        return _bounded(value, token)

    def _close(self) -> None:
        if self._take(")") is None:
            raise self._stumbles()

    def _stumbles(self) -> FormulaError:
        token = self._next
        return FormulaError(
            f"The formula stumbles at “{token.text[:40]}”"
            if token.text
            else "The formula ends early",
            position=token.position,
            why="A number, a name or a parenthesis is expected around there.",
            hint="Write for example width * 2.",
        )


def _number(token: _Token) -> Number:
    if token.text.isdigit() and len(token.text) <= 20:
        return _bounded(int(token.text), token)
    return _bounded(float(token.text), token)


def _computed(sign: _Token, left: Number, right: Number) -> Number:
    try:
        return _bounded(_SIGNS[sign.text](left, right), sign)
    except ZeroDivisionError:
        raise FormulaError(
            "The formula divides by 0",
            position=sign.position,
            why=f"What stands behind {sign.text} comes to 0.",
            hint="Divide by another number.",
        ) from None
    except OverflowError:
        raise _too_large(sign) from None


def _divided(left: Number, right: Number) -> Number:
    if isinstance(left, int) and isinstance(right, int) and left % right == 0:
        return left // right
    return left / right


def _raised(base: Number, exponent: Number) -> Number:
    if abs(exponent) > _LARGEST_EXPONENT or (base < 0 and exponent != int(exponent)):
        raise OverflowError
    power: Number = base**exponent
    return power


_SIGNS: Mapping[str, Callable[[Number, Number], Number]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _divided,
    "//": lambda left, right: left // right,
    "%": lambda left, right: left % right,
    "**": _raised,
}


def _bounded(value: Number, token: _Token) -> Number:
    if not math.isfinite(value) or abs(value) > _LARGEST:
        raise _too_large(token)
    return value


def _too_large(token: _Token) -> FormulaError:
    return FormulaError(
        "The formula gives too large a number",
        position=token.position,
        why=f"Numbers go up to {_LARGEST:.0e}, exponents to {_LARGEST_EXPONENT}.",
        hint="Use smaller numbers.",
    )
