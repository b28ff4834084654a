"""The library: every kind of layer, to drag onto the drawing or to add by key.

Knows the catalogue of layers and nothing of the canvas.
"""

from app.palette.entries import LAYER_MIME
from app.palette.library import LibraryPanel

__all__ = ["LAYER_MIME", "LibraryPanel"]
