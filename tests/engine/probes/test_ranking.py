"""ROC and precision-recall, judged by counting pairs and thresholds one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.probes.ranking import MOST_POINTS, class_curves, curves_of

SCORES = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.2, 0.5, 0.7, 1.0]), st.booleans()), min_size=2
).filter(lambda pairs: 0 < sum(is_so for _, is_so in pairs) < len(pairs))


@given(SCORES)
def test_the_area_is_the_chance_that_one_of_the_class_scores_higher(
    pairs: list[tuple[float, bool]],
) -> None:
    inside = [score for score, is_so in pairs if is_so]
    outside = [score for score, is_so in pairs if not is_so]
    won = sum((a > b) + (a == b) / 2 for a in inside for b in outside)

    found = curves_of(*map(np.array, zip(*pairs, strict=True)), "x")

    assert found.area == pytest.approx(won / (len(inside) * len(outside)))


@given(SCORES)
def test_the_average_precision_adds_up_over_every_threshold(
    pairs: list[tuple[float, bool]],
) -> None:
    there, before, total = sum(is_so for _, is_so in pairs), 0.0, 0.0
    for threshold in sorted({score for score, _ in pairs}, reverse=True):
        called = [is_so for score, is_so in pairs if score >= threshold]
        recall, precision = sum(called) / there, sum(called) / len(called)
        total += (recall - before) * precision
        before = recall

    found = curves_of(*map(np.array, zip(*pairs, strict=True)), "x")

    assert found.average_precision == pytest.approx(total)


def test_long_curves_are_told_in_few_points_and_keep_their_ends() -> None:
    generator = np.random.default_rng(0)
    is_so = generator.random(5000) < 0.3
    scores = generator.normal(size=5000) + is_so

    found = curves_of(scores, is_so, "x")

    assert len(found.false_rates) == len(found.recalls) == MOST_POINTS
    assert (found.false_rates[0], found.recalls[0]) == (0, 0)
    assert (found.false_rates[-1], found.recalls[-1]) == (1, 1)
    assert list(found.recalls) == sorted(found.recalls)
    drawn = np.trapezoid(found.recalls, found.false_rates)
    assert drawn == pytest.approx(found.area, abs=0.01)


def test_classes_without_samples_have_no_curve() -> None:
    scores = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]])

    found = class_curves(scores, np.array([0, 1]), ("a", "b", "c"))

    assert [curve.name for curve in found] == ["a", "b"]
    assert [curve.area for curve in found] == [1.0, 1.0]
