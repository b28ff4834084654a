"""Using a trained run: its answers for new inputs, and how good they are on data kept aside.

``meaning`` does not import torch; the rest is the worker's and the command line's.
"""
