"""Weights of attention, judged by torch's own and by what the layer puts out."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own short name
from numpy.typing import NDArray
from small_runs import Drawing, compiled, node_id

from engine.compile.module import CompiledModel
from engine.data.preparation import Tokens
from engine.probes.attention import attention_event
from engine.project.project import Project
from engine.training.insight import InputField
from engine.training.texts import AttentionTaken

STEPS, WORDS = 6, 9
HOW = Tokens(column="t", unit="character", vocabulary=tuple("abcdefg"), length=STEPS)
FIELD = InputField(name="text", kind="tokens", sizes=(STEPS,), prepare=HOW)
TEXT = torch.tensor([[0, 0, 5, 2, 3, 1]])


def a_reader(kind: str, **params: object) -> Project:
    drawing = Drawing()
    tokens = {"name": "text", "kind": "tokens", "sizes": [STEPS], "dtype": "int", "classes": WORDS}
    target = {"name": "label", "kind": "label", "sizes": [], "dtype": "int", "classes": 3}
    drawing.put("Data", "data", fields=[tokens, target])
    drawing.put("Embedding", "embedding", "data.text", embedding_dim=8)
    drawing.put(kind, "attention", "embedding", num_heads=2, **params)
    drawing.put("Mean", "mean", "attention", dims=[1])
    drawing.put("Linear", "linear", "mean", out_features=3)
    drawing.put("CrossEntropyLoss", "loss", "linear", "data.label")
    return drawing.project("Reader")


def taken(project: Project, model: CompiledModel, layer: str = "attention") -> AttentionTaken:
    model.module.eval()
    with torch.no_grad():
        found = attention_event(model, node_id(project, layer), {"text": TEXT}, [FIELD], 3)
    assert found is not None
    return found


def as_shares(found: AttentionTaken) -> NDArray[np.float32]:
    pixels = np.frombuffer(found.shares, np.uint8).reshape(found.shape)
    return pixels.astype(np.float32) * np.float32(found.largest / 255)


def test_each_head_is_told_with_the_tokens_and_without_padding() -> None:
    project = a_reader("MultiheadAttention")
    model = compiled(project)
    found = taken(project, model)

    layer = model.module.get_submodule("attention")
    x = model.module.get_submodule("embedding")(TEXT)
    with torch.no_grad():
        (_, judge) = layer(x, x, x, average_attn_weights=False)
    assert found.rows == found.columns == ("d", "a", "b", "·")
    assert found.shape == (2, 4, 4)
    assert np.abs(as_shares(found) - judge[0, :, 2:, 2:].numpy()).max() < found.largest / 255


@pytest.mark.parametrize("rotary", [False, True])
def test_what_a_causal_layer_never_gives_out_is_what_it_weighs_with(rotary: bool) -> None:
    project = a_reader("CausalSelfAttention", rotary=rotary)
    model = compiled(project)
    found = taken(project, model)

    layer = model.module.get_submodule("attention")
    x = model.module.get_submodule("embedding")(TEXT)
    turn = layer.get_submodule("positions")
    with torch.no_grad():
        parts = layer.get_submodule("inputs")(x).reshape(1, STEPS, 3, 2, 4).permute(2, 0, 3, 1, 4)
        # Values that are all different places: what torch's own kernel mixes is its weights.
        places = torch.eye(STEPS).expand(1, 2, STEPS, STEPS)
        judge = F.scaled_dot_product_attention(
            turn(parts[0]), turn(parts[1]), places, is_causal=True
        )
    assert np.abs(as_shares(found) - judge[0, :, 2:, 2:].numpy()).max() < found.largest / 255


def test_a_layer_of_another_kind_has_no_attention() -> None:
    project = a_reader("MultiheadAttention")
    model = compiled(project)

    with torch.no_grad():
        found = attention_event(model, node_id(project, "linear"), {"text": TEXT}, [FIELD], 3)

    assert found is None
