"""One run with a hostile title, exported once in each form; an export takes seconds."""

from pathlib import Path

import pytest
from small_runs import a_small_cnn, save_run

from engine.export.job import ExportProgress, ExportResult, Target, export_run

TITLE = '"""\nimport pathlib; pathlib.Path("ran").touch() #</h1> ```\n{0} %s \\" \' 数字'


@pytest.fixture(scope="package")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    return save_run(folder, a_small_cnn(TITLE))


class Exports:
    """The exports of one run, each made when it is first asked for."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self._made: dict[Target, ExportResult] = {}
        self.progress: dict[Target, list[ExportProgress]] = {}

    def __getitem__(self, to: Target) -> ExportResult:
        if to not in self._made:
            said = self.progress.setdefault(to, [])
            self._made[to] = export_run(self._run, to, progress=said.append)
        return self._made[to]


@pytest.fixture(scope="package")
def exports(run: Path) -> Exports:
    return Exports(run)
