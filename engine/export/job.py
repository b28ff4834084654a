"""Starting an export in a process of its own, and following it; without torch."""

import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final, Literal, TypeAlias

import msgspec

import engine
from engine.runs.record import CheckpointName
from nodes.errors import ExportError

Target: TypeAlias = Literal["onnx", "source", "safetensors"]
Stage: TypeAlias = Literal["loading", "tracing", "converting", "writing", "checking"]

TARGETS: Final[tuple[Target, ...]] = ("onnx", "source", "safetensors")


class ExportMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """The base of what an export says."""


class ExportProgress(ExportMessage, frozen=True, kw_only=True, tag="export_progress"):
    """What the export is at."""

    stage: Stage
    text: str
    share: float
    """Of the whole work, from 0 to 1; a guess."""


class ExportResult(ExportMessage, frozen=True, kw_only=True, tag="export_done"):
    """The model was taken away, and gives the same answers there."""

    to: Target
    path: str
    size_bytes: int
    largest_difference: float
    """Between any output of the exported model and of the live one."""

    samples: int
    """How many samples of the data set were compared."""

    tolerance: float
    """The largest difference that would have passed."""

    weights: CheckpointName = "best"
    details: dict[str, str] = {}
    """What was checked and with which versions, to show and to keep."""


class ExportFailed(ExportMessage, frozen=True, kw_only=True, tag="export_failed"):
    """The model was not taken away; nothing was left behind."""

    title: str
    why: str = ""
    where: str = ""
    hint: str = ""
    code: str = ExportError.code
    details: str = ""
    """The traceback, where the cause is not a known one."""


_decoder = msgspec.json.Decoder(ExportProgress | ExportResult | ExportFailed)


class RunningExport:
    """One export under way. Iterating over it gives its messages, the outcome last."""

    def __init__(self, process: subprocess.Popen[bytes], errors: IO[bytes], scratch: Path) -> None:
        self._process = process
        self._errors = errors
        self._scratch = scratch
        self._cancelled = False

    def __iter__(self) -> Iterator[ExportProgress | ExportResult | ExportFailed]:
        """Wait for each message; a process that dies without a word is told as a failure."""
        assert self._process.stdout is not None, "opened with a pipe"
        outcome = False
        try:
            for line in self._process.stdout:
                message = _decoder.decode(line)
                outcome = not isinstance(message, ExportProgress)
                yield message
            code = self._process.wait()
            if not outcome:
                yield self._died(code)
        finally:
            self.cancel()
            self._process.stdout.close()
            self._process.wait()
            self._errors.close()
            shutil.rmtree(self._scratch, ignore_errors=True)

    def cancel(self) -> None:
        """End the process; what it had begun to write goes with it."""
        if self._process.poll() is None:
            self._cancelled = True
            self._process.kill()

    def _died(self, code: int) -> ExportFailed:
        if self._cancelled:
            return ExportFailed(title="The export was cancelled", code="LL-E009")
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace")
        memory = code in (-9, 137)
        return ExportFailed(
            title="The export process ended early",
            why="The system took its memory back." if memory else f"It ended with code {code}.",
            hint="Close other programs and export again, or choose another target.",
            code="LL-E008",
            details=said[-8000:],
        )


def start_export(
    run: Path,
    to: Target,
    path: Path | None = None,
    *,
    weights: CheckpointName = "best",
    part: str = "",
) -> RunningExport:
    """Start an export in a fresh process.

    Args:
        run: The run folder.
        path: A file for ``onnx`` and ``safetensors``, a folder for ``source``; None puts it into
            ``exports`` in the run folder.
        part: The network of the drawing to take away alone; see ``networks``.
    """
    root = Path(engine.__file__).resolve().parents[1]
    scratch = _folder(run, to, path) / f".layerloom-{secrets.token_hex(4)}"
    command = [sys.executable, "-m", "engine.export", str(run.absolute()), "--to", to]
    command += ["--weights", weights, "--part", part]
    command += ["--scratch", str(scratch)]
    if path is not None:
        command += ["--path", str(path.absolute())]
    errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the export when it ends
    # The working folder comes first on the path of ``python -m``. The caller's may hold anything.
    process = subprocess.Popen(
        command, cwd=root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
    )
    return RunningExport(process, errors, scratch)


def _folder(run: Path, to: Target, path: Path | None) -> Path:
    """Return where to work: beside the target, so that moving it into place is one rename."""
    if path is None:
        return run.absolute() / "exports"
    return path.absolute() if to != "source" and path.is_dir() else path.absolute().parent


def export_run(
    run: Path,
    to: Target,
    path: Path | None = None,
    progress: Callable[[ExportProgress], None] | None = None,
    *,
    weights: CheckpointName = "best",
    part: str = "",
) -> ExportResult:
    """Take a trained model away and wait until it is there and proven.

    Raises:
        ExportError: It cannot be taken away so; the error says what else would go.
    """
    for message in start_export(run, to, path, weights=weights, part=part):
        match message:
            case ExportProgress():
                if progress is not None:
                    progress(message)
            case ExportResult():
                return message
            case ExportFailed():
                raise failure(message)
    raise AssertionError("the last message of an export is its outcome")


def failure(message: ExportFailed) -> ExportError:
    """Return the error that a failed export is shown as."""
    error = ExportError(message.title, why=message.why, where=message.where, hint=message.hint)
    error.code = message.code  # type: ignore[misc]
    if message.details:
        error.add_note(message.details)
    return error
