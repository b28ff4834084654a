"""What is looked at in a model: which sample or input of one's own, and which panels ask for more.

Panels say what they show; this makes one request of it. An input of one's own is asked for again
only once the one before was answered, so that a slow model is not asked faster than it answers.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from engine.training.events import ProbeTaken, TrainingEvent
from engine.training.heat import HeatOf
from engine.training.insight import InputRefused, Subject, Why
from engine.training.requests import WatchLayers

_PATIENCE_MS = 1000


@dataclass(slots=True)
class _Wishes:
    sample: int = 0
    subject: Subject | None = None
    name: str = ""
    why: Why = ""
    why_target: int | None = None
    heat: HeatOf = ""


class Looking(QObject):
    """Collects what is to be looked at."""

    changed = Signal()
    """Another request is to be made."""

    named = Signal(str)
    """What the canvas shows is called so; empty for the samples of the run."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._wishes = _Wishes()
        self._asked: Subject | None = None
        self._is_waiting = False
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.timeout.connect(self._ask_again)

    @property
    def name(self) -> str:
        """What the subject is called; empty while a sample of the run is looked at."""
        return self._wishes.name

    @property
    def sample(self) -> int:
        """Which of the run's samples is looked at, where no subject is."""
        return self._wishes.sample

    @property
    def subject(self) -> Subject | None:
        """The input of one's own that is looked at."""
        return self._wishes.subject

    @property
    def key(self) -> str:
        """The key of the subject that was asked for; empty without one."""
        return self._asked.key if self._asked is not None else ""

    def show_subject(self, subject: Subject | None, name: str) -> None:
        """Look at an input that is none of the run's samples, or at these again."""
        self._wishes.subject = subject
        self._name(name if subject is not None else "")
        if subject is None or not self._is_waiting:
            self._ask()
        else:
            self._late.start(_PATIENCE_MS)

    def show_sample(self, sample: int) -> None:
        """Look at one of the run's samples."""
        self._wishes.sample, self._wishes.subject = sample, None
        self._name("")
        self._ask()

    def explain(self, why: Why, target: int | None = None) -> None:
        """Ask why, of a class or of the answer, or no longer."""
        self._wishes.why, self._wishes.why_target = why, target
        self._ask()

    def show_heat(self, heat: HeatOf) -> None:
        """Ask for the figures that the canvas is coloured by, or no longer."""
        self._wishes.heat = heat
        self._ask()

    def take(self, event: TrainingEvent) -> None:
        """Take what the engine says: the next question may be asked."""
        match event:
            case ProbeTaken(subject=key) | InputRefused(subject=key) if key and key == self.key:
                self._is_waiting = False
                if self._wishes.subject is not None and self._wishes.subject.key != key:
                    self._ask()
            case _:
                pass

    def request(
        self,
        nodes: tuple[str, ...],
        *,
        detail: str = "",
        weights: str = "",
        gradients: bool = False,
        map_of: str = "",
        seen: tuple[str, ...] = (),
    ) -> WatchLayers:
        """Return all that is looked at.

        Args:
            seen: The whole paths of all cards on screen, however small.
        """
        return WatchLayers(
            nodes=nodes,
            sample=self._wishes.sample,
            detail=detail,
            subject=self._asked,
            why=self._wishes.why if self._asked is not None else "",
            why_target=self._wishes.why_target,
            weights=weights,
            gradients=gradients,
            map=map_of,
            heat=self._wishes.heat,
            heat_nodes=seen if self._wishes.heat else (),
        )

    def _ask(self) -> None:
        self._asked = self._wishes.subject
        self._is_waiting = self._asked is not None
        self._late.stop()
        self.changed.emit()

    def _ask_again(self) -> None:
        """Nobody answered: the run it was asked of is gone."""
        if self._is_waiting and self._wishes.subject is not self._asked:
            self._ask()

    def _name(self, name: str) -> None:
        if name != self._wishes.name:
            self._wishes.name = name
            self.named.emit(name)
