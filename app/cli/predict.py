"""``layerloom predict``: what a run says of files, texts and samples."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.arguments import JsonOption, RunArgument, find_run
from app.cli.own_code import TrustOption, settle_run
from app.cli.printing import err, out, print_object, table
from app.cli.words import figure, percent
from app.signs import visible_token

if TYPE_CHECKING:
    from engine.evaluate.predict import Prediction

_RUNNERS_UP = 2
_SHOWN = 4
"""So many numbers of an output are written."""


def predict(
    run: RunArgument,
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...",
            help="Files as the model takes them (images, sounds, tables, texts, arrays), a text, a "
            "record as JSON, or sample:N for a sample of the data set.",
        ),
    ],
    *,
    trust: TrustOption = False,
    write: Annotated[
        int, typer.Option(metavar="N", min=0, help="Go on with each text for N tokens.")
    ] = 0,
    temperature: Annotated[
        float,
        typer.Option(
            metavar="T", min=0, max=5, help="How daring it writes; 0 keeps to the likeliest token."
        ),
    ] = 0.7,
    seed: Annotated[int, typer.Option(metavar="S", help="Another seed writes another text.")] = 0,
    json: JsonOption = False,
) -> None:
    """Ask a run about files, texts or samples."""
    folder = find_run(run)
    settle_run(folder, trusted=trust)
    with err().status("Loading"):
        from engine.evaluate.predict import predict_files
        from engine.training.texts import Writing

        writing = Writing(tokens=write, temperature=temperature, seed=seed) if write else None
        predictions = predict_files(folder, inputs, writing)
    if json:
        for prediction in predictions:
            print_object(prediction)
    elif write:
        for prediction in predictions:
            # As it is: a text may hold what looks like markup.
            out().print(f"{prediction.input}{prediction.text}", markup=False, highlight=False)
    else:
        _print_predictions(predictions)


def _name(prediction: "Prediction") -> str:
    return prediction.input + (f" [{prediction.sample}]" if prediction.sample else "")


def _print_predictions(predictions: "list[Prediction]") -> None:
    rows = table("input", "answer", "", "then", "truth")
    for prediction in predictions:
        rows.add_row(
            _name(prediction),
            visible_token(prediction.text or prediction.label or "")
            or _areas(prediction)
            or _values(prediction),
            percent(prediction.probability) if prediction.probability is not None else "",
            _band(prediction) or "  ".join(_runners_up(prediction)),
            prediction.truth or "",
        )
    out().print(rows)
    for prediction in predictions:
        for note in prediction.notes:
            err().print(
                f"{_name(prediction)}: {note}", markup=False, style="yellow", soft_wrap=True
            )


def _band(prediction: "Prediction") -> str:
    if not prediction.band:
        return ""
    low, high = (figure(end) for end in prediction.band)
    return f"between {low} and {high}"


def _runners_up(prediction: "Prediction") -> list[str]:
    ranked = sorted(
        zip(prediction.probabilities, prediction.labels, strict=False), key=lambda pair: -pair[0]
    )
    return [
        f"{visible_token(label)} {percent(share)}" for share, label in ranked[1 : 1 + _RUNNERS_UP]
    ]


def _areas(prediction: "Prediction") -> str:
    return ", ".join(f"{name} {percent(share)}" for name, share in prediction.areas.items())


def _values(prediction: "Prediction") -> str:
    """Write the numbers that a model without classes puts out, the first few of each output."""
    if prediction.values:
        return "  |  ".join(figure(value) for value in prediction.values)
    several = len(prediction.outputs) > 1
    return "  |  ".join(
        f"{name}: {_first_few(output)}" if several else _first_few(output)
        for name, output in zip(prediction.names, prediction.outputs, strict=True)
    )


def _first_few(output: object) -> str:
    numbers = _flat(output)
    shown = [figure(value) for value in numbers[:_SHOWN]]
    return " ".join([*shown, "…"] if len(numbers) > len(shown) else shown)


def _flat(value: object) -> "list[float]":
    if isinstance(value, list | tuple):
        return [number for item in value for number in _flat(item)]
    return [value] if isinstance(value, int | float) else []
