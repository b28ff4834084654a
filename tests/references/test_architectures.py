"""Architectures that ship as templates, against modules written by hand."""

import itertools
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own short name
from builders import Drawing
from torch import Tensor, nn

from engine.analysis.shapes import infer_shapes
from engine.compile.module import CompiledModel, compile_plan
from engine.compile.plan import make_plan
from engine.graph.edits import set_params
from engine.graph.elements import Graph
from engine.graph.sharing import set_repeat
from engine.project.blocks import insert_block, ready_made_blocks
from engine.project.codec import from_text, to_text
from engine.project.project import Project
from engine.project.templates import open_template

_BLOCKS = {block.file.stem: block for block in ready_made_blocks()}


def _compiled(graph: Graph) -> CompiledModel:
    saved = from_text(to_text(Project(name="A reference", graph=graph))).project
    report = infer_shapes(saved.graph)
    return compile_plan(make_plan(saved.graph, report, saved.name, without_loss=True))


def _drawn(key: str, *, channels: int = 3, side: int = 64) -> Graph:
    """Return the drawing of a template with smaller pictures; its weights do not depend on them."""
    graph = open_template(key).graph
    (data,) = (node for node in graph.nodes.values() if node.kind == "Data")
    (target,) = (node for node in graph.nodes.values() if node.kind == "Target")
    image, answer = data.params["fields"]
    sizes = [side] * len(answer.get("sizes", ()))
    fields = [{**image, "sizes": [channels, side, side]}, {**answer, "sizes": sizes}]
    graph = set_params(graph, target.id, {"field": fields[1]})
    return set_params(graph, data.id, {"fields": fields})


def _conv(
    before: int, after: int, kernel: int = 3, stride: int = 1, groups: int = 1
) -> list[nn.Module]:
    padding = kernel // 2
    conv = nn.Conv2d(before, after, kernel, stride, padding, groups=groups, bias=False)
    return [conv, nn.BatchNorm2d(after)]


class BasicBlock(nn.Module):
    """He et al. 2015, figure 5 on the left."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.within = nn.Sequential(
            *_conv(before, after, stride=stride), nn.ReLU(), *_conv(after, after)
        )
        same = before == after and stride == 1
        self.skip = nn.Identity() if same else nn.Sequential(*_conv(before, after, 1, stride))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.within(x) + self.skip(x))


def resnet18_by_hand() -> nn.Module:
    blocks = []
    before = 64
    for after, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        blocks += [BasicBlock(before, after, stride), BasicBlock(after, after, 1)]
        before = after
    return nn.Sequential(
        *_conv(3, 64, 7, 2),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, 1),
        *blocks,
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(512, 1000),
    )


class InvertedResidual(nn.Module):
    """Sandler et al. 2018, figure 4 (d)."""

    def __init__(self, before: int, after: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = before * expansion
        first = [*_conv(before, wide, 1), nn.ReLU6()] if expansion > 1 else []
        self.within = nn.Sequential(
            *first, *_conv(wide, wide, 3, stride, wide), nn.ReLU6(), *_conv(wide, after, 1)
        )
        self.adds = stride == 1 and before == after

    def forward(self, x: Tensor) -> Tensor:
        return x + self.within(x) if self.adds else self.within(x)


def mobilenet_v2_by_hand() -> nn.Module:
    blocks = []
    before = 32
    table = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1)]
    for expansion, after, depth, stride in [*table, (6, 160, 3, 2), (6, 320, 1, 1)]:
        for number in range(depth):
            step = stride if number == 0 else 1
            blocks.append(InvertedResidual(before, after, step, expansion))
            before = after
    return nn.Sequential(
        *_conv(3, 32, 3, 2),
        nn.ReLU6(),
        *blocks,
        *_conv(320, 1280, 1),
        nn.ReLU6(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(1280, 1000),
    )


class DenseLayer(nn.Module):
    """Huang et al. 2016, section 3, with bottleneck."""

    def __init__(self, before: int, growth: int) -> None:
        super().__init__()
        self.within = nn.Sequential(
            nn.BatchNorm2d(before),
            nn.ReLU(),
            nn.Conv2d(before, 4 * growth, 1, bias=False),
            nn.BatchNorm2d(4 * growth),
            nn.ReLU(),
            nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.within(x)], dim=1)


def densenet121_by_hand() -> nn.Module:
    parts: list[nn.Module] = [*_conv(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    width = 64
    for depth in (6, 12, 24, 16):
        parts += [DenseLayer(width + 32 * number, 32) for number in range(depth)]
        width += 32 * depth
        parts += [nn.BatchNorm2d(width), nn.ReLU()]
        if depth != 16:
            parts += [nn.Conv2d(width, width // 2, 1, bias=False), nn.AvgPool2d(2)]
            width //= 2
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 1000))


class UNet(nn.Module):
    """Ronneberger, Fischer and Brox 2015, figure 1, with padding and batch normalisation."""

    def __init__(self) -> None:
        super().__init__()
        widths = (1, 64, 128, 256, 512, 1024)
        twice = [self._twice(*pair) for pair in itertools.pairwise(widths)]
        self.down = nn.ModuleList(twice)
        self.up = nn.ModuleList(
            nn.ModuleList(
                [nn.ConvTranspose2d(2 * width, width, 2, 2), self._twice(2 * width, width)]
            )
            for width in (512, 256, 128, 64)
        )
        self.head = nn.Conv2d(64, 2, 1)

    @staticmethod
    def _twice(before: int, after: int) -> nn.Module:
        return nn.Sequential(*_conv(before, after), nn.ReLU(), *_conv(after, after), nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        seen = []
        for number, twice in enumerate(self.down):
            x = twice(x if number == 0 else F.max_pool2d(x, 2))
            seen.append(x)
        for before, (up, twice) in zip(reversed(seen[:-1]), self.up, strict=True):  # type: ignore[misc]
            x = twice(torch.cat([before, up(x)], dim=1))
        return self.head(x)


@pytest.mark.parametrize(
    ("graph", "by_hand", "parameters"),
    [
        (_drawn("resnet-18"), resnet18_by_hand, 11_689_512),
        (_drawn("mobilenet-v2"), mobilenet_v2_by_hand, 3_504_872),
        (_drawn("densenet-121"), densenet121_by_hand, 7_978_856),
        (_drawn("u-net", channels=1, side=32), UNet, None),
    ],
    ids=["ResNet-18", "MobileNetV2", "DenseNet-121", "U-Net"],
)
def test_a_network_drawn_from_blocks_is_the_one_in_the_paper(
    graph: Graph, by_hand: Callable[[], nn.Module], parameters: int | None
) -> None:
    compiled, hand = _compiled(graph), by_hand()

    count = sum(weight.numel() for weight in hand.parameters())
    assert parameters in (count, None)
    assert infer_shapes(graph).totals.parameters == count
    own = compiled.module.state_dict()
    theirs = hand.state_dict()
    assert [value.shape for value in own.values()] == [value.shape for value in theirs.values()]
    hand.load_state_dict(dict(zip(theirs, own.values(), strict=True)))
    images = torch.rand(2, *compiled.plan.types[next(iter(compiled.plan.fields))].sample)
    for module in (compiled.module, hand):
        module.train()
        torch.manual_seed(0)
        module(images)
        module.eval()
    with torch.no_grad():
        (found,) = compiled.outputs({"image": images})
        assert torch.allclose(found, hand(images), atol=1e-5)


def test_the_source_of_resnet_18_reads_like_the_paper() -> None:
    text = _compiled(_drawn("resnet-18")).source.text

    assert text.count("class ") == 3
    assert "class ResidualBlock(nn.Module):" in text
    assert "def __init__(self, channels: int) -> None:" in text
    assert "*[ResidualBlock(channels=64) for _ in range(2)]" in text
    assert "y = F.relu(y + x)" in text


@pytest.mark.parametrize(
    ("key", "activation", "norm_first"),
    [("transformer-block", "gelu", True), ("transformer-block-post-norm", "relu", False)],
)
def test_a_transformer_drawn_from_blocks_is_torchs(
    key: str, activation: str, norm_first: bool
) -> None:
    drawing = Drawing()
    fields = [{"name": "words", "kind": "sequence", "sizes": [7, 64]}]
    graph, node = insert_block(drawing.graph, _BLOCKS[key], (0.0, 0.0))
    drawing.graph = set_repeat(graph, [node], 3)
    drawing.wire((drawing.add("Data", fields=fields), "words"), drawing.graph.nodes[node])
    compiled = _compiled(drawing.graph)
    layer = nn.TransformerEncoderLayer(
        64, 4, 256, 0.1, activation, batch_first=True, norm_first=norm_first
    )
    torchs = nn.TransformerEncoder(layer, 3, enable_nested_tensor=False)
    names = {"attention": "self_attn", "widen": "linear1", "narrow": "linear2"}

    state = {}
    for name, weight in compiled.module.state_dict().items():
        _, number, own, *rest = name.split(".")
        state[".".join(["layers", number, names.get(own, own), *rest])] = weight
    torchs.load_state_dict(state)

    words = torch.rand(2, 7, 64)
    compiled.module.eval()
    assert torch.allclose(compiled.module(words), torchs.eval()(words), atol=1e-5)
