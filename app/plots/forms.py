"""Which images keep their form in whatever box they are painted, and where they stand then."""

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage

_FORM = "form"
_LEAST_SIDE = 4
LEAST_SHARE = 0.25


def keeping_form(image: QImage) -> QImage:
    """Mark an image as a picture, which is not to be stretched; one of few rows stays without."""
    if min(image.width(), image.height()) >= _LEAST_SIDE:
        image.setText(_FORM, "kept")
    return image


def place_in(box: QRectF, image: QImage) -> QRectF:
    """Return where an image is painted in a box.

    A picture stands in the middle in its own form, within reason: one that is very long is no
    thinner than a quarter of the box. All else fills the box.
    """
    if not image.text(_FORM):
        return box
    size = QSizeF(image.size()).scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
    place = QRectF(QPointF(), size.expandedTo(box.size() * LEAST_SHARE))
    place.moveCenter(box.center())
    return place
