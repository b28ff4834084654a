"""Taking a trained model away: ONNX, readable source, weights; each with proof that it is equal.

``job`` serves the window and the command line and does not import torch. It runs every export in
a fresh process of its own, so that tracing can neither freeze nor spoil the one that asks.
"""
