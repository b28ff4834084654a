"""``layerloom report``: what a run came to, as a page to read and to send."""

from app.cli.arguments import RunArgument, find_run
from app.cli.pictures import drawn_canvas
from app.cli.printing import err, out
from engine.runs.record import RunRecord
from engine.runs.report import write_report
from nodes.errors import LoomError


def report(run: RunArgument) -> None:
    """Write what a run came to as a page: score, curves, drawing, recipe."""
    folder = find_run(run)
    drawing = _drawing(RunRecord.open(folder))
    out().print(str(write_report(folder, drawing)), soft_wrap=True)


def _drawing(record: RunRecord) -> bytes:
    """Draw the network of a run; nothing, and a word why, where it cannot be drawn."""
    try:
        return drawn_canvas(record.project_now())
    except LoomError as error:
        err().print(f"Without a drawing: {error.title}. {error.why}", soft_wrap=True)
        return b""
