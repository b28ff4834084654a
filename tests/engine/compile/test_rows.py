import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from builders import Drawing, a_nested_cnn, node_named
from compiled_drawings import a_stage, compiled_of, some_images, source_of, two_streams
from torch import nn

from engine.analysis.shapes import infer_shapes
from engine.compile.stepper import run_at_any_depth, run_nodes, walk_through
from engine.graph.composites import at
from engine.graph.elements import End, Formula, Graph, in_round, told
from nodes.errors import GraphError


def _row(kind: str, times: object, *, share_weights: bool = False, **params: object) -> Graph:
    drawing = Drawing()
    layer = drawing.add(kind, after=drawing.add("Data"), **params)
    drawing.repeat(layer, times, share_weights=share_weights)
    return drawing.graph


@pytest.mark.parametrize(
    ("graph", "lines"),
    [
        (
            _row("Conv2d", 3, out_channels=1),
            ["self.conv2d = nn.Sequential(", "for _ in range(3)]", "x = self.conv2d(image)"],
        ),
        (
            _row("Conv2d", 4, out_channels=Formula("4 * 2**i"), bias=False, kernel_size=1),
            ["nn.Conv2d(1, 4, ", "nn.Conv2d(4 * 2**i, 8 * 2**i, ", "for i in range(3)"],
        ),
        (
            _row("Conv2d", 4, out_channels=Formula("i + 2"), bias=False, kernel_size=1),
            ["*[nn.Conv2d(1 + i, 2 + i, kernel_size=1, bias=False) for i in range(4)]"],
        ),
        (
            _row("Conv2d", 2, share_weights=True, out_channels=1),
            ["for _ in range(2):", "x = self.conv2d(x)"],
        ),
        (
            _row("Conv2d", 2, out_channels=3, activation="ReLU"),
            ["nn.ModuleList(", "for layer in self.conv2d:", "x = F.relu(layer(x))"],
        ),
        (_row("ReLU", 2), ["for _ in range(2):", "x = F.relu(x)"]),
    ],
)
def test_a_repeated_layer_is_written_as_a_person_would(graph: Graph, lines: list[str]) -> None:
    text = source_of(graph)

    assert [line for line in lines if line not in text] == []


_MANY: list[Graph] = [
    a_nested_cnn(),
    a_stage(),
    a_stage(depth=3),
    _row("Conv2d", 3, out_channels=1),
    _row("Conv2d", 4, out_channels=Formula("4 * 2**i")),
    _row("Conv2d", 4, out_channels=Formula("64 - i * 3"), padding_mode="circular"),
    _row("Conv2d", 3, share_weights=True, out_channels=1),
    _row("Conv2d", 3, out_channels=3, activation="GELU", stride=2),
    _row("MaxPool2d", 2),
    _row("ReLU", 3),
    _row("Flatten", 2),
    _row("BatchNorm2d", 2),
    _row("Conv2d", 6, out_channels=Formula("3 + (i // 3)")),
]


@pytest.mark.parametrize("graph", _MANY)
def test_the_stepper_puts_out_what_the_module_does(graph: Graph) -> None:
    compiled = compiled_of(graph)
    compiled.module.eval()
    batch = some_images()

    stepped = run_nodes(compiled, batch)

    for end, tensor in zip(compiled.plan.outputs, compiled.outputs(batch), strict=True):
        assert torch.equal(stepped[end], tensor)
        assert tuple(tensor.shape[1:]) == compiled.plan.types[end].sample


@pytest.mark.parametrize("graph", [*_MANY])
def test_walking_through_gives_every_bit_that_the_module_puts_out(graph: Graph) -> None:
    compiled = compiled_of(graph)
    compiled.module.eval()
    batch = some_images()

    walked = {
        End(one.path[0], port): tensor
        for one in walk_through(compiled, batch)
        if len(one.path) == 1
        for port, tensor in zip(one.step.outputs, one.outputs, strict=True)
    }

    for end, tensor in zip(compiled.plan.outputs, compiled.outputs(batch), strict=True):
        assert torch.equal(walked[end], tensor)


@pytest.mark.parametrize("graph", _MANY)
def test_what_is_counted_is_what_torch_holds(graph: Graph) -> None:
    module = compiled_of(graph).module
    totals = infer_shapes(graph).totals

    assert totals.parameters == sum(parameter.numel() for parameter in module.parameters())
    assert totals.buffers == sum(buffer.numel() for buffer in module.buffers())


def test_the_source_is_formatted_as_ruff_would(tmp_path: Path) -> None:
    for number, graph in enumerate(_MANY):
        (tmp_path / f"model_{number}.py").write_text(source_of(graph))

    ruff = [sys.executable, "-m", "ruff"]
    options = ["--isolated", "--no-cache", str(tmp_path)]
    formatted = subprocess.run(
        [*ruff, "format", "--diff", *options], capture_output=True, text=True, check=False
    )
    checked = subprocess.run(
        [*ruff, "check", "--select", "E,F,I", *options],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )

    assert formatted.returncode == 0, formatted.stdout
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("share_weights", [False, True])
def test_several_streams_run_through_a_row_and_others_stay_the_same(share_weights: bool) -> None:
    compiled = compiled_of(two_streams(share_weights=share_weights))
    batch = some_images()
    outer = compiled.module
    mix = [outer.mix] * 3 if share_weights else list(outer.mix)  # type: ignore[arg-type]

    (found,) = compiled.outputs(batch)

    stays = left = outer.conv2d(batch["image"])  # type: ignore[operator]
    right = batch["image"]
    for block in mix:
        left, right = block.conv2d(left + right), left + stays
    assert torch.equal(found, torch.cat([left, right], dim=1))
    stepped = run_nodes(compiled, batch)
    assert torch.equal(stepped[compiled.plan.outputs[0]], found)


def test_what_stays_the_same_in_a_row_is_not_written_over() -> None:
    inside = Drawing()
    start, stays = inside.add("Input"), inside.add("Input", port="stays")
    add = inside.add("Add", after=start)
    inside.wire(stays, add)
    inside.add("Output", after=add)
    drawing = Drawing()
    drawing.define("grow", inside)
    digits = drawing.add("Data")
    relu = drawing.add("ReLU", after=digits)
    use = drawing.use("grow", after=digits, repeat=3, share_weights=True)
    drawing.wire(relu, use, "stays")
    batch = some_images()

    (found,) = compiled_of(drawing.graph).outputs(batch)

    assert torch.allclose(found, batch["image"] * 4)


def test_each_round_of_a_row_can_be_looked_into() -> None:
    graph = a_stage(depth=3)
    compiled = compiled_of(graph)
    stage = node_named(graph, "stage")
    blocks = node_named(at(graph, (stage,)), "residual")
    add = node_named(at(graph, (stage, blocks)), "add")
    batch = some_images()

    rounds = [
        run_nodes(compiled, batch, {add}, inside=(stage, in_round(blocks, number)))
        for number in range(3)
    ]

    assert torch.equal(rounds[2][End(add, "y")], compiled.outputs(batch)[0])
    assert not torch.equal(rounds[0][End(add, "y")], rounds[1][End(add, "y")])
    own = compiled.module_at((stage, blocks))
    assert isinstance(own, nn.Sequential)
    assert compiled.module_at((stage, blocks, add)) is None
    conv = node_named(at(graph, (stage, blocks)), "conv2d")
    for number in range(3):
        block = compiled.module_at((stage, in_round(blocks, number)))
        assert block is own[number]
        inner = compiled.module_at((stage, in_round(blocks, number), conv))
        assert inner is own[number].conv2d
    with pytest.raises(GraphError, match="nothing inside"):
        run_nodes(compiled, batch, inside=(stage, in_round(blocks, 3)))


def test_what_a_row_puts_out_after_each_round_is_what_its_modules_compute() -> None:
    drawing = Drawing()
    data = drawing.add("Data")
    conv = drawing.add("Conv2d", after=data, out_channels=1)
    drawing.repeat(conv, 3)
    compiled = compiled_of(drawing.graph)
    batch = some_images()

    wanted = {conv.id, *(in_round(conv.id, number) for number in range(3))}
    found = run_at_any_depth(compiled, batch, wanted)

    values = batch["image"]
    for number, own in enumerate(compiled.module.conv2d):  # type: ignore[arg-type]
        values = own(values)
        assert torch.equal(found[End(in_round(conv.id, number), "y")], values)
    assert torch.equal(found[End(conv.id, "y")], values)


def test_paths_name_rounds_on_the_way_and_at_the_end() -> None:
    graph = a_stage(depth=3)
    compiled = compiled_of(graph)
    stage = node_named(graph, "stage")
    blocks = node_named(at(graph, (stage,)), "residual")
    add = node_named(at(graph, (stage, blocks)), "add")
    batch = some_images()
    inner, row = told((stage, in_round(blocks, 1), add)), told((stage, in_round(blocks, 1)))

    found = run_at_any_depth(compiled, batch, {inner, row})

    assert torch.equal(found[End(inner, "y")], found[End(row, "y")])
