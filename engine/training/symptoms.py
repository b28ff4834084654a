"""What the figures of a run say about its health: plain rules over numbers, without torch.

Every rule waits until chance is no explanation: a false alarm teaches people not to listen.
"""

from collections.abc import Mapping, Sequence
from statistics import fmean, median

from engine.graph.elements import NodeId
from engine.project.recipe import Recipe
from engine.training.events import HealthAct

_EXPLODING = 100.0
_LARGE_GRADIENT = 10.0
_FEWEST_NORMS = 8
_VANISHING = 1e-7
_ALIVE = 1e-4
_FEWEST_LAYERS = 4
_STUCK_EPOCHS = 3
_STUCK_STEPS = 150
_STUCK_SHARE = 0.985
_MOVED = 0.1
_JUMP = 2.0
_JUMP_SHARE = 0.1
_WORSE_EPOCHS = 5
_WORSE_SHARE = 1.15
_SMOOTH = 3


def has_exploded(norms: Sequence[float]) -> bool:
    """Say whether the last two gradients are far longer than those before."""
    if len(norms) < _FEWEST_NORMS + 2:
        return False
    limit = max(_EXPLODING * median(norms[:-2]), _LARGE_GRADIENT)
    return min(norms[-2:]) > limit


def vanishing_layer(shares: Sequence[float]) -> int | None:
    """Return the place of a layer that hardly learns while the last one does, else None.

    Args:
        shares: The length of each layer's gradient as a share of its weights, in order.
    """
    if len(shares) < _FEWEST_LAYERS or shares[-1] < _ALIVE:
        return None
    return next((place for place, share in enumerate(shares[:-1]) if share < _VANISHING), None)


def is_stuck(training: Sequence[float], first: float, steps: int) -> bool:
    """Say whether the loss of the epochs has not moved from where it began."""
    if len(training) < _STUCK_EPOCHS or steps < _STUCK_STEPS or first <= 0:
        return False
    return min(training) > first * _STUCK_SHARE


def has_moved(first: Mapping[NodeId, float], now: Mapping[NodeId, float]) -> bool:
    """Say whether the weights of a layer are much longer or shorter than they began."""
    lengths = ((length, now.get(layer, length)) for layer, length in first.items())
    return any(abs(after - before) > _MOVED * before > 0 for before, after in lengths)


def has_jumped(training: Sequence[float]) -> bool:
    """Say whether the loss of an epoch is far above the best one before, and not only near 0."""
    if len(training) < 2:
        return False
    best, now = min(training[:-1]), training[-1]
    # What was learned nearly by heart doubles without harm.
    return now > _JUMP * best > 0 and now - best > _JUMP_SHARE * training[0]


def is_overfitting(training: Sequence[float], validation: Sequence[float]) -> bool:
    """Say whether training gets better while validation has become clearly worse, and stays so."""
    if len(validation) < 2 * _WORSE_EPOCHS or len(training) != len(validation):
        return False
    # Not the best single epoch: of few validation samples that is the luckiest.
    known = _means(validation)[:-_WORSE_EPOCHS]
    is_worse = min(validation[-_WORSE_EPOCHS:]) > _WORSE_SHARE * min(known)
    learned = _means(training)
    # A run gone wild gets better and worse by chance, but never as good as validation was.
    return is_worse and learned[-1] < learned[-1 - _WORSE_EPOCHS] and training[-1] < min(known)


def _means(losses: Sequence[float]) -> list[float]:
    """Return the mean of each epoch and the two before it."""
    return [fmean(losses[place : place + _SMOOTH]) for place in range(len(losses) - _SMOOTH + 1)]


def lower_rate(recipe: Recipe, share: float = 0.1) -> tuple[HealthAct, ...]:
    """Offer a smaller learning rate, where there is one."""
    rate = float(f"{recipe.learning_rate * share:.3g}")
    if not rate:
        return ()
    return (HealthAct(label=f"Lower the rate to {rate:g}", settings={"learning_rate": rate}),)


def raise_rate(recipe: Recipe) -> HealthAct:
    """Offer a larger learning rate; that of a new recipe where it is 0."""
    larger = recipe.learning_rate * 10 or Recipe().learning_rate
    rate = min(float(f"{larger:.3g}"), 100.0)
    return HealthAct(label=f"Raise the rate to {rate:g}", settings={"learning_rate": rate})


def clip(recipe: Recipe) -> tuple[HealthAct, ...]:
    """Offer to clip gradients, where that is not done yet."""
    if recipe.gradient_clip:
        return ()
    return (HealthAct(label="Clip gradients at 1", settings={"gradient_clip": 1.0}),)


def halve_batch(recipe: Recipe) -> tuple[HealthAct, ...]:
    """Offer half the batch with twice the batches per step: the same step in half the memory."""
    if recipe.batch_size < 2:
        return ()
    size = recipe.batch_size // 2
    settings = {"batch_size": size, "accumulation": recipe.accumulation * 2}
    return (HealthAct(label=f"Compute {size} at once", settings=settings),)


def go_back(act: HealthAct, step: int) -> HealthAct:
    """Offer to go back to the last checkpoint and then do what another act does."""
    label = f"Go back to step {step}"
    words = act.label[:1].lower() + act.label[1:]
    label = f"{label} and {words}" if act.label else label
    return HealthAct(label=label, settings=act.settings, goes_back=True)
