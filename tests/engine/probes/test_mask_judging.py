import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.data.meaning import Meaning
from engine.probes.mask_judging import MaskJudge, mean_overlap, overlaps
from engine.training.insight import Evaluated
from engine.training.metrics import class_areas
from nodes.modules import Dice

MEANING = Meaning(output=0, kind="classes", target="mask", classes=3)


def judged(scores: torch.Tensor, truth: torch.Tensor, batches: int = 1) -> Evaluated:
    judge = MaskJudge(MEANING, ("ground", "cell", "nucleus"))
    for some, true in zip(scores.chunk(batches), truth.chunk(batches), strict=True):
        judge.add((some,), {"mask": true})
    found = judge.result(epoch=1, step=2, is_best=True)
    assert found is not None
    return found


def some(seed: int, samples: int = 6) -> tuple[torch.Tensor, torch.Tensor]:
    numbers = torch.Generator().manual_seed(seed)
    scores = torch.randn(samples, 3, 8, 7, generator=numbers)
    return scores, torch.randint(3, (samples, 8, 7), generator=numbers)


@given(seed=st.integers(0, 99), batches=st.integers(1, 6))
def test_the_figures_are_those_of_all_pixels_together(seed: int, batches: int) -> None:
    scores, truth = some(seed)

    found = judged(scores, truth, batches)

    called = scores.argmax(1)
    expected = [
        float(((called == k) & (truth == k)).sum() / ((called == k) | (truth == k)).sum())
        for k in range(3)
    ]
    assert [each.iou for each in found.classes] == pytest.approx(expected)
    assert found.mean_iou == pytest.approx(sum(expected) / 3)
    common, both = class_areas(called, truth, 3)
    assert float((common / both).mean()) == pytest.approx(sum(expected) / 3)
    assert sum(map(sum, found.confusion)) == truth.numel()
    loss = torch.nn.functional.cross_entropy(scores, truth)
    assert found.loss == pytest.approx(float(loss), rel=1e-5)


def test_the_worst_samples_come_first_each_with_what_its_pixels_were_called() -> None:
    scores, truth = some(0)
    for sample, right in enumerate((0.9, 0.1, 0.5, 1.0, 0.3, 0.7)):
        rows = round(right * 8)
        good = torch.nn.functional.one_hot(truth[sample, :rows], 3).movedim(-1, 0).float()
        scores[sample, :, :rows] = 50 * good
        wrong = torch.nn.functional.one_hot((truth[sample, rows:] + 1) % 3, 3)
        scores[sample, :, rows:] = 50 * wrong.movedim(-1, 0).float()

    found = judged(scores, truth, 3)

    assert [worst.place for worst in found.worst] == [1, 4, 2, 5, 0, 3]
    masks = np.frombuffer(found.masks, np.uint8).reshape(6, 8, 7)
    assert np.array_equal(masks[0], scores[1].argmax(0).numpy())
    assert found.worst[-1].confidence == 1.0


def test_each_cell_names_the_sample_with_most_of_its_pixels() -> None:
    truth = torch.zeros(3, 8, 7, dtype=torch.int64)
    scores = torch.zeros(3, 3, 8, 7)
    scores[:, 0] = 1
    scores[2, 1, :4] = 9
    scores[1, 1, 0, 0] = 9

    found = judged(scores, truth)

    assert found.examples[0][1] == 2 and found.examples[2][2] == -1


def test_pixels_that_the_loss_ignores_are_not_counted() -> None:
    scores, truth = some(1)
    truth[:, :2] = -100

    found = judged(scores, truth)

    assert sum(map(sum, found.confusion)) == 6 * 6 * 7


def test_a_class_that_is_nowhere_does_not_count() -> None:
    confusion = np.array([[8, 2, 0], [0, 10, 0], [0, 0, 0]])

    assert overlaps(confusion)[:2].tolist() == [0.8, 10 / 12]
    assert mean_overlap(confusion) == pytest.approx((0.8 + 10 / 12) / 2)


def test_the_dice_loss_is_none_for_a_perfect_and_nearly_one_for_a_hopeless_answer() -> None:
    _, truth = some(2)
    perfect = 60.0 * torch.nn.functional.one_hot(truth, 3).movedim(-1, 1)
    hopeless = 60.0 * torch.nn.functional.one_hot((truth + 1) % 3, 3).movedim(-1, 1)

    assert Dice()(perfect, truth).item() == pytest.approx(0, abs=1e-6)
    assert Dice()(hopeless, truth).item() > 0.98


def test_the_dice_loss_is_one_minus_the_f1_of_each_class_where_answers_are_sure() -> None:
    scores, truth = some(3, samples=40)

    loss = Dice()(1000 * scores, truth).item()

    f1 = [each.f1 or 0.0 for each in judged(scores, truth).classes]
    assert loss == pytest.approx(1 - sum(f1) / 3, abs=2e-3)
