"""What the card of a built-in project promises, and whether a training keeps it."""

from engine.data.metric_names import is_share
from engine.project.templates import RECOGNISED, Template

MOST_SECONDS = 120
"""Of one core, for any of them."""

_SHARE_OFF = 0.02
"""Other processors round otherwise, and a few samples of some hundreds fall to the other side."""

_ERROR_OFF = 0.05
"""As a share of the error on the card."""


def reaches(template: Template, score: float | None) -> bool:
    """Say whether a score is as good as the one on the card, but for chance."""
    assert template.score is not None, "it was measured"
    if score is None:
        return False
    if is_share(template.metric) or template.metric == RECOGNISED:
        return score >= template.score - _SHARE_OFF
    return score <= template.score * (1 + _ERROR_OFF)
