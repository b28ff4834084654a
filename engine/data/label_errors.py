"""Labels that are probably wrong: confident learning over predictions of unseen samples.

The predictions are those of a trained model, or of a simple one that is trained here by
cross-validation, so that a data set can be looked through before anything has learned from it.
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.data.progress import tell

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

FOLDS: Final = 5
_FEATURES: Final = 1024
_COMPONENTS: Final = 48
_RIDGE: Final = 1e-3
_PAIRS: Final = 500
_SHARPNESS: Final = np.geomspace(0.02, 50, 80)


def suspected(labels: Places, chances: Floats) -> Places:
    """Return the places of samples whose label is probably wrong, the surest first.

    A sample is suspected where the model is as sure of another class as it is on average of the
    samples that have that label (Northcutt, Jiang and Chuang 2021, Confident Learning: Estimating
    Uncertainty in Dataset Labels).

    Shapes:
        labels: (N,)
        chances: (N, classes), of samples that the model did not learn from
    """
    classes = chances.shape[1]
    own = chances[np.arange(len(labels)), labels]
    counts = np.bincount(labels, minlength=classes)
    # No sample is ever counted into a class that nobody has.
    sure = np.full(classes, np.inf)
    sure[counts > 0] = np.bincount(labels, own, classes)[counts > 0] / counts[counts > 0]
    confident = np.where(chances >= sure, chances, -1)
    called = confident.argmax(1)
    found = np.flatnonzero((confident.max(1) >= 0) & (called != labels))
    margin = chances[found, called[found]] - own[found]
    order = np.argsort(-margin, kind="stable")
    suspects: Places = found[order[margin[order] > 0]]
    return suspects


def cross_validated(features: npt.NDArray[np.float32], labels: Places, classes: int) -> Floats:
    """Return what a simple model that did not learn from a sample says of its class.

    It is ridge regression on random Fourier features (Rahimi and Recht 2007, Random Features for
    Large-Scale Kernel Machines) of the principal components, softened so that its chances are as
    true as they can be.

    Shapes:
        features: (N, features), on scales that can be compared
        out: (N, classes)
    """
    lifted = _lifted(_principal(features))
    wanted = np.eye(classes, dtype=np.float32)[labels]
    scores = np.zeros((len(labels), classes))
    for inside, outside in _folds(len(labels)):
        scores[outside] = lifted[outside] @ _fitted(lifted[inside], wanted[inside])
    return _softened(scores, labels)


def cross_validated_words(tokens: Places, known: int, labels: Places, classes: int) -> Floats:
    """Return what naive Bayes over the words of a text that it did not learn from says of it.

    Shapes:
        tokens: (N, length), below 2 where there is no word that is known
        out: (N, classes)
    """
    scores = np.zeros((len(labels), classes))
    for inside, outside in _folds(len(labels)):
        counts = np.ones((classes, known))
        of_class = np.repeat(labels[inside], tokens.shape[1])
        np.add.at(counts, (of_class, tokens[inside].reshape(-1)), 1)
        counts[:, :2] = 1
        shares = np.log(counts / counts.sum(axis=1, keepdims=True))
        shares[:, :2] = 0
        first = np.log(np.bincount(labels[inside], minlength=classes) + 1)
        scores[outside] = shares.T[tokens[outside]].sum(axis=1) + first
    return _softened(scores, labels)


def _folds(count: int) -> Iterator[tuple[Places, Places]]:
    """Deal samples out into those learned from and those judged, so that each is judged once."""
    fold = np.random.Generator(np.random.Philox(0)).permutation(count) % FOLDS
    for number in range(FOLDS):
        tell(number * count // FOLDS, count)
        yield np.flatnonzero(fold != number), np.flatnonzero(fold == number)


def _principal(features: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Keep the directions in which samples differ most; the others are noise to a kernel."""
    if features.shape[1] <= _COMPONENTS:
        return features
    centred = features - features.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    kept: npt.NDArray[np.float32] = centred @ directions[:, -_COMPONENTS:]
    return kept


def _lifted(features: npt.NDArray[np.float32]) -> Any:
    """Map features to waves of random directions; their products are a Gaussian kernel."""
    random = np.random.Generator(np.random.Philox(0))
    one, other = random.integers(0, len(features), (2, _PAIRS))
    width = float(np.median(np.linalg.norm(features[one] - features[other], axis=1))) or 1.0
    directions = random.standard_normal((features.shape[1], _FEATURES), np.float32) / width
    waves = np.cos(features @ directions + random.uniform(0, 2 * np.pi, _FEATURES))
    return np.hstack([waves, np.ones((len(waves), 1))]).astype(np.float32)


def _fitted(lifted: Any, wanted: Any) -> Any:
    gram = lifted.T @ lifted
    gram[np.diag_indices_from(gram)] += _RIDGE * len(lifted)
    return np.linalg.solve(gram, lifted.T @ wanted)


def _softened(scores: Floats, labels: Places) -> Floats:
    """Return chances; how sharp they are is what makes the labels the likeliest."""
    rows = np.arange(len(labels))
    return min(
        (_softmax(scores * sharpness) for sharpness in _SHARPNESS),
        key=lambda chances: -float(np.log(chances[rows, labels] + 1e-12).mean()),
    )


def _softmax(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares
