"""Weights as maps: filters, or one matrix, with zero as the surface."""

from __future__ import annotations

from app.figures import figure
from app.plots.channels import ChannelGrid
from app.plots.images import signed_image
from app.theme import current_theme


class FilterGrid(ChannelGrid):
    """A grid whose maps are the filters of a convolution, each output with its inputs."""

    def __init__(self) -> None:
        self._inputs = 1
        super().__init__()
        self.setAccessibleName(self.tr("Weights"))

    def set_inputs(self, inputs: int) -> None:
        """Say how many filters in a row belong to one output; 0 for a matrix."""
        self._inputs = inputs

    def sentence(self, channel: int) -> str:
        mean, largest = self.mean_and_largest(channel)
        if not self._inputs:
            return self.tr("outputs down, inputs across")
        output, source = divmod(channel, self._inputs)
        text = self.tr("Output {0}, input {1} · mean {2} · largest {3}")
        return text.format(output, source, figure(mean), figure(largest))

    @property
    def line(self) -> str:
        """What stands below the maps."""
        return self.sentence(max(self.chosen, 0)) if self.chosen >= 0 or not self._inputs else ""

    def _colour(self) -> None:
        theme = current_theme()
        first = self._page * 64
        self._images = [signed_image(pixels, theme) for pixels in self._maps[first : first + 64]]
        self.update()
