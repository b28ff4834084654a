"""One run from a project to its last event: the same in a worker, in a terminal and in a test."""

import gc
import importlib.metadata
import platform
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import torch
from torch import Tensor

from engine.beside.onlooker import Onlooker
from engine.compile.module import CompiledModel
from engine.data.progress import listening
from engine.project.codec import from_text
from engine.project.project import Project
from engine.runs.record import CheckpointName, RunRecord, Surroundings
from engine.runs.report import write_report
from engine.training.answering import Answerer
from engine.training.bench import Bench, compile_for_training, first_batch, load_weights, set_up
from engine.training.changing import Changer
from engine.training.checkpoints import Place, Snapshot, load_checkpoint, restore_random_states
from engine.training.checkup import Checkup
from engine.training.compiling import Forward
from engine.training.config import TrainingConfig, Ways
from engine.training.devices import choose_device, choose_threads
from engine.training.doctor import failure_of
from engine.training.events import HealthNoted, Outcome, RunEnded, RunStarted, TrainingEvent
from engine.training.given_weights import give_weights
from engine.training.loop import Loop, Parts
from engine.training.material import Material, gather
from engine.training.messages import tag_of
from engine.training.open_questions import nothing_held
from engine.training.questions import AnyQuestion
from engine.training.recording import Recorder
from engine.training.reporting import Stopwatch
from engine.training.requests import TrainerRequest, WatchLayers
from engine.training.retaking import retaking_end
from engine.training.run_folder import RunFolder
from engine.training.saving import Saver
from engine.training.standardising import measure_training_samples
from engine.training.timetable import Timetable
from engine.training.trouble import Trouble
from engine.training.waiting import PREPARING, GivenUp, GivenUpError, Telling
from engine.training.watching import Watcher
from engine.training.ways import choose_ways, take_ways
from nodes.errors import LoomError, RunError


class Trainer:
    """Carries out one run.

    Args:
        emit: Takes every event, in order, on the thread that trains.
        requests: What is asked of the run; read between two steps.
        given_up: What nobody waits for any more.
    """

    def __init__(
        self,
        project: Project,
        config: TrainingConfig,
        emit: Callable[[TrainingEvent], None],
        requests: SimpleQueue[TrainerRequest] | None = None,
        given_up: GivenUp | None = None,
    ) -> None:
        self._given_up = given_up or GivenUp()
        self._project = project
        self._began_with = project
        self._config = config
        self._requests = SimpleQueue() if requests is None else requests
        self._compiled: CompiledModel | None = None
        self._record: RunRecord | None = None
        self._loop: Loop | None = None
        self._watcher: Watcher | None = None
        self._answerer: Answerer | None = None
        self._changer: Changer | None = None
        self._place = Place()
        self._listener = emit
        self._folder = RunFolder(Path(config.run_folder), emit, lambda: self._place.step)
        self._emit = self._folder.emit
        self._stopwatch = Stopwatch()
        self._metric_name = ""
        self._has_best_weights = False

    def run(self) -> RunEnded:
        """Train to the end, whatever the end is, and return the last event."""
        outcome: Outcome = "failed"
        try:
            outcome = self._train()
        except GivenUpError:
            # While the data was read: there is nothing to save, and nothing to go on from.
            outcome = "stopped"
            with suppress(OSError):
                Path(self._config.run_folder).rmdir()
        except KeyboardInterrupt:
            # It came within a step: the checkpoint before is whole, the model may not be.
            outcome = "stopped"
        # The boundary of the trainer: whatever went wrong becomes an event.
        except Exception as error:  # noqa: BLE001
            failed = failure_of(error, self._model, self._project.recipe)
            self._note(problem=failed)
            self._emit(failed)
        ended = self._ended(outcome)
        self._note(ended=ended)
        self._emit(ended)
        self._close()
        return ended

    def hasten(self, request: WatchLayers) -> None:
        """Let an input of a person be looked at before the step under way has ended.

        May be called by any thread; the request is to follow between two steps as well.
        """
        if self._watcher is not None:
            self._watcher.hasten(request)

    def look(self, request: WatchLayers) -> None:
        """Look into layers of the model as the run left it."""
        if self._watcher is not None:
            self._watcher.watch(request)
            self._watcher.look(*self._where(), after_step=False)

    def look_again(self) -> None:
        """Look into the same layers: the last look was some steps before the end."""
        if self._watcher is not None:
            self._watcher.look_again(*self._where())

    def answer(self, question: AnyQuestion) -> None:
        """Answer a question about the model as the run left it, or say that it left none."""
        if self._answerer is not None:
            self._answerer.answer(question)
        else:
            self._emit(nothing_held(tag_of(question), "The run ended before it had one."))

    def snapshot(self) -> Snapshot:
        """Return the run as it is now; only once training has begun, and between two steps."""
        assert self._changer is not None, "training has begun"
        return self._changer.snapshot()

    @property
    def _model(self) -> CompiledModel | None:
        """The model that trains now, where there is one yet."""
        return self._changer.bench.compiled if self._changer is not None else self._compiled

    def _train(self) -> Outcome:
        """Build everything, then train."""
        saved = self._saved()
        if saved is not None and saved.state.project:
            # Drawing or recipe changed in the run: it goes on with those of the checkpoint.
            self._project = from_text(saved.state.project).project
        recipe = self._project.recipe
        torch.manual_seed(recipe.seed)
        compiled = self._compiled = compile_for_training(self._project)
        device = choose_device(self._config.device, deterministic=recipe.deterministic)
        memory = self._config.memory_megabytes << 20 or None
        telling = Telling(self._listener, self._given_up)
        with listening(telling.of(PREPARING)):
            material = gather(compiled.plan, device, recipe.seed, memory=memory)

        record = self._record = self._make_record(compiled)
        if saved is None:
            for noted in give_weights(compiled):
                self._emit(noted)
        else:
            load_weights(compiled, saved, str(record.folder))
            self._place = saved.state.place
        compiled.module.to(device)
        if saved is None:
            measure_training_samples(compiled, material.training)
        batch = first_batch(material, recipe.batch_size)
        before = record.info.surroundings
        threads = choose_threads(self._config, compiled, batch, before=before.threads)
        steps = Timetable(recipe, material.training.samples).steps
        ways, forward = self._ways(compiled, device, batch, steps, self._known_ways(before, saved))
        bench = set_up(
            self._project, compiled, material, device, self._place, ways=ways, forward=forward
        )
        if saved is not None:
            bench.restore(saved)
        surroundings = _surroundings(device, threads, ways)
        self._note(surroundings=surroundings, split=material.split)
        after = self._place.step if self._config.resume else None
        self._folder.open(record.metrics_file, after_step=after)
        loop = self._loop = self._make_loop(bench, saved)
        self._emit(self._started(loop, material, device, threads))
        assert self._watcher is not None, "made with the loop"
        self._watcher.introduce()
        # Last: nothing before the first step may use up random numbers.
        if saved is not None:
            restore_random_states(saved.state.random)
        with _collector_at_rest():
            outcome = loop.run()
        if outcome in ("finished", "stopped_early") and recipe.restore_best:
            self._take_best(record)
        assert self._changer is not None, "made with the loop"
        kept: CheckpointName = "best" if self._has_best_weights else "last"
        self._watcher.rest_on(retaking_end(self._changer.bench, self._checkpoints, kept))
        if outcome in ("finished", "stopped_early"):
            self._watcher.look_again(self._place.step, loop.epoch)
        return outcome

    def _saved(self) -> Snapshot | None:
        """Return the last checkpoint of a run that goes on."""
        if not self._config.resume:
            return None
        # A kill may come after the first best epoch was written and before the last one was.
        names: tuple[CheckpointName, ...] = ("last", "best")
        found = (load_checkpoint(self._checkpoints, name) for name in names)
        saved = next((snapshot for snapshot in found if snapshot is not None), None)
        if saved is None:
            text = "There was no checkpoint yet, so the run begins again."
            self._emit(HealthNoted(code="resume", text=text))
        return saved

    @property
    def _checkpoints(self) -> Path:
        return self._folder.path / "checkpoints"

    def _make_record(self, compiled: CompiledModel) -> RunRecord:
        return RunRecord.create(self._began_with, self._config, compiled.source.text)

    def _known_ways(self, before: Surroundings, saved: Snapshot | None) -> Ways | None:
        """Return how steps are to be computed; None where nothing says so yet.

        A run that goes on computes as it did.
        """
        if saved is not None and saved.state.ways is not None:
            return saved.state.ways
        return before.ways(self._project.recipe) if before.threads else self._config.ways

    def _ways(
        self,
        compiled: CompiledModel,
        device: torch.device,
        batch: Mapping[str, Tensor],
        steps: int,
        known: Ways | None,
    ) -> tuple[Ways, Forward | None]:
        """Let the model have the ways that are known, or those that pay; with the forward pass."""
        if known is not None:
            return take_ways(known, compiled, batch)
        ways, forward, said = choose_ways(self._project.recipe, compiled, device, batch, steps)
        if said:
            self._emit(HealthNoted(code="speed", text=said, is_well=True))
        return ways, forward

    def _take_best(self, record: RunRecord) -> None:
        """Put the weights of the best epoch into the model, for whoever looks into it now."""
        best = load_checkpoint(self._checkpoints, "best")
        if best is not None and self._model is not None:
            # After a change of the drawing they may be those of the drawing before.
            with suppress(RunError):
                load_weights(self._model, best, str(record.folder))
                self._has_best_weights = True

    def _make_loop(self, bench: Bench, saved: Snapshot | None) -> Loop:
        share = self._config.probe_share
        watcher = Watcher(
            bench.compiled, bench.material, share, self._emit, given_up=self._given_up
        )
        if self._config.second_process:
            onlooker = Onlooker(self._config.run_folder, self._listener)
            watcher.look_from_beside(onlooker, bench.project)
        self._watcher = watcher
        self._metric_name = bench.metric.name if bench.metric else ""
        self._stopwatch = Stopwatch(self._place.seconds)
        changer = Changer(
            bench,
            place=self._place,
            watcher=watcher,
            folder=self._folder.path,
            emit=self._emit,
            project_text=saved.state.project if saved is not None else "",
        )
        self._changer = changer
        self._answerer = Answerer(
            self._folder.path, watcher, self._emit, self._where, self._given_up
        )
        recorder = Recorder(
            self._folder.path,
            changer.snapshot,
            self._emit,
            every=self._config.moment_steps,
            megabytes=self._config.moments_megabytes,
            clock=lambda: self._stopwatch.seconds,
        )
        return Loop(
            Parts(
                bench=bench,
                changes=changer,
                saver=Saver(
                    self._checkpoints,
                    changer.snapshot,
                    self._emit,
                    keep_figures=self._folder.keep_figures,
                    make_room=recorder.make_way,
                    trained=lambda: self._stopwatch.seconds,
                ),
                recorder=recorder,
                answer=self._answerer.answer,
                move=self._folder.move,
                watcher=watcher,
                checkup=Checkup(self._emit, bench, self._place),
                trouble=Trouble(self._config, self._place, self._emit),
                place=self._place,
                stopwatch=self._stopwatch,
                emit=self._emit,
                requests=self._requests,
            )
        )

    def _where(self) -> tuple[int, float]:
        return self._place.step, self._loop.epoch if self._loop else 0.0

    def _started(
        self, loop: Loop, material: Material, device: torch.device, threads: int
    ) -> RunStarted:
        recipe = self._project.recipe
        assert self._compiled is not None, "a run starts with a model"
        return RunStarted(
            run=self._config.run_folder,
            project=self._project.name,
            device=device.type,
            threads=threads,
            parameters=sum(weight.numel() for weight in self._compiled.module.parameters()),
            epochs=loop.timetable.whole_epochs,
            steps=loop.timetable.steps,
            steps_per_epoch=loop.timetable.steps_per_epoch,
            batch_size=recipe.batch_size,
            training_samples=material.training.samples,
            validation_samples=material.validation.samples,
            first_step=self._place.step,
            epoch=loop.epoch,
            seconds=self._place.seconds,
            metric=self._metric_name,
            optimizer=recipe.optimizer_titles,
            notes=material.split.notes,
        )

    def _ended(self, outcome: Outcome) -> RunEnded:
        place = self._place
        training_loss, training_metric = place.training_loss, place.training_metric
        if training_loss is None and place.samples:
            # Within the first epoch: what there is of it.
            training_loss = place.loss_sum / place.samples
            training_metric = place.metric_sum / place.samples if self._metric_name else None
        return RunEnded(
            run=self._config.run_folder,
            outcome=outcome,
            step=place.step,
            epoch=self._loop.epoch if self._loop else 0.0,
            seconds=self._stopwatch.seconds if self._loop else 0.0,
            training_loss=training_loss,
            training_metric=training_metric,
            validation_loss=place.validation_loss,
            validation_metric=place.validation_metric,
            best_epoch=place.best_epoch,
            has_best_weights=self._has_best_weights,
            is_unsaved=self._loop.is_unsaved if self._loop else False,
            metric=self._metric_name,
        )

    def _note(self, **fields: Any) -> None:
        """Write into ``run.json`` what is known now."""
        if self._record is None:
            return
        try:
            self._record.change(**fields)
        except LoomError as error:
            noted = HealthNoted(code="record", text=str(error), step=self._place.step)
            self._emit(noted)

    def _close(self) -> None:
        if self._watcher is not None and self._answerer is not None:
            for question in self._watcher.close():
                self._answerer.answer(question)
        self._folder.close()
        if self._record is not None:
            # What cannot be written now is written when somebody asks for it.
            with suppress(LoomError):
                write_report(self._folder.path)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Keep Python's garbage collector from stopping to look at the model and the data again."""
    # Without collecting first: that takes 0.2 s once torch is loaded.
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _surroundings(device: torch.device, threads: int, ways: Ways) -> Surroundings:
    on_gpu = device.type == "cuda"
    try:
        version = importlib.metadata.version("layerloom")
    except importlib.metadata.PackageNotFoundError:
        version = ""
    return Surroundings(
        layerloom=version,
        python=platform.python_version(),
        torch=str(torch.__version__),
        system=platform.platform(),
        processor=torch.cuda.get_device_name(device) if on_gpu else platform.processor(),
        device=device.type,
        threads=threads,
        compiled=ways.compiled,
        channels_last=ways.channels_last,
        precision=ways.precision,
    )
