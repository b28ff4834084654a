"""Layers of a person's own: whether they may run, and what is found by running them.

The code of a project runs in processes of its own, never in the window's, and only once the
person said that they trust it. Only ``running`` and ``process`` import torch.
"""
