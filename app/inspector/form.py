"""The form of parameters: a label and an editor each, with the message where one is wrong."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.document import new_gesture
from app.figures import rough_percent
from app.inspector.editors import Editor, Shown, is_share, make_editor
from app.widgets import Button, Divider, FlowText, Label, SectionTitle, number_text
from app.widgets.growing import follow_width
from nodes.layer import short
from nodes.params import LARGEST, Field

LABEL_PX = 108
_GAP_PX = 8


class Row(QWidget):
    """A label, an editor, and below it what is wrong with the value."""

    def __init__(self, label: str, editor: Editor, help_text: str = "") -> None:
        super().__init__()
        self.editor = editor
        caption = Label(label, tone="text2")
        follow_width(caption, LABEL_PX)
        caption.setMinimumHeight(30)
        caption.setWordWrap(True)
        caption.setBuddy(editor)
        caption.setToolTip(help_text)
        editor.setToolTip(help_text)
        self._message = FlowText("", "small", "err")
        self._message.hide()
        self._note = Label("", "small", "text3")
        self._note.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(_GAP_PX)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        grid.addWidget(caption, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(editor, 0, 1)
        grid.addWidget(self._note, 1, 1)
        grid.addWidget(self._message, 2, 1)

    def set_note(self, text: str) -> None:
        """Say below the field what comes of what stands in it; nothing for an empty text."""
        self._note.setText(text)
        self._note.setVisible(bool(text))

    def set_problem(self, text: str) -> None:
        """Outline the field and say why; an empty text takes both away."""
        self.editor.set_wrong(wrong=bool(text))
        self._message.set_words(text)
        self._message.setVisible(bool(text))
        self.editor.setAccessibleDescription(text)


class ParamForm(QWidget):
    """The parameters that some layers share, in the order in which the layer writes them."""

    committed = Signal(str, object, int)
    """A parameter has another value: its name, the value, and the gesture it belongs to."""

    def __init__(self, layer: type, fields: Sequence[Field], *, unfolded: bool) -> None:
        super().__init__()
        self._fields = {field.name: field for field in fields}
        self._rows: dict[str, Row] = {}
        self._gesture = new_gesture()
        self._last_committed = ""
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(_GAP_PX)
        self._has_advanced = any(field.param.advanced for field in fields)
        self._advanced = QWidget(self)
        self._fold = Button(
            self.tr("Advanced"), "fold", icon_name="chevron-right", extent="small", parent=self
        )
        self._fold.setVisible(self._has_advanced)
        self._build(layer)
        self.set_unfolded(unfolded=unfolded)

    @property
    def is_unfolded(self) -> bool:
        """Whether the advanced parameters are shown."""
        return self._fold.isChecked()

    def set_unfolded(self, *, unfolded: bool) -> None:
        """Show or hide the advanced parameters."""
        self._fold.setChecked(unfolded)
        self._fold.set_icon_name("chevron-down" if unfolded else "chevron-right")
        self._advanced.setVisible(unfolded and self._has_advanced)

    def show_values(self, values: Mapping[str, Shown]) -> None:
        """Show values by name; parameters that depend on another one come and go."""
        for name, row in self._rows.items():
            row.editor.set_value(values[name])
            depends_on = self._fields[name].param.when
            row.setVisible(not depends_on or _is_set(values.get(depends_on)))

    def show_results(self, results: Mapping[str, str], *, takes_formulas: bool) -> None:
        """Show what formulas come to, by parameter; say whether formulas can be written."""
        for name, row in self._rows.items():
            row.editor.set_takes_formulas(takes=takes_formulas)
            row.set_note(results.get(name, ""))

    def show_problems(self, messages: Mapping[str, str]) -> None:
        """Show what is wrong, by parameter."""
        for name, row in self._rows.items():
            row.set_problem(messages.get(name, ""))
        if any(self._fields[name].param.advanced for name in messages if name in self._fields):
            self.set_unfolded(unfolded=True)

    def row(self, name: str) -> Row | None:
        """The row of a parameter."""
        return self._rows.get(name)

    def focus_first(self) -> None:
        """Put the keyboard into the first field."""
        row = next(iter(self._rows.values()), None)
        if row is not None:
            row.editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        if event.type() == QEvent.Type.FocusIn:
            # What is typed into one field until it is left is one undo step.
            self._gesture = new_gesture()
        return False

    def _build(self, layer: type) -> None:
        plain = [field for field in self._fields.values() if not field.param.advanced]
        advanced = [field for field in self._fields.values() if field.param.advanced]
        self._add_rows(self._column, layer, (f for f in plain if f.name != "activation"))
        inner = QVBoxLayout(self._advanced)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(_GAP_PX)
        self._add_rows(inner, layer, advanced)
        if inner.count():
            self._fold.setCheckable(True)
            self._fold.clicked.connect(lambda on: self.set_unfolded(unfolded=on))
            flush = QHBoxLayout()
            flush.setContentsMargins(0, 0, 0, 0)
            flush.addWidget(self._fold)
            flush.addStretch(1)
            self._column.addLayout(flush)
            self._column.addWidget(self._advanced)
        fused = [field for field in plain if field.name == "activation"]
        if fused:
            if self._column.count():
                add_divider(self._column)
            self._column.addWidget(SectionTitle(self.tr("Activation")))
            self._add_rows(self._column, layer, fused)

    def _add_rows(self, column: QVBoxLayout, layer: type, fields: Iterable[Field]) -> None:
        for field in fields:
            editor = make_editor(field, layer)
            if editor is None:
                continue
            row = Row(field.param.label, editor, help_of(field))
            self._rows[field.name] = row
            column.addWidget(row)
            editor.committed.connect(lambda value, name=field.name: self._commit(name, value))
            for single in editor.fields():
                single.installEventFilter(self)

    def _commit(self, name: str, value: object) -> None:
        if name != self._last_committed:
            self._gesture = new_gesture()
        self._last_committed = name
        self.committed.emit(name, value, self._gesture)


def add_divider(column: QVBoxLayout) -> None:
    """Set what follows apart by a line with room around it."""
    column.addSpacing(4)
    column.addWidget(Divider())
    column.addSpacing(4)


def help_of(field: Field) -> str:
    """What a parameter does, its range and its default, as a tooltip that wraps."""
    param = field.param
    parts = [html.escape(param.help)]
    facts = [_range(field)]
    if not field.required and field.editor != "fields":
        facts.append(f"Default {_written(field, field.default)}.")
    if param.suggest:
        facts.append(f"Typical: {', '.join(number_text(value) for value in param.suggest)}.")
    facts_text = " ".join(fact for fact in facts if fact)
    if facts_text:
        parts.append(html.escape(facts_text))
    return f"<qt>{'<br>'.join(part for part in parts if part)}</qt>"


def _range(field: Field) -> str:
    low, high, unit = field.param.low, field.param.high, field.param.unit
    if field.editor not in ("int", "float", "span", "ints") or low is None:
        return ""
    unit = f"{unit}" if unit else ""
    if high is None or high >= LARGEST:
        return f"From {_number(field, low)} {unit} up.".replace("  ", " ")
    return f"From {_number(field, low)} to {_number(field, high)} {unit}".strip() + "."


def _number(field: Field, value: float) -> str:
    return rough_percent(value) if is_share(field) else number_text(value)


def _written(field: Field, value: object) -> str:
    match value:
        case None:
            return "auto"
        case bool():
            return "on" if value else "off"
        case int() | float():
            return _number(field, value)
        case _:
            return short(value)


def _is_set(value: object) -> bool:
    return value is not None and value is not False and value != "none"
