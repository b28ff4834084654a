"""The process of one export: messages as JSON lines on standard output, all else on the other."""

import argparse
import contextlib
import os
import sys
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from engine.export.job import (
    TARGETS,
    ExportFailed,
    ExportMessage,
    ExportProgress,
    ExportResult,
    Stage,
)
from nodes.errors import LoomError


def main() -> int:
    """Carry out one export."""
    parser = argparse.ArgumentParser(prog="python -m engine.export")
    parser.add_argument("run", type=Path)
    parser.add_argument("--to", choices=TARGETS, required=True)
    parser.add_argument("--path", type=Path)
    parser.add_argument("--weights", choices=("best", "last"), default="best")
    parser.add_argument("--part", default="")
    parser.add_argument("--scratch", type=Path, required=True)
    options = parser.parse_args()
    with _own_output() as output:
        outcome = _outcome(options, output)
        _say(output, outcome)
    return 0 if isinstance(outcome, ExportResult) else 1


def _outcome(options: argparse.Namespace, output: BinaryIO) -> ExportResult | ExportFailed:
    def report(stage: Stage, text: str, share: float) -> None:
        _say(output, ExportProgress(stage=stage, text=text, share=share))

    report("loading", "Loads the model", 0.0)
    try:
        # Imported here, so that the first message does not wait for torch.
        from engine.export.work import Request, carry_out

        return carry_out(Request(**vars(options)), report)
    except LoomError as error:
        return ExportFailed(
            title=error.title,
            why=error.why,
            where=error.where,
            hint=error.hint,
            code=error.code,
            details=_causes(error),
        )
    # The end of this process is a boundary: whatever went wrong reaches the person who waits.
    except Exception as error:  # noqa: BLE001
        return ExportFailed(
            title="The export met a problem that it does not know",
            why=f"{type(error).__name__}: {error}".splitlines()[0][:300],
            hint="Choose another target, and report the details.",
            code="LL-E007",
            details="".join(traceback.format_exception(error))[-8000:],
        )


def _causes(error: LoomError) -> str:
    cause = error.__cause__
    return "".join(traceback.format_exception(cause))[-8000:] if cause else ""


@contextlib.contextmanager
def _own_output() -> Iterator[BinaryIO]:
    """Keep standard output for messages; whatever else prints goes where errors go."""
    with os.fdopen(os.dup(1), "wb") as output, warnings.catch_warnings():
        os.dup2(2, 1)
        warnings.simplefilter("ignore")
        yield output


def _say(output: BinaryIO, message: ExportMessage) -> None:
    output.write(msgspec.json.encode(message) + b"\n")
    output.flush()


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    # Everything is on disk by now, and taking torch apart in order takes up to a second.
    os._exit(status)
