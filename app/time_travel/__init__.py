"""The time slider: everything that is looked at moves to a recorded moment of the run together."""

from app.time_travel.slider import TimeSlider

__all__ = ["TimeSlider"]
