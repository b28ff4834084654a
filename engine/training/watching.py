"""Looking into a model between two steps, within the share of time that it may take."""

import time
from collections.abc import Callable, Mapping
from typing import Final

import torch
from torch import Tensor

from engine.beside.onlooker import ANSWERED_BESIDE, Onlooker
from engine.compile.module import CompiledModel
from engine.probes.judging import Judge
from engine.probes.learning import Learning, LearningMeter
from engine.probes.mask_judging import MaskJudge
from engine.project.codec import to_text
from engine.project.project import Project
from engine.training.events import ProbeTaken, TrainingEvent
from engine.training.giving_up import never
from engine.training.governor import Governor
from engine.training.insight import Subject
from engine.training.looking import Looker, View, learns, looks
from engine.training.material import Material
from engine.training.questions import AnyQuestion
from engine.training.requests import WatchLayers
from engine.training.waiting import GivenUp
from engine.training.watch_cost import WatchMeter

__all__ = ["View", "Watcher"]

_SLOW_SHARE: Final = 0.5
"""Of the share for probes, what maps and explanations may take beside them."""

_GLANCE_SECONDS: Final = 0.004
"""Between two steps of a fast model there is no time to ask whether something is due."""

_PATIENCE_SECONDS: Final = 1.0
"""A run that is looked into for a shorter time is over before another process could look."""

_REST_SECONDS: Final = 10.0
"""After so long without anybody looking, the process beside this one ends."""


class Watcher:
    """Takes probes of the layers that somebody looks at; none while nobody does.

    Where there is a process beside this one, that looks, and here the weights are only copied for
    it. Else what is quick, previews, figures and weights, and what is slow, maps and explanations,
    each have a budget of their own: a map must not silence the previews for long.

    Args:
        retake: Takes the next step once more, for a model that trains no more; see ``View``.
        given_up: What nobody waits for any more.
    """

    def __init__(
        self,
        compiled: CompiledModel,
        material: Material,
        share: float,
        emit: Callable[[TrainingEvent], None],
        retake: Callable[[], Tensor | None] | None = None,
        given_up: GivenUp | None = None,
    ) -> None:
        self._emit = emit
        now = time.perf_counter()
        self._governor = Governor(share, now)
        self._slow = Governor(share * _SLOW_SHARE, now)
        self._cost = WatchMeter(now)
        self._live = View(compiled, material, retake=retake)
        self.looker = Looker(self._live, self._tell, given_up)
        """Looks in this process."""

        self._meter = LearningMeter(tuple(compiled.module.parameters()))
        self._watch: WatchLayers | None = None
        self._onlooker: Onlooker | None = None
        self._share = share
        self._is_sent = False
        self._hastened: WatchLayers | None = None
        """Sent to the process beside this one before its turn came."""

        self._lags = False
        """The newest was looked at beside, and not here."""

        self._seen_at = (0, 0.0)
        self._asked_last = self._looked_since = self._next_glance = now
        self._left: list[AnyQuestion] = []
        self._is_over: Callable[[], bool] = never

    @property
    def view(self) -> View:
        """What is looked into: the model as it is now, or as it was."""
        return self.looker.view

    @property
    def trained(self) -> CompiledModel:
        """The model as it is now, whatever is looked into."""
        return self._live.compiled

    @property
    def is_past(self) -> bool:
        """Whether a moment that was recorded is looked into."""
        return self.view.moment is not None

    @property
    def seconds(self) -> float:
        """What probes cost so far."""
        return self._governor.spent + self._slow.spent

    def give_way(self, is_over: Callable[[], bool]) -> None:
        """Leave what takes long for later while this says that something else comes first."""
        self._is_over = is_over

    def look_from_beside(self, onlooker: Onlooker, project: Project) -> None:
        """Let another process look while the run goes on; ``project`` is what trains."""
        self._onlooker = onlooker
        self._hold_beside(project)

    def move_to(self, compiled: CompiledModel, material: Material, project: Project) -> None:
        """Train another model from now on; it is looked into unless a moment is."""
        was_past = self.is_past
        self._live = View(compiled, material)
        self._meter = LearningMeter(tuple(compiled.module.parameters()))
        self._hold_beside(project)
        if not was_past:
            self._turn_to(self._live)

    def show(self, view: View | None) -> None:
        """Look into a moment that was recorded, or into the model as it is now."""
        self._turn_to(view or self._live)

    def introduce(self) -> None:
        """Tell which samples there are to look with."""
        self._emit(self.view.prober.samples_event())

    def watch(self, request: WatchLayers) -> None:
        """Look at these layers from now on."""
        self._asked_last = self._next_glance = now = time.perf_counter()
        if self._watch is None:
            self._looked_since = now
        self._watch = request if looks(request) else None
        self._is_sent = self._is_sent and request is self._hastened
        self._governor.skip(now)
        self._governor.ask()
        # Else it is asked when it has to look, for whoever looks reads what is tried.
        if (self._watch is None or not self._looks_beside) and self.looker.watch(request):
            self._slow.skip(now)
            self._slow.ask()

    def hasten(self, request: WatchLayers) -> None:
        """Look at an input of a person before the step under way has ended; for any thread.

        Only where another process looks and is asked by steps: what is asked of this one, or while
        training is held, is answered at once anyway.
        """
        onlooker = self._onlooker
        if request.subject is not None and self._is_sent and self._looks_beside and onlooker:
            self._hastened = request
            onlooker.look(request)

    def glances(self) -> bool:
        """Say whether to look around after this step."""
        # What is past does not change: it was looked at when it was asked for.
        if self._watch is None or self.is_past:
            self._rest()
            return False
        now = time.perf_counter()
        if now < self._next_glance and not self._meter.is_measuring:
            return False
        self._next_glance = now + _GLANCE_SECONDS
        return True

    def after_step(self, step: int, epoch: float) -> None:
        """Take a probe if it is due; call it while the gradients of the step are there."""
        if self._watch is None:
            return
        if self._onlooker is not None:
            self._hear(self._onlooker)
        if self._meter.is_measuring:
            self._end_measuring()
        if self._onlooker is not None and self._onlooker.looks:
            self._look_beside(self._onlooker, self._watch, step, epoch)
        else:
            self._look_here(self._watch, step, epoch)
        self._tell_cost()

    def look(self, step: int, epoch: float, *, after_step: bool) -> None:
        """Take everything that is looked at now: training is held, so it costs nothing."""
        self._interrupt()
        if after_step and not self.is_past:
            self._meter.measure_gradients()
            self.looker.age()
        if self._watch is None:
            return
        self._catch_up(self._watch)
        step, epoch = self.view.moment or (step, epoch)
        self.looker.take(step, epoch, self._learning)
        self.looker.take_slow(step, epoch, self._is_over)
        while self.looker.is_writing:
            self.looker.write()

    def look_again(self, step: int, epoch: float) -> None:
        """Take everything anew: the weights are others now, and nobody trains."""
        if not self.is_past:
            self.looker.age()
            self.look(step, epoch, after_step=False)

    def hand_over(self, question: AnyQuestion, step: int, epoch: float) -> bool:
        """Let a question be answered beside training where it can be; False where not."""
        onlooker = self._onlooker
        if onlooker is None or not self._looks_beside or not isinstance(question, ANSWERED_BESIDE):
            return False
        if not self._is_sent and self._watch is not None:
            onlooker.look(self._watch)
            self._hastened, self._is_sent = None, True
        onlooker.publish(step, epoch)
        onlooker.ask(question)
        return True

    def give_up(self, what: str) -> None:
        """Let the process beside this one stop what nobody waits for any more."""
        if self._onlooker is not None:
            self._onlooker.give_up(what)

    def hold(self) -> list[AnyQuestion]:
        """Training is held: return the questions that were handed over and are open still."""
        self._interrupt()
        left, self._left = self._left, []
        return left

    def go_on(self) -> None:
        """Training goes on after it was held."""
        now = time.perf_counter()
        self._governor.skip(now)
        self._slow.skip(now)
        self._cost.restart(now)

    def rest_on(self, retake: Callable[[], Tensor | None]) -> None:
        """The run is at its end: where nobody saw how it learned, take its next step once more."""
        if not self._meter.has_gradients:
            self._live.retake_by(retake)

    def close(self) -> list[AnyQuestion]:
        """Nothing is trained any more: return the questions that are open still."""
        left = self.hold()
        if self._onlooker is not None:
            self._onlooker.end()
        self._onlooker = None
        return left

    def judge(self) -> Judge | MaskJudge | None:
        """Return who follows the next pass of the model that trains over the validation samples."""
        return self._live.judge()

    def tell_evaluation(
        self, judge: Judge | MaskJudge, *, epoch: int, step: int, is_best: bool
    ) -> None:
        """Tell how good the model is after an epoch."""
        found = self._live.evaluation(judge, epoch=epoch, step=step, is_best=is_best)
        if found is not None:
            self._emit(found)

    def batch_of(self, sample: int, subject: Subject | None) -> Mapping[str, Tensor]:
        """Return one sample with every field that is known of it.

        Raises:
            DataError: The subject is no input of the model.
        """
        return self.looker.batch_of(sample, subject)

    def draw(self, node: str, x: float, y: float) -> Tensor | None:
        """Return what the model draws from a point of the newest map; None where it has no such.

        Shapes:
            out: (C, H, W)
        """
        if self._watch is not None and self._lags:
            # The newest map was made beside; the one drawn from has to be here.
            self._catch_up(self._watch)
            self.looker.take_slow(*self._seen_at)
        return self.looker.draw(node, x, y)

    @property
    def _looks_beside(self) -> bool:
        return self._onlooker is not None and self._onlooker.looks and not self.is_past

    @property
    def _learning(self) -> Learning:
        if not self.view.is_retaken:
            return self._meter.learning
        is_asked = self._watch is not None and learns(self._watch)
        return self.view.retaken if is_asked else Learning()

    def _hold_beside(self, project: Project) -> None:
        if self._onlooker is not None:
            seed = self._live.material.seed
            self._onlooker.hold(to_text(project), self._live.compiled, self._meter, seed)

    def _turn_to(self, view: View) -> None:
        self._interrupt()
        self.looker.turn_to(view)
        self._governor.ask()
        self._slow.ask()

    def _interrupt(self) -> None:
        """Take nothing more of what was asked of the process beside: it is of other weights."""
        if self._onlooker is not None:
            self._left += self._onlooker.interrupt()
        self._is_sent = False

    def _rest(self) -> None:
        """Let the process beside end where nobody has looked for long."""
        onlooker = self._onlooker
        if onlooker is None or onlooker.pid is None or self._watch is not None:
            return
        if time.perf_counter() - self._asked_last > _REST_SECONDS:
            onlooker.end()

    def _hear(self, onlooker: Onlooker) -> None:
        """Pass on what was seen beside, and follow whether anything is."""
        was_looking = onlooker.looks
        began = time.perf_counter()
        if began - self._looked_since > _PATIENCE_SECONDS:
            onlooker.begin()
        told = onlooker.news()
        for event in told:
            self._tell(event)
        if onlooker.looks != was_looking:
            self._is_sent = False
            self._governor = Governor(self._share, began)
            self._governor.ask()
            self._slow.ask()
        if told:
            self._pay(self._governor, began)

    def _look_beside(self, onlooker: Onlooker, watch: WatchLayers, step: int, epoch: float) -> None:
        self._lags, self._seen_at = True, (step, epoch)
        if not self._is_sent:
            onlooker.look(watch)
            # Not before: what was hastened meanwhile may be older there than this.
            self._hastened, self._is_sent = None, True
        if not self._governor.due(time.perf_counter()):
            return
        began = time.perf_counter()
        self._meter.measure_gradients()
        onlooker.publish(step, epoch)
        self._begin_measuring(watch)
        self._paid(self._governor, began)

    def _look_here(self, watch: WatchLayers, step: int, epoch: float) -> None:
        self._catch_up(watch)
        if self._governor.due(time.perf_counter()):
            began = self._begin()
            self._meter.measure_gradients()
            self.looker.take(step, epoch, self._learning)
            self._begin_measuring(watch)
            self._paid(self._governor, began)
        elif self.looker.has_slow and self._slow.due(time.perf_counter()):
            began = self._begin()
            if not self.looker.is_outdated:
                self.looker.age()
            self.looker.take_slow(step, epoch, self._is_over)
            self.looker.write()
            self._paid(self._slow, began)

    def _catch_up(self, watch: WatchLayers) -> None:
        """Ask the looker of this process what was asked last."""
        if self._lags:
            self._lags = False
            self.looker.age()
        if watch is not self.looker.request and self.looker.watch(watch):
            self._slow.ask()

    def _begin(self) -> float:
        if self._live.device.type == "cuda":
            # Else the probe would be billed for the steps that the device still has to do.
            torch.cuda.synchronize()
        return time.perf_counter()

    def _begin_measuring(self, watch: WatchLayers) -> None:
        if watch.gradients or watch.weights or watch.heat == "weights":
            self._meter.begin()

    def _end_measuring(self) -> None:
        began = time.perf_counter()
        self._meter.end()
        self._pay(self._governor, began)

    def _paid(self, governor: Governor, began: float) -> None:
        """Account for a probe."""
        ended = time.perf_counter()
        governor.pay(began, ended)
        self._cost.pay(ended - began)

    def _pay(self, governor: Governor, began: float) -> None:
        """Account for what comes beside a probe."""
        seconds = time.perf_counter() - began
        governor.bill(seconds)
        self._cost.pay(seconds)

    def _tell(self, event: TrainingEvent) -> None:
        if isinstance(event, ProbeTaken):
            self._cost.show()
        self._emit(event)

    def _tell_cost(self) -> None:
        here = self._onlooker.here if self._onlooker is not None else "unasked"
        told = self._cost.told(time.perf_counter(), here)
        if told is not None:
            self._emit(told)
