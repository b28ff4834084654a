"""From a drawing to a model: a plan, its source, the module that source makes.

Only ``module`` and ``stepper`` import torch; they are the worker's.
"""
