"""What was measured of a template, in words."""

from __future__ import annotations

from app.figures import figure, percent
from engine.data.metric_names import is_share, sentence
from engine.project.templates import RECOGNISED, Template


def score_words(template: Template) -> tuple[str, ...]:
    """Say what a trained model reaches, at length and in short.

    At length it is set beside what always the likeliest answer reaches.
    """
    if template.score is None:
        return ("",)
    words = f"{sentence(template.metric)} {_value(template.metric, template.score)}"
    if not template.plain_score:
        return (words,)
    return f"{words}, guessing {_value(template.metric, template.plain_score)}", words


def _value(metric: str, value: float) -> str:
    is_part = is_share(metric) or metric == RECOGNISED
    return percent(value) if is_part else figure(value)
