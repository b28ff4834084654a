"""``layerloom evaluate``: how good a run is on samples that it never trained on."""

from typing import TYPE_CHECKING

from rich.table import Table

from app.cli.arguments import JsonOption, RunArgument, find_run
from app.cli.own_code import TrustOption, settle_run
from app.cli.printing import err, out, print_object, table
from app.cli.words import figure, figures_line, metric, number, percent

if TYPE_CHECKING:
    from engine.evaluate.results import Results

# A larger table of who was taken for whom no longer fits a terminal.
_LARGEST_CONFUSION = 20


def evaluate(run: RunArgument, *, trust: TrustOption = False, json: JsonOption = False) -> None:
    """Measure a run on the samples that were kept aside."""
    folder = find_run(run)
    settle_run(folder, trusted=trust)
    with err().status("Loading"):
        from engine.evaluate.results import evaluate_run

        results = evaluate_run(folder)
    if json:
        print_object(results)
    else:
        _print_results(results)


def _print_results(results: "Results") -> None:
    console = out()
    share = "to test" if results.share == "test" else "to validate"
    parts = [
        f"{number(results.samples)} samples held out {share}",
        f"{results.weights} weights",
        f"loss {figure(results.loss)}",
    ]
    if results.metric:
        parts.append(f"{results.metric} {metric(results.value, results.metric)}")
    console.print(" · ".join(parts), soft_wrap=True)
    if results.figures:
        console.print(figures_line(results.figures), soft_wrap=True)
    if results.classes:
        console.print()
        console.print(_class_table(results))
    if 0 < len(results.confusion) <= _LARGEST_CONFUSION:
        console.print("\nWhat a sample is (row), and what it was called (column):")
        console.print(_confusion_table(results))
    if results.drives:
        console.print("\nAt the wheel, on computed roads that it never saw:")
        console.print(_drive_table(results))


def _drive_table(results: "Results") -> Table:
    heads = ("driven", "from the middle", "farthest")
    rows = table("road", *heads, numbers=heads)
    for drive in results.drives:
        rows.add_row(
            str(drive.road + 1),
            f"{drive.metres:.0f} of {drive.length:.0f} m",
            f"{drive.offset:.2f} m",
            f"{drive.largest_offset:.2f} m",
        )
    return rows


def _class_table(results: "Results") -> Table:
    of_pixels = any(entry.iou is not None for entry in results.classes)
    numbers = ["pixels" if of_pixels else "samples", "precision", "recall"]
    numbers += ["IoU"] if of_pixels else []
    rows = table("class", *numbers, numbers=tuple(numbers))
    for entry in results.classes:
        figures = [number(entry.samples), percent(entry.precision), percent(entry.recall)]
        figures += [percent(entry.iou)] if entry.iou is not None else []
        rows.add_row(entry.name, *figures)
    return rows


def _confusion_table(results: "Results") -> Table:
    names = [entry.name for entry in results.classes]
    rows = table("", *names, numbers=tuple(names))
    for name, counts in zip(names, results.confusion, strict=True):
        rows.add_row(name, *(str(count) if count else "·" for count in counts))
    return rows
