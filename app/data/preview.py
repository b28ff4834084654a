"""Some samples of files that are no data set yet: pictures as they are, else words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.plots.images import paint_squares, sample_image
from app.theme import ThemeManager, font
from app.widgets import FlowText
from engine.data.inspect import Inspection
from engine.data.inspect.drawn import Drawn
from nodes.sources import Images, Pairs, PictureTable, Sounds

_SIDE_PX = 84
_CAPTION_PX = 16
_IN_A_ROW = 4
_MOST = 8


class Preview(QWidget):
    """Up to eight samples."""

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__()
        self._theme = theme
        self._content = QWidget()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._content)

    def show_samples(self, found: Inspection) -> None:
        """Show some of what was found."""
        is_pictures = isinstance(found.source, Images | Pairs | PictureTable)
        self._show(self._pictures(found) if is_pictures else _words(found))

    def show_drawn(self, drawn: Sequence[Drawn]) -> None:
        """Show samples that were drawn."""
        self._show(
            _grid(
                _Picture(sample_image(pixels, self._theme.theme), label, "", self._theme)
                for pixels, label in drawn
            )
        )

    def _show(self, content: QWidget) -> None:
        self._content.deleteLater()
        self._content = content
        self._column.addWidget(content)

    def _pictures(self, found: Inspection) -> QWidget:
        return _grid(
            _Picture(_small(Path(file)), label, file, self._theme)
            for file, label in found.preview[:_MOST]
        )


def _grid(pictures: Iterable[QWidget]) -> QWidget:
    grid = QWidget()
    layout = QGridLayout(grid)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    for place, picture in enumerate(pictures):
        layout.addWidget(picture, place // _IN_A_ROW, place % _IN_A_ROW)
    layout.setColumnStretch(_IN_A_ROW, 1)
    return grid


class _Picture(QWidget):
    def __init__(self, image: QImage, label: str, tip: str, theme: ThemeManager) -> None:
        super().__init__()
        self._label = label
        self._theme = theme
        self._image = image
        self.setAccessibleName(", ".join(filter(None, (Path(tip).name, label))))
        self.setToolTip(tip)
        self.setFixedSize(QSize(_SIDE_PX, _SIDE_PX + (_CAPTION_PX if label else 0)))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_squares(painter, self._image, QRectF(0, 0, _SIDE_PX, _SIDE_PX))
        painter.setPen(self._theme.theme.colours.text2)
        painter.setFont(font("micro"))
        shown = painter.fontMetrics().elidedText(self._label, Qt.TextElideMode.ElideRight, _SIDE_PX)
        painter.drawText(0, _SIDE_PX + _CAPTION_PX - 4, shown)


def _small(file: Path) -> QImage:
    """Read a picture no larger than it is shown, cut to a square."""
    reader = QImageReader(str(file))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and min(size.width(), size.height()) > 2 * _SIDE_PX:
        scale = 2 * _SIDE_PX / min(size.width(), size.height())
        reader.setScaledSize(size * scale)
    image = reader.read()
    side = min(image.width(), image.height())
    return image.copy((image.width() - side) // 2, (image.height() - side) // 2, side, side)


def _words(found: Inspection) -> FlowText:
    are_files = isinstance(found.source, Sounds)
    lines = [
        f"**{label}**  {Path(text).name if are_files else text}" if label else text
        for text, label in found.preview[:_MOST]
    ]
    return FlowText("\n".join(lines), "small", "text2")
