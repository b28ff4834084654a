"""The small picture of what a block is made of."""

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.palette.block_picture import BlockPicture
from app.theme import current_theme
from engine.project.blocks import Block, ready_made_blocks
from nodes.catalogue import kind_named

_WIDTH = 272


@pytest.mark.parametrize("block", ready_made_blocks(), ids=lambda block: block.name)
def test_every_layer_of_a_block_is_seen_in_the_colour_of_its_category(
    qtbot: QtBot, block: Block
) -> None:
    graph = block.definitions[block.use.definition].graph
    picture = BlockPicture(graph, _WIDTH)
    qtbot.addWidget(picture)
    assert picture.width() == _WIDTH and 20 < picture.height() <= 170

    image = picture.grab().toImage()

    shown = {image.pixelColor(x, y).rgb() for x in range(_WIDTH) for y in range(image.height())}
    categories = {kind_named(node.kind).info.category for node in graph.nodes.values()}  # type: ignore[union-attr]
    colours = {QColor(current_theme().category[category]).rgb() for category in categories}
    assert colours <= shown
