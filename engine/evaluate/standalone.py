"""Predict with the trained model in this folder: files in, answers out.

    python predict.py image.png more.png
    python predict.py recording.wav
    python predict.py "A sentence, for a model that reads."
    python predict.py --write 200 "The beginning, for a model that writes"
    python predict.py rows.csv
    python predict.py '{"age": 40, "job": "baker"}'
    python predict.py '{"point": [0.5, 0.2]}'
    python predict.py --json samples.npy

Everything is brought to the form that the model was trained with; a picture keeps its size where
the model takes any, but for ``--resize``. A table gives a sample for each row; numbers without
names of their own stand in a list under the name of the input. An array (``.npy``) is one sample or
many; ``.npz`` holds one array for each input, by its name. A flat array is a series as it was
measured, for a model that reads a window of one column.
"""

import argparse
import importlib.util
import io
import itertools
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine.data import prepare, writing
from engine.evaluate.reading import InputError, MissingError, Sample, by, read_samples

HERE = Path(__file__).resolve().parent
BATCH = 64


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer for every file on the command line."""
    parser = argparse.ArgumentParser(description="Predict with the model in this folder.")
    parser.add_argument("inputs", nargs="+", metavar="FILE", help="a file, a text or a record")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--top", type=int, default=1, metavar="N", help="the N likeliest labels")
    parser.add_argument("--invert", action="store_true", help="dark ink on light paper or back")
    parser.add_argument("--resize", action="store_true", help="pictures to the size of training")
    parser.add_argument("--write", type=int, default=0, metavar="N", help="go on for N tokens")
    parser.add_argument("--temperature", type=float, default=0.7, metavar="T", help="0: no chance")
    parser.add_argument(
        "--seed", type=int, default=0, metavar="S", help="another one: another text"
    )
    options = parser.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    config = json.loads((HERE / "config.json").read_text(encoding="utf-8"))
    model = load_model()
    try:
        for name in options.inputs:
            samples = read_samples(
                name, config["inputs"], invert=options.invert, resize=options.resize
            )
            for number, (sample, outputs) in enumerate(
                zip(samples, run(model, samples, config), strict=True)
            ):
                answer = {"input": name, "sample": number, **read_outputs(outputs, config, sample)}
                if options.write:
                    answer["text"] = write(
                        model,
                        sample,
                        config,
                        options.write,
                        temperature=options.temperature,
                        seed=options.seed,
                    )
                sys.stdout.write((_json if options.json else _text)(answer, options.top) + "\n")
    except InputError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2 if isinstance(problem, MissingError) else 1
    return 0


def load_model() -> nn.Module:
    """Return the trained model of this folder, whatever else is called ``model`` elsewhere."""
    spec = importlib.util.spec_from_file_location("layerloom_model", HERE / "model.py")
    assert spec is not None and spec.loader is not None, "model.py lies beside this file"
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model: nn.Module = module.load()
    return model


def run(
    model: nn.Module, samples: Sequence[Sample], config: Mapping[str, Any]
) -> Iterator[tuple[Tensor, ...]]:
    """Yield what the model puts out for each sample.

    Raises:
        InputError: Sizes that are free are too small for the model, or do not go together.
    """
    inputs, main_output = config["inputs"], config["main_output"]
    answer = answer_input(inputs)
    with torch.inference_mode():
        for start in range(0, len(samples), BATCH):
            some = samples[start : start + BATCH]
            batch: Mapping[str, Tensor] = {
                field["name"]: torch.from_numpy(
                    np.stack([sample[field["name"]] for sample in some])
                )
                for field in inputs
            }
            if answer:
                batch = writing.fill_answer(
                    lambda known: _called(model, known)[main_output], batch, answer["name"]
                )
            outputs = _tried(model, batch, inputs)
            for place in range(len(some)):
                yield tuple(output[place] for output in outputs)


def write(
    model: nn.Module,
    sample: Sample,
    config: Mapping[str, Any],
    count: int,
    *,
    temperature: float,
    seed: int,
) -> str:
    """Go on with the text of a sample for so many tokens.

    Raises:
        InputError: The model does not foresee the next token.
    """
    field, labels = config["inputs"][0], config["outputs"][config["main_output"]]["labels"]
    how = field.get("prepare") or {}
    if not how.get("fills_end") or len(labels) != len(how["vocabulary"]) + prepare.RESERVED:
        raise InputError("the model does not write: it foresees no next token.")
    row = sample[field["name"]]
    found = writing.write_on(
        lambda text: _called(model, {field["name"]: text})[config["main_output"]],
        row[: writing.last_place(row) + 1].tolist(),
        how["length"],
        temperature=temperature,
        seed=seed,
    )
    with torch.inference_mode():
        tokens = [labels[token] for token in itertools.islice(found, count)]
    return writing.joined(tokens, how["unit"])


def answer_input(inputs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the input that holds what the model answered so far; None where it has none."""
    found = (field for field in inputs if (field.get("prepare") or {}).get("type") == "answer")
    return next(found, None)


def _tried(
    model: nn.Module, batch: Mapping[str, Tensor], inputs: Sequence[Mapping[str, Any]]
) -> tuple[Tensor, ...]:
    try:
        return _called(model, batch)
    except RuntimeError as error:
        if not any(field.get("free") for field in inputs):
            raise
        sizes = ", ".join(f"{name} {by(values.shape[1:])}" for name, values in batch.items())
        raise InputError(f"the model has no answer for samples of this size: {sizes}.") from error


def _called(model: nn.Module, batch: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
    result = model(*batch.values())
    return (result,) if isinstance(result, Tensor) else tuple(result)


def read_outputs(
    outputs: Sequence[Tensor], config: Mapping[str, Any], sample: Sample
) -> dict[str, Any]:
    """Turn the outputs for one sample into a label with its probability, or into numbers."""
    answer: dict[str, Any] = {}
    main_output = config["outputs"][config["main_output"]]
    values = outputs[config["main_output"]].float()
    if main_output["kind"] == "classes" and values.ndim == 1:
        probabilities = values.softmax(0)
        best = int(probabilities.argmax())
        labels = main_output["labels"]
        answer["label"] = labels[best] if best < len(labels) else str(best)
        answer["probability"] = float(probabilities[best])
        answer["probabilities"] = probabilities.tolist()
        answer["labels"] = [*labels, *(str(k) for k in range(len(labels), len(values)))]
    elif main_output["kind"] == "classes" and answer_input(config["inputs"]):
        answer["text"] = writing.read_answer(values, main_output["labels"])
    elif main_output["kind"] == "classes" and values.ndim == 3:
        answer["areas"] = _read_areas(values, main_output["labels"])
    elif main_output["kind"] == "classes" and _tags_tokens(values, config, sample):
        how = config["inputs"][0]["prepare"]
        row = sample[config["inputs"][0]["name"]]
        answer["text"] = writing.read_tags(
            values, row, how["vocabulary"], main_output["labels"], how["unit"]
        )
    elif main_output["kind"] == "classes":
        answer.update(
            _read_next(values, main_output["labels"], sample[config["inputs"][0]["name"]])
        )
    elif main_output["kind"] == "yes_no":
        answer["probabilities"] = values.sigmoid().reshape(-1).tolist()
    elif main_output.get("standard"):
        # Back from the scale that the answers had in training.
        answer["values"] = _unscaled(values, main_output["standard"])
        if config.get("band"):
            ends = _unscaled(outputs[config["band"]["output"]].float(), main_output["standard"])
            answer["band"] = sorted(ends)
    answer["outputs"] = [output.tolist() for output in outputs]
    return answer


def _tags_tokens(scores: Tensor, config: Mapping[str, Any], sample: Sample) -> bool:
    """Say whether each token of a text has a class of its own, and not the token that follows."""
    first = config["inputs"][0]
    how = first.get("prepare") or {}
    is_text = how.get("type") == "tokens" and not how.get("fills_end")
    return is_text and scores.ndim == 2 and scores.shape[1:] == np.shape(sample[first["name"]])


def _unscaled(values: Tensor, how: Mapping[str, Any]) -> list[float]:
    numbers = values.reshape(-1) * torch.tensor(how["deviation"]) + torch.tensor(how["mean"])
    return list(numbers.tolist())


def _read_areas(scores: Tensor, labels: Sequence[str]) -> dict[str, float]:
    """Answer with the share of the picture that each class has."""
    called = scores.argmax(0)
    names = [*labels, *(str(k) for k in range(len(labels), len(scores)))]
    return {name: float((called == k).float().mean()) for k, name in enumerate(names)}


def _read_next(scores: Tensor, labels: Sequence[str], row: Any) -> dict[str, Any]:
    """Answer with what comes after the last token of a sequence."""
    if scores.ndim != 2 or len(scores) != len(labels) or np.shape(row) != scores.shape[1:]:
        return {}
    probabilities = scores[:, writing.last_place(row)].softmax(0)
    best = int(probabilities.argmax())
    return {
        "label": labels[best],
        "probability": float(probabilities[best]),
        "probabilities": probabilities.tolist(),
        "labels": list(labels),
    }


def _json(answer: Mapping[str, Any], top: int) -> str:
    del top
    return json.dumps(answer)


def _text(answer: Mapping[str, Any], top: int) -> str:
    name = f"{answer['input']}[{answer['sample']}]" if answer["sample"] else str(answer["input"])
    if "text" in answer:
        found = [str(answer["text"])]
    elif "label" in answer:
        pairs = sorted(zip(answer["probabilities"], answer["labels"], strict=True), reverse=True)
        found = [f"{label} ({share * 100:.1f} %)" for share, label in pairs[: max(top, 1)]]
    elif "areas" in answer:
        found = [f"{name} {share * 100:.1f} %" for name, share in answer["areas"].items()]
    elif "values" in answer:
        found = [f"{value:g}" for value in answer["values"]]
        if "band" in answer:
            found.append("between {:g} and {:g}".format(*answer["band"]))
    elif "probabilities" in answer:
        found = [f"{share * 100:.1f} %" for share in answer["probabilities"]]
    else:
        found = [str(values) for values in answer["outputs"]]
    return f"{name}: {', '.join(found)}"


if __name__ == "__main__":
    sys.exit(main())
