"""The overlay of the whole canvas: every card coloured by one figure, on one scale."""

from app.heat.control import Heat
from app.heat.measures import MEASURES, Measure

__all__ = ["MEASURES", "Heat", "Measure"]
