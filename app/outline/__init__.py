"""The outline: the drawing as a tree, in the order of the data flow.

For those who cannot see the canvas it is the drawing.
"""

from app.outline.panel import OutlinePanel

__all__ = ["OutlinePanel"]
