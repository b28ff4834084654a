import numpy as np
import pytest
import torch
from builders import a_project, a_small_cnn

from engine.compile.module import compile_plan
from engine.compile.plan import project_plan
from engine.data.builtin import open_data_set
from engine.data.splitting import split
from engine.training.balance import balanced


def test_the_loss_weighs_each_class_by_how_rare_it_is() -> None:
    """The judge is torch's own class weights, from labels that are counted here."""
    plan = project_plan(a_project(a_small_cnn(validation_share=0.1, test_share=0.1)))
    parts = split(10_000, validation=0.1, test=0.1, seed=plan.data.split_seed)
    counts = np.bincount(open_data_set("digits").read("label", parts.training), minlength=10)
    weights = torch.tensor(8000 / (10 * counts), dtype=torch.float32)
    scores, labels = torch.randn(64, 10), torch.randint(10, (64,))

    compiled = compile_plan(balanced(plan))

    loss = compiled.loss((scores,), {"label": labels})
    judge = torch.nn.functional.cross_entropy(scores, labels, weight=weights)
    assert loss.item() == pytest.approx(judge.item(), rel=1e-4)


def test_label_smoothing_stays_beside_the_weights() -> None:
    graph = a_small_cnn()
    loss = next(node for node in graph.nodes.values() if node.kind == "CrossEntropyLoss")
    from engine.graph.edits import set_params

    smooth = a_project(set_params(graph, loss.id, {"label_smoothing": 0.1}))

    source = compile_plan(balanced(project_plan(smooth))).source.text

    assert "label_smoothing=0.1" in source and "weight=" in source
