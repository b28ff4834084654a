"""Measuring what other ways to compute a step gain, on copies of a model that train nothing."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import torch
from torch import Tensor

from engine.compile.module import CompiledModel
from engine.project.project import Project
from engine.project.recipe import Precision
from engine.training.bench import compile_for_training, first_batch
from engine.training.compiling import compiled_forward
from engine.training.config import Device, TrainingConfig, Ways
from engine.training.devices import choose_device, most_threads
from engine.training.doctor import failure_of
from engine.training.gains import Gain, GainsMeasured
from engine.training.giving_up import never
from engine.training.material import gather
from engine.training.precision import Autocast, cannot_compute
from engine.training.timetable import Timetable
from engine.training.trials import Step, a_step, copied, in_turn
from engine.training.ways import WORTH_COMPILING_SECONDS, WORTH_IT, take_layout

_PLAIN: Final = Ways()
_SHORT: Final[tuple[Precision, ...]] = ("bf16", "fp16")


def measure_gains(
    project: Project,
    device: Device = "auto",
    *,
    shares_screen: bool = False,
    is_over: Callable[[], bool] = never,
) -> GainsMeasured:
    """Try ways to compute the steps of a project on a batch of its own data.

    Args:
        shares_screen: A window is open on this machine, and a core is left for it.
        is_over: Asked between two ways, whether to try no further.
    """
    threads = torch.get_num_threads()
    config = TrainingConfig(run_folder="", device=device, shares_screen=shares_screen)
    try:
        return _measured(project, config, is_over)
    # Whatever goes wrong is told as in a run.
    except Exception as error:  # noqa: BLE001
        failed = failure_of(error, None)
        problem = " ".join(part for part in (f"{failed.title}.", failed.why, failed.hint) if part)
        return GainsMeasured(problem=problem)
    finally:
        torch.set_num_threads(threads)


def _measured(
    project: Project, config: TrainingConfig, is_over: Callable[[], bool]
) -> GainsMeasured:
    recipe = project.recipe
    torch.manual_seed(recipe.seed)
    compiled = compile_for_training(project)
    device = choose_device(config.device, deterministic=recipe.deterministic)
    material = gather(compiled.plan, device, recipe.seed)
    compiled.module.to(device)
    trials = _Trials(compiled, first_batch(material, recipe.batch_size), device)
    steps = Timetable(recipe, material.training.samples).steps
    gains = []
    for gain in trials.each(most_threads(config), steps):
        gains.append(gain)
        if is_over():
            break
    return GainsMeasured(
        device=device.type,
        threads=torch.get_num_threads(),
        samples=trials.samples,
        gains=tuple(gain for gain in gains if gain),
        step_seconds=trials.step_seconds,
    )


class _Trials:
    """Tries one way after the other; each takes turns with the model as it comes."""

    def __init__(
        self, compiled: CompiledModel, batch: Mapping[str, Tensor], device: torch.device
    ) -> None:
        self._compiled = compiled
        self._batch = batch
        self._device = device
        self._plain = self._step(_PLAIN)
        self.samples = len(next(iter(batch.values())))
        self.step_seconds = float("inf")
        """The shortest that the model as it comes was seen to take."""

    def each(self, most_threads: int, steps: int) -> Iterator[Gain | None]:
        """Try one after the other, as they are asked for."""
        yield self.threads(most_threads)
        yield self.channels_last()
        yield from self.short()
        yield self.compiled(steps)

    def threads(self, most: int) -> Gain | None:
        """Try one thread and as many as there may be; what is faster computes from here on."""
        if self._device.type != "cpu":
            return None
        torch.set_num_threads(1)
        if most == 1:
            return Gain(title="More threads", note="There is no core to spare.")
        gain = self._tried(f"{most} threads", self._on(1), self._on(most))
        torch.set_num_threads(most if gain.pays else 1)
        if gain.pays and gain.seconds is not None:
            self.step_seconds = gain.seconds
        return gain

    def channels_last(self) -> Gain:
        """Try images with their channels last."""
        title = "Channels last"
        if not any(weight.dim() == 4 for weight in self._compiled.module.parameters()):
            return Gain(title=title, note="No layer convolves images.")
        return self._tried(title, self._plain, self._step(Ways(channels_last=True)))

    def short(self) -> Iterator[Gain]:
        """Try the short numbers."""
        refused = cannot_compute(self._device)
        for precision in _SHORT:
            if precision in refused:
                yield Gain(title=precision, note=refused[precision])
            else:
                yield self._tried(
                    precision, self._plain, self._step(Ways(precision=precision)), "Rounds more."
                )

    def compiled(self, steps: int) -> Gain:
        """Try torch.compile, where the run is long enough to win back what compiling takes.

        Args:
            steps: Of the whole run.
        """
        title = "torch.compile"
        seconds = steps * self.step_seconds
        if seconds < WORTH_COMPILING_SECONDS:
            note = f"The run takes about {max(seconds, 1):.0f} s: too short for compiling to pay."
            return Gain(title=title, note=note)
        trial = copied(self._compiled)
        forward = compiled_forward(trial, self.samples)
        step = a_step(trial, self._batch, Autocast("fp32", self._device), forward)
        began = time.perf_counter()
        try:
            step()
        # The compiler is a world of its own: what it cannot do is told.
        except Exception as error:  # noqa: BLE001
            first = (str(error).strip().splitlines() or [type(error).__name__])[0]
            return Gain(title=title, note=f"The model cannot be compiled: {first}")
        note = f"Compiling takes {time.perf_counter() - began:.0f} s."
        return self._tried(title, self._plain, step, note)

    def _tried(self, title: str, plain: Step, other: Step, note: str = "") -> Gain:
        with torch.random.fork_rng():
            before, after = in_turn(plain, other)
        self.step_seconds = min(self.step_seconds, before)
        pays = after * WORTH_IT < before
        return Gain(title=title, seconds=after, times=before / after, pays=pays, note=note)

    def _step(self, ways: Ways) -> Step:
        trial = copied(self._compiled)
        take_layout(trial.module, ways)
        return a_step(trial, self._batch, Autocast(ways.precision, self._device))

    def _on(self, threads: int) -> Step:
        def run() -> None:
            torch.set_num_threads(threads)
            self._plain()

        return run
