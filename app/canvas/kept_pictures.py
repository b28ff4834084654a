"""Cards that are copied from pictures rather than painted, while they keep their size."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QTimer

from app.canvas.items import NodeItem

_REST_MS = 120


class KeptPictures(QObject):
    """Lets cards keep pictures once a view from near by rests, or one of them is dragged.

    While it zooms, each picture would be made for one frame: painting is quicker, and takes no
    room. From some way off equal cards share pictures, which are quicker still.
    """

    def __init__(self, parent: QObject, cards: Callable[[], Iterable[NodeItem]]) -> None:
        super().__init__(parent)
        self._cards = cards
        self._is_near = True
        self.are_kept = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self.keep)
        self._rest.start()

    def follow_zoom(self, *, is_near: bool) -> None:
        """Let go of them: the cards are shown at another size."""
        self._is_near = is_near
        self._set(kept=False)
        if is_near:
            self._rest.start()
        else:
            self._rest.stop()

    def keep(self) -> None:
        """Have pictures of what is painted from now on, if it is seen from near by."""
        if self._is_near and not self.are_kept:
            self._rest.stop()
            self._set(kept=True)

    def _set(self, *, kept: bool) -> None:
        if kept == self.are_kept:
            return
        self.are_kept = kept
        for card in self._cards():
            card.keep_picture(kept=kept)
