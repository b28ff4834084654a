"""Pictures that models make, each computed again by hand from the same modules."""

from pathlib import Path

import numpy as np
import pytest
import torch
from builders import Drawing as Nested
from builders import a_project
from small_runs import Drawing, a_small_cnn, compiled
from torch import Tensor
from training_runs import Listener, a_gan, train

from engine.compile.module import CompiledModel
from engine.probes.generating import MADE, PAIRS, end_of_noise, make_pictures
from engine.project.project import Project
from engine.runs.moments import moment_folder
from engine.training.checkpoints import read_snapshot
from engine.training.generating import MakePictures, PicturesMade, Sheet
from engine.training.material import Material, gather
from engine.training.opened import open_run
from engine.training.questions import ShowMoment
from nodes.errors import DataError


def a_variational_autoencoder() -> Project:
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("Flatten", "flatten", "data.image")
    drawing.put("Linear", "mean", "flatten", out_features=3)
    drawing.put("Linear", "log_variance", "flatten", out_features=3)
    drawing.put("VariationalSampler", "code", "mean", "log_variance")
    drawing.put("Linear", "decoder", "code", out_features=784, activation="Sigmoid")
    drawing.put("Reshape", "picture", "decoder", sizes=[1, 28, 28])
    drawing.put("MSELoss", "loss", "picture", "data.image")
    return drawing.project("VAE")


def made_by(project: Project) -> tuple[CompiledModel, Material, PicturesMade]:
    model = compiled(project)
    model.module.eval()
    material = gather(model.plan, torch.device("cpu"), 0)
    return model, material, make_pictures(model, material, step=3, epoch=0.5)


def as_bytes(pictures: Tensor) -> list[int]:
    """Return pictures from 0 to 1 as bytes."""
    scaled = (pictures.detach().clamp(0, 1) * 255).round().to(torch.uint8)
    return np.asarray(scaled).ravel().tolist()


def sheet(made: PicturesMade, origin: str) -> Sheet:
    (found,) = (each for each in made.sheets if each.origin == origin)
    return found


def test_a_generator_draws_from_the_same_noise_at_each_moment() -> None:
    model, _, made = made_by(a_gan())

    found = sheet(made, "made")

    noise, maker = model.module.get_submodule("noise"), model.module.get_submodule("maker")
    judge = maker(noise.kept).reshape(MADE, 784)
    assert [each.origin for each in made.sheets] == ["made"]
    assert list(found.pixels) == as_bytes(judge)


def test_pictures_of_a_past_moment_are_made_by_its_weights(tmp_path: Path) -> None:
    train(a_gan(epochs=1), tmp_path, moment_steps=2)
    listener = Listener()
    opened = open_run(str(tmp_path), listener)
    assert opened is not None

    opened.answer(ShowMoment(step=2))
    opened.answer(MakePictures())

    (made,) = listener.told(PicturesMade)
    model = compiled(a_gan())
    model.module.load_state_dict(read_snapshot(moment_folder(tmp_path, 2)).weights)
    noise, maker = model.module.get_submodule("noise"), model.module.get_submodule("maker")
    assert made.step == 2
    assert list(sheet(made, "made").pixels) == as_bytes(maker(noise.kept))


def test_a_variational_autoencoder_draws_from_a_normal_distribution() -> None:
    model, _, made = made_by(a_variational_autoencoder())

    found = sheet(made, "made")

    numbers = torch.randn(MADE, 3, generator=torch.Generator().manual_seed(0))
    judge = model.module.get_submodule("decoder")(numbers).sigmoid()
    assert [each.origin for each in made.sheets] == ["made", "given", "again"]
    assert list(found.pixels) == as_bytes(judge)


def test_pictures_of_the_data_stand_beside_what_is_made_of_them() -> None:
    model, material, made = made_by(a_variational_autoencoder())

    given, again = sheet(made, "given"), sheet(made, "again")

    places = np.linspace(0, material.validation.samples - 1, PAIRS).astype(np.int64)
    images = next(material.validation.batches(places, PAIRS))["image"]
    judge = model.module(images)
    assert list(given.pixels) == as_bytes(images)
    assert list(again.pixels) == as_bytes(judge[0] if isinstance(judge, tuple) else judge)
    assert given.shape == again.shape == (1, 28, 28)


def test_noise_inside_of_a_composite_is_noise_too() -> None:
    inside = Nested()
    start = inside.add("Input")
    noise = inside.add("Noise", after=start, sizes=[8])
    drawn = inside.add("Linear", after=noise, out_features=784)
    inside.add("Output", after=drawn)
    drawing = Nested()
    drawing.define("maker", inside)
    digits = drawing.add("Data")
    flat = drawing.add("Flatten", after=digits)
    made = drawing.use("maker", after=flat)
    drawing.add("AdversarialLoss", after=drawing.add("Linear", after=made, out_features=1))

    end = end_of_noise(compiled(a_project(drawing.graph)).plan)

    assert end is not None and end.node == made.id


def test_a_model_that_tells_classes_makes_no_pictures() -> None:
    with pytest.raises(DataError, match="makes no pictures"):
        made_by(a_small_cnn())
