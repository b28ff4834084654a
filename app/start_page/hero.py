"""The starter project, large: what it is at the left, its data and its layers at the right."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.figures import rough_duration
from app.start_page.facts import Facts
from app.start_page.measured import score_words
from app.start_page.painting import paint_samples
from app.start_page.samples import Samples
from app.theme import current_theme, font, paint_tile
from app.widgets import Button, FlowText, Label
from engine.project.templates import Template

_HEIGHT_PX = 256
_WORDS_SHARE = 9
_PICTURE_SHARE = 14
_ROW_PX = 26.0
_ROW_GAP_PX = 12.0
_ROW_WIDTH_PX = 132.0
_TILE_PX = 16.0
_WIDE_PX = 460


class Hero(QFrame):
    """Holds the one filled button of the page."""

    opened = Signal()
    trained = Signal()

    def __init__(self, template: Template) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.setAccessibleName(template.title)
        self.setMinimumHeight(_HEIGHT_PX)
        self.train = Button(self.tr("Open and train"), "primary", icon_name="play", extent="large")
        self.open = Button(self.tr("Open only"), "ghost", extent="large")
        self.train.clicked.connect(self.trained)
        self.open.clicked.connect(self.opened)
        self.picture = _Picture()
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        row.addWidget(self._words(template), _WORDS_SHARE)
        row.addWidget(self.picture, _PICTURE_SHARE)

    def _words(self, template: Template) -> QWidget:
        words = QWidget()
        words.setProperty("surface", "none")
        column = QVBoxLayout(words)
        column.setContentsMargins(28, 22, 24, 22)
        column.setSpacing(6)
        column.addWidget(Label(self.tr("Start here"), "small", "accent", weight=600))
        title = FlowText(f"**{template.title}**", "display", "text")
        column.addWidget(title)
        column.addWidget(FlowText(template.summary))
        for line in (template.notice, score_words(template)[0]):
            column.addWidget(FlowText(line, "small", "text3"))
        column.addSpacing(8)
        column.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.train)
        buttons.addWidget(self.open)
        if template.seconds:
            measured = self.tr("{0} on CPU").format(rough_duration(template.seconds))
            buttons.addWidget(Label(measured, "small", "text3"))
        buttons.addStretch(1)
        column.addLayout(buttons)
        return words


class _Picture(QWidget):
    """Samples, and some layers as small cards on a straight wire."""

    def __init__(self) -> None:
        super().__init__()
        self._facts: Facts | None = None
        self._samples: Samples | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_facts(self, facts: Facts) -> None:
        self._facts = facts
        self.update()

    def show_samples(self, samples: Samples) -> None:
        self._samples = samples
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = theme.radius.card - 1
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colours.canvas)
        ground = QRectF(self.rect())
        painter.drawRoundedRect(ground, radius, radius)
        painter.fillRect(QRectF(0, 0, radius, self.height()), theme.colours.canvas)
        painter.fillRect(0, 0, 1, self.height(), theme.colours.line)
        inner = ground.adjusted(24, 20, -24, -20)
        if self.width() < _WIDE_PX:
            self._paint_data(painter, inner)
            return
        half = inner.width() / 2
        self._paint_data(painter, QRectF(inner.left(), inner.top(), half - 12, inner.height()))
        if self._facts is not None:
            middle = inner.left() + half * 1.5
            self._paint_layers(painter, self._facts, QPointF(middle, inner.center().y()))

    def _paint_data(self, painter: QPainter, box: QRectF) -> None:
        if self._samples is not None:
            side = min(box.width(), box.height())
            square = QRectF(0, 0, side, side)
            square.moveCenter(box.center())
            paint_samples(self._samples, painter, square, current_theme())

    def _paint_layers(self, painter: QPainter, facts: Facts, middle: QPointF) -> None:
        theme = current_theme()
        room = (self.height() - 20) // int(_ROW_PX + _ROW_GAP_PX)
        titles = facts.titles
        if len(titles) > room:
            titles = (*titles[: room - 1], titles[-1])
        tall = len(titles) * (_ROW_PX + _ROW_GAP_PX) - _ROW_GAP_PX
        top = middle.y() - tall / 2
        painter.setPen(QPen(theme.colours.wire, 2))
        painter.drawLine(QPointF(middle.x(), top + 4), QPointF(middle.x(), top + tall - 4))
        for number, (title, category, glyph) in enumerate(titles):
            y = top + number * (_ROW_PX + _ROW_GAP_PX)
            card = QRectF(middle.x() - _ROW_WIDTH_PX / 2, y, _ROW_WIDTH_PX, _ROW_PX)
            painter.setPen(QPen(theme.card_border, 1))
            painter.setBrush(theme.colours.raised)
            painter.drawRoundedRect(card, 6, 6)
            tile = QRectF(card.left() + 7, y + (_ROW_PX - _TILE_PX) / 2, _TILE_PX, _TILE_PX)
            paint_tile(painter, category, theme, tile, glyph=glyph)
            painter.setPen(theme.colours.text)
            painter.setFont(font("small", weight=600, scaled=False))
            words = card.adjusted(_TILE_PX + 14, 0, -6, 0)
            shown = painter.fontMetrics().elidedText(
                title, Qt.TextElideMode.ElideRight, round(words.width())
            )
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, shown)
