"""Changing a run while it trains: another recipe, another drawing, a layer anew, a step back."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import torch

from engine.compile.module import CompiledModel
from engine.graph.difference import difference
from engine.graph.elements import NodeId
from engine.project.codec import from_text, to_text
from engine.project.project import Project
from engine.project.recipe import is_live_change
from engine.training.bench import Bench, compile_for_training, load_weights, saved_state, set_up
from engine.training.carrying import Carried, carry_average, carry_memory, carry_weights
from engine.training.changes import change_title
from engine.training.checkpoints import Place, Snapshot, load_checkpoint, restore_random_states
from engine.training.events import HealthNoted, RunChanged, RunWentBack, TrainingEvent
from engine.training.given_weights import give_weights
from engine.training.initialising import begin_again
from engine.training.material import Material, gather
from engine.training.requests import ChangeRun
from engine.training.standardising import measure_training_samples
from engine.training.timetable import Timetable
from engine.training.turns import forget, take_settings
from engine.training.watching import Watcher
from engine.training.ways import after_change, take_layout
from nodes.errors import LoomError, RunError

_NOTHING = Carried()


class Changer:
    """Makes the parts of a run anew, and remembers which drawing it trains.

    Args:
        project_text: Of drawing and recipe, where they are not those that the run began with.
    """

    def __init__(
        self,
        bench: Bench,
        *,
        place: Place,
        watcher: Watcher,
        folder: Path,
        emit: Callable[[TrainingEvent], None],
        project_text: str = "",
    ) -> None:
        self._bench = bench
        self._place = place
        self._watcher = watcher
        self._folder = folder
        self._emit = emit
        self._text = project_text
        self._began_with = bench.project if not project_text else None

    @property
    def bench(self) -> Bench:
        """What trains now."""
        return self._bench

    def snapshot(self) -> Snapshot:
        """Return the run as it is now, sharing the memory of the model."""
        return self._bench.snapshot(saved_state(self._place, self._text, self._bench.ways))

    def change(self, bench: Bench, request: ChangeRun) -> Bench:
        """Take another drawing or recipe; where it cannot be trained the one before stays."""
        wanted = from_text(request.project).project
        try:
            changed, carried = self._changed(bench, wanted)
        except LoomError as error:
            self._emit(HealthNoted(code="change", text=str(error), step=self._place.step))
            return bench
        if changed is bench and not request.anew:
            return bench
        self._text = request.project
        self._take(changed)
        anew = self._begin_anew(changed, request.anew)
        carried = replace(
            carried,
            kept=tuple(node for node in carried.kept if node not in anew),
            new=(*carried.new, *(node for node in anew if node not in carried.new)),
        )
        title = request.title or change_title(bench.project, wanted)
        self._tell(title, request.project, carried, anew=anew)
        return changed

    def reset_layer(self, bench: Bench, node: str) -> None:
        """Give a layer new weights; the optimiser forgets what it knew of them."""
        for begun in self._begin_anew(bench, (node,)):
            title = bench.compiled.plan.told_apart(begun)
            self._tell(f"{title} begins anew", "", Carried(new=(begun,)), reset=node)

    def go_back(self, bench: Bench) -> Bench:
        """Return to the last checkpoint.

        Raises:
            RunError: There is none, or it is damaged.
        """
        saved = load_checkpoint(self._folder / "checkpoints", "last")
        if saved is None:
            raise RunError(
                "There is no checkpoint to go back to",
                where=str(self._folder),
                hint="Train again.",
            )
        is_changed, drawn = saved.state.project != self._text, ""
        try:
            load_weights(bench.compiled, saved, str(self._folder))
        except RunError:
            if not is_changed:
                raise
            bench = self._drawn_as(bench, saved)
            load_weights(bench.compiled, saved, str(self._folder))
            is_changed, drawn = False, to_text(bench.project)
        forget(bench.updater.turns)
        bench.restore(saved)
        self._place.go_to(saved.state.place)
        restore_random_states(saved.state.random)
        timetable = _timetable(bench, self._place)
        epoch = timetable.epoch(self._place)
        self._emit(RunWentBack(step=self._place.step, epoch=epoch, project=drawn))
        if is_changed:
            # What was changed since then holds from here on.
            self._text = to_text(bench.project)
            self._tell("Changed as before", self._text, _NOTHING)
        return bench

    def _begin_anew(self, bench: Bench, nodes: Sequence[str]) -> tuple[NodeId, ...]:
        """Give layers new weights; return those that have any."""
        begun = []
        for node in map(NodeId, nodes):
            step, module = bench.compiled.plan.step_of(node), bench.compiled.module_of(node)
            if step is None or module is None:
                continue
            begin_again(step, bench.compiled.module)
            forget(bench.updater.turns, list(module.parameters()))
            if bench.updater.average is not None:
                bench.updater.average.begin_again(module)
            begun.append(node)
        return tuple(begun)

    def _changed(self, bench: Bench, wanted: Project) -> tuple[Bench, Carried]:
        graphs = difference(bench.project.graph, wanted.graph)
        if not graphs.concerns_model and is_live_change(bench.project.recipe, wanted.recipe):
            if bench.project.recipe == wanted.recipe:
                return bench, _NOTHING
            return self._with_recipe(bench, wanted), _NOTHING
        compiled = compile_for_training(wanted)
        device = next(bench.compiled.module.parameters()).device
        material = self._material(bench, wanted, compiled, device)
        carried = carry_weights(bench.compiled, compiled)
        for noted in give_weights(compiled, {*carried.new, *_given(bench.project, wanted)}):
            self._emit(msgspec.structs.replace(noted, step=self._place.step))
        ways = after_change(bench.ways, bench.project.recipe, wanted.recipe)
        compiled.module.to(device)
        measure_training_samples(compiled, material.training)
        take_layout(compiled.module, ways)
        changed = set_up(wanted, compiled, material, device, self._place, ways=ways)
        carry_memory(bench.compiled, compiled, bench.updater.turns, changed.updater.turns, carried)
        carry_average(
            bench.compiled, compiled, bench.updater.average, changed.updater.average, carried
        )
        if compiled.plan.losses != bench.compiled.plan.losses:
            self._place.forget_losses()
        return changed, carried

    def _with_recipe(self, bench: Bench, wanted: Project) -> Bench:
        """Change what needs no other model: the numbers that each step reads."""
        take_settings(bench.updater.turns, wanted.recipe)
        project = msgspec.structs.replace(bench.project, recipe=wanted.recipe)
        return replace(bench, project=project)

    def _drawn_as(self, bench: Bench, saved: Snapshot) -> Bench:
        """Return the parts for the drawing and recipe of a checkpoint."""
        project = from_text(saved.state.project).project if saved.state.project else None
        project = project or self._began_with
        assert project is not None, "a run that went on began with the checkpoint's own"
        changed, _ = self._changed(bench, project)
        self._text = saved.state.project
        self._take(changed)
        return changed

    def _material(
        self, bench: Bench, wanted: Project, compiled: CompiledModel, device: torch.device
    ) -> Material:
        before, after = bench.compiled.plan, compiled.plan
        same = (before.data, before.inputs, before.targets) == (
            after.data,
            after.inputs,
            after.targets,
        )
        if same:
            return bench.material
        return gather(after, device, wanted.recipe.seed, memory=bench.material.memory)

    def _take(self, bench: Bench) -> None:
        if bench.compiled is not self._bench.compiled:
            self._watcher.move_to(bench.compiled, bench.material, bench.project)
        self._bench = bench

    def _tell(
        self,
        title: str,
        project: str,
        carried: Carried,
        *,
        reset: str = "",
        anew: tuple[str, ...] = (),
    ) -> None:
        timetable, recipe = _timetable(self._bench, self._place), self._bench.project.recipe
        self._emit(
            RunChanged(
                step=self._place.step,
                title=title,
                project=project,
                reset=reset,
                anew=anew,
                kept=carried.kept,
                new=carried.new,
                dropped=carried.dropped,
                grown=carried.grown,
                steps=timetable.steps,
                epochs=timetable.whole_epochs,
                steps_per_epoch=timetable.steps_per_epoch,
                batch_size=recipe.batch_size,
                optimizer=recipe.optimizer_titles,
                schedule=recipe.schedule,
            )
        )


def _given(before: Project, after: Project) -> set[NodeId]:
    """Return the nodes that name another weights file than before."""
    old = before.graph.nodes
    return {
        node.id
        for node in after.graph.nodes.values()
        if node.id in old and node.learning.weights != old[node.id].learning.weights
    }


def _timetable(bench: Bench, place: Place) -> Timetable:
    return Timetable(bench.project.recipe, bench.material.training.samples, place)
