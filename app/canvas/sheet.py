"""A picture of a part of a view, kept while only other things change."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter, QPixmap, QRegion, QTransform

SheetKey: TypeAlias = tuple[QRect, float, QTransform]
"""The device, its pixels to one of the view, and what is seen."""

_ROOM_PX = 200


class Sheet:
    """A picture of what stands still in an area of the view."""

    def __init__(
        self,
        key: SheetKey,
        area: QRect,
        ground: QColor,
        painter: QPainter,
        paint: Callable[[QPainter], None],
    ) -> None:
        """Let it be painted as a painter would: for its device and its transform."""
        self.key, self.area = key, area
        _, ratio, transform = key
        self._picture = QPixmap(area.size() * ratio)
        self._picture.setDevicePixelRatio(ratio)
        self._picture.fill(ground)
        on_sheet = QPainter(self._picture)
        on_sheet.setRenderHints(painter.renderHints())
        on_sheet.setWorldTransform(transform * QTransform.fromTranslate(-area.x(), -area.y()))
        paint(on_sheet)
        on_sheet.end()

    def show(self, painter: QPainter, region: QRegion) -> None:
        """Lay it over a part of the area."""
        _, ratio, transform = self.key
        painter.resetTransform()
        if ratio.is_integer():
            corner = self.area.topLeft()
            # One by one these are quicker than all of it through the same clip.
            for rect in region:  # type: ignore[attr-defined] # the stubs lack it
                source = rect.translated(-corner)
                if ratio != 1:
                    source = QRect(source.topLeft() * ratio, source.size() * ratio)
                painter.drawPixmap(rect, self._picture, source)
        else:
            painter.drawPixmap(self.area.topLeft(), self._picture)
        painter.setWorldTransform(transform)


def area_around(key: SheetKey, region: QRegion, before: Sheet | None) -> QRect:
    """Return where a sheet is of use for some steps of a drag that is in a region now.

    Args:
        before: The one that has become too small, or that is of something else.
    """
    whole, ratio, _ = key
    if not ratio.is_integer():
        # Parts that begin within a pixel would be blurred.
        return whole
    around = region.boundingRect().adjusted(-_ROOM_PX, -_ROOM_PX, _ROOM_PX, _ROOM_PX)
    if before is not None and before.key == key:
        around |= before.area
    return around & whole
