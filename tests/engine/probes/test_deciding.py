"""The decision surface, judged by asking the model at single places."""

from typing import Any

import numpy as np
import pytest
import torch
from small_runs import a_small_cnn

from engine.compile.module import CompiledModel, compile_project
from engine.data.meaning import main_meaning
from engine.probes.deciding import SIDE, map_decision
from engine.project.project import Project
from engine.project.templates import open_template
from engine.training.material import Material, gather
from engine.training.questions import DecisionMapped
from nodes.errors import DataError


def mapped(project: Project) -> tuple[CompiledModel, Material, DecisionMapped]:
    model = compile_project(project)
    model.module.eval()
    material = gather(model.plan, torch.device("cpu"), 0)
    found = map_decision(model, material, main_meaning(model.plan), step=1, epoch=0.1)
    return model, material, found


def test_each_place_has_the_answer_that_the_model_gives_there() -> None:
    model, _, found = mapped(open_template("two-moons"))
    called = np.frombuffer(found.called, np.uint8).reshape(SIDE, SIDE)
    scores = np.frombuffer(found.scores, np.float32).reshape(SIDE, SIDE)
    corner = torch.tensor([[found.high[0], found.low[1]]])

    with torch.no_grad():
        answer: Any = model.outputs({model.plan.inputs[0]: corner})[0]

    if answer.shape[1] > 1:
        sure, judge = (float(part) for part in answer.softmax(1).max(1))
    else:
        share = float(answer.sigmoid())
        sure, judge = max(share, 1 - share), float(share > 0.5)
    assert called[0, -1] == int(judge)
    assert scores[0, -1] == pytest.approx(sure, rel=1e-4)


def test_every_sample_lies_within_the_plane() -> None:
    _, material, found = mapped(open_template("two-moons"))
    points = np.frombuffer(found.points, np.float32).reshape(-1, 2)

    assert len(points) == min(material.validation.samples, 1000)
    assert len(np.frombuffer(found.truths, np.int32)) == len(points)
    assert (points > np.array(found.low)).all() and (points < np.array(found.high)).all()


def test_a_model_of_pictures_has_no_plane() -> None:
    with pytest.raises(DataError, match="no plane"):
        mapped(a_small_cnn())
