"""The judge is torch's own cross-entropy on the scores as they are drawn: (N, K, T)."""

import re

import pytest
import torch
from builders import Drawing, a_project
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from engine.compile.module import CompiledModel, compile_plan
from engine.compile.plan import project_plan
from engine.data.shipped import SHIPPED
from engine.graph.elements import Graph
from engine.training.balance import balanced

_LETTERS = 77
_LENGTH = 128


def a_letter_model(*, turned: bool, **loss: object) -> Graph:
    """Draw letters to scores of the next one, which a transpose or a convolution puts second."""
    fields = [
        {"name": f.name, "kind": f.kind, "sizes": f.sizes, "dtype": f.dtype, "classes": _LETTERS}
        for f in SHIPPED["pride"].spec.fields
    ]
    drawing = Drawing()
    text = drawing.add("Data", dataset="pride", fields=fields, split_by="order")
    last = drawing.add("Embedding", after=(text, "text"), num_embeddings=_LETTERS, embedding_dim=8)
    if turned:
        last = drawing.add("Linear", after=last, out_features=_LETTERS)
        last = drawing.add("Transpose", after=last)
    else:
        last = drawing.add("Transpose", after=last)
        last = drawing.add("Conv1d", after=last, out_channels=_LETTERS, kernel_size=1)
    found = drawing.add("CrossEntropyLoss", after=last, **loss)
    drawing.wire((text, "next"), found, "target")
    return drawing.graph


def a_batch() -> dict[str, Tensor]:
    letters = torch.randint(_LETTERS, (4, _LENGTH + 1), generator=torch.Generator().manual_seed(3))
    return {"text": letters[:, :-1], "next": letters[:, 1:]}


class _Softmaxes(TorchDispatchMode):
    """Notes what the softmax of a loss is computed of, and whether scores were copied for it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Tensor] = []
        self.copies = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        del types
        if func is torch.ops.aten._log_softmax.default:
            self.found.append(args[0])
        if func in (torch.ops.aten.clone.default, torch.ops.aten.copy_.default):
            self.copies += args[0].is_floating_point()
        return func(*args, **(kwargs or {}))


def _watched(model: CompiledModel, batch: dict[str, Tensor]) -> _Softmaxes:
    outputs = model.outputs(batch)
    with _Softmaxes() as watched:
        model.loss(outputs, batch)
    return watched


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weighs", [False, True], ids=["plain", "by class"])
@pytest.mark.parametrize("ignored", [False, True], ids=["all", "some are not judged"])
def test_loss_and_gradients_are_those_of_the_scores_as_they_are_drawn(
    smoothing: float, weighs: bool, ignored: bool
) -> None:
    plan = project_plan(a_project(a_letter_model(turned=True, label_smoothing=smoothing)))
    model = compile_plan(balanced(plan) if weighs else plan)
    batch = a_batch()
    if ignored:
        batch["next"] = batch["next"].clone()
        batch["next"][:2, 5:] = -100
    weight = None
    if weighs:
        (written,) = re.findall(r"new_tensor\(\s*\[(.*?)\]", model.source.text, re.DOTALL)
        weight = torch.tensor([float(number) for number in re.findall(r"[\d.e-]+", written)])
        assert len(weight) == _LETTERS

    (scores,) = model.outputs(batch)
    loss = model.loss((scores,), batch)
    judge = torch.nn.functional.cross_entropy(
        scores, batch["next"], weight=weight, label_smoothing=smoothing
    )

    torch.testing.assert_close(loss, judge)
    parameters = list(model.module.parameters())
    torch.testing.assert_close(
        torch.autograd.grad(loss, parameters, retain_graph=True),
        torch.autograd.grad(judge, parameters),
    )


def test_scores_that_were_turned_are_read_as_they_lie_and_not_copied() -> None:
    model = compile_plan(project_plan(a_project(a_letter_model(turned=True))))

    watched = _watched(model, a_batch())

    (scores,) = watched.found
    assert scores.shape == (4 * _LENGTH, _LETTERS) and scores.is_contiguous()
    assert not watched.copies


def test_scores_that_a_convolution_made_are_not_copied_either() -> None:
    model = compile_plan(project_plan(a_project(a_letter_model(turned=False))))

    watched = _watched(model, a_batch())

    assert watched.found[0].is_contiguous() and not watched.copies
