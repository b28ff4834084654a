import subprocess
import sys

import pytest
import torch
from msgspec.structs import replace
from own_texts import HALVED, SCALED, SHIFTED, behind_first_convolution, with_own_layer

from engine.compile.module import compile_project
from engine.compile.own_code import import_lines, taken_apart
from engine.compile.stepper import run_nodes
from engine.graph.composing import make_composite
from engine.graph.elements import End
from engine.own_layers.trust import trust
from nodes.errors import LoomError
from nodes.own_code import with_name


def _body(text: str) -> str:
    return text[text.index("class ") :].rstrip("\n")


def test_a_class_stands_in_the_source_as_it_was_written() -> None:
    trust([SCALED])
    project, node = with_own_layer(SCALED, "Scaled")

    compiled = compile_project(project)

    assert _body(SCALED) in compiled.source.text
    assert "self.scaled = Scaled(in_channels=16)" in compiled.source.text
    assert type(compiled.module_of(node)).__name__ == "Scaled"


def test_its_numbers_are_those_of_the_class_itself() -> None:
    trust([SCALED])
    project, node = with_own_layer(SCALED, "Scaled")
    compiled = compile_project(project)
    layer = compiled.module_of(node)
    assert layer is not None
    scope: dict[str, type[torch.nn.Module]] = {}
    exec(SCALED, scope)
    judge = scope["Scaled"](16)

    x = torch.rand(2, 16, 4, 4)

    assert torch.equal(layer(x), judge(x))


def test_imports_are_joined_and_the_source_is_as_ruff_writes_it() -> None:
    trust([SCALED, SHIFTED])
    project, _ = with_own_layer(SCALED, "Scaled")
    graph, _ = behind_first_convolution(project.graph, SHIFTED, "shifted")
    source = compile_project(replace(project, graph=graph)).source.text

    head = source[: source.index("\n\n\n")]
    checked = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--select", "I,F811", "-"],
        input=source,
        text=True,
        capture_output=True,
        check=False,
    )

    assert head.count("import torch\n") == 1
    assert "import math" in head
    assert checked.returncode == 0, checked.stdout


def test_a_layer_inside_of_a_composite_is_printed_once() -> None:
    trust([SCALED])
    project, node = with_own_layer(SCALED, "Scaled")
    graph, _ = make_composite(project.graph, [node], "Part")

    compiled = compile_project(replace(project, graph=graph))

    assert compiled.source.text.count("class Scaled(") == 1
    assert "class Part(nn.Module):" in compiled.source.text


def test_two_layers_that_use_one_name_differently_are_refused() -> None:
    other = with_name(SCALED, "Scaled", "Other").replace("import math", "import cmath as math")

    with pytest.raises(LoomError, match="“math” means two things"):
        taken_apart([SCALED, other])


def test_a_name_of_the_source_cannot_be_given_another_meaning() -> None:
    with pytest.raises(LoomError, match="“nn” means two things"):
        taken_apart([f"{HALVED}\nnn = 3\n"])


def test_the_class_of_the_model_keeps_clear_of_those_of_layers() -> None:
    text = with_name(SCALED, "Scaled", "ReadHandwrittenDigits")
    trust([text])

    compiled = compile_project(with_own_layer(text, "ReadHandwrittenDigits")[0])

    assert compiled.source.class_name == "ReadHandwrittenDigitsModel"


def test_a_function_is_not_hidden_by_what_it_puts_out() -> None:
    trust([SHIFTED])
    project, _ = with_own_layer(SHIFTED, "shifted")

    compiled = compile_project(project)

    batch = {"image": torch.rand(2, 1, 28, 28)}
    assert compiled.outputs(batch)[0].shape == (2, 10)


def test_a_function_is_run_step_by_step_as_in_the_source() -> None:
    trust([SHIFTED])
    project, node = with_own_layer(SHIFTED, "shifted")
    (before,) = (link.source for link in project.graph.links_into(node))
    compiled = compile_project(project)

    found = run_nodes(compiled, {"image": torch.rand(2, 1, 28, 28)}, [node, before.node])

    assert torch.equal(found[End(node, "y")], torch.roll(found[before], 1, dims=1))


def test_imports_are_sorted_and_named_once() -> None:
    written = taken_apart(
        ["import os.path\nimport os\nfrom a import b, A\nfrom a import b\n" + HALVED]
    )

    assert import_lines(written.imports) == [
        "import os",
        "import os.path",
        "",
        "import torch",
        "from a import A, b",
        "from torch import Tensor",
    ]


def test_what_shares_a_line_with_an_import_stays() -> None:
    text = "import math; SCALE = math.tau\n\x0c\nimport os\n\n\n" + SHIFTED[SHIFTED.index("def") :]

    written = taken_apart([text.replace(": Tensor", "")])

    assert written.bodies[0][1:3] == ("", ""), "no gap stands where imports were"
    assert written.bodies[0][3].startswith("def shifted")
    assert written.bodies[0][0] == "import math; SCALE = math.tau"
    assert "import os" not in written.bodies[0]
    assert [one.module for one in written.imports] == ["math", "os"]
