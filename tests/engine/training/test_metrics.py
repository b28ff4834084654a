import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.data.meaning import Meaning
from engine.training.metrics import Metric, figures_of


def test_accuracy_is_the_share_of_the_right_classes() -> None:
    metric = Metric(Meaning(output=1, kind="classes", target="label", classes=3))
    scores = torch.tensor([[2.0, 1.0, 0.0], [0.0, 1.0, 2.0], [0.0, 1.0, 0.0], [5.0, 0.0, 0.0]])

    found = metric((torch.zeros(4), scores), {"label": torch.tensor([0, 2, 1, 1])})

    assert metric.name == "accuracy" and figures_of([found])[0] == 0.75


def test_accuracy_counts_every_pixel_where_each_has_a_class() -> None:
    metric = Metric(Meaning(output=0, kind="classes", target="mask", classes=2))
    scores = torch.zeros(1, 2, 2, 2)
    scores[0, 1, 0, 0] = 1.0

    assert figures_of([metric((scores,), {"mask": torch.tensor([[[1, 0], [0, 1]]])})])[0] == 0.75


def test_yes_and_no_are_told_apart_at_zero() -> None:
    metric = Metric(Meaning(output=0, kind="yes_no", target="bought"))
    scores = torch.tensor([[3.0], [-3.0], [0.1]])

    found = metric((scores,), {"bought": torch.tensor([[1.0], [0.0], [0.0]])})

    assert figures_of([found])[0] == pytest.approx(2 / 3)


@given(st.integers(1, 600), st.integers(2, 12), st.integers(0, 2**16))
def test_the_share_that_is_right_is_the_mean_that_torch_computes(
    samples: int, classes: int, seed: int
) -> None:
    numbers = torch.Generator().manual_seed(seed)
    # Few different scores, so that there are ties.
    scores = torch.randint(4, (samples, classes), generator=numbers).float()
    labels = torch.randint(classes, (samples,), generator=numbers)
    bought = torch.randint(2, (samples, classes), generator=numbers).float()

    share = Metric(Meaning(output=0, kind="classes", target="y", classes=classes))
    said_yes = Metric(Meaning(output=0, kind="yes_no", target="y"))

    halves = scores.split(-(-samples // 2)), labels.split(-(-samples // 2))
    parts = list(zip(*halves, strict=True))
    measured = [share((found,), {"y": target}) for found, target in parts]
    assert figures_of(measured) == [
        (found.argmax(1) == target).float().mean().item() for found, target in parts
    ]
    assert figures_of([said_yes((scores - 1.5,), {"y": bought})]) == [
        ((scores > 1.5) == (bought > 0.5)).float().mean().item()
    ]


@given(
    st.sampled_from(["as it is", "turned", "channels last"]),
    st.sampled_from([torch.float32, torch.float64, torch.bfloat16]),
    st.integers(0, 2**16),
)
def test_each_place_has_the_class_that_torch_finds_however_scores_lie_in_memory(
    lies: str, dtype: torch.dtype, seed: int
) -> None:
    numbers = torch.Generator().manual_seed(seed)
    # Few different scores, so that there are ties.
    scores = torch.randint(4, (3, 5, 4, 2), generator=numbers).to(dtype)
    scores[0, 1, 2, 0] = float("nan")
    if lies == "turned":
        scores = scores.movedim(1, -1).contiguous().movedim(-1, 1)
    elif lies == "channels last":
        scores = scores.to(memory_format=torch.channels_last)
    truth = torch.randint(5, (3, 4, 2), generator=numbers)
    metric = Metric(Meaning(output=0, kind="classes", target="mask", classes=5))

    (figure,) = figures_of([metric((scores,), {"mask": truth})])

    assert figure == (scores.argmax(1) == truth).float().mean().item()


def test_numbers_are_measured_by_their_mean_distance() -> None:
    metric = Metric(Meaning(output=0, kind="numbers", target="price"))

    found = metric((torch.tensor([[1.0], [5.0]]),), {"price": torch.tensor([[2.0], [2.0]])})

    assert metric.name == "mean absolute error" and figures_of([found])[0] == 2.0


@pytest.mark.parametrize("of_pixels", [True, False])
def test_what_is_counted_of_batches_gives_the_figure_of_them_all(of_pixels: bool) -> None:
    numbers = torch.Generator().manual_seed(2)
    scores = torch.randn(7, 3, 4, 4, generator=numbers)
    # A class that is in one batch only: the mean of the batches' figures would be another one.
    truth = torch.randint(2, (7, 4, 4), generator=numbers)
    truth[0, 0] = 2
    meaning = Meaning(output=0, kind="classes", target="mask", classes=3)
    metric = Metric(meaning, of_pixels=of_pixels)

    parts = [
        metric.counted((some,), {"mask": true})
        for some, true in zip(scores.split(3), truth.split(3), strict=True)
    ]

    whole = metric((scores,), {"mask": truth})
    assert metric.of(torch.stack(parts).sum(0)).item() == pytest.approx(figures_of([whole])[0])
