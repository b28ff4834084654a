from pathlib import Path

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own short name
from builders import Drawing, a_nested_cnn, a_project, a_residual_block, node_named
from compiled_drawings import a_stage, compiled_of, some_images, source_of, two_streams
from msgspec.structs import replace
from torch import Tensor, nn

from engine.analysis.shapes import infer_shapes
from engine.compile.plan import make_plan
from engine.compile.source import write_source
from engine.compile.stepper import run_nodes
from engine.graph import edits
from engine.graph.composites import at, replace_at
from engine.graph.elements import End, Formula, Graph, Node
from engine.project.codec import from_text, to_text
from nodes.errors import GraphError


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
    compiled = compiled_of(a_nested_cnn())
    hand = ByHand()
    hand.load_state_dict(compiled.module.state_dict())
    batch = some_images()

    (outputs,) = compiled.outputs(batch)

    assert torch.equal(outputs, hand(batch["image"]))
    assert infer_shapes(a_nested_cnn()).totals.parameters == sum(
        parameter.numel() for parameter in hand.parameters()
    )


def test_uses_of_different_sizes_are_one_class() -> None:
    text = source_of(a_nested_cnn())

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

    text = source_of(drawing.graph)

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

    text = source_of(drawing.graph)

    assert "def __init__(self, in_channels: int, width: int, stride: int) -> None:" in text
    assert "ConvNorm(in_channels=1, width=8, stride=1)" in text
    assert "ConvNorm(in_channels=8, width=4, stride=2)" in text
    assert tuple(compiled_of(drawing.graph).outputs(some_images())[0].shape) == (3, 4, 14, 14)


def test_uses_that_differ_in_more_than_values_are_a_class_each() -> None:
    inside = Drawing()
    conv = inside.add("Conv2d", after=inside.add("Input"), activation=Formula("activation"))
    inside.add("Output", after=conv)
    drawing = Drawing()
    drawing.define("conv_act", inside, activation="ReLU")
    first = drawing.use("conv_act", after=drawing.add("Data"))
    drawing.use("conv_act", after=first, activation="Tanh")

    text = source_of(drawing.graph)

    assert "class ConvAct(" in text and "class ConvAct2(" in text


def test_composites_of_one_name_are_classes_of_several_names() -> None:
    drawing = Drawing()
    last = drawing.add("Data")
    for number in range(4):
        drawing.define(f"block_{number}", _downsampling(), "Block 2", width=number + 1, stride=1)
        last = drawing.use(f"block_{number}", after=last)
    drawing.use("block_0", after=last)

    text = source_of(drawing.graph)

    names = [line.split("(")[0] for line in text.splitlines() if line.startswith("class ")]
    assert len(set(names)) == len(names) == 5


def test_composites_within_composites_are_classes_that_use_classes() -> None:
    graph = a_stage()
    text = source_of(graph)

    assert text.index("class Residual(") < text.index("class Stage(") < text.index("class ATest(")
    assert "self.residual = nn.Sequential(*[Residual() for _ in range(2)])" in text
    keys = compiled_of(graph).module.state_dict().keys()
    assert "stage.residual.1.conv2d_2.weight" in keys


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
    compiled = compiled_of(graph)
    batch = some_images()

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

    assert set(compiled_of(graph).module.state_dict()) == {"linear.weight", "linear.bias"}


def _changed_inside(graph: Graph, use: str, name: str, **fields: bool) -> Graph:
    path = (node_named(graph, use),)
    inside = at(graph, path)
    node = replace(inside.nodes[node_named(inside, name)], **fields)
    return replace_at(graph, path, edits.change_node(inside, node))


def test_layers_inside_are_frozen_and_bypassed_like_others() -> None:
    graph = _changed_inside(a_nested_cnn(), "residual", "conv2d", frozen=True)
    graph = _changed_inside(graph, "residual", "conv2d_2", bypassed=True)
    compiled = compiled_of(graph)

    trained = {name for name, weight in compiled.module.named_parameters() if weight.requires_grad}

    assert not any("residual" in name for name in trained)
    assert infer_shapes(graph).totals.trained_parameters == sum(
        weight.numel() for weight in compiled.module.parameters() if weight.requires_grad
    )
    assert "conv2d_2" not in source_of(graph).split("class ATest")[0]


def test_a_composite_can_be_frozen_and_bypassed_as_a_whole() -> None:
    graph = a_nested_cnn()
    use = node_named(graph, "residual")
    frozen = compiled_of(edits.set_frozen(graph, [use], frozen=True)).module
    bypassed = source_of(edits.set_bypassed(graph, [use], bypassed=True))

    assert not any(p.requires_grad for p in frozen.residual.parameters())  # type: ignore[union-attr]
    assert "self.residual(" not in bypassed and "self.residual_2(" in bypassed


def test_the_inside_can_be_run_and_its_modules_found() -> None:
    graph = a_nested_cnn()
    compiled = compiled_of(graph)
    use = node_named(graph, "residual_2")
    inside = at(graph, (use,))
    add, conv = node_named(inside, "add"), node_named(inside, "conv2d")
    batch = some_images()

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


def test_an_error_inside_leads_to_the_layer_inside() -> None:
    graph = a_nested_cnn()
    compiled = compiled_of(graph)
    use = node_named(graph, "residual_2")
    conv = node_named(at(graph, (use,)), "conv2d_2")
    compiled.module.residual_2.conv2d_2 = nn.Conv2d(3, 8, 1)  # type: ignore[union-attr]

    with pytest.raises(RuntimeError) as raised:
        compiled.outputs(some_images())

    assert compiled.path_of(raised.value) == (use, conv)
    assert compiled.node_of(raised.value) == use


def test_lines_of_a_composite_are_those_of_its_class_as_well() -> None:
    graph = a_stage()
    source = write_source(make_plan(graph, infer_shapes(graph), "A test", without_loss=True))
    stage = node_named(graph, "stage")
    blocks = node_named(at(graph, (stage,)), "residual")
    conv = node_named(at(graph, (stage, blocks)), "conv2d")
    lines = source.text.splitlines()

    places = {path: lines[number - 1] for number, path in source.paths.items()}

    assert "self.conv2d(x)" in places[stage, blocks, conv]
    assert {"Conv2d" in lines[number - 1] for number in source.lines_of(stage)} == {True, False}


def test_an_edit_elsewhere_changes_no_line_of_a_class() -> None:
    graph = a_stage()
    wider = edits.rename(graph, node_named(graph, "conv2d"), "Stem")

    assert source_of(wider).split("class ATest")[0] == source_of(graph).split("class ATest")[0]


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

    text = source_of(project.graph)
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

    assert compiled_of(drawing.graph).outputs(some_images())[0].shape[1] == 16


def test_torch_can_export_blocks_with_any_batch_size() -> None:
    compiled = compiled_of(two_streams())
    compiled.module.eval()
    batch = torch.export.Dim("batch", min=1, max=64)

    program = torch.export.export(
        compiled.module, (torch.rand(2, 1, 28, 28),), dynamic_shapes=({0: batch},)
    )

    images = torch.rand(7, 1, 28, 28)
    assert torch.allclose(program.module()(images), compiled.module(images), atol=1e-6)
