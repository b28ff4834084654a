"""Every built-in project trains at once, learns, and can be taken away."""

import re
from math import log
from pathlib import Path

import numpy as np
import pytest
import torch
from raw_inputs import raw_input
from template_cards import MOST_SECONDS, reaches
from training_runs import train, with_graph, with_recipe

from engine.analysis.shapes import infer_shapes
from engine.compile.module import compile_project
from engine.data.builtin import open_data_set
from engine.data.metric_names import is_share
from engine.data.opening import open_data
from engine.data.shipped import SHIPPED
from engine.data.splitting import split_of
from engine.evaluate.loading import LoadedRun, load_run
from engine.evaluate.predict import predict_files
from engine.evaluate.results import evaluate_run
from engine.evaluate.samples import as_tensor, held_out, read_batch
from engine.export.onnx import write_onnx
from engine.export.proof import SAMPLES
from engine.graph.edits import set_params
from engine.project.project import Project
from engine.project.templates import Template, architectures, open_template, templates
from engine.training.events import HealthNoted, RunEnded
from engine.training.given_weights import give_weights
from nodes.io import Data

REAL_INK = 0.14
"""Of handwritten digits, from 0 to 1."""

STEPS = 80
"""Enough to see that it learns, and for the checkup to find what is wrong."""

OTHER_STEPS = {"ratings": 240, "reviews": 240, "vae": 240, "digits-contrastive": 30}
"""Of those of which each sample tells little, and of one whose steps take long."""

RIGHT = {"digits-distilled": "Right class", "digits-contrastive": "Which digit"}
"""The loss that an answer which looks at nothing can be judged by, where there are several."""

QUICK_SECONDS = 2

HELD_OUT = 250
"""Samples to measure with."""

EXPORTED = (
    "autoencoder",
    "cells",
    "digits-gan",
    "letters-gpt",
    "vae",
    "novels",
    "ratings",
    "spoken-words",
    "vowels",
)
"""One of each form of input and output; the layers of the others are exported elsewhere."""

each = pytest.mark.parametrize("template", templates(), ids=lambda template: template.key)


def data_of(project: Project) -> Data:
    found = infer_shapes(project.graph).nodes.values()
    return next(report.layer for report in found if isinstance(report.layer, Data))


@each
def test_a_template_says_what_it_is_and_whose_data_it_has(template: Template) -> None:
    shipped = SHIPPED[template.data].spec

    assert template.task in ("images", "tables", "text", "signals")
    assert template.summary.endswith((".", "?")) and len(template.explanation) > 40
    assert template.notice == shipped.notice
    assert template.seconds is not None and template.seconds < MOST_SECONDS
    assert template.score is not None and template.plain_score is not None


@each
def test_a_template_fits_its_data_and_has_no_problems(template: Template) -> None:
    project = open_template(template.key)
    data = data_of(project)
    shipped = SHIPPED[template.data].spec

    assert infer_shapes(project.graph).problems == ()
    assert (data.fields, data.split_by) == (shipped.fields, shipped.split_by)
    assert "about" not in project.extra


@pytest.mark.parametrize("template", architectures(), ids=lambda template: template.key)
def test_an_architecture_has_no_problems_and_runs_with_what_stands_in_for_data(
    template: Template,
) -> None:
    project = open_template(template.key)
    data = data_of(project)
    data_set = open_data(data)

    assert infer_shapes(project.graph).problems == ()
    assert "not trained" in project.notes and template.score is None
    assert data_set.spec.fields == data.fields
    for field in data.fields:
        values = data_set.read(field.name, np.arange(data_set.spec.samples))
        assert values.shape == (data_set.spec.samples, *field.sizes)
        assert field.classes is None or 0 <= values.min() <= values.max() < field.classes


@each
def test_what_was_measured_is_better_than_the_plainest_answer(template: Template) -> None:
    assert template.score is not None and template.plain_score is not None
    better = template.score - template.plain_score
    is_part = is_share(template.metric) or template.metric == "recognised"
    assert better > 0.03 if is_part else better < 0


@pytest.mark.parametrize("key", ["digits-distilled", "digits-transfer"])
def test_weights_that_ship_are_those_of_their_layers(key: str) -> None:
    (noted,) = give_weights(compile_project(open_template(key)))

    assert re.search(r": (\d+) of \1 tensors are those of the file\.$", noted.text)


def begun(template: Template) -> Project:
    """Return the project as it is, ended after some steps and measured by few samples."""
    project = open_template(template.key)
    (data,) = (node for node in project.graph.nodes.values() if node.kind == "Data")
    samples = open_data_set(data_of(project).dataset).spec.samples
    share = round(min(HELD_OUT / samples, 0.1), 4)
    graph = set_params(project.graph, data.id, {"validation_share": share, "test_share": share})
    return with_recipe(with_graph(project, graph), steps=OTHER_STEPS.get(template.key, STEPS))


def is_quick(template: Template) -> bool:
    """Whether it is trained here as it is; the others are by ``benchmarks/template_scores.py``."""
    return template.seconds is not None and template.seconds <= QUICK_SECONDS


def trained(template: Template, folder: Path) -> LoadedRun:
    """Train, for some steps where it takes long; the checkup has nothing to say."""
    project = open_template(template.key) if is_quick(template) else begun(template)
    told = train(project, folder / "run")
    assert told.told(RunEnded)[0].outcome in ("finished", "stopped_early")
    # Which weights were taken from a file is told, and is no alarm.
    assert not [note for note in told.told(HealthNoted) if note.code != "weights"]
    return load_run(folder / "run")


def loss_of_the_commonest(loaded: LoadedRun) -> float:
    """Return the loss of an answer that looks at no input, judged by the training samples."""
    data = loaded.plan.data
    parts = split_of(loaded.data_set, data)
    (target,) = loaded.plan.targets or loaded.plan.inputs
    field = next(field for field in data.fields if field.name == target)
    known = loaded.data_set.read(target, parts.training)
    asked = loaded.data_set.read(target, held_out(loaded.plan, loaded.data_set)[0])
    if field.classes is None:
        answers = as_tensor(field, asked)
        middle = as_tensor(field, known).mean(dim=0).expand(answers.shape)
        # What else a loss reads, as that of a variational autoencoder, is at its best at zero.
        others = [
            torch.zeros(len(answers), *(int(str(size)) for size in loaded.plan.types[end].sample))
            for end in loaded.plan.outputs[1:]
        ]
        return float(loaded.compiled.loss((middle, *others), {target: answers}))
    shares = (np.bincount(known.reshape(-1), minlength=field.classes) + 1) / (known.size + 1)
    return float(-np.log(shares[asked.reshape(-1)]).mean())


def ink(loaded: LoadedRun) -> float:
    """Return how bright the pictures of a generator are; those of its first step are grey."""
    with torch.inference_mode():
        return float(loaded.compiled.module.get_submodule("generator")(torch.randn(64, 64)).mean())


@pytest.mark.slow
@each
# torch 2.13 warns of its own use of a class, and of the weights that its recurrent layers keep.
@pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning", "ignore:.*_flat_weights")
def test_a_template_learns_without_an_alarm_reads_raw_input_and_can_be_taken_away(
    template: Template, tmp_path: Path
) -> None:
    loaded = trained(template, tmp_path)

    results = evaluate_run(loaded)
    raw, sample = predict_files(loaded, [raw_input(loaded, 0, tmp_path), "sample:0"])

    for one, other in zip(raw.outputs, sample.outputs, strict=True):
        assert np.allclose(one, other, rtol=1e-3, atol=1e-4)
    assert not is_quick(template) or reaches(template, results.value)
    if template.key in RIGHT:
        assert results.figures[RIGHT[template.key]] < 0.97 * log(10)
    elif template.key == "digits-gan":
        assert ink(loaded) == pytest.approx(REAL_INK, abs=0.08)
    else:
        assert results.loss < 0.97 * loss_of_the_commonest(loaded)
    if template.key in EXPORTED:
        indices, _ = held_out(loaded.plan, loaded.data_set)
        samples = read_batch(loaded.data_set, loaded.plan, indices[:SAMPLES])
        made = write_onnx(loaded, samples, tmp_path, lambda stage, text, share: None)
        assert made.proof.largest_difference <= made.proof.tolerance
