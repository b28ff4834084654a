from pathlib import Path

import pytest
import torch
from builders import Drawing, a_nested_cnn, a_project, a_small_cnn, node_named
from msgspec.structs import replace

from engine.analysis.shapes import infer_shapes
from engine.compile.module import compile_plan
from engine.compile.plan import make_plan
from engine.graph.edits import connect, set_params
from engine.graph.elements import EMPTY, End, Formula, Graph, NodeId
from engine.graph.sharing import set_repeat
from engine.project.blocks import (
    Block,
    insert_block,
    load_block,
    load_blocks,
    ready_made_blocks,
    save_block,
)
from engine.project.codec import from_text, to_text
from engine.project.files import save
from nodes.errors import ProjectError

READY = {block.file.stem: block for block in ready_made_blocks()}


def _used(block: Block, *inputs: tuple[int, ...], repeat: int = 1, **params: object) -> Graph:
    """Return a drawing in which data of some sizes go through a block."""
    drawing = Drawing()
    fields = [
        {"name": f"field_{number}", "kind": "vector", "sizes": list(sizes)}
        for number, sizes in enumerate(inputs)
    ]
    digits = drawing.add("Data", fields=fields)
    graph, node = insert_block(drawing.graph, block, (0.0, 94.0))
    graph = set_repeat(set_params(graph, node, params), [node], repeat)
    ports = infer_shapes(graph).nodes[node].input_ports
    for field, port in zip(fields, ports, strict=True):
        graph = connect(graph, End(digits.id, str(field["name"])), End(node, port.name))
    return graph


@pytest.mark.parametrize(
    ("key", "inputs", "gives"),
    [
        ("residual-block", [(64, 8, 8)], ["64×8×8"]),
        ("residual-block-down", [(64, 8, 8)], ["128×4×4"]),
        ("bottleneck", [(256, 8, 8)], ["256×8×8"]),
        ("bottleneck-down", [(256, 8, 8)], ["512×4×4"]),
        ("inverted-residual", [(16, 8, 8)], ["16×8×8"]),
        ("inverted-residual-down", [(16, 8, 8)], ["24×4×4"]),
        ("squeeze-excite", [(64, 8, 8)], ["64×8×8"]),
        ("dense-layer", [(64, 8, 8)], ["96×8×8"]),
        ("dense-transition", [(256, 8, 8)], ["128×4×4"]),
        ("inception-module", [(192, 8, 8)], ["256×8×8"]),
        ("double-convolution", [(3, 8, 8)], ["64×8×8"]),
        ("unet-level-down", [(3, 8, 8)], ["64×4×4", "64×8×8"]),
        ("unet-level-up", [(128, 4, 4), (64, 8, 8)], ["64×8×8"]),
        ("temporal-block", [(8, 20)], ["32×20"]),
        ("transformer-block", [(5, 64)], ["5×64"]),
        ("transformer-block-post-norm", [(5, 64)], ["5×64"]),
        ("gpt-block", [(5, 64)], ["5×64"]),
        ("gated-mlp", [(5, 64)], ["5×64"]),
    ],
)
def test_each_ready_made_block_fits_where_its_summary_says(
    key: str, inputs: list[tuple[int, ...]], gives: list[str]
) -> None:
    graph = _used(READY[key], *inputs)
    report = infer_shapes(graph)
    use = next(node for node in report.nodes.values() if node.title == READY[key].name)

    assert [problem.title for problem in report.problems if problem.code != "LL-A003"] == []
    assert [str(tensor) for tensor in use.outputs.values()] == gives
    compiled = compile_plan(make_plan(graph, report, "A test", without_loss=True))
    batch = {f"field_{number}": torch.rand(2, *sizes) for number, sizes in enumerate(inputs)}
    (first, *_) = compiled.outputs(batch)
    assert "×".join(map(str, first.shape[1:])) == gives[0]
    first.sum().backward()
    assert all(weight.grad is not None for weight in compiled.module.parameters())


def test_all_ready_made_blocks_are_tried_here() -> None:
    marks = test_each_ready_made_block_fits_where_its_summary_says.pytestmark
    tried = [case[0] for mark in marks for case in mark.args[1]]

    assert tried == list(READY)


@pytest.mark.parametrize("key", list(READY))
def test_ready_made_blocks_are_written_as_layerloom_writes_them(key: str) -> None:
    block = READY[key]
    text = block.file.read_text(encoding="utf-8")

    assert to_text(from_text(text).project) == text
    assert block.is_ready_made and block.name and block.summary.endswith(".")


def test_blocks_whose_rounds_differ_can_be_repeated() -> None:
    dense = infer_shapes(_used(READY["dense-layer"], (64, 8, 8), repeat=6))
    temporal = infer_shapes(_used(READY["temporal-block"], (8, 40), repeat=4))

    assert "256×8×8" in [str(t) for n in dense.nodes.values() for t in n.outputs.values()]
    assert "32×40" in [str(t) for n in temporal.nodes.values() for t in n.outputs.values()]


def test_a_block_that_is_kept_is_there_in_another_project(tmp_path: Path) -> None:
    graph = a_nested_cnn()
    save_block(graph, node_named(graph, "residual_2"), tmp_path)

    (block,) = load_blocks(tmp_path).blocks
    used, node = insert_block(EMPTY, block, (3.0, 4.0))

    assert block.name == "Residual" and not block.is_ready_made
    assert used.nodes[node].params == {"channels": 8} and used.nodes[node].position == (3.0, 4.0)
    assert used.definitions == graph.definitions


def test_a_block_takes_the_place_of_one_of_its_name_and_of_no_other(tmp_path: Path) -> None:
    graph = a_nested_cnn()
    use = node_named(graph, "residual")
    definition = replace(graph.definitions["residual"], name="RESIDUAL")
    other = replace(graph, definitions={"residual": definition})

    first = save_block(graph, use, tmp_path)
    assert save_block(graph, use, tmp_path).file == first.file
    assert save_block(other, use, tmp_path).file != first.file

    assert [block.name for block in load_blocks(tmp_path).blocks] == ["Residual", "RESIDUAL"]


def test_damaged_blocks_are_told_and_the_others_are_there(tmp_path: Path) -> None:
    graph = a_nested_cnn()
    save_block(graph, node_named(graph, "residual"), tmp_path)
    (tmp_path / "broken.loom").write_text("{")
    save(tmp_path / "project.loom", a_project(a_small_cnn()))

    found = load_blocks(tmp_path)

    assert [block.name for block in found.blocks] == ["Residual"]
    assert sorted(error.title for error in found.problems) == [
        "This is no block",
        "This is not a readable project file",
    ]
    with pytest.raises(ProjectError, match="no block"):
        load_block(tmp_path / "project.loom")


def test_only_composites_are_kept(tmp_path: Path) -> None:
    graph = a_small_cnn()

    with pytest.raises(ProjectError, match="Only composites"):
        save_block(graph, node_named(graph, "linear"), tmp_path)
    assert load_blocks(tmp_path / "not there").blocks == ()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    graph = a_nested_cnn()

    with pytest.raises(ProjectError, match="folder of blocks"):
        save_block(graph, node_named(graph, "residual"), tmp_path / "taken")


def test_a_formula_of_the_place_it_came_from_is_left_behind(tmp_path: Path) -> None:
    graph = a_nested_cnn()
    use = node_named(graph, "residual")
    graph = set_params(graph, use, {"channels": Formula("width")})

    assert save_block(graph, use, tmp_path).use.params == {}
    assert NodeId(use) in graph.nodes
