from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QKeySequence, QTextDocument
from PySide6.QtWidgets import QApplication, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.figures import count
from app.theme import load_theme, theme_manager
from app.widgets import (
    Button,
    Card,
    CategoryTile,
    Chip,
    ChoiceField,
    EmptyState,
    FlowText,
    FocusRing,
    IconButton,
    KeyCap,
    NumberField,
    PairField,
    SearchField,
    SectionTitle,
    SegmentedControl,
    Switch,
    TabRow,
)

LAYOUTS = [("build", "Build"), ("train", "Train"), ("try", "Try")]


def test_every_widget_tells_a_screen_reader_its_name(qtbot: QtBot) -> None:
    widgets: list[QWidget] = [
        Card("Problem"),
        CategoryTile("conv"),
        Chip("digits-cnn", "edited"),
        ChoiceField("Padding mode", [("zeros", "zeros")]),
        EmptyState("log", "Messages from training appear here."),
        FlowText("Some words."),
        IconButton("undo", "Undo"),
        KeyCap("Tab"),
        NumberField("Groups", 1),
        PairField("Stride", (1, 1)),
        SearchField("Search"),
        SectionTitle("Loss", "per epoch"),
        SegmentedControl("Layout", LAYOUTS),
        Switch("Bias"),
        TabRow("Library"),
    ]

    for widget in widgets:
        qtbot.addWidget(widget)
        assert widget.accessibleName(), type(widget).__name__


def test_a_switch_turns_by_key_and_by_click(qtbot: QtBot) -> None:
    switch = Switch("Bias")
    qtbot.addWidget(switch)

    qtbot.keyClick(switch, Qt.Key.Key_Space)
    assert switch.isChecked()
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert not switch.isChecked()


def test_a_switch_that_is_on_is_blue(qtbot: QtBot) -> None:
    theme_manager().choose("dark")
    switch = Switch("Bias", on=True)
    qtbot.addWidget(switch)
    switch.resize(switch.sizeHint())

    ink = switch.grab().toImage().pixelColor(8, switch.height() // 2)

    assert ink == load_theme("dark").colours.accent_fill


def test_one_segment_holds_and_arrows_move_it(qtbot: QtBot) -> None:
    control = SegmentedControl("Layout", LAYOUTS)
    qtbot.addWidget(control)
    chosen: list[str] = []
    control.chosen.connect(chosen.append)

    qtbot.mouseClick(control.segment("train"), Qt.MouseButton.LeftButton)
    qtbot.keyClick(control.segment("train"), Qt.Key.Key_Right)
    qtbot.keyClick(control.segment("try"), Qt.Key.Key_Right)

    assert chosen == ["train", "try", "build"]
    assert control.current == "build"


def test_setting_a_segment_announces_nothing(qtbot: QtBot) -> None:
    control = SegmentedControl("Layout", LAYOUTS)
    qtbot.addWidget(control)

    with qtbot.assertNotEmitted(control.chosen):
        control.set_current("try")

    assert control.current == "try"


def test_tabs_keep_their_keys_when_one_is_removed(qtbot: QtBot) -> None:
    row = TabRow("Bottom")
    qtbot.addWidget(row)
    for key in ("problems", "log", "jobs"):
        row.add_tab(key, key.title())

    row.set_current("log")
    with qtbot.waitSignal(row.chosen) as said:
        row.remove_tab("log")

    assert row.current in ("problems", "jobs")
    assert said.args == [row.current]


def test_choosing_a_tab_moves_no_other(qtbot: QtBot) -> None:
    row = TabRow("Right")
    qtbot.addWidget(row)
    for key in ("properties", "code"):
        row.add_tab(key, key.title())
    before = row._tabs.tabRect(1)

    row.set_current("code")

    assert row._tabs.tabRect(1) == before


def test_a_count_stands_behind_its_title(qtbot: QtBot) -> None:
    row = TabRow("Bottom")
    qtbot.addWidget(row)
    row.add_tab("problems", "Problems")
    narrow = row._tabs.tabRect(0).width()

    row.set_count("problems", 2)

    assert row._tabs.tabRect(0).width() > narrow
    assert row._tabs.accessibleTabName(0) == "Problems, 2"


def test_escape_empties_a_search_field_before_it_goes_on(qtbot: QtBot) -> None:
    field = SearchField("Search 86 layers", keys="Tab")
    qtbot.addWidget(field)

    qtbot.keyClicks(field, "drop")
    qtbot.keyClick(field, Qt.Key.Key_Escape)

    assert field.text() == ""


def test_the_key_cap_gives_way_to_what_is_typed(qtbot: QtBot) -> None:
    field = SearchField("Search 86 layers", keys="Tab")
    qtbot.addWidget(field)
    field.show()
    cap = field.findChild(KeyCap)
    assert cap is not None and cap.isVisible()

    field.setText("drop")

    assert not cap.isVisible()


def test_a_choice_is_announced_by_its_value(qtbot: QtBot) -> None:
    field = ChoiceField("Padding", [("zeros", "Zeros"), ("reflect", "Reflect")], "reflect")
    qtbot.addWidget(field)
    assert field.value == "reflect"

    with qtbot.waitSignal(field.committed) as said:
        qtbot.keyClick(field, Qt.Key.Key_Up)

    assert said.args == ["zeros"]


def test_an_empty_panel_offers_its_step(qtbot: QtBot) -> None:
    state = EmptyState("maps", "Train once.", "Train")
    qtbot.addWidget(state)
    button = state.findChild(Button)
    assert button is not None

    with qtbot.waitSignal(state.acted):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    state.set_words("Nothing to do.")
    assert button.isHidden()


def test_flowing_text_takes_no_markup_from_names(qtbot: QtBot) -> None:
    text = FlowText("Press **Train** & see <b>this</b>")
    qtbot.addWidget(text)

    assert "<b>Train</b> &amp; see &lt;b&gt;this&lt;/b&gt;" in text.text()
    assert text.accessibleName() == "Press Train & see <b>this</b>"


def test_a_number_in_flowing_text_stays_on_one_line(qtbot: QtBot) -> None:
    text = FlowText(f"about {count(4096)} samples")
    qtbot.addWidget(text)
    document = QTextDocument()
    document.setDocumentMargin(0)
    document.setHtml(text.text())

    document.setTextWidth(QFontMetrics(document.defaultFont()).horizontalAdvance("about 4 0"))

    document.documentLayout().documentSize()
    layout, words = document.begin().layout(), document.begin().text()
    lines = [layout.lineAt(place) for place in range(layout.lineCount())]
    read = [words[one.textStart() : one.textStart() + one.textLength()] for one in lines]
    assert read == ["about ", "4\u202f096 ", "samples"]


def test_an_icon_button_says_its_keys_and_its_count(qtbot: QtBot) -> None:
    button = IconButton("problems", "Problems", keys=QKeySequence("Ctrl+Shift+M"))
    qtbot.addWidget(button)

    button.set_badge(2)

    assert button.toolTip().startswith("Problems (")
    assert button.accessibleName() == "Problems, 2"


def test_a_chip_grows_with_its_words(qtbot: QtBot) -> None:
    chip = Chip("digits-cnn")
    qtbot.addWidget(chip)
    narrow = chip.sizeHint().width()

    chip.set_words("digits-cnn", "edited")

    assert chip.sizeHint().width() > narrow
    assert chip.sizeHint().height() == 26


def test_the_ring_follows_the_keyboard(qtbot: QtBot, qapp: QApplication) -> None:
    ring = FocusRing(qapp)
    window = QWidget()
    qtbot.addWidget(window)
    row = QHBoxLayout(window)
    buttons = [Button("Undo"), Button("Redo")]
    for button in buttons:
        row.addWidget(button)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()

    buttons[0].setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(buttons[0], Qt.Key.Key_Tab)

    assert ring._ring is not None
    assert ring._ring.geometry().contains(buttons[1].geometry())
    assert not ring._ring.geometry().contains(buttons[0].geometry())
    ring.deleteLater()


def test_the_ring_of_what_is_gone_goes_when_what_stood_around_it_moves(
    qtbot: QtBot, qapp: QApplication
) -> None:
    ring = FocusRing(qapp)
    window, row = QWidget(), QWidget()
    qtbot.addWidget(window)
    QVBoxLayout(window).addWidget(row)
    button = Button("Bypass it", parent=row)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    shown = ring._ring
    assert shown is not None and shown.isVisible()

    # Qt tells nobody that the focus left a widget that dies with others.
    qapp.focusChanged.disconnect(ring._on_focus_changed)
    delete(button)
    row.move(5, 5)

    assert not shown.isVisible()
    ring.deleteLater()


def test_the_ring_of_what_was_scrolled_away_is_not_seen(qtbot: QtBot, qapp: QApplication) -> None:
    ring = FocusRing(qapp)
    window, inner = QWidget(), QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(inner)
    fields = [NumberField(f"Field {place}", place) for place in range(20)]
    for field in fields:
        column.addWidget(field)
    area = QScrollArea()
    area.setWidget(inner)
    outer = QVBoxLayout(window)
    outer.addWidget(Button("Above"))
    outer.addWidget(area)
    window.resize(300, 200)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    fields[0].setFocus()
    assert ring._ring is not None and not ring._ring.visibleRegion().isEmpty()

    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())

    assert ring._ring.visibleRegion().isEmpty()
    ring.deleteLater()
