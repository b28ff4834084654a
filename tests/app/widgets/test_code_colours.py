from PySide6.QtGui import QColor, QTextDocument
from pytestqt.qtbot import QtBot

from app.theme import theme_manager
from app.widgets.code_colours import CodeColours

CODE = '''class Net(nn.Module):
    """Two lines
    of words: 3 of them.
    """

    width = 16  # a note
'''


def colours(document: QTextDocument) -> dict[str, QColor]:
    """Return the colour of each coloured piece of text."""
    found = {}
    block = document.begin()
    while block.isValid():
        for piece in block.layout().formats():
            text = block.text()[piece.start : piece.start + piece.length]
            found[text.strip()] = piece.format.foreground().color()
        block = block.next()
    return found


def test_source_has_the_colours_of_the_theme_and_follows_it(qtbot: QtBot) -> None:
    manager = theme_manager()
    document = QTextDocument(CODE)
    highlighter = CodeColours(document, manager)
    highlighter.rehighlight()

    for name in ("dark", "light"):
        manager.choose(name)
        theme, shown = manager.theme.colours, colours(document)
        assert shown["class"] == theme.accent
        assert shown["16"] == theme.ok
        assert shown["# a note"] == theme.text3


def test_a_docstring_over_several_lines_is_one_thing(qtbot: QtBot) -> None:
    document = QTextDocument(CODE)
    highlighter = CodeColours(document, theme_manager())
    highlighter.rehighlight()

    shown = colours(document)

    assert shown["of words: 3 of them."] == theme_manager().theme.colours.text3
    assert "3" not in shown
