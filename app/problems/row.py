"""One problem in a line: mark, words, place, and the fix."""

from __future__ import annotations

import html

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from app.fix_choices import FixMenu, all_fixes
from app.theme import ThemeManager, font, text_scale
from app.widgets import Button, Glyph, IconButton
from app.widgets.elided_label import ElidedLabel
from app.widgets.growing import follow_width
from app.widgets.pointing import Pointing
from engine.analysis.report import Problem

_HEIGHT_PX = 38
_NARROWEST_FIX_PX = 206
_WIDEST_FIX_PX = 300
_PLACE_PX = 190
_MORE_PX = 26
_CHEVRON_PX = 12
_NARROW_PX = 560


class ProblemRow(QWidget):
    """A row of the list; the list itself has the keyboard and the selection."""

    fix_chosen = Signal(object)
    """A ``Fix`` is to be carried out."""

    code_chosen = Signal()
    """The code that the problem is about is to be opened."""

    fix_pointed_at = Signal(object)
    """The change of a ``Fix`` is to be shown; None where that of no fix is."""

    def __init__(
        self, problem: Problem, place: str, theme: ThemeManager, code_offer: str = ""
    ) -> None:
        super().__init__()
        self.problem = problem
        is_error = problem.severity == "error"
        glyph = Glyph("error" if is_error else "warning", "err" if is_error else "warn")
        self._words = _Words(problem.title, detail_of(problem), theme)
        self._place = ElidedLabel(place, tone="text2")
        follow_width(self._place, _PLACE_PX)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 12, 0)
        row.setSpacing(12)
        row.addWidget(glyph)
        row.addWidget(self._words, stretch=1)
        row.addWidget(self._place)
        self._fix = self._made_buttons(code_offer)
        row.addWidget(self._fix)
        kind = self.tr("Error") if is_error else self.tr("Hint")
        self.setAccessibleName(f"{kind}: {problem.title}. {detail_of(problem)} {place}".strip())
        texts = (problem.title, problem.text, problem.code)
        self.setToolTip(f"<qt>{'<br>'.join(html.escape(text) for text in texts if text)}</qt>")

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(320, round(_HEIGHT_PX * text_scale()))

    def set_width(self, width: int) -> None:
        """Leave the place out where there is little room."""
        self._place.setVisible(width >= _NARROW_PX * text_scale())

    def fix_width(self) -> int:
        """The width that the words of the fix need."""
        scale = text_scale()
        least, most = round(_NARROWEST_FIX_PX * scale), round(_WIDEST_FIX_PX * scale)
        return min(max(self._fix.sizeHint().width(), least), most)

    def set_fix_width(self, width: int) -> None:
        """Take the width that all rows agreed on, so that the columns stand in line."""
        self._fix.setFixedWidth(width)

    def open_fixes(self, place: QPoint) -> None:
        """List every way to mend it.

        Args:
            place: On the screen, where the menu begins.
        """
        fixes = all_fixes(self.problem)
        if not fixes:
            return
        menu = FixMenu(fixes, self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.chosen.connect(self.fix_chosen)
        menu.pointed_at.connect(self.fix_pointed_at)
        menu.popup(place)

    def _made_buttons(self, code_offer: str) -> QWidget:
        """Put the fix into its column, and before it what opens the code of the layer."""
        column = QWidget()
        row = QHBoxLayout(column)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        if code_offer:
            code = Button(code_offer, icon_name="code", extent="small")
            code.setAccessibleDescription(self.tr("For: {0}").format(self.problem.title))
            code.clicked.connect(self.code_chosen)
            row.addWidget(code)
        if self.problem.fixes:
            row.addWidget(self._made_fix(), stretch=1)
            if len(all_fixes(self.problem)) > 1:
                row.addWidget(self._made_more())
        elif code_offer:
            row.addStretch(1)
        return column

    def _made_fix(self) -> Button:
        fix = self.problem.fixes[0]
        button = Button(fix.label, icon_name="wand", extent="small")
        button.setProperty("align", "left")
        button.setToolTip(": ".join(filter(None, (fix.label, fix.detail))))
        button.setAccessibleDescription(self.tr("Mends: {0}").format(self.problem.title))
        button.clicked.connect(lambda: self.fix_chosen.emit(self.problem.fixes[0]))
        Pointing(button).changed.connect(
            lambda on: self.fix_pointed_at.emit(self.problem.fixes[0] if on else None)
        )
        return button

    def _made_more(self) -> IconButton:
        name = self.tr("More ways to mend it")
        button = IconButton("chevron-down", name, size_px=_MORE_PX, icon_size_px=_CHEVRON_PX)
        button.setAccessibleDescription(self.tr("Mends: {0}").format(self.problem.title))
        button.clicked.connect(
            lambda: self.open_fixes(button.mapToGlobal(button.rect().bottomLeft()))
        )
        return button


class _Words(QWidget):
    """What happened, and behind it why, cut where the room ends."""

    def __init__(self, title: str, detail: str, theme: ThemeManager) -> None:
        super().__init__()
        self._title = title
        self._detail = detail
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumWidth(120)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        colours = self._theme.theme.colours
        metrics = QFontMetrics(font())
        painter = QPainter(self)
        painter.setFont(font())
        painter.setPen(colours.text)
        title = metrics.elidedText(self._title, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, title)
        used = metrics.horizontalAdvance(title) + 10
        room = self.width() - used
        if not self._detail or title != self._title or room < 60:
            return
        painter.setPen(colours.text2)
        detail = metrics.elidedText(self._detail, Qt.TextElideMode.ElideRight, room)
        painter.drawText(self.rect().adjusted(used, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, detail)


def detail_of(problem: Problem) -> str:
    """The values behind a problem: the shapes where there are some, else the explanation."""
    shapes = list(dict.fromkeys(shape for _, shape, _ in problem.rows))
    # Labels have no sizes to be compared, only a word.
    are_sizes = len(shapes) > 1 and not any(shape.isalpha() and shape.islower() for shape in shapes)
    return " and ".join(shapes) if are_sizes else problem.text
