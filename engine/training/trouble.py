"""What is done where a step cannot be made: hold and offer a way on, mend it, or end the run."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import torch
from safetensors.torch import save_file

from engine.data.loading import Batch
from engine.data.spec import SamplesLostError
from engine.project.codec import to_text
from engine.runs.record import find_checkpoint
from engine.training.bench import Bench
from engine.training.checkpoints import Place, load_checkpoint
from engine.training.config import TrainingConfig
from engine.training.doctor import is_memory, is_of_gpu, layer_name, not_a_number
from engine.training.events import HealthAct, HealthNoted
from engine.training.precision import short_numbers
from engine.training.remedies import instead_of_gpu_memory, memory_told
from engine.training.requests import ChangeRun, StopRun
from engine.training.steering import Steering
from engine.training.symptoms import clip, go_back, halve_batch, lower_rate
from engine.training.update import NotFiniteError

_FOLDER: Final = "trouble"


class Trouble:
    """Answers what went wrong in a step; the weights are as before it."""

    def __init__(
        self, config: TrainingConfig, place: Place, emit: Callable[[HealthNoted], None]
    ) -> None:
        self._config = config
        self._place = place
        self._emit = emit

    @property
    def is_answered(self) -> bool:
        """Whether somebody is there to say how a run goes on."""
        return self._config.holds_on_trouble

    def meet(self, error: Exception, bench: Bench, steering: Steering) -> None:
        """Answer an error of a step, which is then made again.

        Raises:
            Exception: The error itself, or one that tells it in words: nobody can answer it.
        """
        if isinstance(error, NotFiniteError):
            self._not_finite(error, bench, steering)
        elif isinstance(error, SamplesLostError):
            self._samples_lost(error, bench, steering)
        elif is_memory(error):
            self._no_memory(error, bench, steering)
        else:
            raise error

    def _not_finite(self, found: NotFiniteError, bench: Bench, steering: Steering) -> None:
        step = self._place.step + 1
        told = not_a_number(bench.compiled, found.batch, step, found.value)
        if not self._config.holds_on_trouble:
            raise told from None
        kept = self._keep(found.batch, step)
        recipe = bench.project.recipe
        acts: list[HealthAct] = []
        saved = self._saved_step()
        if saved is not None:
            acts += [go_back(act, saved) for act in (*lower_rate(recipe), *clip(recipe))]
        mends = bool(acts)
        if kept:
            acts.append(HealthAct(label="Look at the batch", shows=kept))
        where = f" Its batch is kept in {kept}." if kept else ""
        way_on = "" if mends else " Stop it, and train with a tenth of the learning rate."
        text = f"{told.title}. {told.why} Training holds before this step.{way_on}{where}"
        self._hold(HealthNoted(code="not_finite", text=text, node=told.node, step=step), acts)
        # Nothing is saved: the weights may be what is broken, and the checkpoint is good.
        steering.hold()

    def _samples_lost(self, error: SamplesLostError, bench: Bench, steering: Steering) -> None:
        step = self._place.step + 1
        what = f"{error.title}: {error.where}. {error.why}"
        noted = HealthNoted(code="lost", text="", step=step)
        if not self._config.holds_on_trouble:
            text = f"{what} Training stops before step {step}; what was learned is saved."
            self._emit(msgspec.structs.replace(noted, text=text))
            steering.ask(StopRun())
            return
        text = f"{what} Training holds before step {step}: bring them back, or go on without."
        acts = [HealthAct(label="Go on with the others", resumes=True)]
        self._hold(msgspec.structs.replace(noted, text=text), acts)
        steering.hold()

    def _no_memory(self, error: Exception, bench: Bench, steering: Steering) -> None:
        recipe = bench.project.recipe
        halved = [msgspec.structs.replace(act, resumes=True) for act in halve_batch(recipe)]
        others = instead_of_gpu_memory(recipe, short_numbers()) if is_of_gpu(error) else ()
        acts = [*halved, *others] if self._config.holds_on_trouble else [*halved]
        if not acts:
            raise error
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        step = self._place.step + 1
        node = bench.compiled.node_of(error)
        noted = HealthNoted(code="memory", text="", node=node, step=step)
        if self._config.holds_on_trouble:
            where = f", in {layer_name(bench.compiled, node)}" if node else ""
            text = _memory_lacks(error, step, where)
            self._hold(msgspec.structs.replace(noted, text=text), acts)
            steering.hold()
            return
        text = (
            f"There was not enough memory for step {step}. {acts[0].label}, with as many batches "
            "per step as make the same step. Batch normalisation sees smaller batches."
        )
        self._emit(msgspec.structs.replace(noted, text=text))
        recipe = msgspec.structs.replace(recipe, **acts[0].settings)
        changed = msgspec.structs.replace(bench.project, recipe=recipe)
        steering.ask(ChangeRun(project=to_text(changed)))

    def _hold(self, noted: HealthNoted, acts: list[HealthAct]) -> None:
        self._emit(msgspec.structs.replace(noted, acts=tuple(acts)))

    def _keep(self, batch: Batch, step: int) -> str:
        """Write the batch into the run folder, to be looked at; return where, if it could be."""
        file = Path(self._config.run_folder) / _FOLDER / f"batch-of-step-{step}.safetensors"
        try:
            file.parent.mkdir(exist_ok=True)
            save_file({name: values.cpu().contiguous() for name, values in batch.items()}, file)
        except OSError:
            return ""
        return f"{_FOLDER}/{file.name}"

    def _saved_step(self) -> int | None:
        checkpoints = Path(self._config.run_folder) / "checkpoints"
        if find_checkpoint(checkpoints, "last") is None:
            return None
        saved = load_checkpoint(checkpoints, "last")
        return saved.state.place.step if saved is not None else None


def _memory_lacks(error: Exception, step: int, where: str) -> str:
    what = "The GPU ran out of memory" if is_of_gpu(error) else "There is not enough memory"
    told = (f"{what} at step {step}{where}.", memory_told(str(error)), "Training holds before it.")
    return " ".join(part for part in told if part)
