"""Reading what is typed into quick add: words that name a layer, and parameters behind them.

``conv 32 3x3 s2 relu`` means a convolution with 32 channels, a 3×3 kernel and stride 2, and a ReLU
fused into it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from nodes.catalogue import kind_named
from nodes.params import Field, fields_of

_PAIR = re.compile(r"(\d+)[x×](\d+)")
_NAMED = re.compile(r"([a-z_]+)[=:]?(\d*\.?\d+)")
_NUMBER = re.compile(r"\d*\.?\d+")

_SHORT = {
    "k": "kernel_size",
    "s": "stride",
    "stride": "stride",
    "p": "padding",
    "pad": "padding",
    "d": "dilation",
    "g": "groups",
    "c": "out_channels",
    "f": "out_features",
    "h": "num_heads",
}


@dataclass(frozen=True, slots=True)
class QuickText:
    """What was typed, taken apart."""

    words: str
    """What to search for."""

    numbers: tuple[float, ...] = ()
    pairs: tuple[tuple[int, int], ...] = ()
    named: tuple[tuple[str, float], ...] = ()
    activation: str = ""
    """What is to be fused into the layer, by the name that was typed."""

    @property
    def has_parameters(self) -> bool:
        return bool(self.numbers or self.pairs or self.named or self.activation)

    def with_activation(self) -> QuickText | None:
        """Take the last word for an activation of the layer before; None for a single word."""
        words, _, last = self.words.rpartition(" ")
        return replace(self, words=words, activation=last) if words else None


def read_quick_text(text: str) -> QuickText:
    """Split what is typed into words and parameters; the first word is always a word."""
    first, *rest = text.casefold().split() or [""]
    words, numbers = [first], list[float]()
    pairs, named = list[tuple[int, int]](), list[tuple[str, float]]()
    for part in rest:
        if match := _PAIR.fullmatch(part):
            pairs.append((int(match[1]), int(match[2])))
        elif _NUMBER.fullmatch(part):
            numbers.append(float(part))
        elif (match := _NAMED.fullmatch(part)) and match[1] in _SHORT:
            named.append((_SHORT[match[1]], float(match[2])))
        else:
            words.append(part)
    return QuickText(" ".join(words), tuple(numbers), tuple(pairs), tuple(named))


def params_for(kind: str, text: QuickText) -> dict[str, object] | None:
    """Return the parameters that a text gives a kind; None where it has no use for one of them.

    Plain numbers go to the first parameters that take one, pairs to the kernel or the size.
    """
    layer = kind_named(kind)
    if layer is None:
        return None
    fields = {field.name: field for field in fields_of(layer)}
    params: dict[str, object] = {}
    for name, number in text.named:
        if name not in fields:
            return None
        params[name] = _as(fields[name], number)
    for pair in text.pairs:
        field = next(
            (f for f in fields.values() if f.editor == "span" and f.name not in params), None
        )
        if field is None:
            return None
        params[field.name] = pair[0] if pair[0] == pair[1] else list(pair)
    for number in text.numbers:
        field = _next_for(number, fields, params)
        if field is None:
            return None
        params[field.name] = _as(field, number)
    if text.activation:
        fused = _activation(fields, text.activation)
        if fused is None:
            return None
        params["activation"] = fused
    return params


def _activation(fields: dict[str, Field], typed: str) -> str | None:
    """Return the activation that can be fused into a layer under a name, if there is one."""
    choices = fields["activation"].choices if "activation" in fields else ()
    return next((choice for choice in choices if choice.casefold() == typed), None)


def _next_for(number: float, fields: dict[str, Field], params: dict[str, object]) -> Field | None:
    whole = number == int(number)
    editors = ("int", "span", "float") if whole else ("float",)
    free = (field for field in fields.values() if field.name not in params)
    return next((field for field in free if field.editor in editors), None)


def _as(field: Field, number: float) -> object:
    return number if field.editor == "float" else int(number)
