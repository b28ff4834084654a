"""Where one pad of several is shown."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget


class PadPlace(QWidget):
    """Shows one pad of several; as high as that one."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._pads: list[QWidget] = []

    def add(self, pad: QWidget) -> None:
        """Take a pad in, out of sight."""
        self._pads.append(pad)
        self._column.addWidget(pad)
        pad.hide()

    def remove(self, pad: QWidget) -> None:
        """Let a pad go."""
        self._pads.remove(pad)
        self._column.removeWidget(pad)

    def show_pad(self, pad: QWidget) -> None:
        """Show this pad, and no other."""
        for each in self._pads:
            each.setVisible(each is pad)
