"""Layers that a person could have written, and drawings with one of them."""

from pathlib import Path

from msgspec.structs import replace

from engine.graph.edits import insert_on_link
from engine.graph.elements import Graph, NodeId
from engine.graph.own_layers import adopt_code, make_own_layer
from engine.project.project import Project
from engine.project.templates import open_template

SCALED = '''"""Notes."""

import math
from typing import Literal

import torch
from torch import Tensor, nn


class Scaled(nn.Module):
    """Weighs each channel.

    For pictures.

    Args:
        in_channels: Follows from what arrives.
        gain: What the weights begin at.
        mode: How it
            weighs.
    """

    def __init__(
        self, in_channels: int, gain: float = 1, mode: Literal["plain", "root"] = "plain"
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((in_channels, 1, 1), gain * math.tau))
        self.mode = mode

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight
'''

HALVED = '''import torch
from torch import Tensor


def halved(x: Tensor, other: Tensor | None = None, parts: int = 2) -> tuple[Tensor, Tensor]:
    """Cuts the channels in half."""
    first, second = torch.chunk(x, parts, dim=1)
    return first, second
'''


SHIFTED = '''import torch
from torch import Tensor


def shifted(x: Tensor, by: int = 1) -> Tensor:
    """Moves the channels on."""
    return torch.roll(x, by, dims=1)
'''


WEIGHED = '''import torch
from torch import Tensor, nn


class Weighed(nn.Module):
    """Weighs each feature."""

    def __init__(self, in_features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(in_features))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight
'''


def hostile(mark: Path, name: str = "Harmless") -> str:
    """Return a layer that leaves a mark as soon as any of it runs."""
    return f'''from pathlib import Path

from torch import nn

Path({str(mark)!r}).write_text("it ran")


class {name}(nn.Module):
    """Does nothing."""

    def forward(self, x):
        return x
'''


def with_own_layer(text: str, name: str) -> tuple[Project, NodeId]:
    """Return the starter project with a layer of one's own behind its first convolution."""
    project = open_template("digits")
    graph, node = behind_first_convolution(project.graph, text, name)
    return replace(project, graph=graph), node


def behind_first_convolution(graph: Graph, text: str, name: str) -> tuple[Graph, NodeId]:
    """Put a layer of one's own into the wire that leaves the first convolution."""
    graph, names = adopt_code(graph, {name: text})
    node = make_own_layer(graph, names[name])
    link = next(one for one in graph.links if graph.nodes[one.source.node].kind == "Conv2d")
    return insert_on_link(graph, node, link), node.id
