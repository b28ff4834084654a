"""Lessons: a card that names one step at a time and moves on when the person has done it."""

from app.lessons.guide import Guide
from app.lessons.lessons import LESSONS

__all__ = ["LESSONS", "Guide"]
