"""Predict with the trained model in this folder: files in, answers out.

    python predict.py image.png more.png
    python predict.py recording.wav
    python predict.py "A sentence, for a model that reads."
    python predict.py --write 200 "The beginning, for a model that writes"
    python predict.py rows.csv
    python predict.py '{"age": 40, "job": "baker"}'
    python predict.py '{"point": [0.5, 0.2]}'
    python predict.py --json samples.npy

Everything is brought to the form that the model was trained with. A table gives a sample for each
row; numbers without names of their own stand in a list under the name of the input. An array
(``.npy``) is one sample or many; ``.npz`` holds one array for each input, by its name.
"""

import argparse
import importlib.util
import io
import itertools
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from engine.data import prepare, writing

HERE = Path(__file__).resolve().parent
BATCH = 64
Sample: TypeAlias = dict[str, Any]
"""One numpy array for each input of the model, without the batch axis."""


class InputError(Exception):
    """A file cannot be read as an input of this model."""


class MissingError(InputError):
    """What was given is neither a file nor anything that this model reads."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer for every file on the command line."""
    parser = argparse.ArgumentParser(description="Predict with the model in this folder.")
    parser.add_argument("inputs", nargs="+", metavar="FILE", help="a file, a text or a record")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--top", type=int, default=1, metavar="N", help="the N likeliest labels")
    parser.add_argument("--invert", action="store_true", help="dark ink on light paper or back")
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
            samples = read_samples(name, config["inputs"], invert=options.invert)
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


def read_samples(
    name: str, inputs: Sequence[Mapping[str, Any]], *, invert: bool = False
) -> list[Sample]:
    """Read a file as samples of the model.

    Raises:
        InputError: It is missing, of another kind, or does not have the right shape.
    """
    path = Path(name)
    try:
        if not _is_file(path):
            return _read_words(name, inputs)
        suffix = path.suffix.lower()
        if suffix in prepare.TABLES:
            return _read_rows(prepare.rows(path), inputs, name)
        if suffix not in (".npy", ".npz"):
            if _asked_in_words(inputs):
                return [_read_text(path.read_text(encoding="utf-8-sig"), inputs)]
            return [_read_file(path, _only(inputs, name), invert=invert)]
        with path.open("rb") as file:
            found = np.load(file, allow_pickle=False)
            if suffix == ".npz":
                arrays = {key: found[key] for key in found.files}
            else:
                arrays = {_only(inputs, name)["name"]: found}
            return _samples_of(arrays, inputs, name)
    except KeyError as error:
        raise InputError(f"{name}: has no column called {error}.") from error
    except prepare.UNREADABLE as error:
        raise InputError(f"{name}: cannot be read. {error}") from error


def run(
    model: nn.Module, samples: Sequence[Sample], config: Mapping[str, Any]
) -> Iterator[tuple[Tensor, ...]]:
    """Yield what the model puts out for each sample."""
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
            outputs = _called(model, batch)
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


def _only(inputs: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    if len(inputs) == 1:
        return inputs[0]
    names = ", ".join(field["name"] for field in inputs)
    raise InputError(f"{name}: the model has {len(inputs)} inputs. Give a .npz with {names}.")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        # A sentence is longer than names of files may be.
        return False


def _read_words(name: str, inputs: Sequence[Mapping[str, Any]]) -> list[Sample]:
    """Take what is no file as a record, or as the text that the model reads."""
    if name.lstrip().startswith("{"):
        return _read_rows(prepare.columns_of([json.loads(name)]), inputs, name)
    if _asked_in_words(inputs):
        return [_read_text(name, inputs)]
    raise MissingError(f"{name}: there is no such file.")


def _asked_in_words(inputs: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a text is all that the model needs; what it answered so far is its own."""
    types = [(field.get("prepare") or {}).get("type") for field in inputs]
    return [name for name in types if name != "answer"] == ["tokens"]


def _read_text(text: str, inputs: Sequence[Mapping[str, Any]]) -> Sample:
    column = next(how["column"] for field in inputs if "column" in (how := field["prepare"]))
    return {
        field["name"]: prepare.prepared({column: [text]}, field["prepare"])[0] for field in inputs
    }


def _read_rows(
    columns: Mapping[str, Sequence[Any]], inputs: Sequence[Mapping[str, Any]], name: str
) -> list[Sample]:
    """Prepare every row, or the last rows where the model takes a window of them."""
    made = {}
    for field in inputs:
        how = field.get("prepare")
        if field["kind"] == "image" or (how and how["type"] == "waveform"):
            raise InputError(f"{name}: the model takes no table for {field['name']}.")
        if how:
            made[field["name"]] = prepare.prepared(columns, how)
        else:
            made[field["name"]] = _as_they_are(columns[field["name"]], field, name)
    _many(next(iter(made.values())), inputs[0], name)
    return [dict(zip(made, values, strict=True)) for values in zip(*made.values(), strict=True)]


def _as_they_are(values: Sequence[Any], field: Mapping[str, Any], name: str) -> Any:
    """Take numbers to which nothing is done: each row holds a list of them, or the only one."""
    shape = tuple(field["shape"])
    try:
        array = np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: {field['name']} is to hold {_by(shape)} numbers.") from error
    if array.shape == (len(values),) and shape == (1,):
        array = array[:, None]
    if array.shape != (len(values), *shape) or not np.isfinite(array).all():
        raise InputError(f"{name}: {field['name']} is to hold {_by(shape)} numbers.")
    return array.astype(np.int64 if field["dtype"] == "int" else np.float32)


def _read_file(path: Path, field: Mapping[str, Any], *, invert: bool) -> Sample:
    how = field.get("prepare") or {}
    if how.get("type") == "waveform":
        return {field["name"]: prepare.recording(path, how)}
    return _read_image(path, field, invert=invert)


def _read_image(path: Path, field: Mapping[str, Any], *, invert: bool) -> Sample:
    shape = tuple(field["shape"])
    if field["kind"] != "image" or len(shape) != 3 or shape[0] not in (1, 3):
        raise InputError(f"{path}: the model takes arrays of {_by(shape)}. Give a .npy file.")
    pixels = prepare.picture(path, shape, invert=invert)
    return {field["name"]: pixels.astype(np.float32) / np.float32(255)}


def _samples_of(
    arrays: Mapping[str, Any], inputs: Sequence[Mapping[str, Any]], name: str
) -> list[Sample]:
    columns = {}
    for field in inputs:
        if field["name"] not in arrays:
            raise InputError(f"{name}: has no array called {field['name']}.")
        columns[field["name"]] = _many(np.asarray(arrays[field["name"]]), field, name)
    counts = {len(column) for column in columns.values()}
    if len(counts) > 1:
        raise InputError(f"{name}: its arrays hold different numbers of samples.")
    return [{key: column[k] for key, column in columns.items()} for k in range(counts.pop())]


def _many(array: Any, field: Mapping[str, Any], name: str) -> Any:
    """Return samples x shape, in the numbers that the model takes."""
    shape = tuple(field["shape"])
    if field["kind"] == "image" and array.dtype == np.uint8:
        array = array.astype(np.float32) / np.float32(255)
    # Grey images are mostly kept without an axis for their one channel.
    for wanted in (shape, shape[1:] if shape[:1] == (1,) else shape):
        if array.shape in (wanted, (len(array) if array.ndim else 0, *wanted)):
            whole = array.reshape(-1, *shape)
            return whole.astype(np.int64 if field["dtype"] == "int" else np.float32)
    raise InputError(f"{name}: holds {_by(array.shape)}, the model takes {_by(shape)}.")


def _by(shape: Sequence[int]) -> str:
    return "×".join(str(size) for size in shape) or "single numbers"


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
