"""Runs on disk: what a training leaves behind, read by windows, commands and later runs.

A run folder holds ``project.loom``, ``model.py``, ``run.json``, ``metrics.sqlite``,
``report.html``, ``checkpoints/best``, ``checkpoints/last`` and ``exports``. Nothing in here
imports torch.
"""
