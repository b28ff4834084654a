from pathlib import Path

import numpy as np
import pytest
import torch
from small_runs import a_small_cnn, compiled, save_run
from torch.nn import functional

from engine.data.builtin import open_data_set
from engine.data.splitting import split
from engine.evaluate.results import evaluate_run


def judged(validation: float, test: float, share: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Return scores and labels of one share, computed in one go."""
    data = open_data_set("digits")
    parts = split(10_000, validation=validation, test=test, seed=0)
    indices = getattr(parts, share)
    images = torch.from_numpy(data.read("image", indices)).float() / 255
    labels = torch.from_numpy(data.read("label", indices)).long()
    with torch.inference_mode():
        return compiled(a_small_cnn()).module.eval()(images), labels


@pytest.mark.parametrize(("test", "share"), [(0.0, "validation"), (0.04, "test")])
def test_the_figures_are_those_of_the_samples_kept_aside(
    tmp_path: Path, test: float, share: str
) -> None:
    project = a_small_cnn(data={"validation_share": 0.06, "test_share": test})
    scores, labels = judged(0.06, test, share)
    called = scores.argmax(1)

    found = evaluate_run(save_run(tmp_path / "run", project))

    assert (found.share, found.samples) == (share, len(labels))
    assert found.metric == "accuracy"
    assert found.value == pytest.approx(float((called == labels).double().mean()))
    assert found.loss == pytest.approx(float(functional.cross_entropy(scores, labels)), rel=1e-5)
    confusion = np.array(found.confusion)
    for row, column in [(0, 0), (3, 5), (9, 1)]:
        assert confusion[row, column] == int(((labels == row) & (called == column)).sum())
    three = found.classes[3]
    right = int(((labels == 3) & (called == 3)).sum())
    assert three.name == "3" and three.samples == int((labels == 3).sum())
    assert three.recall == pytest.approx(right / three.samples)
    assert three.precision == pytest.approx(right / max(int((called == 3).sum()), 1))


def test_a_run_that_kept_nothing_aside_is_measured_on_its_training_samples(tmp_path: Path) -> None:
    project = a_small_cnn(data={"validation_share": 0.0})

    found = evaluate_run(save_run(tmp_path / "run", project))

    assert (found.share, found.samples) == ("training", 10_000)
