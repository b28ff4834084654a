"""The Step tab: one sample goes through the model layer by layer, forward and then backward."""

from app.stepping.panel import StepPanel

__all__ = ["StepPanel"]
