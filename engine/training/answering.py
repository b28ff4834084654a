"""Answering questions about a model, at any recorded moment, without changing anything."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import torch
from msgspec.structs import replace

from engine.graph.elements import NodeId
from engine.probes.alike import AlikeFinder
from engine.probes.capture import scaled_bytes
from engine.probes.deciding import map_decision
from engine.probes.exciting import find_exciting
from engine.probes.generating import make_pictures
from engine.probes.passing import pass_through
from engine.probes.pictures import Placing, arrangement_begun
from engine.probes.similarity import compare_layers
from engine.project.codec import from_text
from engine.project.files import load
from engine.project.project import Project
from engine.runs.moments import Moment, list_moments, moment_folder
from engine.training.alike import FindAlike
from engine.training.bench import compile_for_training
from engine.training.carrying import carry_weights
from engine.training.checkpoints import Snapshot, read_snapshot
from engine.training.events import TrainingEvent
from engine.training.foreseeing import ChangeForeseen, ForeseeChange
from engine.training.generating import MakePictures
from engine.training.insight import Evaluated, LayerMapped
from engine.training.material import Material, gather
from engine.training.messages import tag_of
from engine.training.questions import (
    AnyQuestion,
    ArrangeLayer,
    CompareLayers,
    DrawPoint,
    FindExciting,
    LayerArranged,
    LookBack,
    LookedBack,
    MapDecision,
    MomentShown,
    NotAnswered,
    PassThrough,
    PointDrawn,
    ShowMoment,
)
from engine.training.requests import WatchLayers
from engine.training.retaking import retaking
from engine.training.waiting import GivenUp, GivenUpError, Reached, Telling, to_the_end
from engine.training.watching import View, Watcher
from nodes.errors import DataError, LoomError, RunError

_BATCH = 256
_LONGEST_SECONDS = 1.0
_FAILED = "This could not be computed"


class Answerer:
    """Answers what is asked of the model that a watcher looks into.

    Args:
        run: The run folder, where its moments are.
        now: Returns the step and the epoch of the run as it is now.
        given_up: What nobody waits for any more.
    """

    def __init__(
        self,
        run: Path,
        watcher: Watcher,
        emit: Callable[[TrainingEvent], None],
        now: Callable[[], tuple[int, float]],
        given_up: GivenUp | None = None,
    ) -> None:
        self._run = run
        self._telling = Telling(emit, given_up or GivenUp())
        self._watcher = watcher
        self._emit = emit
        self._now = now
        self._arranged: tuple[tuple[str, str], Placing] | None = None
        self._alike = AlikeFinder()

    def answer(self, question: AnyQuestion) -> None:
        """Answer, or say why there is no answer; a run never ends for a question."""
        device = self._watcher.view.device
        try:
            # A model that is made draws its first weights: training must not notice.
            with torch.random.fork_rng([device] if device.type == "cuda" else []):
                self._answer(question)
        except GivenUpError:
            # Whoever gave it up waits for nothing.
            pass
        except LoomError as error:
            self._refuse(question, error.title, error.why, error.hint)
        except (RuntimeError, ValueError, IndexError, MemoryError) as error:
            why = str(error).strip().partition("\n")[0]
            told = NotAnswered(question=tag_of(question), title=_FAILED, why=f"{why}.", again=True)
            self._emit(told)

    def _answer(self, question: AnyQuestion) -> None:
        match question:
            case ShowMoment():
                self._show_moment(question)
            case PassThrough():
                self._pass_through(question)
            case FindExciting():
                self._find_exciting(question)
            case FindAlike():
                self._find_alike(question)
            case CompareLayers():
                self._compare()
            case MapDecision():
                self._map_decision()
            case DrawPoint():
                self._draw_point(question)
            case ArrangeLayer():
                self._arrange(question)
            case LookBack():
                self._look_back(question)
            case MakePictures():
                self._make_pictures()
            case ForeseeChange():
                self._foresee(question)

    def _foresee(self, question: ForeseeChange) -> None:
        wanted = compile_for_training(from_text(question.project).project)
        found = carry_weights(self._watcher.trained, wanted)
        self._emit(
            ChangeForeseen(
                kept=found.kept,
                new=found.new,
                dropped=found.dropped,
                grown=found.grown,
                why=found.why,
            )
        )

    def _show_moment(self, question: ShowMoment) -> None:
        if question.step is None:
            self._watcher.show(None)
        elif self._watcher.view.moment is None or self._watcher.view.moment[0] != question.step:
            self._watcher.show(self._view_of(question.step))
        step, epoch = self._where()
        is_now = question.step is None
        found = None
        if question.evaluate and not is_now:
            reached = self._telling.of("evaluate")
            found = evaluation_of(self._watcher.view, step, epoch, reached)
        asked = question.evaluate
        self._emit(
            MomentShown(step=step, epoch=epoch, is_now=is_now, evaluated=asked, evaluation=found)
        )
        if not question.evaluate:
            self._watcher.look(step, epoch, after_step=False)

    def _pass_through(self, question: PassThrough) -> None:
        view = self._watcher.view
        batch = self._watcher.batch_of(question.sample, question.subject)
        step, epoch = self._where()
        with view.prober.unnoticed():
            told = pass_through(
                view.compiled,
                batch,
                step=step,
                epoch=epoch,
                sample=-1 if question.subject else question.sample,
                subject=question.subject.key if question.subject else "",
            )
        self._emit(told)

    def _find_exciting(self, question: FindExciting) -> None:
        view, (step, epoch) = self._watcher.view, self._where()
        model, meaning = view.compiled, view.meaning
        node, channel = question.node, question.channel
        with view.prober.unnoticed():
            found = find_exciting(
                model,
                view.material,
                meaning,
                node,
                channel,
                step=step,
                epoch=epoch,
                reached=self._telling.of("find_exciting"),
            )
        self._emit(found)

    def _find_alike(self, question: FindAlike) -> None:
        view, subject = self._watcher.view, question.subject
        model, material = view.compiled, view.material
        if not material.validation.samples:
            raise DataError("There are no validation samples", hint="Hold some out.")
        inputs, reached = self._watcher.batch_of(0, subject), self._telling.of("find_alike")
        chosen = view.prober.step_of(NodeId(question.node))
        with view.prober.unnoticed():
            told = self._alike.find(
                model, material, chosen, subject, inputs, self._where(), reached
            )
        if told is None:
            raise _without_places()
        self._emit(told)

    def _compare(self) -> None:
        view = self._watcher.view
        step, epoch = self._where()
        validation, reached = view.material.validation, self._telling.of("compare_layers")
        with view.prober.unnoticed():
            found = compare_layers(
                view.compiled, validation, step=step, epoch=epoch, reached=reached
            )
        self._emit(found)

    def _map_decision(self) -> None:
        view = self._watcher.view
        step, epoch = self._where()
        with view.prober.unnoticed():
            found = map_decision(view.compiled, view.material, view.meaning, step=step, epoch=epoch)
        self._emit(found)

    def _make_pictures(self) -> None:
        view = self._watcher.view
        step, epoch = self._where()
        with view.prober.unnoticed():
            self._emit(make_pictures(view.compiled, view.material, step=step, epoch=epoch))

    def _draw_point(self, question: DrawPoint) -> None:
        picture = self._watcher.draw(question.node, question.x, question.y)
        told = PointDrawn(number=question.number)
        if picture is not None:
            told = replace(told, shape=tuple(picture.shape), pixels=scaled_bytes(picture))
        self._emit(told)

    def _arrange(self, question: ArrangeLayer) -> None:
        mapped = None
        known, wanted = self._arranged, (question.node, question.method)
        if question.is_new or known is None or known[0] != wanted:
            mapped, arrangement = self._begin_to_arrange(question)
        else:
            arrangement = known[1]
        # What fails begins anew when it is asked again.
        self._arranged = None
        arrangement.go_on(min(question.seconds, _LONGEST_SECONDS))
        self._arranged = (wanted, arrangement)
        self._emit(
            LayerArranged(
                node=question.node,
                points=arrangement.points.numpy().tobytes(),
                iteration=arrangement.iteration,
                iterations=arrangement.iterations,
                mapped=mapped,
            )
        )

    def _begin_to_arrange(self, question: ArrangeLayer) -> tuple[LayerMapped, Placing]:
        view, known, found = self._watcher.view, self._arranged, None
        # It grows out of the one before, so that the eye can follow.
        wanted = (question.node, question.method)
        start = known[1].points if known is not None and known[0] == wanted else None
        layer = view.prober.step_of(NodeId(question.node))
        if layer is not None:
            with view.prober.unnoticed():
                found = arrangement_begun(
                    view.compiled,
                    layer,
                    view.material,
                    self._where(),
                    question.method,
                    start,
                    self._telling.of("arrange_layer"),
                )
        if found is None:
            raise _without_places()
        return found

    def _look_back(self, question: LookBack) -> None:
        view = self._view_of(question.step)
        step, epoch = view.moment or self._now()
        taken = view.prober.take(WatchLayers(nodes=(), detail=question.node), step, epoch, {})
        quantiles = taken.layers[0].quantiles if taken.layers else ()
        self._emit(LookedBack(node=question.node, step=step, epoch=epoch, quantiles=quantiles))

    def _where(self) -> tuple[int, float]:
        return self._watcher.view.moment or self._now()

    def _view_of(self, step: int) -> View:
        moment = next((one for one in list_moments(self._run) if one.step == step), None)
        if moment is None:
            raise RunError(
                "This moment is not kept any more",
                why="It made room for others.",
                hint="Choose one beside it.",
            )
        live = self._watcher.view
        return view_of(self._run, moment, live.device, live.material)

    def _refuse(self, question: AnyQuestion, title: str, why: str, hint: str) -> None:
        told = NotAnswered(question=tag_of(question), title=title, why=why, hint=hint)
        self._emit(told)


def _without_places() -> RunError:
    return RunError(
        "This layer has no place for each sample",
        why="It does not put out one thing for each of them.",
        hint="Choose another layer.",
    )


def view_of(run: Path, moment: Moment, device: torch.device, material: Material) -> View:
    """Return the model as it was at a moment.

    Args:
        material: Of the run; used again where the drawing still has the same data.

    Raises:
        LoomError: The moment is damaged, or its drawing or data cannot be read.
    """
    folder = moment_folder(run, moment.step)
    saved = read_snapshot(folder)
    project = project_of(run, saved)
    compiled = compile_for_training(project)
    compiled.module.load_state_dict(saved.weights)
    compiled.module.to(device).eval()
    wanted = {*compiled.plan.inputs, *compiled.plan.targets}
    if not wanted <= material.probe.keys():
        material = gather(compiled.plan, device, 0)
    retake = retaking(project, folder, material, device)
    return View(compiled, material, (moment.step, moment.epoch), retake)


def project_of(run: Path, saved: Snapshot) -> Project:
    """Return drawing and recipe of a snapshot.

    Raises:
        LoomError: They cannot be read.
    """
    if saved.state.project:
        return from_text(saved.state.project, str(run)).project
    return load(run / "project.loom").project


def evaluation_of(
    view: View, step: int, epoch: float, reached: Reached = to_the_end
) -> Evaluated | None:
    """Measure a model on its validation samples; None where there is nothing to compare with.

    Raises:
        GivenUpError: Nobody waits for it any more.
    """
    judge, feed = view.judge(), view.material.validation
    if judge is None or not feed.samples:
        return None
    done = 0
    with view.prober.unnoticed(), closing(feed.batches(range(feed.samples), _BATCH)) as batches:
        for batch in batches:
            judge.add(view.compiled.outputs(batch), batch)
            done += len(batch[view.compiled.plan.inputs[0]])
            reached(done, feed.samples)
    return view.evaluation(judge, epoch=round(epoch), step=step, is_best=False)
