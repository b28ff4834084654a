"""Sizes of tensors: whole numbers, or polynomials over letters such as ``N`` and ``H``.

Shape rules are ordinary arithmetic (``+ - * //``) on either. A result that no longer holds a
letter is a plain ``int`` again, so known shapes never carry symbols.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class FloorQuotient:
    """A division that does not come out even for every value of its letters."""

    numerator: "SymbolicSize"
    divisor: int

    def __str__(self) -> str:
        text = str(self.numerator)
        return f"{text if text.isidentifier() else f'({text})'}//{self.divisor}"


Atom: TypeAlias = str | FloorQuotient
Monomial: TypeAlias = tuple[Atom, ...]


@dataclass(frozen=True, slots=True)
class SymbolicSize:
    """A sum of products of letters, kept sorted so that equal sizes compare equal."""

    terms: tuple[tuple[Monomial, int], ...]

    def __add__(self, other: "Size") -> "Size":
        return _sum(_terms(self), _terms(other))

    def __radd__(self, other: int) -> "Size":
        return self + other

    def __neg__(self) -> "Size":
        return self * -1

    def __sub__(self, other: "Size") -> "Size":
        return self + -other

    def __rsub__(self, other: int) -> "Size":
        return -self + other

    def __mul__(self, other: "Size") -> "Size":
        product: dict[Monomial, int] = {}
        for left, a in _terms(self).items():
            for right, b in _terms(other).items():
                key = tuple(sorted(left + right, key=str))
                product[key] = product.get(key, 0) + a * b
        return _size(product)

    def __rmul__(self, other: int) -> "Size":
        return self * other

    def __floordiv__(self, divisor: int) -> "Size":
        if divisor < 1:
            raise ValueError(f"a size is divided by {divisor}")
        whole: dict[Monomial, int] = {}
        rest: dict[Monomial, int] = {}
        for monomial, factor in self.terms:
            quotient, remainder = divmod(factor, divisor)
            whole[monomial] = quotient
            rest[monomial] = remainder
        remaining = _size(rest)
        if isinstance(remaining, int):
            # The letters divide evenly; what is left of the constant is less than the divisor.
            return _size(whole)
        nested = _one_quotient(rest)
        if nested is not None:
            # A quotient divided again is one division: ⌊(⌊H/2⌋+1)/2⌋ is ⌊(H+2)/4⌋.
            merged = nested.numerator + rest.get((), 0) * nested.divisor
            return _size(whole) + merged // (nested.divisor * divisor)
        return _size(whole) + SymbolicSize((((FloorQuotient(remaining, divisor),), 1),))

    def __str__(self) -> str:
        text = ""
        for monomial, factor in sorted(self.terms, key=lambda term: (not term[0], str(term[0]))):
            sign = "-" if factor < 0 else "+" if text else ""
            alone = factor == 1 and len(monomial) == 1
            names = [str(atom) if alone else _factor(atom) for atom in monomial]
            if abs(factor) != 1 or not names:
                names.insert(0, str(abs(factor)))
            text += sign + "*".join(names)
        return text

    def __repr__(self) -> str:
        return f"SymbolicSize({self})"


def _factor(atom: Atom) -> str:
    # Python divides from the left, and a minus would go before the division.
    return f"({atom})" if isinstance(atom, FloorQuotient) else atom


Size: TypeAlias = int | SymbolicSize


def symbol(name: str) -> SymbolicSize:
    """Return a free size that is written as ``name``."""
    return SymbolicSize((((name,), 1),))


BATCH = symbol("N")
"""The size of the batch: free in every drawing, and left out of what people read."""


def substitute(size: Size, values: Mapping[str, Size]) -> Size:
    """Put ``values`` in the place of letters; letters without a value stay."""
    if isinstance(size, int):
        return size
    total: Size = 0
    for monomial, factor in size.terms:
        product: Size = factor
        for atom in monomial:
            if isinstance(atom, FloorQuotient):
                product = product * (substitute(atom.numerator, values) // atom.divisor)
            else:
                product = product * values.get(atom, symbol(atom))
        total = total + product
    return total


def known(size: Size) -> int | None:
    """Return the number, or None while a letter is free."""
    return size if isinstance(size, int) else None


def product(sizes: Iterable[Size]) -> Size:
    """Multiply sizes; the product of none is 1."""
    total: Size = 1
    for size in sizes:
        total = total * size
    return total


def divides(divisor: int, size: Size) -> bool:
    """Whether a division comes out even, whatever stands for the letters."""
    return all(factor % divisor == 0 for factor in _terms(size).values())


def letters_of(size: Size) -> frozenset[str]:
    """Return the letters that a size rests on."""
    if isinstance(size, int):
        return frozenset()
    atoms = (atom for monomial, _ in size.terms for atom in monomial)
    return frozenset().union(*(_letters_within(atom) for atom in atoms))


def written(size: Size) -> str:
    """Write a size as people do: ``⌊H/2⌋``, ``⌈H/2⌉``, products with a point, sums in brackets."""
    if isinstance(size, int):
        return str(size)
    text = _written_sum(size)
    return f"({text})" if len(size.terms) > 1 else text


def counted(size: Size) -> int:
    """Return the number, or 0 while a letter is free and there is nothing to count yet."""
    return size if isinstance(size, int) else 0


def _letters_within(atom: Atom) -> frozenset[str]:
    return frozenset((atom,)) if isinstance(atom, str) else letters_of(atom.numerator)


def _written_sum(size: SymbolicSize) -> str:
    text = ""
    for monomial, factor in sorted(size.terms, key=lambda term: (not term[0], str(term[0]))):
        sign = "−" if factor < 0 else "+" if text else ""
        number = str(abs(factor)) if abs(factor) != 1 or not monomial else ""
        text += sign + number + "·".join(_written_atom(atom) for atom in monomial)
    return text


def _written_atom(atom: Atom) -> str:
    if isinstance(atom, str):
        return atom
    rest = atom.numerator - (atom.divisor - 1)
    if isinstance(rest, SymbolicSize) and all(monomial for monomial, _ in rest.terms):
        return f"⌈{written(rest)}/{atom.divisor}⌉"
    return f"⌊{written(atom.numerator)}/{atom.divisor}⌋"


def _one_quotient(terms: Mapping[Monomial, int]) -> FloorQuotient | None:
    """Return the quotient that is all there is beside a number."""
    kept = [(monomial, factor) for monomial, factor in terms.items() if factor and monomial]
    if len(kept) == 1 and kept[0][1] == 1 and len(kept[0][0]) == 1:
        atom = kept[0][0][0]
        return atom if isinstance(atom, FloorQuotient) else None
    return None


def _terms(size: Size) -> dict[Monomial, int]:
    if isinstance(size, int):
        return {(): size}
    return dict(size.terms)


def _sum(left: dict[Monomial, int], right: dict[Monomial, int]) -> Size:
    total = dict(left)
    for monomial, factor in right.items():
        total[monomial] = total.get(monomial, 0) + factor
    return _size(total)


def _size(terms: dict[Monomial, int]) -> Size:
    kept = {monomial: factor for monomial, factor in terms.items() if factor}
    if not kept:
        return 0
    if len(kept) == 1 and () in kept:
        return kept[()]
    return SymbolicSize(tuple(sorted(kept.items(), key=lambda term: str(term[0]))))
