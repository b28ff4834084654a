import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own short name
from builders import Drawing, a_nested_cnn, a_project, a_residual_block, node_named
from msgspec.structs import replace
from torch import Tensor, nn

from engine.analysis.shapes import infer_shapes
from engine.compile.module import CompiledModel, compile_plan
from engine.compile.plan import make_plan
from engine.compile.source import write_source
from engine.compile.stepper import run_at_any_depth, run_nodes, walk_through
from engine.graph import edits
from engine.graph.composites import at, replace_at
from engine.graph.elements import End, Formula, Graph, Node, in_round, told
from engine.project.codec import from_text, to_text
from nodes.errors import GraphError


def _compiled(graph: Graph) -> CompiledModel:
    return compile_plan(make_plan(graph, infer_shapes(graph), "A test", without_loss=True))


def _text(graph: Graph) -> str:
    return write_source(make_plan(graph, infer_shapes(graph), "A test", without_loss=True)).text


def _images(count: int = 3) -> dict[str, Tensor]:
    return {"image": torch.rand(count, 1, 28, 28)}


class Residual(nn.Module):
    """The block as a person writes it."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv2d = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2d_2 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.conv2d_2(F.relu(self.conv2d(x))) + x)


class ByHand(nn.Module):
    """The drawing as a person writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv2d = nn.Conv2d(1, 16, 3, padding=1)
        self.residual = Residual(16)
        self.conv2d_2 = nn.Conv2d(16, 8, 3, padding=1)
        self.residual_2 = Residual(8)
        self.linear = nn.Linear(8 * 14 * 14, 10)

    def forward(self, image: Tensor) -> Tensor:
        x = self.residual(F.relu(self.conv2d(image)))
        x = self.residual_2(self.conv2d_2(F.max_pool2d(x, 2)))
        return self.linear(x.flatten(1))


def test_blocks_that_are_drawn_are_the_modules_written_by_hand() -> None:
    compiled = _compiled(a_nested_cnn())
    hand = ByHand()
    hand.load_state_dict(compiled.module.state_dict())
    batch = _images()

    (outputs,) = compiled.outputs(batch)

    assert torch.equal(outputs, hand(batch["image"]))
    assert infer_shapes(a_nested_cnn()).totals.parameters == sum(
        parameter.numel() for parameter in hand.parameters()
    )


def test_uses_of_different_sizes_are_one_class() -> None:
    text = _text(a_nested_cnn())

    assert text.count("class Residual(") == 1
    assert "def __init__(self, channels: int) -> None:" in text
    assert "nn.Conv2d(channels, channels, kernel_size=3, padding=1)" in text
    assert "self.residual_2 = Residual(channels=8)" in text


def test_uses_of_one_size_need_no_arguments() -> None:
    drawing = Drawing()
    drawing.define("residual", a_residual_block(), channels=1)
    last = drawing.add("Data")
    for _ in range(2):
        last = drawing.use("residual", after=last)

    text = _text(drawing.graph)

    assert text.count("= Residual()") == 2
    assert "# (N, 1, 28, 28)" in text


def _downsampling() -> Drawing:
    inside = Drawing()
    start = inside.add("Input")
    conv = inside.add(
        "Conv2d", after=start, out_channels=Formula("width"), stride=Formula("stride")
    )
    norm = inside.add("BatchNorm2d", after=conv, activation="ReLU")
    inside.add("Output", after=norm)
    return inside


def test_a_setting_that_is_torchs_default_in_one_use_is_an_argument_all_the_same() -> None:
    drawing = Drawing()
    drawing.define("down", _downsampling(), "Conv norm", width=8, stride=1)
    first = drawing.use("down", after=drawing.add("Data"))
    drawing.use("down", after=first, width=4, stride=2)

    text = _text(drawing.graph)

    assert "def __init__(self, in_channels: int, width: int, stride: int) -> None:" in text
    assert "ConvNorm(in_channels=1, width=8, stride=1)" in text
    assert "ConvNorm(in_channels=8, width=4, stride=2)" in text
    assert tuple(_compiled(drawing.graph).outputs(_images())[0].shape) == (3, 4, 14, 14)


def test_uses_that_differ_in_more_than_values_are_a_class_each() -> None:
    inside = Drawing()
    conv = inside.add("Conv2d", after=inside.add("Input"), activation=Formula("activation"))
    inside.add("Output", after=conv)
    drawing = Drawing()
    drawing.define("conv_act", inside, activation="ReLU")
    first = drawing.use("conv_act", after=drawing.add("Data"))
    drawing.use("conv_act", after=first, activation="Tanh")

    text = _text(drawing.graph)

    assert "class ConvAct(" in text and "class ConvAct2(" in text


def test_composites_of_one_name_are_classes_of_several_names() -> None:
    drawing = Drawing()
    last = drawing.add("Data")
    for number in range(4):
        drawing.define(f"block_{number}", _downsampling(), "Block 2", width=number + 1, stride=1)
        last = drawing.use(f"block_{number}", after=last)
    drawing.use("block_0", after=last)

    text = _text(drawing.graph)

    names = [line.split("(")[0] for line in text.splitlines() if line.startswith("class ")]
    assert len(set(names)) == len(names) == 5


def _stage(**use: object) -> Graph:
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


def test_composites_within_composites_are_classes_that_use_classes() -> None:
    graph = _stage()
    text = _text(graph)

    assert text.index("class Residual(") < text.index("class Stage(") < text.index("class ATest(")
    assert "self.residual = nn.Sequential(*[Residual() for _ in range(2)])" in text
    keys = _compiled(graph).module.state_dict().keys()
    assert "stage.residual.1.conv2d_2.weight" in keys


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
    text = _text(graph)

    assert [line for line in lines if line not in text] == []


_MANY: list[Graph] = [
    a_nested_cnn(),
    _stage(),
    _stage(depth=3),
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
    compiled = _compiled(graph)
    compiled.module.eval()
    batch = _images()

    stepped = run_nodes(compiled, batch)

    for end, tensor in zip(compiled.plan.outputs, compiled.outputs(batch), strict=True):
        assert torch.equal(stepped[end], tensor)
        assert tuple(tensor.shape[1:]) == compiled.plan.types[end].sample


@pytest.mark.parametrize("graph", [*_MANY])
def test_walking_through_gives_every_bit_that_the_module_puts_out(graph: Graph) -> None:
    compiled = _compiled(graph)
    compiled.module.eval()
    batch = _images()

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
    module = _compiled(graph).module
    totals = infer_shapes(graph).totals

    assert totals.parameters == sum(parameter.numel() for parameter in module.parameters())
    assert totals.buffers == sum(buffer.numel() for buffer in module.buffers())


def test_the_source_is_formatted_as_ruff_would(tmp_path: Path) -> None:
    for number, graph in enumerate(_MANY):
        (tmp_path / f"model_{number}.py").write_text(_text(graph))

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


def _two_streams(*, share_weights: bool = False) -> Graph:
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


@pytest.mark.parametrize("share_weights", [False, True])
def test_several_streams_run_through_a_row_and_others_stay_the_same(share_weights: bool) -> None:
    compiled = _compiled(_two_streams(share_weights=share_weights))
    batch = _images()
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
    batch = _images()

    (found,) = _compiled(drawing.graph).outputs(batch)

    assert torch.allclose(found, batch["image"] * 4)


def _sharing(*, owner_last: bool) -> tuple[Graph, Node, Node]:
    drawing = Drawing()
    flat = drawing.add("Flatten", after=drawing.add("Data"))
    first, second = (drawing.add("Linear", after=flat, out_features=5) for _ in range(2))
    add = drawing.add("Add", after=second if owner_last else first)
    drawing.wire(first if owner_last else second, add)
    sharer = replace(second, shares=first.id)
    return edits.change_node(drawing.graph, sharer), first, sharer


@pytest.mark.parametrize("owner_last", [False, True])
def test_shared_weights_are_one_module_under_the_owner_s_name(owner_last: bool) -> None:
    graph, owner, sharer = _sharing(owner_last=owner_last)
    compiled = _compiled(graph)
    batch = _images()

    (found,) = compiled.outputs(batch)

    assert set(compiled.module.state_dict()) == {"linear.weight", "linear.bias"}
    assert torch.allclose(found, 2 * compiled.module.linear(batch["image"].flatten(1)))  # type: ignore[operator]
    assert compiled.module_of(owner.id) is compiled.module_of(sharer.id)


def test_an_owner_that_nothing_uses_still_gives_its_weights() -> None:
    drawing = Drawing()
    digits = drawing.add("Data")
    flat = drawing.add("Flatten", after=digits)
    owner = drawing.add("Linear", after=flat, out_features=10)
    sharer = drawing.add("Linear", after=flat)
    loss = drawing.add("CrossEntropyLoss", after=sharer)
    drawing.wire((digits, "label"), loss, "target")
    graph = edits.change_node(drawing.graph, replace(sharer, shares=owner.id))

    assert set(_compiled(graph).module.state_dict()) == {"linear.weight", "linear.bias"}


def _changed_inside(graph: Graph, use: str, name: str, **fields: bool) -> Graph:
    path = (node_named(graph, use),)
    inside = at(graph, path)
    node = replace(inside.nodes[node_named(inside, name)], **fields)
    return replace_at(graph, path, edits.change_node(inside, node))


def test_layers_inside_are_frozen_and_bypassed_like_others() -> None:
    graph = _changed_inside(a_nested_cnn(), "residual", "conv2d", frozen=True)
    graph = _changed_inside(graph, "residual", "conv2d_2", bypassed=True)
    compiled = _compiled(graph)

    trained = {name for name, weight in compiled.module.named_parameters() if weight.requires_grad}

    assert not any("residual" in name for name in trained)
    assert infer_shapes(graph).totals.trained_parameters == sum(
        weight.numel() for weight in compiled.module.parameters() if weight.requires_grad
    )
    assert "conv2d_2" not in _text(graph).split("class ATest")[0]


def test_a_composite_can_be_frozen_and_bypassed_as_a_whole() -> None:
    graph = a_nested_cnn()
    use = node_named(graph, "residual")
    frozen = _compiled(edits.set_frozen(graph, [use], frozen=True)).module
    bypassed = _text(edits.set_bypassed(graph, [use], bypassed=True))

    assert not any(p.requires_grad for p in frozen.residual.parameters())  # type: ignore[union-attr]
    assert "self.residual(" not in bypassed and "self.residual_2(" in bypassed


def test_the_inside_can_be_run_and_its_modules_found() -> None:
    graph = a_nested_cnn()
    compiled = _compiled(graph)
    use = node_named(graph, "residual_2")
    inside = at(graph, (use,))
    add, conv = node_named(inside, "add"), node_named(inside, "conv2d")
    batch = _images()

    found = run_nodes(compiled, batch, {add, conv}, inside=(use,))

    assert set(found) == {End(add, "y"), End(conv, "y")}
    assert torch.equal(found[End(add, "y")], run_nodes(compiled, batch, {use})[End(use, "y")])
    assert compiled.module_at((use, conv)) is compiled.module.residual_2.conv2d  # type: ignore[union-attr]
    assert compiled.module_at((use, add)) is None
    step = compiled.plan.step_at((use, conv))
    assert step is not None and step.name == "conv2d"
    with pytest.raises(GraphError, match="nothing inside"):
        run_nodes(compiled, batch, inside=(node_named(graph, "linear"),))
    with pytest.raises(GraphError, match="nothing inside"):
        run_nodes(compiled, batch, inside=(conv,))


def test_each_round_of_a_row_can_be_looked_into() -> None:
    graph = _stage(depth=3)
    compiled = _compiled(graph)
    stage = node_named(graph, "stage")
    blocks = node_named(at(graph, (stage,)), "residual")
    add = node_named(at(graph, (stage, blocks)), "add")
    batch = _images()

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
    compiled = _compiled(drawing.graph)
    batch = _images()

    wanted = {conv.id, *(in_round(conv.id, number) for number in range(3))}
    found = run_at_any_depth(compiled, batch, wanted)

    values = batch["image"]
    for number, own in enumerate(compiled.module.conv2d):  # type: ignore[arg-type]
        values = own(values)
        assert torch.equal(found[End(in_round(conv.id, number), "y")], values)
    assert torch.equal(found[End(conv.id, "y")], values)


def test_paths_name_rounds_on_the_way_and_at_the_end() -> None:
    graph = _stage(depth=3)
    compiled = _compiled(graph)
    stage = node_named(graph, "stage")
    blocks = node_named(at(graph, (stage,)), "residual")
    add = node_named(at(graph, (stage, blocks)), "add")
    batch = _images()
    inner, row = told((stage, in_round(blocks, 1), add)), told((stage, in_round(blocks, 1)))

    found = run_at_any_depth(compiled, batch, {inner, row})

    assert torch.equal(found[End(inner, "y")], found[End(row, "y")])


def test_an_error_inside_leads_to_the_layer_inside() -> None:
    graph = a_nested_cnn()
    compiled = _compiled(graph)
    use = node_named(graph, "residual_2")
    conv = node_named(at(graph, (use,)), "conv2d_2")
    compiled.module.residual_2.conv2d_2 = nn.Conv2d(3, 8, 1)  # type: ignore[union-attr]

    with pytest.raises(RuntimeError) as raised:
        compiled.outputs(_images())

    assert compiled.path_of(raised.value) == (use, conv)
    assert compiled.node_of(raised.value) == use


def test_lines_of_a_composite_are_those_of_its_class_as_well() -> None:
    graph = _stage()
    source = write_source(make_plan(graph, infer_shapes(graph), "A test", without_loss=True))
    stage = node_named(graph, "stage")
    blocks = node_named(at(graph, (stage,)), "residual")
    conv = node_named(at(graph, (stage, blocks)), "conv2d")
    lines = source.text.splitlines()

    places = {path: lines[number - 1] for number, path in source.paths.items()}

    assert "self.conv2d(x)" in places[stage, blocks, conv]
    assert {"Conv2d" in lines[number - 1] for number in source.lines_of(stage)} == {True, False}


def test_an_edit_elsewhere_changes_no_line_of_a_class() -> None:
    graph = _stage()
    wider = edits.rename(graph, node_named(graph, "conv2d"), "Stem")

    assert _text(wider).split("class ATest")[0] == _text(graph).split("class ATest")[0]


_PLANTED = '"""\'\n; __import__("pathlib").Path("planted").touch() #{0}'


def test_no_text_of_a_definition_becomes_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    inside = Drawing()
    conv = inside.add("Conv2d", after=inside.add("Input"), padding_mode=Formula("mode"))
    inside.add("Output", after=inside.add("Dropout", after=conv, p=Formula("0.1 * p")))
    inside.graph = edits.rename(inside.graph, conv.id, _PLANTED)
    drawing = Drawing()
    drawing.define(_PLANTED, inside, _PLANTED, mode="zeros", p=1)
    first = drawing.use(_PLANTED, after=drawing.add("Data"))
    drawing.use(_PLANTED, after=first, p=2)
    project = from_text(to_text(a_project(drawing.graph))).project

    text = _text(project.graph)
    exec(compile(text, "<planted>", "exec"), {})

    assert not (tmp_path / "planted").exists()
    assert "def __init__(self, in_channels: int, p: float" in text


@pytest.mark.parametrize("port", ["F", "torch", "nn", "Tensor", "l", "conv2d", "x", "forward"])
def test_a_port_may_be_called_like_anything_else(port: str) -> None:
    inside = Drawing()
    conv = inside.add("Conv2d", after=inside.add("Input", port=port), activation="ReLU")
    inside.add("Output", after=conv, port=port)
    drawing = Drawing()
    drawing.define("block", inside)
    use = drawing.use("block")
    drawing.wire(drawing.add("Data"), use, port)

    assert _compiled(drawing.graph).outputs(_images())[0].shape[1] == 16


def test_torch_can_export_blocks_with_any_batch_size() -> None:
    compiled = _compiled(_two_streams())
    compiled.module.eval()
    batch = torch.export.Dim("batch", min=1, max=64)

    program = torch.export.export(
        compiled.module, (torch.rand(2, 1, 28, 28),), dynamic_shapes=({0: batch},)
    )

    images = torch.rand(7, 1, 28, 28)
    assert torch.allclose(program.module()(images), compiled.module(images), atol=1e-6)
