"""What is said of the cost of layers: time and memory, measured on one batch."""

from engine.analysis.cost import LayerCost
from engine.training.config import Device
from engine.training.messages import Event, Request


class LayersMeasured(Event, frozen=True, kw_only=True, tag="layers_measured"):
    """Each layer was timed: medians over several passes of one batch."""

    device: str = ""
    samples: int = 0
    """Of the batch."""

    passes: int = 0
    layers: tuple[LayerCost, ...] = ()
    """In the order of the data flow; a composite before the layers inside of it."""

    problem: str = ""
    """Why nothing could be measured."""

    @property
    def step_seconds(self) -> float:
        """One step forward and back, without the optimiser."""
        return sum(layer.seconds for layer in self.layers if "/" not in layer.node)


class MeasureLayers(Request, frozen=True, kw_only=True, tag="measure_layers"):
    """Time each layer of a project; ``LayersMeasured`` answers."""

    project: str
    """The project as the text of its file."""

    device: Device = "auto"
