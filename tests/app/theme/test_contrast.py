"""The contrast of every pair of colours that the interface puts on one another.

The judge is the formula of WCAG 2.2, written out here.
"""

from typing import get_args

import pytest
from PySide6.QtGui import QColor

from app.theme.tokens import ThemeName, load_theme

TEXT, GRAPHICS = 4.5, 3.0
SURFACES = ("canvas", "window", "panel", "raised", "hover")
INKS = ("text", "text2", "text3", "accent", "err", "warn", "ok")
THEMES: tuple[ThemeName, ...] = get_args(ThemeName)
HIGH_CONTRAST: tuple[ThemeName, ...] = ("contrast-dark", "contrast-light")


def luminance(colour: QColor) -> float:
    linear = [
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: QColor, other: QColor) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_formula_gives_the_known_extremes() -> None:
    assert contrast(QColor("black"), QColor("white")) == pytest.approx(21)
    assert contrast(QColor("white"), QColor("white")) == pytest.approx(1)


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("ink", INKS)
def test_text_can_be_read_on_every_surface(name: ThemeName, surface: str, ink: str) -> None:
    colours = load_theme(name).colours

    assert contrast(colours[ink], colours[surface]) >= TEXT


@pytest.mark.parametrize("name", HIGH_CONTRAST)
@pytest.mark.parametrize("surface", SURFACES)
def test_high_contrast_reaches_the_stricter_level(name: ThemeName, surface: str) -> None:
    colours = load_theme(name).colours

    assert min(contrast(colours[ink], colours[surface]) for ink in INKS) >= 7.0
    assert contrast(colours.ctl, colours[surface]) >= TEXT


@pytest.mark.parametrize("name", HIGH_CONTRAST)
def test_high_contrast_draws_every_border(name: ThemeName) -> None:
    theme = load_theme(name)
    surface = theme.colours.canvas

    assert surface.name() in ("#000000", "#ffffff")
    for edge in (theme.colours.line, theme.colours.line2, theme.card_border, theme.colours.wire):
        assert contrast(edge, surface) >= TEXT


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("ink", ["text", "text2"])
def test_the_two_strong_inks_can_be_read_on_pressed(name: ThemeName, ink: str) -> None:
    colours = load_theme(name).colours

    assert contrast(colours[ink], colours.pressed) >= 6.0 - 0.05


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize(
    ("ink", "surface"),
    [
        ("on_accent", "accent_fill"),
        ("on_accent", "accent_hover"),
        ("text", "accent_soft"),
        ("text2", "accent_soft"),
        ("accent", "accent_soft"),
        ("err", "err_soft"),
        ("warn", "warn_soft"),
        ("ok", "ok_soft"),
        ("text", "err_soft"),
        ("text", "warn_soft"),
        ("text", "ok_soft"),
        ("val", "panel"),
        ("train", "panel"),
    ],
)
def test_coloured_surfaces_and_curves_can_be_read(name: ThemeName, ink: str, surface: str) -> None:
    colours = load_theme(name).colours

    assert contrast(colours[ink], colours[surface]) >= TEXT


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("surface", ["window", "panel", "raised"])
def test_switches_and_unselected_marks_can_be_seen(name: ThemeName, surface: str) -> None:
    colours = load_theme(name).colours

    assert contrast(colours.ctl, colours[surface]) >= GRAPHICS


@pytest.mark.parametrize("name", THEMES)
def test_wires_can_be_seen_on_the_canvas(name: ThemeName) -> None:
    colours = load_theme(name).colours

    assert contrast(colours.wire, colours.canvas) >= GRAPHICS


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize(
    "category", ["data", "conv", "linear", "norm", "act", "pool", "seq", "attn", "loss", "shape"]
)
def test_category_tiles_can_be_seen_and_their_glyphs_read(name: ThemeName, category: str) -> None:
    theme = load_theme(name)
    tile = theme.category[category]

    assert contrast(tile, theme.colours.raised) >= GRAPHICS
    assert contrast(tile, theme.colours.canvas) >= GRAPHICS
    assert contrast(tile, theme.tile_glyph) >= GRAPHICS


@pytest.mark.parametrize("name", THEMES)
def test_compared_runs_can_be_seen_on_panels(name: ThemeName) -> None:
    theme = load_theme(name)

    assert len(theme.runs) == len(theme.run_dashes) == 6
    for run in theme.runs:
        assert contrast(run, theme.colours.panel) >= GRAPHICS


@pytest.mark.parametrize(
    ("name", "ink", "ratios"),
    [
        ("dark", "text", (15.4, 14.9, 14.1, 12.9, 11.3)),
        ("dark", "text2", (9.2, 8.9, 8.5, 7.7, 6.7)),
        ("dark", "text3", (6.2, 6.0, 5.7, 5.2, 4.5)),
        ("dark", "accent", (7.9, 7.7, 7.3, 6.6, 5.8)),
        ("dark", "err", (8.1, 7.8, 7.4, 6.7, 5.9)),
        ("dark", "warn", (9.9, 9.6, 9.1, 8.3, 7.2)),
        ("dark", "ok", (9.6, 9.3, 8.8, 8.1, 7.0)),
        ("light", "text", (15.4, 14.5, 16.0, 16.5, 14.4)),
        ("light", "text2", (7.3, 6.8, 7.5, 7.8, 6.8)),
        ("light", "text3", (5.2, 4.9, 5.4, 5.6, 4.9)),
        ("light", "accent", (6.0, 5.7, 6.3, 6.5, 5.7)),
        ("light", "err", (6.1, 5.7, 6.3, 6.5, 5.7)),
        ("light", "warn", (5.9, 5.5, 6.1, 6.3, 5.5)),
        ("light", "ok", (6.1, 5.7, 6.3, 6.5, 5.7)),
    ],
)
def test_the_ratios_are_those_of_the_design(
    name: ThemeName, ink: str, ratios: tuple[float, ...]
) -> None:
    colours = load_theme(name).colours

    measured = [contrast(colours[ink], colours[surface]) for surface in SURFACES]

    assert measured == pytest.approx(ratios, abs=0.06)
