"""The page of a layer as HTML: what it does, when to use it, its sizes and its parameters."""

from __future__ import annotations

import ast
from html import escape

from app.theme import Theme
from nodes.catalogue import CATEGORIES
from nodes.layer import Layer, Port, short
from nodes.own_code import parsed
from nodes.own_layer import OwnLayer
from nodes.params import LARGEST, Field, fields_of


def page_of(layer: type[Layer], theme: Theme) -> str:
    """Write the page of a kind of layer in the colours of a theme."""
    info = layer.info
    is_own = issubclass(layer, OwnLayer)
    place = "Written in Python" if is_own else f"{CATEGORIES[info.category]} · {layer.__name__}"
    parts = [
        f"<p class='title'>{escape(info.title)}</p>",
        f"<p class='quiet'>{escape(place)}</p>",
        f"<p>{escape(info.summary)}</p>",
        f"<p>{escape(info.when)}</p>" if info.when else "",
        _section("Sizes of one sample", info.shape, mono=True),
        _section("Formula", info.formula, mono=True),
        _section("Takes", _ports(info.inputs), mono=True) if is_own else "",
        _section("Gives", _ports(info.outputs), mono=True) if is_own else "",
        _parameters(layer),
        _section("About its code", _docstring(layer)),
        _section("Also called", ", ".join(info.aliases)),
        _section("Where it comes from", info.reference),
        f"<p><a href='{escape(info.link, quote=True)}'>Reference of torch</a></p>"
        if info.link
        else "",
    ]
    return f"<style>{_style(theme)}</style>{''.join(parts)}"


def _section(title: str, text: str, *, mono: bool = False) -> str:
    if not text:
        return ""
    kind = " class='mono'" if mono else ""
    return f"<p class='part'>{escape(title)}</p><p{kind}>{escape(text)}</p>"


def _ports(ports: tuple[Port, ...]) -> str:
    return ", ".join(
        f"{port.name} (if connected)" if port.optional else port.name for port in ports
    )


def _docstring(layer: type[Layer]) -> str:
    """Return what the text of a layer of one's own says of itself, as where it is from."""
    if layer is OwnLayer or not issubclass(layer, OwnLayer):
        return ""
    return ast.get_docstring(parsed(layer.code.text)) or ""


def _parameters(layer: type[Layer]) -> str:
    fields = [field for field in fields_of(layer) if field.editor != "fields"]
    if not fields:
        return ""
    return "<p class='part'>Parameters</p>" + "".join(_parameter(field) for field in fields)


def _parameter(field: Field) -> str:
    facts = [fact for fact in (_default(field), _range(field), _typical(field)) if fact]
    quiet = f"<br><span class='quiet'>{escape('. '.join(facts))}.</span>" if facts else ""
    return f"<p><b>{escape(field.param.label)}</b><br>{escape(field.param.help)}{quiet}</p>"


def _default(field: Field) -> str:
    return "" if field.required else f"Default {short(field.default)}"


def _range(field: Field) -> str:
    low, high = field.param.low, field.param.high
    if field.editor not in ("int", "float", "span", "ints") or low is None:
        return ""
    if high is None or high >= LARGEST:
        return f"From {low:g} up"
    return f"From {low:g} to {high:g}"


def _typical(field: Field) -> str:
    values = ", ".join(short(value) for value in field.param.suggest)
    return f"Typical {values}" if values else ""


def _style(theme: Theme) -> str:
    colours = theme.colours
    mono = theme.type.families.mono
    return (
        f"p {{ color: {colours.text.name()}; line-height: 140%; margin: 0 0 10px 0; }}"
        ".title { font-size: 15px; font-weight: 600; margin: 0; }"
        ".part { font-weight: 600; margin: 14px 0 4px 0; }"
        f".quiet {{ color: {colours.text2.name()}; }}"
        f".mono {{ font-family: '{mono}'; font-size: 12px; }}"
        f"a {{ color: {colours.accent.name()}; }}"
    )
