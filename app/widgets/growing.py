"""Widgets with a size of their own that follow the size of text."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QSize
from PySide6.QtWidgets import QWidget

from app.theme.text_size import text_scale
from app.theme.theme import theme_manager


def follow_height(widget: QWidget, height_px: Callable[[], int]) -> None:
    """Give a widget a fixed height now, and again whenever theme or text size change."""
    _Follower(widget, lambda: widget.setFixedHeight(height_px()))


def follow_width(widget: QWidget, width_px: int) -> None:
    """Give a widget a width that is fixed but for the size of text."""
    _Follower(widget, lambda: widget.setFixedWidth(round(width_px * text_scale())))


def follow_minimum(widget: QWidget, size: QSize) -> None:
    """Give a widget a least size; its width follows the size of text, so that words have room."""
    height = size.height()
    _Follower(widget, lambda: widget.setMinimumSize(round(size.width() * text_scale()), height))


class _Follower(QObject):
    """Ends with its widget, and its connection with it."""

    def __init__(self, widget: QWidget, fit: Callable[[], object]) -> None:
        super().__init__(widget)
        self._fit = fit
        theme_manager().changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        self._fit()
