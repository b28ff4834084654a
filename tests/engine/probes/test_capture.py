from collections.abc import Mapping
from copy import deepcopy

import builders
import numpy as np
import pytest
import torch
from msgspec.structs import replace
from small_runs import Drawing, a_small_cnn, compiled, node_id
from torch import Tensor

from engine.compile.module import CompiledModel
from engine.graph.composing import make_composite
from engine.graph.composites import at
from engine.graph.elements import NodeId, in_round, told
from engine.probes.capture import Prober
from engine.probes.norms import gradient_norms, weights_at_any_depth
from engine.project.project import Project
from engine.project.templates import open_template
from engine.training.events import LayerProbe, ProbeTaken
from engine.training.requests import WatchLayers

NAMES = tuple("abcdefghij")


def a_batch(samples: int = 8, seed: int = 0) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    images = torch.rand(samples, 1, 28, 28, generator=generator)
    return {"image": images, "label": torch.arange(samples) % 10}


def a_regularised_cnn() -> Project:
    """A network whose training uses random numbers and running statistics."""
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("Conv2d", "conv", "data.image", out_channels=4, kernel_size=3)
    drawing.put("BatchNorm2d", "norm", "conv")
    drawing.put("Dropout", "dropout", "norm")
    drawing.put("Flatten", "flatten", "dropout")
    drawing.put("Linear", "scores", "flatten", out_features=10)
    drawing.put("CrossEntropyLoss", "loss", "scores", "data.label")
    return drawing.project("Regularised")


def look(
    project: Project,
    detail: str = "",
    nodes: tuple[str, ...] = (),
    sample: int = 0,
    model: CompiledModel | None = None,
    batch: Mapping[str, Tensor] | None = None,
) -> ProbeTaken:
    watch = WatchLayers(
        nodes=tuple(node_id(project, name) for name in nodes),
        detail=node_id(project, detail) if detail else "",
        sample=sample,
    )
    prober = Prober(model or compiled(project), batch or a_batch(), NAMES)
    return prober.take(watch, 7, 0.5, {})


def the(taken: ProbeTaken, node: NodeId) -> LayerProbe:
    return next(layer for layer in taken.layers if layer.node == node)


def test_the_layer_looked_into_is_what_the_model_computes() -> None:
    project = a_small_cnn()
    model, batch = compiled(project), a_batch()
    first = model.module.get_submodule("first")
    judge = torch.relu(first(batch["image"])).detach().numpy()

    probe = look(project, "first", sample=3, model=model, batch=batch).layers[0]

    pixels = np.frombuffer(probe.pixels, np.uint8).reshape(4, 28, 28)
    restored = probe.low + pixels / 255 * (probe.high - probe.low)
    assert np.abs(restored - judge[3]).max() <= (probe.high - probe.low) / 255
    assert probe.channels == (0, 1, 2, 3)
    assert probe.mean == pytest.approx(judge.mean(), rel=1e-5)
    assert probe.zeros == pytest.approx((judge == 0).mean())
    assert probe.channel_maxima == pytest.approx(judge[3].max(axis=(1, 2)))
    assert probe.channel_means == pytest.approx(judge[3].mean(axis=(1, 2)))


def test_every_probe_says_between_which_values_the_layer_lay() -> None:
    project = a_small_cnn()
    model, batch = compiled(project), a_batch()
    first = torch.relu(model.module.get_submodule("first")(batch["image"])).detach()
    judges = {"first": first[3], "scores": model.outputs(batch)[0].detach()[3]}

    for detail in ("", "first"):
        taken = look(project, detail, tuple(judges), sample=3, model=model, batch=batch)
        for name, judge in judges.items():
            probe = the(taken, node_id(project, name))
            judged = float(judge.min()), float(judge.max())
            assert (probe.least, probe.greatest) == pytest.approx(judged, rel=1e-5)


def test_previews_are_small_and_details_whole() -> None:
    project = a_small_cnn()

    taken = look(project, "second", nodes=("first", "second", "flatten", "scores"))

    assert the(taken, node_id(project, "first")).counts == ()
    assert len(the(taken, node_id(project, "first")).channels) == 4
    assert len(the(taken, node_id(project, "second")).channels) == 4
    assert the(taken, node_id(project, "flatten")).form == "histogram"
    assert len(the(taken, node_id(project, "scores")).values) == 10
    assert len(taken.layers) == 4


def test_the_prediction_is_the_softmax_of_the_scores_for_the_chosen_sample() -> None:
    project = a_small_cnn()
    model, batch = compiled(project), a_batch()
    judge = model.outputs(batch)[0].softmax(1).detach()

    with_detail = look(project, "first", sample=5, model=model, batch=batch)
    without = look(project, nodes=("first",), sample=5, model=model, batch=batch)

    assert with_detail.prediction == pytest.approx(judge[5].tolist(), rel=1e-5)
    assert without.prediction == pytest.approx(judge[5].tolist(), rel=1e-5)
    assert with_detail.sample == without.sample == 5


def test_a_model_that_draws_is_told_by_what_it_draws() -> None:
    project = open_template("autoencoder")
    model, batch = compiled(project), a_batch()

    taken = look(project, sample=3, model=model, batch=batch)

    with torch.no_grad():
        by_hand = model.module.eval()(batch["image"][3:4])[0]
    assert taken.drawn_size == (1, 28, 28) and not taken.answer
    pixels = torch.frombuffer(bytearray(taken.drawn), dtype=torch.uint8).reshape(1, 28, 28)
    assert (pixels / 255 - by_hand).abs().max() <= 0.5 / 255 + 1e-6


def test_a_channel_that_is_zero_for_every_sample_is_dead() -> None:
    project = a_small_cnn()
    model = compiled(project)
    first = model.module.get_submodule("first")
    with torch.no_grad():
        first.get_parameter("weight")[2] = 0
        first.get_parameter("bias")[2] = -1

    probe = look(project, "first", model=model).layers[0]

    assert probe.dead == (2,)


def test_nodes_that_are_no_layers_and_samples_that_are_not_there_are_passed_over() -> None:
    project = a_small_cnn()

    taken = look(project, "loss", nodes=("data", "first"), sample=99)

    assert [layer.node for layer in taken.layers] == [node_id(project, "first")]
    assert taken.sample == 7


def test_the_samples_are_told_with_their_labels() -> None:
    batch = a_batch()

    chosen = Prober(compiled(a_small_cnn()), batch, NAMES).samples_event()

    pixels = np.frombuffer(chosen.pixels, np.uint8).reshape(8, *chosen.shape)
    np.testing.assert_allclose(pixels / 255, batch["image"].numpy(), atol=0.5 / 255 + 1e-6)
    assert chosen.labels == NAMES[:8]
    assert chosen.classes == NAMES


def test_gradient_norms_are_those_of_all_weights_of_a_layer() -> None:
    project = a_small_cnn()
    model, batch = compiled(project), a_batch()
    model.loss(model.outputs(batch), batch).backward()  # type: ignore[no-untyped-call]

    norms = gradient_norms(model)

    for name in ("first", "second", "scores"):
        module = model.module.get_submodule(name)
        gradients = [
            weight.grad.flatten() for weight in module.parameters() if weight.grad is not None
        ]
        assert norms[node_id(project, name)] == pytest.approx(float(torch.cat(gradients).norm()))


def test_gradients_inside_of_composites_and_rounds_are_those_of_their_modules() -> None:
    drawing = builders.Drawing()
    drawing.define("residual", builders.a_residual_block(), channels=4)
    data = drawing.add("Data")
    first = drawing.add("Conv2d", after=data, out_channels=4)
    block = drawing.use("residual", after=first, repeat=2)
    flat = drawing.add("Flatten", after=block)
    scores = drawing.add("Linear", after=flat, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=scores)
    drawing.wire((data, "label"), loss, "target")
    conv = builders.node_named(at(drawing.graph, (block.id,)), "conv2d")
    model, batch = compiled(Project(name="Nested", graph=drawing.graph)), a_batch()
    model.loss(model.outputs(batch), batch).backward()  # type: ignore[no-untyped-call]

    norms = gradient_norms(model, weights_at_any_depth(model))

    def judge(name: str) -> float:
        parameters = model.module.get_submodule(name).parameters()
        return float(torch.cat([p.grad.flatten() for p in parameters if p.grad is not None]).norm())

    assert norms[block.id] == pytest.approx(judge("residual"))
    assert norms[in_round(block.id, 1)] == pytest.approx(judge("residual.1"))
    assert norms[told((in_round(block.id, 1), conv))] == pytest.approx(judge("residual.1.conv2d"))
    assert norms[told((block.id, conv))] == pytest.approx(judge("residual.0.conv2d"))
    assert norms[scores.id] == gradient_norms(model)[scores.id]


def test_broken_weights_are_shown_not_raised() -> None:
    project = a_small_cnn()
    model = compiled(project)
    with torch.no_grad():
        model.module.get_submodule("first").get_parameter("weight").fill_(float("nan"))

    taken = look(project, "first", nodes=("scores",), model=model)

    assert the(taken, node_id(project, "first")).not_finite == 1
    scores = the(taken, node_id(project, "scores"))
    assert np.isnan(scores.values).all() and (scores.low, scores.high) == (0, 0)
    assert look(project, "first").prediction
    assert taken.prediction == (), "no class is likeliest among scores that are not numbers"


def train(project: Project, *, probed: bool) -> dict[str, Tensor]:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        model = compiled(project)
        prober = Prober(model, a_batch(8, seed=9), NAMES)
        everything = tuple(step.node for step in model.plan.steps)
        optimizer = torch.optim.Adam(model.module.parameters(), 0.01)
        model.module.train()
        for step in range(12):
            batch = a_batch(16, seed=step)
            optimizer.zero_grad()
            model.loss(model.outputs(batch), batch).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            if probed and step % 2:
                watch = WatchLayers(nodes=everything, detail=everything[step % len(everything)])
                prober.take(watch, step, 0, gradient_norms(model))
        return deepcopy(model.module.state_dict())


def test_training_is_bit_identical_with_and_without_probes() -> None:
    project = a_regularised_cnn()

    plain, probed = train(project, probed=False), train(project, probed=True)

    assert plain.keys() == probed.keys()
    for name, values in plain.items():
        assert torch.equal(values, probed[name]), name


def test_a_probe_leaves_every_layers_mode_as_it_was() -> None:
    project = a_regularised_cnn()
    model = compiled(project)
    model.module.train()
    model.module.get_submodule("norm").eval()

    look(project, "conv", model=model)

    assert [module.training for module in model.module.children()].count(False) == 1


def test_random_numbers_drawn_during_a_probe_are_not_missing_afterwards() -> None:
    project = a_small_cnn()
    model = compiled(project)
    drawn = []
    first = model.module.get_submodule("first")
    first.register_forward_hook(lambda *_: drawn.append(torch.rand(1)))
    before = torch.get_rng_state()

    look(project, "first", model=model)

    assert drawn and torch.equal(before, torch.get_rng_state())


def test_a_sequence_is_told_in_time_with_a_row_of_pixels_for_each_feature() -> None:
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("Reshape", "rows", "data.image", sizes=(28, 28))
    drawing.put("Conv1d", "conv", "rows", out_channels=5, kernel_size=3, padding=1)
    drawing.put("Flatten", "flatten", "conv")
    drawing.put("Linear", "scores", "flatten", out_features=10)
    drawing.put("CrossEntropyLoss", "loss", "scores", "data.label")

    probe = look(drawing.project("Rows"), "conv").layers[0]

    assert (probe.form, probe.shape, len(probe.pixels)) == ("sequence", (28, 5), 5 * 28)


def test_layers_inside_of_composites_are_looked_into_by_their_path() -> None:
    project = a_small_cnn()
    layers = [NodeId(node_id(project, name)) for name in ("second", "add")]
    model = compiled(project)
    nested, use = make_composite(project.graph, layers, "Block")
    inside = compiled(replace(project, graph=nested))
    weights = {
        f"block.{name}" if name.startswith("second") else name: value
        for name, value in model.module.state_dict().items()
    }
    inside.module.load_state_dict(weights)
    detail, preview = told((use, layers[0])), told((use, layers[1]))
    watch = WatchLayers(nodes=(preview, told((use, NodeId("gone")))), detail=detail)

    taken = Prober(inside, a_batch(), NAMES).take(watch, 7, 0.5, {})

    flat = look(project, "second", ("add",), model=model)
    assert [layer.node for layer in taken.layers] == [preview, detail]
    assert the(taken, detail).pixels == the(flat, layers[0]).pixels
    assert the(taken, detail).weight_norm == the(flat, layers[0]).weight_norm
    assert the(taken, preview).pixels == the(flat, layers[1]).pixels
    assert taken.prediction == flat.prediction
