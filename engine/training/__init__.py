"""Training: the recipe's run, carried out by a worker process and followed by a session.

``config``, ``events``, ``channel`` and ``session`` are the window's side and do not import torch;
the rest is the worker's.
"""
