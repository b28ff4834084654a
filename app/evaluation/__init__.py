"""The Evaluation panel: how good the model is on the data kept aside, and where it is wrong.

Only shows what events say; which sample is to be looked at is asked through a signal.
"""

from app.evaluation.panel import EvaluationPanel

__all__ = ["EvaluationPanel"]
