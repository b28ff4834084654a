"""Train the built-in projects and take them away: ``template_scores.py [KEY ...] [--write]``.

All by the words of the command line: train, export to ONNX with its proof and to a folder of
source, and ask the run and that folder about raw input (a PNG, a WAV, a sentence, a row).

It fails where one does not reach the score on its card, takes more than two minutes, cannot be
taken away, or answers raw input otherwise than the sample that it is of. With ``--write`` what was
measured is kept in the template, for the start page. The time is that of one core at work, whatever
else the machine does meanwhile.
"""

import argparse
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from raw_inputs import raw_input
from template_cards import MOST_SECONDS, reaches

from app.__main__ import main
from engine.compile.module import compile_project
from engine.evaluate.loading import load_run
from engine.evaluate.results import evaluate_run
from engine.project.templates import ABOUT, RECOGNISED, open_template, templates
from engine.training.given_weights import give_weights
from resources import path

GAN = "digits-gan"
READER = "digits-distilled"
SURE = 0.9


def measured(key: str) -> dict[str, Any]:
    """Train a template from the start, measure it on the samples held out, and take it away."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        began = time.process_time()
        *_, ended = said("train", key, "--device", "cpu", "--run", str(run))
        seconds = time.process_time() - began
        if ended["outcome"] not in ("finished", "stopped_early"):
            raise SystemExit(f"{key}: {ended['outcome']}")
        results = evaluate_run(run)
        metric, score = results.metric, results.value
        if key == GAN:
            metric, score = RECOGNISED, recognised(run)
        take_away(key, run)
    score = None if score is None else round(score, 4)
    return {"seconds": round(seconds, 1), "metric": metric, "score": score}


def said(*words: str) -> list[dict[str, Any]]:
    """Carry out a line of words and return what it printed, object by object."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = main([*words, "--json"])
    if code:
        raise SystemExit(f"layerloom {' '.join(words)} ended with {code}")
    return [json.loads(line) for line in printed.getvalue().splitlines()]


def take_away(key: str, run: Path) -> None:
    """Export a run with proof, and ask the run and what was exported about one raw input."""
    for target in ("onnx", "source"):
        (made,) = said("export", str(run), "--to", target, "-o", str(run.parent / target))
        if made["largest_difference"] > made["tolerance"]:
            raise SystemExit(f"{key}: the {target} gives other answers")
    raw = raw_input(load_run(run), 0, run.parent)
    answer, sample = said("predict", str(run), raw, "sample:0")
    alone = subprocess.run(
        [sys.executable, str(run.parent / "source" / "predict.py"), "--json", raw],
        capture_output=True,
        text=True,
    )
    if alone.returncode:
        raise SystemExit(f"{key}: {alone.stderr}")
    for asked, other in (("raw input", answer), ("the exported folder", json.loads(alone.stdout))):
        if not _are_close(other["outputs"], sample["outputs"]):
            raise SystemExit(f"{key}: {asked} is answered otherwise than the sample")


def _are_close(some: list[Any], others: list[Any]) -> bool:
    pairs = zip(some, others, strict=True)
    return all(np.allclose(one, other, rtol=1e-3, atol=1e-4) for one, other in pairs)


def recognised(run: Path) -> float:
    """Return the share of invented digits that a network which reads digits is sure of.

    The reader is the teacher of another template; sure is a chance of more than 90 %.
    """
    loaded = load_run(run)
    reader = compile_project(open_template(READER))
    give_weights(reader)
    torch.manual_seed(0)
    with torch.inference_mode():
        digits = loaded.compiled.module.get_submodule("generator")(torch.randn(1000, 64))
        chances = reader.module.get_submodule("teacher").eval()(digits).softmax(1)
    return float((chances.amax(1) > SURE).float().mean())


def write(key: str, figures: dict[str, Any]) -> None:
    """Put the figures into the file of a template, and leave the rest of it as it is."""
    file = path("templates", f"{key}.loom")
    lines = file.read_text(encoding="utf-8").split("\n")
    place = next(number for number, line in enumerate(lines) if line.startswith(f'"{ABOUT}": '))
    about = json.loads(lines[place].removeprefix(f'"{ABOUT}": ').removesuffix(","))
    about.update(figures)
    lines[place] = f'"{ABOUT}": {json.dumps(about, ensure_ascii=False)},'
    file.write_text("\n".join(lines), encoding="utf-8")


def measure_all() -> None:
    """Measure the templates named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("keys", nargs="*")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if sys.platform == "linux":
        # As many threads as cores, and the time of several says nothing of that on the card.
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    behind = []
    for template in templates():
        if options.keys and template.key not in options.keys:
            continue
        figures = measured(template.key)
        print(
            f"{template.key:18} {figures['seconds']:6.1f} s  {figures['metric']} "
            f"{figures['score']}  (plain {template.plain_score})",
            flush=True,
        )
        if options.write:
            write(template.key, figures)
        elif not reaches(template, figures["score"]) or figures["seconds"] > MOST_SECONDS:
            behind.append(f"{template.key} (card: {template.score}, {template.seconds} s)")
    if behind:
        raise SystemExit(f"Behind their cards: {', '.join(behind)}")


if __name__ == "__main__":
    measure_all()
