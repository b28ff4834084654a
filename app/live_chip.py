"""The chip over the canvas: where what its cards show comes from."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.canvas.view import CanvasView
from app.looking import Looking
from app.training_control import TrainingControl
from engine.training.questions import MomentShown


class LiveChip(QObject):
    """Names the input of one's own, the moment or the earlier run, else that a run is live."""

    def __init__(
        self, control: TrainingControl, canvas: CanvasView, looking: Looking, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._control = control
        self._canvas = canvas
        self._looking = looking
        self._run = self._moment = ""
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

    def draw(self) -> None:
        """Write what is known."""
        live = "paused" if self._control.phase == "paused" else "live"
        live = live if self._control.is_running else ""
        words = [word for word in (self._looking.name, self._moment) if word]
        self._canvas.set_live(" · ".join(words) or self._run or live)
