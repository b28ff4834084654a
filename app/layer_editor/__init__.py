"""Layers of one's own in the window: writing them, trusting them, and finding what they do.

No code of a person or a project runs in the window's process.
"""
