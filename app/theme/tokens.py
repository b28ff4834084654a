"""The look as numbers: colours, type, sizes and radii, read from ``tokens.json``.

No other file in the program holds a colour value. Colours are QColor objects shared by
everybody, so never change one in place; ``faded`` gives a translucent copy.
"""

from functools import cache
from typing import Literal

import msgspec
from PySide6.QtGui import QColor

import resources

ThemeName = Literal["dark", "light", "contrast-dark", "contrast-light"]
StyleName = Literal[
    "display",
    "figure",
    "heading",
    "body",
    "node_title",
    "node_detail",
    "small",
    "micro",
    "shape",
    "code",
]


class Colours(msgspec.Struct, frozen=True, rename="camel"):
    """Surfaces, text and states."""

    canvas: QColor
    dot: QColor
    window: QColor
    panel: QColor
    raised: QColor
    hover: QColor
    pressed: QColor
    line: QColor
    line2: QColor
    ctl: QColor
    text: QColor
    text2: QColor
    text3: QColor
    accent: QColor
    accent_fill: QColor
    accent_hover: QColor
    on_accent: QColor
    accent_soft: QColor
    err: QColor
    err_soft: QColor
    warn: QColor
    warn_soft: QColor
    ok: QColor
    ok_soft: QColor
    train: QColor
    val: QColor
    wire: QColor

    def __getitem__(self, token: str) -> QColor:
        """The colour of a token named at run time, as in ``colours["text2"]``."""
        colour = getattr(self, token)
        assert isinstance(colour, QColor), token
        return colour


class TypeStyle(msgspec.Struct, frozen=True, array_like=True):
    """One size of text."""

    size_px: float
    line_px: int
    weight: int


class TypeStyles(msgspec.Struct, frozen=True, rename="camel"):
    """Every size of text there is."""

    display: TypeStyle
    figure: TypeStyle
    heading: TypeStyle
    body: TypeStyle
    node_title: TypeStyle
    node_detail: TypeStyle
    small: TypeStyle
    micro: TypeStyle
    shape: TypeStyle
    code: TypeStyle


class Families(msgspec.Struct, frozen=True):
    """Names of the bundled fonts."""

    ui: str
    mono: str


class Type(msgspec.Struct, frozen=True):
    """Fonts and their sizes."""

    families: Families
    styles: TypeStyles


class Radii(msgspec.Struct, frozen=True):
    """Corner radii in pixels."""

    small: int
    field: int
    button: int
    tile: int
    card: int
    popup: int
    frame: int


class Sizes(msgspec.Struct, frozen=True, rename="camel"):
    """Heights, (width, height) pairs and distances, in logical pixels."""

    header: int
    rail: int
    status: int
    tab_row: int
    row: int
    field: int
    button: int
    button_small: int
    button_large: int
    chip: int
    node: tuple[int, int]
    node_plain: tuple[int, int]
    node_compact: tuple[int, int]
    tile: int
    port: int
    port_hover: int
    port_step: int
    rank_pitch: int
    column_pitch: int
    grid: int
    snap: int
    preview: tuple[int, int]


class Wires(msgspec.Struct, frozen=True, rename="camel"):
    """Stroke widths by number of dimensions, and how wires turn and break."""

    width1d: float
    width2d: float
    width3d: float
    corner: int
    invalid_dash: tuple[float, ...]


class LevelOfDetail(msgspec.Struct, frozen=True, rename="camel"):
    """Zoom factors at which the canvas draws less, and its limits."""

    far_below: float
    middle_below: float
    zoom_min: float
    zoom_max: float


class Motion(msgspec.Struct, frozen=True):
    """Lengths of animations in milliseconds."""

    arrange: int
    dock: int
    popup: int


class _ThemeColours(msgspec.Struct, frozen=True, rename="camel"):
    colours: Colours
    category: dict[str, QColor]
    tile_glyph: QColor
    card_border: QColor
    activation_map: tuple[QColor, ...]
    diverging_map: tuple[QColor, ...]
    runs: tuple[QColor, ...]


class _Tokens(msgspec.Struct, frozen=True, rename="camel"):
    themes: dict[ThemeName, _ThemeColours]
    run_dashes: tuple[tuple[float, ...], ...]
    type: Type
    space: tuple[int, ...]
    radius: Radii
    size: Sizes
    wire: Wires
    lod: LevelOfDetail
    motion_ms: Motion


class Theme(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a widget needs to know to draw itself."""

    name: ThemeName
    colours: Colours
    category: dict[str, QColor]
    """By layer category: data, conv, linear, norm, act, pool, seq, attn, loss, shape."""

    tile_glyph: QColor
    """The glyph on a category tile."""

    card_border: QColor
    activation_map: tuple[QColor, ...]
    diverging_map: tuple[QColor, ...]
    runs: tuple[QColor, ...]
    run_dashes: tuple[tuple[float, ...], ...]
    """Dash and gap lengths of each compared run, in pixels; empty is a solid line."""

    type: Type
    space: tuple[int, ...]
    radius: Radii
    size: Sizes
    wire: Wires
    lod: LevelOfDetail
    motion_ms: Motion

    @property
    def is_dark(self) -> bool:
        return self.name.endswith("dark")

    @property
    def has_high_contrast(self) -> bool:
        """Whether edges and marks say what fills say in the other themes."""
        return self.name.startswith("contrast")


@cache
def load_theme(name: ThemeName) -> Theme:
    """Read one theme; the second call costs nothing."""
    tokens = _load_tokens()
    shared = {
        field: getattr(tokens, field) for field in _Tokens.__struct_fields__ if field != "themes"
    }
    own = msgspec.structs.asdict(tokens.themes[name])
    return Theme(name=name, **own, **shared)


def faded(colour: QColor, opacity: float) -> QColor:
    """A copy of ``colour`` that lets what lies under it shine through; ``opacity`` from 0 to 1."""
    copy = QColor(colour)
    copy.setAlphaF(opacity)
    return copy


@cache
def _load_tokens() -> _Tokens:
    text = resources.path("themes", "tokens.json").read_bytes()
    return msgspec.json.decode(text, type=_Tokens, dec_hook=_colour_from_text)


def _colour_from_text(wanted: type, text: object) -> QColor:
    assert wanted is QColor and isinstance(text, str), f"{wanted} is no token type"
    return QColor(text)
