"""From a drawing to a model: a plan, its source, the module that source makes.

``plan`` and ``source`` do not import torch; ``module`` and ``stepper`` are the worker's.
"""
