"""The figures of an evaluation, judged by torchmetrics and scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness
from sklearn.neighbors import NearestNeighbors
from torch import Tensor
from torchmetrics.functional import classification, regression

from engine.data.meaning import Meaning
from engine.probes.arranging import Arrangement
from engine.probes.judging import Judge
from engine.probes.mapping import nearest, principal_components
from engine.probes.mask_judging import MaskJudge
from engine.probes.ranking import class_curves
from engine.training.insight import Evaluated

CLASSES = 5
SAMPLES = 400


@pytest.fixture(params=[1, 2, 3])
def scored(request: pytest.FixtureRequest) -> tuple[Tensor, Tensor]:
    """Scores before the softmax that are right more often than not, and the labels."""
    numbers = torch.Generator().manual_seed(request.param)
    labels = torch.randint(CLASSES, (SAMPLES,), generator=numbers)
    scores = torch.randn(SAMPLES, CLASSES, generator=numbers)
    return scores + 1.5 * torch.nn.functional.one_hot(labels, CLASSES), labels


def judged(judge: Judge | MaskJudge, outputs: Tensor, name: str, truth: Tensor) -> Evaluated:
    for some, true in zip(outputs.split(64), truth.split(64), strict=True):
        judge.add((some,), {name: true})
    found = judge.result(epoch=1, step=1, is_best=True)
    assert found is not None
    return found


def of_classes(scores: Tensor, labels: Tensor) -> Evaluated:
    meaning = Meaning(output=0, kind="classes", target="label", classes=CLASSES)
    return judged(Judge(meaning), scores, "label", labels)


def test_the_figures_of_classes_are_torchmetrics(scored: tuple[Tensor, Tensor]) -> None:
    scores, labels = scored
    each = {"num_classes": CLASSES, "average": None}

    found = of_classes(scores, labels)

    cells = classification.multiclass_confusion_matrix(scores, labels, CLASSES)
    assert torch.equal(torch.tensor(found.confusion), cells)
    accuracy = classification.multiclass_accuracy(scores, labels, CLASSES, average="micro")
    assert found.accuracy == pytest.approx(float(accuracy))
    for figure in ("precision", "recall", "f1_score"):
        judge = getattr(classification, f"multiclass_{figure}")(scores, labels, **each)
        own = [getattr(one, figure.removesuffix("_score")) for one in found.classes]
        assert own == pytest.approx(judge.tolist()), figure
    macro = classification.multiclass_f1_score(scores, labels, CLASSES, average="macro")
    assert found.macro_f1 == pytest.approx(float(macro))


def test_the_calibration_error_is_torchmetrics(scored: tuple[Tensor, Tensor]) -> None:
    scores, labels = scored

    found = of_classes(scores, labels)

    judge = classification.multiclass_calibration_error(scores, labels, CLASSES, n_bins=10)
    assert found.calibration_error == pytest.approx(float(judge), abs=1e-6)


def test_the_curves_are_torchmetrics(scored: tuple[Tensor, Tensor]) -> None:
    scores, labels = scored[0].softmax(1), scored[1]

    found = class_curves(scores.double().numpy(), labels.numpy(), [])

    areas = classification.multiclass_auroc(scores, labels, CLASSES, average=None)
    precisions = classification.multiclass_average_precision(scores, labels, CLASSES, average=None)
    assert [curve.area for curve in found] == pytest.approx(areas.tolist(), abs=1e-6)
    assert [curve.average_precision for curve in found] == pytest.approx(
        precisions.tolist(), abs=1e-6
    )
    false_rates, recalls, _ = classification.multiclass_roc(scores, labels, CLASSES)
    for curve, across, up in zip(found, false_rates, recalls, strict=True):
        corners = set(zip(across.tolist(), up.tolist(), strict=True))
        near = {(round(x, 5), round(y, 5)) for x, y in corners}
        told = zip(curve.false_rates, curve.recalls, strict=True)
        assert all((round(x, 5), round(y, 5)) in near for x, y in told)


def test_yes_or_no_is_judged_as_torchmetrics_does() -> None:
    numbers = torch.Generator().manual_seed(7)
    truth = torch.randint(2, (300,), generator=numbers)
    scores = torch.randn(300, generator=numbers) + truth

    found = judged(
        Judge(Meaning(output=0, kind="yes_no", target="y")), scores[:, None], "y", truth.float()
    )

    # Scores, not shares: without a sigmoid torchmetrics takes what is beyond 0 to 1 for logits.
    cells = classification.binary_confusion_matrix(scores, truth)
    assert torch.equal(torch.tensor(found.confusion), cells)
    assert found.curves[1].area == pytest.approx(
        float(classification.binary_auroc(scores, truth)), abs=1e-6
    )
    assert found.classes[1].f1 == pytest.approx(
        float(classification.binary_f1_score(scores, truth))
    )


def test_numbers_are_judged_as_torchmetrics_does() -> None:
    numbers = torch.Generator().manual_seed(8)
    truth = torch.randn(300, generator=numbers)
    said = truth + 0.4 * torch.randn(300, generator=numbers)
    meaning = Meaning(output=0, kind="numbers", target="y")

    found = judged(Judge(meaning, unit=3.0, zero=10.0), said[:, None], "y", truth)

    said, truth = (said * 3 + 10).double(), (truth * 3 + 10).double()
    assert found.mean_absolute_error == pytest.approx(
        float(regression.mean_absolute_error(said, truth))
    )
    assert found.root_mean_square_error == pytest.approx(
        float(regression.mean_squared_error(said, truth, squared=False))
    )
    assert found.r_squared == pytest.approx(float(regression.r2_score(said, truth)))


def test_areas_are_judged_as_torchmetrics_does() -> None:
    numbers = torch.Generator().manual_seed(9)
    truth = torch.randint(3, (70, 8, 9), generator=numbers)
    scores = torch.randn(70, 3, 8, 9, generator=numbers)
    scores += 1.5 * torch.nn.functional.one_hot(truth, 3).movedim(-1, 1)
    meaning = Meaning(output=0, kind="classes", target="mask", classes=3)

    found = judged(MaskJudge(meaning), scores, "mask", truth)

    shares = classification.multiclass_jaccard_index(scores, truth, 3, average=None)
    assert [each.iou for each in found.classes] == pytest.approx(shares.tolist())
    dice = classification.multiclass_f1_score(scores, truth, 3, average=None)
    assert [each.f1 for each in found.classes] == pytest.approx(dice.tolist())


def test_the_principal_components_are_scikit_learns() -> None:
    values = torch.randn(200, 12, generator=torch.Generator().manual_seed(3)) * torch.arange(1, 13)

    points, shares = principal_components(values.numpy())

    judge = PCA(2, svd_solver="full").fit(values.numpy())
    expected = judge.transform(values.numpy())
    signs = np.sign((points * expected).sum(0))
    np.testing.assert_allclose(points * signs, expected, rtol=1e-3, atol=1e-3)
    assert shares == pytest.approx(judge.explained_variance_ratio_, rel=1e-4)


def test_the_nearest_samples_are_scikit_learns() -> None:
    values = torch.randn(120, 9, generator=torch.Generator().manual_seed(5)).numpy()

    places, alike = nearest(values)

    judge = NearestNeighbors(n_neighbors=9, metric="cosine").fit(values)
    far, expected = judge.kneighbors(values)
    assert np.array_equal(places, expected[:, 1:])
    np.testing.assert_allclose(alike, 1 - far[:, 1:], atol=1e-5)


def test_the_plane_keeps_neighbours_together_as_well_as_scikit_learns() -> None:
    numbers = torch.Generator().manual_seed(6)
    middles = 3 * torch.randn(8, 20, generator=numbers)
    values = middles.repeat_interleave(30, 0) + torch.randn(240, 20, generator=numbers)
    start, _ = principal_components(values.numpy())
    arrangement = Arrangement(values, torch.from_numpy(start))

    arrangement.go_on(60.0, clock=lambda: 0.0)

    own = trustworthiness(values.numpy(), arrangement.points.numpy(), n_neighbors=10)
    peer = TSNE(method="exact", init="pca", random_state=0).fit_transform(values.numpy())
    assert own > trustworthiness(values.numpy(), peer, n_neighbors=10) - 0.01
