"""A template as a card: samples and network, then what it is in words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.figures import amount, rough_duration
from app.start_page.facts import Facts
from app.start_page.measured import score_words
from app.start_page.painting import paint_network, paint_samples
from app.start_page.samples import Samples
from app.theme import current_theme, font, line_height_px
from app.widgets import Button
from engine.project.templates import Template

_PICTURE_PX = 164
_PADDING_PX = 14
_SUMMARY_LINES = 2
_GAP_PX = 6
_LEAST_PX = 220
_NETWORK_SHARE = 0.3


class TemplateCard(QAbstractButton):
    """A click chooses it, a double click or Enter opens it; hovering offers both ways to open."""

    opened = Signal()
    trained = Signal()
    """It is to be opened and trained at once."""

    def __init__(self, template: Template, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.template = template
        self._facts: Facts | None = None
        self._samples: Samples | None = None
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setText(template.title)
        self.setAccessibleName(template.title)
        self.setAccessibleDescription(template.summary)
        self.setToolTip(template.notice)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._open = Button(self.tr("Open"), extent="small", parent=self)
        self._train = Button(self.tr("Open and train"), extent="small", parent=self)
        self._open.clicked.connect(self.opened)
        self._train.clicked.connect(self.trained)
        self._offered = [self._open] if template.is_architecture else [self._open, self._train]
        for button in (self._open, self._train):
            # Enter on the card opens it; Tab goes from card to card.
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.hide()

    def show_facts(self, facts: Facts) -> None:
        """Show figures and network."""
        self._facts = facts
        said = (self.template.summary, self.facts_words(), score_words(self.template)[0])
        self.setAccessibleDescription(" ".join([*said, self.template.notice]).strip())
        self.update()

    def show_samples(self, samples: Samples) -> None:
        """Show some of the data."""
        self._samples = samples
        self.update()

    def facts_words(self) -> str:
        """Say what kind of model it is, how large, and how long it was measured to train."""
        parts = [] if self.template.is_architecture else [self.tr("data included")]
        if self._facts is not None:
            parts = [
                self._facts.family,
                self.tr("{0} params").format(amount(self._facts.parameters)),
            ]
        if self.template.seconds:
            parts.append(self.tr("{0} on CPU").format(rough_duration(self.template.seconds)))
        if self.template.is_architecture:
            parts.append(self.tr("not trained"))
        return "  ·  ".join(parts)

    def _facts_by_length(self) -> tuple[str, ...]:
        """Return the facts at length, and shorter without what goes without saying."""
        words = self.facts_words()
        return words, words.replace("  ·  ", " · "), words.replace(self.tr(" params"), "")

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        words = line_height_px("body") * (1 + _SUMMARY_LINES) + 3 * (line_height_px("small") + 1)
        return QSize(302, _PICTURE_PX + words + 2 * _PADDING_PX + 2 * _GAP_PX)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(_LEAST_PX, self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            is_train = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            (self.trained if is_train and self._train in self._offered else self.opened).emit()
            return
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down):
            event.ignore()  # the grid knows the neighbours
            return
        super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit()

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802 - Qt override
        super().enterEvent(event)
        self._offer(offered=True)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt override
        super().leaveEvent(event)
        self._offer(offered=False)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        right = self.width() - 10
        for button in reversed(self._offered):
            size = button.sizeHint()
            right -= size.width()
            button.setGeometry(right, _PICTURE_PX - size.height() - 10, size.width(), size.height())
            right -= 8

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        theme = current_theme()
        colours = theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.raised)
        painter.drawRoundedRect(box, theme.radius.card, theme.radius.card)
        painter.save()
        painter.setClipRect(QRectF(0, 0, self.width(), _PICTURE_PX))
        painter.setBrush(colours.canvas)
        painter.drawRoundedRect(box, theme.radius.card, theme.radius.card)
        painter.restore()
        painter.fillRect(QRectF(1, _PICTURE_PX, self.width() - 2, 1), colours.line)
        self._paint_picture(painter)
        self._paint_words(painter)
        is_marked = self.isChecked() or self.hasFocus()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(
            QPen(colours.accent if is_marked else theme.card_border, 2 if is_marked else 1)
        )
        painter.drawRoundedRect(box, theme.radius.card, theme.radius.card)

    def _paint_picture(self, painter: QPainter) -> None:
        theme = current_theme()
        inner = QRectF(0, 0, self.width(), _PICTURE_PX).adjusted(18, 18, -18, -18)
        network = QRectF(inner)
        if not self.template.is_architecture:
            network.setLeft(inner.right() - inner.width() * _NETWORK_SHARE)
        data = QRectF(inner)
        data.setRight(network.left() - 24)
        painter.save()
        if self._samples is not None:
            paint_samples(self._samples, painter, data, theme)
        if self._facts is not None:
            paint_network(painter, self._facts, network, theme)
        painter.restore()

    def _paint_words(self, painter: QPainter) -> None:
        colours = current_theme().colours
        left, width = _PADDING_PX, self.width() - 2 * _PADDING_PX
        top = _PICTURE_PX + _PADDING_PX
        line = line_height_px("body")
        title = font(weight=600)
        painter.setFont(title)
        painter.setPen(colours.text)
        shown = QFontMetrics(title).elidedText(self.text(), Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(left, top, width, line), Qt.AlignmentFlag.AlignVCenter, shown)
        painter.setFont(font("small"))
        painter.setPen(colours.text2)
        small = QFontMetrics(font("small"))
        y = top + line + _GAP_PX // 2
        for row in wrapped(self.template.summary, small, width, lines=_SUMMARY_LINES):
            painter.drawText(QRect(left, y, width, line), Qt.AlignmentFlag.AlignVCenter, row)
            y += line_height_px("small") + 1
        painter.setPen(colours.text3)
        y = top + (1 + _SUMMARY_LINES) * line + _GAP_PX
        for forms in (self._facts_by_length(), score_words(self.template), (self.template.notice,)):
            place = QRect(left, y, width, line_height_px("small"))
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, fitting(forms, small, width))
            y += line_height_px("small") + 1

    def _offer(self, *, offered: bool) -> None:
        for button in self._offered:
            button.setVisible(offered)


def fitting(forms: Sequence[str], metrics: QFontMetrics, width: int) -> str:
    """Return the first of some forms that fits into a width, or the last of them, cut."""
    whole = (text for text in forms if metrics.horizontalAdvance(text) <= width)
    return next(whole, None) or metrics.elidedText(forms[-1], Qt.TextElideMode.ElideRight, width)


def wrapped(text: str, metrics: QFontMetrics, width: int, *, lines: int) -> list[str]:
    """Break a text into lines of a width; the last one is cut where more would follow."""
    rows, words = [""], text.split()
    for place, word in enumerate(words):
        longer = f"{rows[-1]} {word}".strip()
        if metrics.horizontalAdvance(longer) <= width:
            rows[-1] = longer
        elif len(rows) == lines:
            rest = " ".join([rows[-1], *words[place:]])
            rows[-1] = metrics.elidedText(rest, Qt.TextElideMode.ElideRight, width)
            break
        else:
            rows.append(word)
    return rows
