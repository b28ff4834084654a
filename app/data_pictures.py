"""Pictures of a data set for the card of its node, read away from the GUI thread."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.document import Document
from app.figures import count
from app.handover import Handover
from app.theme import theme_manager
from nodes.errors import LoomError
from nodes.io import Data

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    _Read: TypeAlias = tuple[Data, npt.NDArray[np.uint8], int]


class DataPictures(QObject):
    """Follows the data set of the drawing; says nothing where it has no pictures."""

    shown = Signal(object)
    """Three pictures in the present theme, as a list of ``QImage``."""

    counted = Signal(str)
    """How many samples there are, in words; none where that is not known."""

    renewed = Signal()
    """The samples are of another data set; what they look like follows, where it can be shown."""

    def __init__(self, document: Document, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._data: Data | None = None
        self._pixels: npt.NDArray[np.uint8] | None = None
        self._read = Handover(self, self._on_read)
        document.report_changed.connect(self.follow)
        theme_manager().changed.connect(self.show_again)

    def follow(self) -> None:
        """Read the pictures of the data set if it is another one."""
        data = self._data_set()
        if _source_of(data) == _source_of(self._data):
            return
        self._data, self._pixels = data, None
        # Another data set may have none to show.
        self.renewed.emit()
        self.counted.emit("")
        if data is not None:
            # The thread holds nothing of Qt: it could be the last to let go of it.
            Thread(target=_load, args=(data, self._read), name="pictures", daemon=True).start()

    def _data_set(self) -> Data | None:
        for found in self._document.model_report.nodes.values():
            if isinstance(found.layer, Data):
                return found.layer
        return None

    def _on_read(self, read: _Read) -> None:
        data, pixels, samples = read
        if data is self._data:
            self._pixels = pixels
            self.counted.emit(self._amount(data, samples))
            self.renewed.emit()
            self.show_again()

    def _amount(self, data: Data, samples: int) -> str:
        words = self.tr("{0} samples")
        if any(field.kind == "image" for field in data.fields):
            words = self.tr("{0} images")
        return words.format(count(samples))

    def show_again(self) -> None:
        """Say once more what the pictures are: of the theme, or because others lay over them."""
        if self._pixels is None:
            return
        from app.plots.images import sample_image

        pictures: list[QImage] = [
            sample_image(pixels, theme_manager().theme) for pixels in self._pixels
        ]
        self.shown.emit(pictures)


def _source_of(data: Data | None) -> object:
    """Return what the samples are, whatever their split."""
    return None if data is None else (data.dataset, data.source)


def _load(data: Data, read: Handover[_Read]) -> None:
    from engine.data.builtin import pictures_of, thumbnails
    from engine.data.opening import open_data
    from engine.data.shipped import SHIPPED

    try:
        if data.source:
            found = open_data(data)
            pixels, samples = pictures_of(found), found.spec.samples
        else:
            pixels, samples = thumbnails(data.dataset), SHIPPED[data.dataset].spec.samples
    except LoomError:  # told where the data set is chosen; the card stays without pictures
        return
    read.give((data, pixels, samples))
