"""The one figure beside the loss that people read: accuracy, or the mean absolute error."""

from collections.abc import Mapping

from torch import Tensor

from engine.compile.plan import Plan
from engine.data.meaning import Meaning, main_meaning

ACCURACY = "accuracy"
MEAN_ABSOLUTE_ERROR = "mean absolute error"


class Metric:
    """Measures batches; the result stays on the device until somebody needs the number."""

    def __init__(self, meaning: Meaning) -> None:
        self._output = meaning.output
        self._target = meaning.target
        self._kind = meaning.kind
        self.name = MEAN_ABSOLUTE_ERROR if meaning.kind == "numbers" else ACCURACY

    def __call__(self, outputs: tuple[Tensor, ...], batch: Mapping[str, Tensor]) -> Tensor:
        """Return the mean over a batch.

        Shapes:
            out: ()
        """
        found = outputs[self._output].detach()
        target = batch[self._target]
        match self._kind:
            case "classes":
                return _share(found.argmax(1) == target)
            case "yes_no":
                return _share((found > 0) == (target > 0.5))
            case "numbers":
                return (found - target).abs().mean()


def _share(right: Tensor) -> Tensor:
    return right.sum() / right.numel()


def metric_of(plan: Plan) -> Metric | None:
    """Return the metric of the main output, or None where it is compared with nothing."""
    meaning = main_meaning(plan)
    return Metric(meaning) if meaning is not None and meaning.target else None
