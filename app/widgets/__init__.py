"""Small widgets in the house's look, shared by all panels.

They know the theme and nothing of networks; every one has an accessible name.
"""

from app.widgets.buttons import Button, IconButton
from app.widgets.card import Card, Divider
from app.widgets.category_tile import CategoryTile
from app.widgets.chip import Chip
from app.widgets.choice_field import ChoiceField
from app.widgets.empty_state import EmptyState, Glyph
from app.widgets.focus_ring import FocusRing
from app.widgets.labels import FlowText, KeyCap, Label
from app.widgets.number_field import NumberField, PairField, number_text
from app.widgets.search_field import SearchField
from app.widgets.section_title import SectionTitle
from app.widgets.segmented_control import SegmentedControl
from app.widgets.stacked import stacked
from app.widgets.switch import Switch
from app.widgets.tab_row import TabRow

__all__ = [
    "Button",
    "Card",
    "CategoryTile",
    "Chip",
    "ChoiceField",
    "Divider",
    "EmptyState",
    "FlowText",
    "FocusRing",
    "Glyph",
    "IconButton",
    "KeyCap",
    "Label",
    "NumberField",
    "PairField",
    "SearchField",
    "SectionTitle",
    "SegmentedControl",
    "Switch",
    "TabRow",
    "number_text",
    "stacked",
]
