"""Fields for numbers: one, or several that belong together."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QHBoxLayout, QSizePolicy, QWidget

from app.theme.fonts import font

_PART_OF_A_NUMBER = re.compile(r"[+-]?\d*([.,]\d*)?([eE][+-]?\d*)?")
_INSET_PX = 7
_TYPED_FORMS = str.maketrans({"−": "-", ",": ".", "\u202f": None, "\u00a0": None, " ": None})


class NumberField(QAbstractSpinBox):
    """A whole or real number with arrows; says so once the person is done with a change.

    A value is taken on Enter, when the focus leaves, and at each step of the arrows. Text that
    is no number goes back to what stood there; a number out of range goes to the nearest end.
    """

    committed = Signal(object)
    """The new value, an int or a float; only when it differs from the last one."""

    emptied = Signal()
    """The person took the number away; only from a field that may be empty."""

    formula_entered = Signal(str)
    """A formula was written in the place of a number; only where formulas are taken."""

    def __init__(
        self,
        name: str,
        value: float = 0,
        *,
        whole: bool = True,
        low: float = -math.inf,
        high: float = math.inf,
        step: float | None = None,
        may_be_empty: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Make a field; without ``step`` a real number moves in its own order of magnitude."""
        super().__init__(parent)
        self._may_be_empty = may_be_empty
        self._is_empty = False
        self._takes_formulas = False
        self._formula = ""
        self._whole = whole
        self._low = low
        self._high = high
        self._step = step
        self._value: int | float = self._in_range(value)
        self.setAccessibleName(name)
        # A wheel that passes by must not bring the focus, with which it would change the value.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFont(font())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(64)
        # A style sheet does not reach the padding of the line edit inside.
        self.lineEdit().setTextMargins(_INSET_PX, 0, 0, 0)
        self.editingFinished.connect(self._on_editing_finished)
        self._show()

    @property
    def value(self) -> int | float:
        """The value last taken; an int where the field is whole."""
        return self._value

    @property
    def is_empty(self) -> bool:
        """Whether a word stands in the place of a number."""
        return self._is_empty

    def set_value(self, value: float) -> None:
        """Show a value without announcing it."""
        self._value = self._in_range(value)
        self._is_empty = False
        self._formula = ""
        self._show()

    def set_empty(self, word: str) -> None:
        """Show no number but a quiet word: "mixed", "auto"."""
        self.lineEdit().setPlaceholderText(word)
        self._is_empty = True
        self._formula = ""
        self._show()

    def set_formula(self, formula: str) -> None:
        """Show a formula in the place of a number without announcing it."""
        self._formula = formula
        self._is_empty = False
        self._show()

    def set_takes_formulas(self, *, takes: bool) -> None:
        """Let formulas be written, or numbers alone."""
        self._takes_formulas = takes

    def stepBy(self, steps: int) -> None:  # noqa: N802 - Qt override
        value = self._parsed()
        start = self._value if value is None else value
        self._take(start + steps * self._step_at(start, upwards=steps > 0))
        self.selectAll()

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:  # noqa: N802 - Qt override
        flags = QAbstractSpinBox.StepEnabledFlag.StepNone
        if self._formula:
            return flags
        if self._value < self._high:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        if self._value > self._low:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        return flags

    def validate(self, text: str, pos: int) -> tuple[QValidator.State, str, int]:
        """Let through what can still become a number."""
        plain = text.translate(_TYPED_FORMS)
        if self._takes_formulas:
            return QValidator.State.Acceptable, text, pos
        if not _PART_OF_A_NUMBER.fullmatch(plain) or (self._whole and not _is_whole_text(plain)):
            return QValidator.State.Invalid, text, pos
        return QValidator.State.Acceptable, text, pos

    def event(self, event: QEvent) -> bool:
        """Leave undo and redo to the window while nothing is typed that is not taken yet."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)
            is_taken = self.lineEdit().text() == self._text()
            if is_taken and any(event.matches(key) for key in keys):
                event.ignore()
                return False
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt override
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()  # the panel scrolls; a passing wheel must not change the model

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        if event.key() == Qt.Key.Key_Escape and self.lineEdit().text() != self._text():
            self._show()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt override
        super().focusInEvent(event)
        self.selectAll()

    def _on_editing_finished(self) -> None:
        value, text = self._parsed(), self.lineEdit().text().strip()
        if value is not None:
            self._take(value)
        elif self._takes_formulas and text:
            self._take_formula(text)
        elif self._may_be_empty and not self.lineEdit().text() and not self._is_empty:
            self._is_empty = True
            self.emptied.emit()
        else:
            self._show()

    def _take_formula(self, text: str) -> None:
        is_new = text != self._formula
        self.set_formula(text)
        if is_new:
            self.formula_entered.emit(text)

    def _take(self, value: float) -> None:
        taken = self._in_range(value)
        is_new = self._is_empty or bool(self._formula) or taken != self._value
        self._value = taken
        self._is_empty = False
        self._formula = ""
        self._show()
        if is_new:
            self.committed.emit(taken)

    def _parsed(self) -> float | None:
        try:
            value = float(self.lineEdit().text().translate(_TYPED_FORMS))
        except ValueError:
            return None
        return value if math.isfinite(value) else None

    def _in_range(self, value: float) -> int | float:
        kept = min(max(value, self._low), self._high)
        return round(kept) if self._whole else float(kept)

    def _step_at(self, value: float, *, upwards: bool) -> float:
        if self._step is not None:
            return self._step
        if self._whole:
            return 1
        if value == 0:
            return 0.1
        exponent = math.floor(math.log10(abs(value)) + 1e-9)
        grows = upwards == (value > 0)
        is_power = math.isclose(abs(value), 10.0**exponent)
        return 10.0 ** (exponent if grows or not is_power else exponent - 1)

    def _show(self) -> None:
        self.lineEdit().setText(self._text())

    def _text(self) -> str:
        if self._formula:
            return self._formula
        return "" if self._is_empty else number_text(self._value)


class PairField(QWidget):
    """Two numbers that belong together, such as the height and width of a kernel; or three."""

    committed = Signal(object)
    """All values as a tuple, once one of them has changed."""

    def __init__(
        self,
        name: str,
        values: Sequence[float],
        *,
        parts: Sequence[str] = ("height", "width"),
        whole: bool = True,
        low: float = -math.inf,
        high: float = math.inf,
        step: float | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self._fields = [
            NumberField(f"{name}, {part}", value, whole=whole, low=low, high=high, step=step)
            for part, value in zip(parts, values, strict=True)
        ]
        for field in self._fields:
            row.addWidget(field)
            field.committed.connect(self._on_committed)
        self.setFocusProxy(self._fields[0])

    @property
    def values(self) -> tuple[int | float, ...]:
        """The values last taken."""
        return tuple(field.value for field in self._fields)

    @property
    def fields(self) -> tuple[NumberField, ...]:
        """The single fields, from left to right."""
        return tuple(self._fields)

    def _on_committed(self) -> None:
        self.committed.emit(self.values)


def number_text(value: float) -> str:
    """A number as people here read it: ``32``, ``0.5``, ``3e−4`` with a true minus."""
    if isinstance(value, int):
        text = str(value)
    else:
        text = f"{value:.10g}"
        if value and abs(value) < 1e-3:
            mantissa, exponent = f"{value:.9e}".split("e")
            text = f"{float(mantissa):.10g}e{int(exponent)}"
    return text.replace("-", "−")


def _is_whole_text(text: str) -> bool:
    return not set(text) & set(".eE")
