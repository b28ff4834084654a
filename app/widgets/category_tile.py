"""The coloured square that names a layer's category."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.theme.icons import tile_pixmap
from app.theme.theme import current_theme


class CategoryTile(QWidget):
    """28 px in panels, 20 in lists."""

    def __init__(
        self,
        category: str,
        glyph: str = "",
        *,
        size_px: int = 28,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._category = category
        self._glyph = glyph
        self.setFixedSize(size_px, size_px)
        self.setAccessibleName(category)

    def set_category(self, category: str, glyph: str = "") -> None:
        """Show another category, or a layer's own glyph."""
        self._category, self._glyph = category, glyph
        self.setAccessibleName(category)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        picture = tile_pixmap(
            self._category,
            current_theme(),
            glyph=self._glyph,
            size_px=self.width(),
            ratio=self.devicePixelRatioF(),
        )
        QPainter(self).drawPixmap(0, 0, picture)
