import pytest
import torch
from builders import a_nested_cnn, node_named
from msgspec.structs import replace
from own_texts import SCALED, with_own_layer

from engine.analysis.shapes import infer_shapes
from engine.compile.module import CompiledModel, compile_plan, compile_project
from engine.compile.plan import make_plan
from engine.graph import edits
from engine.graph.composites import at, replace_at
from engine.graph.elements import Graph
from engine.graph.own_layers import write_code
from engine.graph.sharing import set_repeat
from engine.own_layers.trust import trust
from engine.project.recipe import Recipe
from engine.training.carrying import carry_average, carry_memory, carry_weights
from engine.training.turns import make_turns


def _compiled(graph: Graph) -> CompiledModel:
    return compile_plan(make_plan(graph, infer_shapes(graph), "A test"))


def _changed_inside(graph: Graph) -> Graph:
    """Return the drawing with the bias of one layer inside of its composites taken away."""
    path = (node_named(graph, "residual"),)
    inside = at(graph, path)
    changed = edits.set_params(inside, node_named(inside, "conv2d_2"), {"bias": False})
    return replace_at(graph, path, changed)


def test_layers_inside_of_a_changed_composite_keep_what_they_learned() -> None:
    graph = a_nested_cnn()
    before, after = _compiled(graph), _compiled(_changed_inside(graph))

    carried = carry_weights(before, after)

    own, new = before.module.state_dict(), after.module.state_dict()
    assert torch.equal(new["residual.conv2d.weight"], own["residual.conv2d.weight"])
    assert not torch.equal(new["residual.conv2d_2.weight"], own["residual.conv2d_2.weight"])
    assert carried.new == (node_named(graph, "residual"), node_named(graph, "residual_2"))
    assert carried.kept == tuple(
        node_named(graph, name) for name in ("conv2d", "conv2d_2", "linear")
    )


@pytest.mark.parametrize(("before", "after", "same"), [(1, 3, 1), (3, 2, 2), (2, 2, 2)])
def test_the_rounds_that_both_have_keep_what_they_learned(
    before: int, after: int, same: int
) -> None:
    graph = a_nested_cnn()
    use = node_named(graph, "residual")
    one, other = (_compiled(set_repeat(graph, [use], times)) for times in (before, after))

    carry_weights(one, other)

    names = dict(one.plan.module_names())
    theirs = dict(other.plan.module_names())
    both = names.keys() & theirs.keys()
    assert len(both) == 4 + 2 * same + 2
    for node in both:
        mine = one.module.get_submodule(names[node]).state_dict()
        found = other.module.get_submodule(theirs[node]).state_dict()
        assert all(torch.equal(mine[key], found[key]) for key in mine)


def test_a_layer_whose_code_is_edited_keeps_the_weights_that_stay() -> None:
    shift = "self.shift = nn.Parameter(torch.zeros(in_channels, 1, 1))"
    changed = SCALED.replace("self.mode = mode", f"self.mode = mode\n        {shift}")
    changed = changed.replace("x * self.weight", "x * self.weight + self.shift")
    trust([SCALED, changed])
    project, _ = with_own_layer(SCALED, "Scaled")
    before = compile_project(project)
    with torch.no_grad():
        before.module.get_parameter("scaled.weight").normal_()
    graph = write_code(project.graph, "Scaled", changed)
    after = compile_project(replace(project, graph=graph))

    carry_weights(before, after)

    kept = after.module.get_parameter("scaled.weight")
    assert torch.equal(kept, before.module.get_parameter("scaled.weight"))
    assert not after.module.get_parameter("scaled.shift").any()


def test_an_optimiser_remembers_the_layers_inside() -> None:
    graph = a_nested_cnn()
    before, after = _compiled(graph), _compiled(_changed_inside(graph))
    (old,), (new,) = (make_turns(Recipe(), one) for one in (before, after))
    sum(weight.sum() for weight in before.module.parameters()).backward()  # type: ignore[union-attr]
    old.optimizer.step()

    carried = carry_weights(before, after)
    carry_memory(before, after, [old], [new], carried)
    carry_average(before, after, None, None, carried)

    kept = after.module.get_submodule("residual.conv2d").weight
    assert new.optimizer.state[kept]["step"] == 1
    assert after.module.get_submodule("residual.conv2d_2").weight not in new.optimizer.state
