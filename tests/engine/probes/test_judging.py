"""Evaluations, judged by figures counted by hand."""

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.data.meaning import Band, Meaning
from engine.probes.judging import Judge
from engine.training.insight import Evaluated

CLASSES = Meaning(output=0, kind="classes", target="label", classes=3)
NAMES = ("ant", "bee", "cat")


def judged(scores: torch.Tensor, labels: torch.Tensor, batch: int = 4) -> Evaluated:
    judge = Judge(CLASSES, NAMES)
    for start in range(0, len(labels), batch):
        end = start + batch
        judge.add((scores[start:end],), {"label": labels[start:end]})
    found = judge.result(epoch=2, step=9, is_best=True)
    assert found is not None
    return found


samples = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=40)


@given(samples)
def test_the_figures_are_those_of_counting(pairs: list[tuple[int, int]]) -> None:
    labels = torch.tensor([truth for truth, _ in pairs])
    scores = torch.nn.functional.one_hot(torch.tensor([said for _, said in pairs]), 3) * 3.0

    found = judged(scores, labels)

    for row in range(3):
        assert found.confusion[row] == tuple(pairs.count((row, column)) for column in range(3))
        there = sum(truth == row for truth, _ in pairs)
        said = sum(called == row for _, called in pairs)
        right = pairs.count((row, row))
        figures = found.classes[row]
        assert figures.name == NAMES[row] and figures.samples == there
        assert figures.recall == (right / there if there else None)
        assert figures.precision == (right / said if said else None)
        if there + said:
            assert figures.f1 == pytest.approx(2 * right / (there + said))
    assert found.accuracy == pytest.approx(np.mean([a == b for a, b in pairs]))


def test_the_worst_samples_are_the_wrong_ones_with_the_greatest_loss_first() -> None:
    scores = torch.tensor([[5.0, 0, 0], [0, 9.0, 0], [0, 0, 2.0], [0.1, 0, 0]])
    labels = torch.tensor([0, 0, 1, 0])
    judge = torch.nn.functional.cross_entropy(scores, labels, reduction="none")

    found = judged(scores, labels, batch=3)

    assert [worst.place for worst in found.worst] == [1, 2]
    assert [(w.truth, w.called) for w in found.worst] == [("ant", "bee"), ("bee", "cat")]
    assert found.worst[0].loss == pytest.approx(float(judge[1]))
    assert found.worst[0].confidence == pytest.approx(float(scores[1].softmax(0)[1]))
    assert found.sure_errors == 1
    assert found.loss == pytest.approx(float(judge.mean()))
    assert found.examples[0] == (3, 1, -1)


def test_a_label_is_doubted_where_the_model_is_surer_than_usual_of_another() -> None:
    scores = 6 * torch.eye(3)[torch.arange(30) % 3] + torch.randn(30, 3)
    labels = torch.arange(30) % 3
    labels[4] = 0

    found = judged(scores, labels)

    doubted = [(one.place, one.truth, one.called) for one in found.suspects]
    assert doubted and doubted[0] == (4, found.classes[0].name, found.classes[1].name)


def test_the_calibration_error_is_the_gap_between_sureness_and_truth() -> None:
    """Ten answers at 75 %, of which six are right, and four at 95 %, all right."""
    sure = [0.75] * 10 + [0.95] * 4
    scores = torch.tensor([[p, (1 - p) / 2, (1 - p) / 2] for p in sure]).log()
    labels = torch.tensor([0] * 6 + [1] * 4 + [0] * 4)

    found = judged(scores, labels)

    gap = 10 / 14 * abs(0.75 - 0.6) + 4 / 14 * abs(0.95 - 1.0)
    assert found.calibration_error == pytest.approx(gap, abs=1e-6)


def test_yes_or_no_is_judged_at_one_half() -> None:
    judge = Judge(Meaning(output=0, kind="yes_no", target="churned"))
    judge.add((torch.tensor([[2.0], [-1.0], [0.5]]),), {"churned": torch.tensor([1.0, 1.0, 0.0])})

    found = judge.result(epoch=1, step=1, is_best=False)

    assert found is not None
    assert found.confusion == ((0, 1), (1, 1))
    assert [figures.name for figures in found.classes] == ["no", "yes"]


def test_numbers_are_judged_on_the_scale_of_the_data() -> None:
    judge = Judge(Meaning(output=0, kind="numbers", target="price"), unit=10.0, zero=100.0)
    judge.add((torch.tensor([[0.0], [1.0], [2.0]]),), {"price": torch.tensor([0.5, 1.0, 1.0])})

    found = judge.result(epoch=1, step=1, is_best=False)

    truths, said = np.array([105.0, 110, 110]), np.array([100.0, 110, 120])
    assert found is not None and found.truths == pytest.approx(truths)
    assert found.predictions == pytest.approx(said)
    assert found.mean_absolute_error == pytest.approx(np.abs(truths - said).mean())
    assert found.root_mean_square_error == pytest.approx(np.sqrt(((truths - said) ** 2).mean()))
    spread = ((truths - truths.mean()) ** 2).sum()
    assert found.r_squared == pytest.approx(1 - ((truths - said) ** 2).sum() / spread)


def test_a_model_that_labels_every_pixel_is_not_judged_by_sample() -> None:
    judge = Judge(CLASSES, NAMES)
    judge.add((torch.zeros(2, 3, 5, 5),), {"label": torch.zeros(2, 5, 5, dtype=torch.int64)})

    assert judge.result(epoch=1, step=1, is_best=True) is None


def test_figures_of_a_model_that_went_wild_can_still_be_written() -> None:
    found = judged(torch.full((3, 3), float("nan")), torch.tensor([0, 1, 2]))

    again = msgspec.json.decode(msgspec.json.encode(found), type=Evaluated)

    assert again == found


def test_labels_that_the_loss_ignores_are_not_judged() -> None:
    judge = Judge(CLASSES, NAMES)
    judge.add((torch.zeros(2, 3),), {"label": torch.tensor([0, -100])})

    assert judge.result(epoch=1, step=1, is_best=True) is None


def test_a_band_is_judged_by_how_often_it_holds_the_truth() -> None:
    meaning = Meaning(output=0, kind="numbers", target="next")
    judge = Judge(meaning, unit=10, zero=5, band=Band(output=1, coverage=0.8))
    said = torch.tensor([[0.0], [1.0], [2.0], [3.0]])
    ends = torch.tensor([[-1.0, 1.0], [2.0, 0.0], [2.5, 3.0], [2.0, 3.5]])

    judge.add((said, ends), {"next": torch.tensor([[0.5], [1.5], [2.0], [4.0]])})
    found = judge.result(epoch=1, step=2, is_best=True)

    assert found is not None and found.inside == 0.5 and found.coverage == 0.8
    assert found.lows == pytest.approx((-5, 5, 30, 25))
    assert found.highs == pytest.approx((15, 25, 35, 40))
