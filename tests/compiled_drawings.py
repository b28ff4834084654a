"""Drawings compiled, written and given a batch."""

import torch
from builders import Drawing, a_residual_block
from torch import Tensor

from engine.analysis.shapes import infer_shapes
from engine.compile.module import CompiledModel, compile_plan
from engine.compile.plan import make_plan
from engine.compile.source import write_source
from engine.graph.elements import Formula, Graph


def compiled_of(graph: Graph) -> CompiledModel:
    return compile_plan(make_plan(graph, infer_shapes(graph), "A test", without_loss=True))


def source_of(graph: Graph) -> str:
    return write_source(make_plan(graph, infer_shapes(graph), "A test", without_loss=True)).text


def some_images(count: int = 3) -> dict[str, Tensor]:
    return {"image": torch.rand(count, 1, 28, 28)}


def a_stage(**use: object) -> Graph:
    """Return data → a composite that repeats a composite."""
    stage = Drawing()
    stage.define("residual", a_residual_block(), channels=1)
    blocks = stage.use(
        "residual", after=stage.add("Input"), channels=Formula("width"), repeat=Formula("depth")
    )
    stage.add("Output", after=blocks)
    drawing = Drawing()
    drawing.define("stage", stage, width=1, depth=2)
    drawing.define("residual", a_residual_block(), channels=1)
    wide = drawing.add("Conv2d", after=drawing.add("Data"), out_channels=4)
    drawing.use("stage", after=wide, **{"width": 4, **use})
    return drawing.graph


def two_streams(*, share_weights: bool = False) -> Graph:
    """Return a composite with two inputs and two outputs in a row, and a third that stays."""
    inside = Drawing()
    left, right, stays = (inside.add("Input", port=port) for port in ("left", "right", "stays"))
    mixed = inside.add("Add", after=left)
    inside.wire(right, mixed)
    scaled = inside.add("Conv2d", after=mixed, out_channels=1)
    inside.add("Output", after=scaled, port="first")
    kept = inside.add("Add", after=left)
    inside.wire(stays, kept)
    inside.add("Output", after=kept, port="second")
    drawing = Drawing()
    drawing.define("mix", inside)
    digits = drawing.add("Data")
    conv = drawing.add("Conv2d", after=digits, out_channels=1)
    use = drawing.use("mix", repeat=3, share_weights=share_weights)
    drawing.wire(conv, use, "left")
    drawing.wire(digits, use, "right")
    drawing.wire(conv, use, "stays")
    both = drawing.add("Concat", after=(use, "first"))
    drawing.wire((use, "second"), both)
    return drawing.graph
