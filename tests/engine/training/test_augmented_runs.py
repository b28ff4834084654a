from pathlib import Path
from typing import Any

import pytest
import torch
from builders import Drawing, a_project
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from training_runs import (
    FEW,
    Person,
    a_network_with_memory,
    train,
    train_steps,
    two_heads,
    with_steps,
)

from engine.data.augmenting import MixedBatch
from engine.project.codec import to_text
from engine.project.project import Project
from engine.training.bench import compile_for_training, set_up
from engine.training.checkpoints import Place
from engine.training.events import RunChanged
from engine.training.material import gather
from engine.training.replaying import train_again
from engine.training.requests import ChangeRun
from nodes import augmentation as steps

SOME: Any = st.lists(
    st.one_of(
        st.builds(steps.Rotate, degrees=st.floats(0, 90)),
        st.builds(steps.Crop, padding=st.integers(1, 6)),
        st.builds(steps.Flip),
        st.builds(steps.Noise, chance=st.floats(0, 1)),
        st.builds(steps.Cutout),
        st.builds(steps.MixUp, chance=st.floats(0, 1)),
        st.builds(steps.CutMix),
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stops=st.lists(st.integers(1, 8), min_size=1, max_size=2), some=SOME)
def test_a_run_with_augmentation_goes_on_to_the_same_bits(
    tmp_path_factory: pytest.TempPathFactory, stops: list[int], some: list[Any]
) -> None:
    project = with_steps(a_network_with_memory(accumulation=2), some)
    whole = train(project, tmp_path_factory.mktemp("whole"))
    folder = tmp_path_factory.mktemp("parts")

    parts = [train_steps(project, folder, stops[0])]
    parts += [train_steps(project, folder, count, resume=True) for count in stops[1:]]
    parts.append(train(project, folder, resume=True))

    assert [loss for part in parts for loss in part.losses()] == whole.losses()
    assert [epoch for part in parts for epoch in part.epochs()] == whole.epochs()


def test_a_run_with_augmentation_is_trained_again_to_the_same_bits(tmp_path: Path) -> None:
    some = [steps.Rotate(), steps.Noise(), steps.MixUp()]
    train(with_steps(a_network_with_memory(), some), tmp_path)

    again = train_again(tmp_path, lambda event: None)

    assert again.differs_at is None and again.same_to == again.steps > 0


def a_linear_project() -> Project:
    drawing = Drawing()
    digits = drawing.add("Data", **FEW)
    scores = drawing.add("Linear", after=drawing.add("Flatten", after=digits), out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=scores)
    drawing.wire((digits, "label"), loss, "target")
    return a_project(drawing.graph, optimizer="sgd", learning_rate=0.0, epochs=1)


def test_what_is_validated_is_never_augmented(tmp_path: Path) -> None:
    plain = train(a_linear_project(), tmp_path / "plain")
    noisy = train(with_steps(a_linear_project(), [steps.Noise(deviation=5)]), tmp_path / "noisy")

    # A rate of zero leaves the weights as they are: only what comes in differs.
    (plain_training, _, *plain_validation) = plain.epochs()[0]
    (noisy_training, _, *noisy_validation) = noisy.epochs()[0]
    assert plain_training != noisy_training
    assert plain_validation == noisy_validation


def test_the_loss_of_a_blend_is_that_of_both_answers_by_their_share() -> None:
    project = a_network_with_memory()
    compiled = compile_for_training(project)
    material = gather(compiled.plan, torch.device("cpu"), seed=0)
    updater = set_up(project, compiled, material, torch.device("cpu"), Place()).updater
    compiled.module.eval()
    batch = next(material.training.batches(torch.arange(16).numpy(), 16))
    partners = torch.arange(15, -1, -1)
    mixed = MixedBatch(batch, {**batch, "label": batch["label"][partners]}, 0.7)

    told = updater.step([mixed], 16, project.recipe, [0.0], None).loss

    scores = compiled.outputs(batch)[0].detach()
    own = torch.nn.functional.cross_entropy(scores, batch["label"])
    others = torch.nn.functional.cross_entropy(scores, batch["label"][partners])
    assert float(told) == pytest.approx(float(0.7 * own + 0.3 * others), rel=1e-5)


def test_each_of_several_losses_of_a_blend_is_blended() -> None:
    torch.manual_seed(0)
    project = two_heads()
    compiled = compile_for_training(project)
    material = gather(compiled.plan, torch.device("cpu"), seed=0)
    updater = set_up(project, compiled, material, torch.device("cpu"), Place()).updater
    compiled.module.eval()
    batch = next(material.training.batches(torch.arange(16).numpy(), 16))
    other = {name: values.flip(0) for name, values in batch.items()}

    told = updater.step([MixedBatch(batch, other, 0.7)], 16, project.recipe, [0.0], None)

    names = [project.graph.nodes[end.node].name for end in compiled.plan.outputs]
    found = dict(zip(names, compiled.outputs(batch), strict=True))
    scores, drawn = found["linear_2"].detach(), found["linear_3"].detach()
    own, others = (
        torch.nn.functional.cross_entropy(scores, labels)
        for labels in (batch["label"], other["label"])
    )
    # What is drawn again is the blend itself, whatever its two labels are.
    rebuilt = torch.nn.functional.mse_loss(drawn, batch["image"].flatten(1))
    wanted = [float(0.7 * own + 0.3 * others), float(rebuilt)]
    assert [float(part) for part in told.parts.values()] == pytest.approx(wanted, rel=1e-5)
    assert float(told.loss) == pytest.approx(wanted[0] + 0.25 * wanted[1], rel=1e-5)


def test_augmentation_can_be_changed_while_a_run_goes_on(tmp_path: Path) -> None:
    project = a_network_with_memory()
    person = Person(3, ChangeRun(project=to_text(with_steps(project, [steps.Noise(deviation=3)]))))

    told = train(project, tmp_path, person)
    plain = train(project, tmp_path.with_name("plain"))

    assert told.told(RunChanged)
    assert told.losses()[:3] == plain.losses()[:3]
    assert told.losses()[3] != plain.losses()[3]
