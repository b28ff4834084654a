"""Train the built-in projects, measure time and score: ``template_scores.py [KEY ...] [--write]``.

It fails where one does not reach the score on its card, or takes more than two minutes. With
``--write`` what was measured is kept in the template, for the start page. The time is that of one
core at work, whatever else the machine does meanwhile.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from template_cards import MOST_SECONDS, reaches

from engine.compile.module import compile_project
from engine.evaluate.loading import load_run
from engine.evaluate.results import evaluate_run
from engine.project.templates import ABOUT, RECOGNISED, open_template, templates
from engine.training.config import TrainingConfig
from engine.training.given_weights import give_weights
from engine.training.runner import train_here
from resources import path

GAN = "digits-gan"
READER = "digits-distilled"
SURE = 0.9


def measured(key: str) -> dict[str, Any]:
    """Train a template from the start and measure it on the samples held out."""
    with tempfile.TemporaryDirectory() as folder:
        config = TrainingConfig(run_folder=f"{folder}/run", device="cpu", threads=1)
        began = time.process_time()
        ended = train_here(open_template(key), config, lambda event: None)
        seconds = time.process_time() - began
        if ended.outcome != "finished":
            raise SystemExit(f"{key}: {ended.outcome}")
        results = evaluate_run(Path(folder) / "run")
        metric, score = results.metric, results.value
        if key == GAN:
            metric, score = RECOGNISED, recognised(Path(folder) / "run")
    score = None if score is None else round(score, 4)
    return {"seconds": round(seconds, 1), "metric": metric, "score": score}


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


def main() -> None:
    """Measure the templates named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("keys", nargs="*")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
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
    main()
