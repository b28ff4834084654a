"""The chip over the canvas: where what its cards show comes from."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.canvas.view import CanvasView
from app.figures import count
from app.live_previews import LivePreviews
from app.looking import Looking
from app.training_control import TrainingControl
from engine.training.questions import MomentShown


class LiveChip(QObject):
    """Names the input of one's own, the moment or the earlier run, else that a run is live."""

    def __init__(
        self,
        control: TrainingControl,
        canvas: CanvasView,
        looking: Looking,
        previews: LivePreviews,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._control = control
        self._canvas = canvas
        self._looking = looking
        self._previews = previews
        self._run = self._moment = ""
        self._step, self._steps = 0, 0
        looking.named.connect(self.draw)
        control.phase_changed.connect(self.draw)

    def show_earlier(self, name: str) -> None:
        """The layers are those of a run that is over."""
        self._run, self._moment = self.tr("From {0}").format(name), ""
        self.draw()

    def show_moment(self, event: MomentShown) -> None:
        """The layers are as they were at a moment of a run, or as they are now."""
        words = self.tr("Epoch {0}, step {1}").format(f"{event.epoch:.2f}", event.step)
        self._moment = "" if event.is_now else words
        self.draw()

    def show_live(self) -> None:
        """The layers are those of the run that goes on."""
        self._run = self._moment = ""
        self.draw()

    def show_held(self, step: int, steps: int) -> None:
        """The run holds after a step."""
        self._step, self._steps = step, steps
        self.draw()

    def draw(self) -> None:
        """Write what is known."""
        words = [word for word in (self._looking.name, self._moment) if word]
        if words or self._run:
            self._canvas.set_live(" · ".join(words) or self._run)
        elif self._control.phase == "paused":
            self._draw_held()
        else:
            is_live = self._control.is_running and self._previews.are_drawn
            self._canvas.set_live("live" if is_live else "")

    def _draw_held(self) -> None:
        """Say where the run holds, and what goes on from there."""
        note = self.tr("step {0} of {1}").format(count(self._step), count(self._steps))
        tip = self.tr("Resume goes on with step {0}. What you change now counts from there.")
        self._canvas.set_live("paused", note, tip.format(count(self._step + 1)))
