"""Data sets: what they hold, where they come from, how they are split and loaded.

``spec`` and ``builtin`` do not import torch; ``loading`` is the worker's.
"""
