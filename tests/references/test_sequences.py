"""Architectures for text and patches that ship as templates, against modules written by hand."""

import math
from collections.abc import Callable, Mapping

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own short name
from torch import Tensor, nn

from engine.analysis.shapes import infer_shapes
from engine.compile.module import CompiledModel, compile_plan
from engine.compile.plan import make_plan
from engine.graph.elements import Graph
from engine.project.codec import from_text, to_text
from engine.project.project import Project
from engine.project.templates import open_template


class Tagger(nn.Module):
    """Graves and Schmidhuber 2005, with a layer of words before and of tags behind."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(10_000, 100)
        self.reader = nn.LSTM(100, 128, 2, batch_first=True, bidirectional=True)
        self.tags = nn.Linear(256, 17)

    def forward(self, words: Tensor) -> Tensor:
        return self.tags(self.reader(self.embedding(words))[0]).mT


class Translator(nn.Module):
    """Luong et al. 2015, with global attention by scaled products; equation 5 mixes."""

    def __init__(self) -> None:
        super().__init__()
        self.target = nn.Embedding(8000, 128)
        self.source = nn.Embedding(8000, 128)
        self.encoder = nn.GRU(128, 256, batch_first=True)
        self.decoder = nn.GRU(128, 256, batch_first=True)
        self.mix = nn.Linear(512, 256)
        self.scores = nn.Linear(256, 8000)

    def forward(self, words: Tensor, so_far: Tensor) -> Tensor:
        read, memory = self.encoder(self.source(words))
        states = []
        # One step at a time, as it answers.
        for step in self.target(so_far).unbind(1):
            state, memory = self.decoder(step[:, None], memory)
            shares = (state @ read.mT / math.sqrt(256)).softmax(-1)
            states.append(torch.cat([shares @ read, state], -1))
        return self.scores(torch.tanh(self.mix(torch.cat(states, 1)))).mT


class Mixing(nn.Module):
    """Attention of several heads written out, with one matrix for query, key and value."""

    def __init__(self, features: int, heads: int, *, causal: bool) -> None:
        super().__init__()
        self.heads, self.causal = heads, causal
        self.parts = nn.Linear(features, 3 * features)
        self.out = nn.Linear(features, features)

    def forward(self, x: Tensor) -> Tensor:
        n, t, d = x.shape
        q, k, v = self.parts(x).reshape(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        scores = q @ k.mT / math.sqrt(d // self.heads)
        if self.causal:
            scores = scores.masked_fill(torch.ones(t, t).triu(1).bool(), -math.inf)
        return self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(n, t, d))


class Block(nn.Module):
    """Radford et al. 2019, section 2.3: norms stand before, as in a vision transformer."""

    def __init__(self, features: int, heads: int, *, causal: bool) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(features)
        self.mixing = Mixing(features, heads, causal=causal)
        self.norm2 = nn.LayerNorm(features)
        self.widen = nn.Linear(features, 4 * features)
        self.narrow = nn.Linear(4 * features, features)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.mixing(self.norm1(x))
        return x + self.narrow(F.gelu(self.widen(self.norm2(x))))


class VisionTransformer(nn.Module):
    """Dosovitskiy et al. 2020 in the size of Touvron et al. 2020, table 1: DeiT-Ti."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 192, 16, 16)
        self.token = nn.Parameter(torch.zeros(1, 1, 192))
        self.positions = nn.Parameter(torch.zeros(197, 192))
        self.blocks = nn.Sequential(*[Block(192, 3, causal=False) for _ in range(12)])
        self.norm = nn.LayerNorm(192)
        self.scores = nn.Linear(192, 1000)

    def forward(self, image: Tensor) -> Tensor:
        x = self.patches(image).flatten(2).mT
        x = torch.cat([self.token.expand(len(x), -1, -1), x], 1) + self.positions
        return self.scores(self.norm(self.blocks(x))[:, 0])


class GPT(nn.Module):
    """Radford et al. 2019, small."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(65, 384)
        self.positions = nn.Parameter(torch.zeros(256, 384))
        self.blocks = nn.Sequential(*[Block(384, 6, causal=True) for _ in range(6)])
        self.norm = nn.LayerNorm(384)
        self.scores = nn.Linear(384, 65, bias=False)

    def forward(self, words: Tensor) -> Tensor:
        x = self.embedding(words) + self.positions[: words.shape[1]]
        return self.scores(self.norm(self.blocks(x))).mT


def _compiled(graph: Graph) -> CompiledModel:
    saved = from_text(to_text(Project(name="A reference", graph=graph))).project
    report = infer_shapes(saved.graph)
    return compile_plan(make_plan(saved.graph, report, saved.name, without_loss=True))


def _inputs(compiled: CompiledModel) -> Mapping[str, Tensor]:
    """Return random inputs of two samples."""
    made = {}
    for end, name in compiled.plan.fields.items():
        kind = compiled.plan.types[end]
        size = (2, *kind.sample)
        made[name] = torch.rand(size) if kind.classes is None else torch.randint(kind.classes, size)
    return made


@pytest.mark.parametrize(
    ("key", "by_hand", "parameters"),
    [
        ("lstm-tagger", Tagger, None),
        ("gru-attention", Translator, None),
        ("vit-tiny", VisionTransformer, 5_717_416),
        ("small-gpt", GPT, None),
    ],
)
def test_a_network_drawn_for_sequences_is_the_one_in_the_paper(
    key: str, by_hand: Callable[[], nn.Module], parameters: int | None
) -> None:
    graph = open_template(key).graph
    compiled, hand = _compiled(graph), by_hand()

    count = sum(weight.numel() for weight in hand.parameters())
    assert parameters in (count, None)
    assert infer_shapes(graph).totals.parameters == count
    _take_over(compiled.module, hand)
    batch = _inputs(compiled)
    with torch.no_grad():
        compiled.module.eval()
        (found,) = compiled.outputs(batch)
        given = (batch[name] for name in compiled.plan.inputs)
        assert torch.allclose(found, hand.eval()(*given), atol=1e-5)
        assert found.std() > 0.01


def _take_over(own: nn.Module, hand: nn.Module) -> None:
    """Give the module written by hand the weights of the drawn one, in the order they stand in.

    The first of the right shape: torch lists a module's own parameters before those of its parts.
    """
    weights = list(own.parameters())
    for place in hand.parameters():
        fits = next(k for k, weight in enumerate(weights) if weight.shape == place.shape)
        place.data.copy_(weights.pop(fits).data)
    assert not weights
