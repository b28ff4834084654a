"""The Compare layout: runs are chosen in the list and shown in the panel and on the canvas."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QThreadPool

from app.difference_view import DifferenceView
from app.handover import Handover
from app.plots.run_keys import MOST
from engine.runs.compare import ComparedRun, read_compared
from engine.runs.united import united
from nodes.errors import LoomError

if TYPE_CHECKING:
    from app.compare.shown import ShownRun
    from app.late_panels import RunPanels
    from app.main_window import MainWindow
    from app.runs.reading import RunLine


class _Read(NamedTuple):
    """What a thread read of some runs."""

    asked: tuple[Path, ...]
    found: Mapping[Path, ComparedRun]
    lost: tuple[str, ...]


class Comparing(QObject):
    """Lets the list choose while the Compare layout is on, and shows what was chosen."""

    def __init__(self, window: MainWindow, panels: RunPanels) -> None:
        super().__init__(window)
        self._window = window
        self._runs = panels.runs
        self._panel = panels.comparison
        self._known: dict[Path, ComparedRun] = {}
        self._keys: dict[Path, int] = {}
        self._view: DifferenceView | None = None
        self._viewed: tuple[ComparedRun, ComparedRun] | None = None
        self._arrived = Handover(self, self._on_read)
        self._asked: tuple[Path, ...] = ()
        self._offered: tuple[Path, ...] = ()
        """The runs that nobody but this has chosen."""

        window.docks["comparison"].tabs.add_trailing(self._panel.actions_bar)
        window.layouts.arranged.connect(self._on_arranged)
        self._panel.choice_requested.connect(lambda: window.show_layout("compare"))
        self._runs.compared_changed.connect(lambda _runs: self._read())
        self._runs.listed.connect(self._on_listed)
        self._runs.act_requested.connect(self._on_act)
        self._on_arranged()

    @property
    def is_on(self) -> bool:
        """Whether the Compare layout is on."""
        return self._window.layouts.current == "compare"

    @property
    def view(self) -> DifferenceView | None:
        """What lies over the canvas while two runs are compared."""
        return self._view

    def compare(self, run: Path) -> None:
        """Compare a run with those that are compared, or with the one before it."""
        chosen = self._runs.compared
        if run not in chosen:
            before = self._before(run)
            chosen = (*chosen, run) if chosen else (*([before] if before else []), run)
        self._runs.compare(chosen[-MOST:])
        self._window.show_layout("compare")

    def compare_shown(self) -> None:
        """Compare the run that the training panel shows."""
        if self._window.control.run is not None:
            self.compare(self._window.control.run)

    def _before(self, run: Path) -> Path | None:
        """Return the run of the same project that came before another."""
        lines = self._runs.lines
        place = next((k for k, line in enumerate(lines) if line.folder == run), len(lines))
        name = lines[place].name if place < len(lines) else ""
        return next((line.folder for line in lines[place + 1 :] if line.name == name), None)

    def _on_act(self, act: str, run: Path) -> None:
        if act == "compare":
            self.compare(run)

    def _on_arranged(self) -> None:
        self._runs.set_choosing(on=self.is_on)
        self._panel.set_choosing(on=self.is_on)
        if self.is_on:
            self._begin()
        self._show_view()

    def _on_listed(self) -> None:
        if self.is_on:
            self._begin()

    def _begin(self) -> None:
        """Compare the two newest runs as long as nobody has chosen others, and read them."""
        newest = self._newest() if self._runs.compared == self._offered else ()
        if newest and newest != self._offered:
            self._offered = newest
            self._runs.compare(newest)
        else:
            self._read()

    def _newest(self) -> tuple[Path, ...]:
        """Return the newest run and the one of the same project before it; none without both."""
        first = next((line.folder for line in self._runs.lines), None)
        before = self._before(first) if first is not None else None
        return (before, first) if before is not None and first is not None else ()

    def _read(self) -> None:
        if not self.is_on:
            return
        self._name_keys()
        self._asked = tuple(self._keys)
        lines = {line.folder: line for line in self._runs.lines}
        asked, arrived = self._asked, self._arrived
        known = {run: found for run, found in self._known.items() if _is_over(found, lines)}
        QThreadPool.globalInstance().start(lambda: arrived.give(_read_runs(asked, known)))

    def _name_keys(self) -> None:
        """Give the chosen runs, and then the newest like them, a colour each; it stays theirs."""
        chosen = self._runs.compared
        names = {line.name for line in self._runs.lines if line.folder in chosen}
        like = [line.folder for line in self._runs.lines if line.name in names]
        shown = list(dict.fromkeys((*chosen, *like)))[:MOST] if chosen else []
        self._keys = _places(shown, self._keys)
        self._runs.show_keys(self._keys)

    def _on_read(self, read: _Read) -> None:
        if read.asked != self._asked or not self.is_on:
            return
        self._known.update(read.found)
        shown = self._shown(read.found)
        self._panel.show_runs(shown, read.lost)
        self._show_view([each for each in shown if each.is_chosen])

    def _shown(self, found: Mapping[Path, ComparedRun]) -> list[ShownRun]:
        from app.compare.shown import ShownRun

        lines = {line.folder: line for line in self._runs.lines}
        chosen = set(self._runs.compared)
        made = [
            ShownRun(
                run=run,
                label=lines[folder].label if folder in lines else folder.name,
                note=lines[folder].note or lines[folder].name if folder in lines else "",
                place=self._keys[folder],
                is_chosen=folder in chosen,
            )
            for folder, run in found.items()
            if folder in self._keys
        ]
        return sorted(made, key=lambda shown: (shown.run.started, shown.run.folder.name))

    def _show_view(self, chosen: Sequence[ShownRun] = ()) -> None:
        """Lay two drawings over the canvas, or uncover it."""
        pair = (chosen[0].run, chosen[1].run) if len(chosen) == 2 else None
        if not self.is_on or pair is None:
            self._viewed = None
            if self._view is not None:
                self._view.close_view()
                self._view = None
            return
        first, second = chosen
        if self._viewed is not None and self._viewed[0] is pair[0] and self._viewed[1] is pair[1]:
            return
        self._show_view()
        self._viewed = pair
        self._view = DifferenceView(
            united(first.run.trained.report, second.run.trained.report),
            (first.label, second.label),
            (first.place, second.place),
            self._window.canvas,
        )
        self._view.show()


def _places(runs: Sequence[Path], before: Mapping[Path, int]) -> dict[Path, int]:
    """Return a place for each run; one that had a place keeps it."""
    kept = {run: before[run] for run in runs if run in before}
    free = iter(sorted(set(range(MOST)) - set(kept.values())))
    return {run: kept[run] if run in kept else next(free) for run in runs}


def _is_over(found: ComparedRun, lines: Mapping[Path, RunLine]) -> bool:
    line = lines.get(found.folder)
    return found.state != "running" and line is not None and line.state == found.state


def _read_runs(asked: Collection[Path], known: Mapping[Path, ComparedRun]) -> _Read:
    found, lost = dict[Path, ComparedRun](), list[str]()
    for run in asked:
        try:
            found[run] = known[run] if run in known else read_compared(run)
        except LoomError as error:
            lost.append(f"{run.name}: {error.title}")
    return _Read(tuple(asked), found, tuple(lost))
