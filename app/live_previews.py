"""What layers put out, on the cards of the level on show.

Probes are kept by the path of their layer, with the round that was looked at, so that a level that
one comes back to shows what was seen there last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from app.redraws import Redraw
from app.theme import theme_manager
from engine.graph.elements import End
from engine.graph.names import numbered
from engine.training.events import LayerProbe, SamplesChosen

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from app.canvas.view import CanvasView
    from app.document import Document
    from app.previews import Preview
    from app.theme import Theme
    from engine.graph.elements import Graph, NodeId


class LivePreviews:
    """Draws previews on the canvas; the newest probe of each layer counts."""

    def __init__(
        self,
        document: Document,
        canvas: CanvasView,
        losses: Sequence[float],
        parts: Mapping[str, Sequence[float]],
    ) -> None:
        """Begin with nothing known.

        Args:
            losses: Those of the run so far; they grow while it goes on.
            parts: Those of each loss by its title, where the drawing has several.
        """
        self._document = document
        self._canvas = canvas
        self._losses = losses
        self._parts = parts
        self._graph: Graph | None = None
        self._probes: dict[str, LayerProbe] = {}
        self._made: dict[str, tuple[LayerProbe, Theme, Preview | None]] = {}
        self._pace = "step"
        """How often it is drawn: each "step", each "ten" of them, each "epoch", or "off"."""

        self._drawn: object = None
        """The stretch of the run that was drawn last, and the layers that told of it."""

        self._samples: tuple[SamplesChosen, bytes] | None = None
        self._news = Redraw(canvas, self.draw)

    def begin(self, graph: Graph | None) -> None:
        """Let go of what was told of another run; of this one the drawing may be known."""
        self._graph = graph
        self._probes.clear()
        self._made.clear()
        self._canvas.set_ranges({})

    @property
    def are_foreign(self) -> bool:
        """Whether the run is of another drawing than the one on show."""
        shown = self._document.project.graph.nodes
        return self._graph is not None and self._graph.nodes.keys().isdisjoint(shown)

    @property
    def is_behind(self) -> bool:
        """Whether there is more to see than is drawn."""
        return self._news.is_waiting

    @property
    def are_drawn(self) -> bool:
        """Whether the person wants to see any."""
        return self._pace != "off"

    def choose_pace(self, pace: str) -> None:
        """Draw what a run puts out as often as the person wants to see it."""
        self._pace, self._drawn = pace, None
        self.draw()

    def draw_soon(self) -> None:
        """Draw anew when it is the turn of the canvas."""
        self._news.ask()

    def take(
        self, layers: Iterable[LayerProbe], *, step: int = 0, epoch: float = 0.0, asked: bool = True
    ) -> None:
        """Show what layers put out now, where it is time to.

        Args:
            asked: A person waits for it: it is shown at once.
        """
        new = {probe.node: probe for probe in layers}
        self._probes.update(new)
        stretch = {"ten": step // 10, "epoch": int(epoch)}.get(self._pace)
        is_drawn = stretch is not None and self._drawn == (stretch, new.keys())
        if asked or (self.are_drawn and not is_drawn):
            self._drawn = stretch, new.keys()
            self._news.ask(at_once=asked)

    def draw(self, *, stale: bool = False) -> None:
        """Draw anew, with the course of the loss; ``stale`` fades it until new values come."""
        if self._probes or self._losses:
            self._canvas.set_previews(self._of_level(), stale=stale)
            self._canvas.set_ranges(self._ranges_of_level())

    def show_samples(self, samples: SamplesChosen | None, subject: bytes = b"") -> None:
        """Show on the card of the data what is looked at: three samples, or the one subject."""
        self._samples = (samples, subject) if samples is not None else None
        if samples is None:
            self._canvas.set_samples([])
        self.draw_samples()

    def show_data_set(self, pictures: Sequence[QImage]) -> None:
        """Show samples of the data set where a run has chosen none."""
        if self._samples is None:
            self._canvas.set_samples(pictures)

    def draw_samples(self) -> None:
        """Draw the samples anew."""
        if self._samples is None or self.are_foreign:
            return
        from app.previews import sample_thumbnails

        samples, subject = self._samples
        if samples.texts:
            # As numbers of words they are bars that mean nothing, and words would be too small.
            self._canvas.set_samples([])
            return
        shown = replace(samples, pixels=subject) if subject else samples
        self._canvas.set_samples(sample_thumbnails(shown, theme_manager().theme)[:3])

    def _of_level(self) -> dict[NodeId, Preview]:
        # Loads numpy, which nobody has to wait for before the first preview.
        from app.previews import curve_preview

        document = self._document
        previews: dict[NodeId, Preview] = {}
        for node in document.report.nodes if self.are_drawn else ():
            preview = self._preview(document.told(node))
            if preview is not None:
                previews[node] = preview
        for node, losses in self._losses_of_nodes().items():
            previews[node] = curve_preview(losses)
        return previews

    def _preview(self, told: NodeId) -> Preview | None:
        """Return what a layer's newest probe shows; one that is known stays the same object."""
        from app.previews import preview_of

        probe, theme = self._probes.get(told), theme_manager().theme
        if probe is None:
            return None
        known = self._made.get(told)
        if known is None or known[0] is not probe or known[1] is not theme:
            self._made[told] = known = (probe, theme, preview_of(probe, theme))
        return known[2]

    def _ranges_of_level(self) -> dict[End, tuple[float, float]]:
        """Return between which values the first output of each layer lay."""
        document = self._document
        ranges: dict[End, tuple[float, float]] = {}
        for node, found in document.report.nodes.items():
            probe = self._probes.get(document.told(node))
            if probe is not None and found.outputs:
                ranges[End(node, next(iter(found.outputs)))] = probe.least, probe.greatest
        return ranges

    def _losses_of_nodes(self) -> dict[NodeId, Sequence[float]]:
        """Return what each loss of the level gave: its own part where there are several."""
        if self.are_foreign:
            return {}
        titles = {
            node: found.title
            for node, found in self._document.report.nodes.items()
            if found.layer is not None and found.layer.info.role == "loss"
        }
        names = numbered(list(titles.values()))
        return {
            node: self._parts.get(name, self._losses)
            for node, name in zip(titles, names, strict=True)
        }
