"""The project: the drawing, its notes and its recipe, and how it is kept in a file.

Nothing here imports torch or Qt.
"""
