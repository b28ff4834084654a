"""``--set`` reaches every setting, and says what would have been meant."""

import pytest
from msgspec.structs import replace

from app.cli.settings import with_settings
from engine.data.augmentation import data_of
from engine.project.optimizers import OPTIMIZERS
from engine.project.playing import several
from engine.project.project import Project
from engine.project.recipe import recipe_fields
from engine.project.templates import open_template
from nodes.augmentation import STEPS, Augmentation, AugmentationStep, Noise, Rotate, key_of
from nodes.catalogue import make_layer
from nodes.errors import UsageError
from nodes.params import fields_of


@pytest.fixture
def project() -> Project:
    return open_template("digits-mlp")


def _other(field_name: str) -> tuple[str, object]:
    """Return a value as typed, and as it is meant, that is not the default."""
    field = next(field for field in recipe_fields() if field.name == field_name)
    if field.editor == "choice":
        word = next(choice for choice in field.choices if choice != field.default)
        return word, word
    if field.editor == "bool":
        return "true", True
    return ("3", 3) if field.editor == "int" else ("0.25", 0.25)


@pytest.mark.parametrize("name", [field.name for field in recipe_fields()])
def test_every_setting_of_the_recipe_can_be_set(name: str, project: Project) -> None:
    typed, meant = _other(name)

    changed = with_settings(project, [f"{name}={typed}"])

    assert getattr(changed.recipe, name) == meant


@pytest.mark.parametrize(
    ("optimizer", "name"),
    [(key, field.name) for key, found in OPTIMIZERS.items() for field in fields_of(found)],
)
def test_every_setting_of_every_optimiser_can_be_set(
    optimizer: str, name: str, project: Project
) -> None:
    field = next(field for field in fields_of(OPTIMIZERS[optimizer]) if field.name == name)
    low = field.param.low or 0.0
    typed = "true" if field.editor == "bool" else repr(max(low, -0.5) + 0.001)

    changed = with_settings(project, [f"optimizer={optimizer}", f"optimizer.{name}={typed}"])

    assert getattr(changed.recipe.own_settings, name) == (typed == "true" or float(typed))


def test_another_optimiser_begins_with_its_own_defaults(project: Project) -> None:
    changed = with_settings(project, ["optimizer.beta1=0.5", "optimizer=adamax"])

    assert changed.recipe.optimizer_settings == {}


def test_a_parameter_of_a_layer_is_set_by_its_name_in_the_source(project: Project) -> None:
    linear = next(node for node in project.graph.nodes.values() if node.kind == "Linear")

    changed = with_settings(project, [f"{linear.name}.out_features=48"])

    node = changed.graph.nodes[linear.id]
    assert getattr(make_layer(node.kind, node.params), "out_features") == 48  # noqa: B009


def test_the_last_of_two_settings_counts_and_the_project_given_stays_as_it_was(
    project: Project,
) -> None:
    before = project.recipe.epochs

    changed = with_settings(project, ["epochs=2", "epochs=4"])

    assert changed.recipe.epochs == 4 and project.recipe.epochs == before


@pytest.mark.parametrize(
    ("setting", "title", "remedy"),
    [
        ("epoch=3", "There is no setting called “epoch”", "epochs"),
        ("learningrate=3", "There is no setting called “learningrate”", "learning_rate"),
        ("epochs", "“epochs” is not a setting", "--set epochs=5"),
        ("=3", "“=3” is not a setting", "--set epochs=5"),
        ("epochs=many", "epochs cannot be many", "whole number from 1 to 100000"),
        ("epochs=0", "epochs cannot be 0", "whole number from 1"),
        ("epochs=", "epochs cannot be empty", "whole number from 1"),
        ("epochs=2.5", "epochs cannot be 2.5", "whole number"),
        ("learning_rate=NaN", "learning_rate cannot be NaN", "number from 0 to 100"),
        ("optimizer.beta3=1", "There is no setting of Adam called “beta3”", "beta1"),
        ("optimizer.beta1=2", "optimizer.beta1 cannot be 2", "number from 0 to 1"),
        ("optimizer=adem", "optimizer cannot be adem", "adam, adamw, sgd"),
        ("conv9.filters=3", "There is no layer called “conv9”", "data"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_answered_with_what_can(
    setting: str, title: str, remedy: str, project: Project
) -> None:
    with pytest.raises(UsageError) as caught:
        with_settings(project, [setting])

    assert caught.value.title == title
    assert remedy in f"{caught.value.why} {caught.value.hint}"


def test_a_parameter_that_a_layer_does_not_have_is_answered_with_the_closest(
    project: Project,
) -> None:
    linear = next(node for node in project.graph.nodes.values() if node.kind == "Linear")

    with pytest.raises(UsageError, match="out_features"):
        with_settings(project, [f"{linear.name}.out_feature=3"])


def test_a_value_out_of_range_of_a_layer_is_refused(project: Project) -> None:
    linear = next(node for node in project.graph.nodes.values() if node.kind == "Linear")

    with pytest.raises(UsageError, match="cannot be 0"):
        with_settings(project, [f"{linear.name}.out_features=0"])


def _steps(project: Project) -> tuple[Augmentation, ...]:
    found = data_of(project.graph)
    assert found is not None
    return found[1].augmentation


@pytest.mark.parametrize("step", [each for each in STEPS if "image" in each.info.kinds])
def test_every_step_for_pictures_goes_on_and_off(
    step: type[AugmentationStep], project: Project
) -> None:
    key = f"augment.{key_of(step)}"

    on = with_settings(project, [f"{key}=on"])

    assert _steps(on) == (step(),)
    assert _steps(with_settings(on, [f"{key}=off"])) == ()


def test_a_setting_of_a_step_puts_it_on_and_leaves_its_place(project: Project) -> None:
    changed = with_settings(
        project, ["augment.rotate.degrees=20", "augment.noise=on", "augment.rotate.edge=mirror"]
    )

    assert _steps(changed) == (Rotate(degrees=20, edge="mirror"), Noise())


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("augment.rotat=on", "rotate"),
        ("augment.rotate.degree=4", "degrees"),
        ("augment.rotate.degrees=400", "from 0 to 180"),
        ("augment.rotate=4", "on or off"),
    ],
)
def test_a_wrong_step_is_refused_in_words(setting: str, said: str, project: Project) -> None:
    with pytest.raises(UsageError) as caught:
        with_settings(project, [setting])

    assert said in str(caught.value)


def test_how_a_layer_learns_can_be_set(project: Project) -> None:
    name = next(n.name for n in project.graph.nodes.values() if n.kind == "Linear")

    changed = with_settings(project, [f"{name}.rate_factor=0.1", f"{name}.initialiser=zeros"])

    node = changed.graph.named(name)
    assert node is not None
    assert (node.learning.rate_factor, node.learning.initialiser) == (0.1, "zeros")
    with pytest.raises(UsageError, match="rate_factor cannot be fast"):
        with_settings(project, [f"{name}.rate_factor=fast"])


def test_optimisers_that_take_turns_can_be_set(project: Project) -> None:
    recipe = replace(project.recipe, players=several(project.recipe))
    game = replace(project, recipe=recipe)
    first, second = (player.name for player in recipe.players)

    changed = with_settings(game, [f"{first}.beta1=0.5", f"{second}.every=5"])

    assert changed.recipe.players[0].optimizer_settings == {"beta1": 0.5}
    assert changed.recipe.players[1].every == 5
    with pytest.raises(UsageError, match="evry"):
        with_settings(game, [f"{first}.evry=5"])
    with pytest.raises(UsageError, match=r"every cannot be 0"):
        with_settings(game, [f"{first}.every=0"])


def test_optimisers_that_take_turns_are_made_named_and_taken_away(project: Project) -> None:
    made = with_settings(
        project, ["players=Judge, Maker", "Maker.learning_rate=0.5", "linear.player=Maker"]
    )
    assert [player.name for player in made.recipe.players] == ["Judge", "Maker"]
    assert made.recipe.players[0].learning_rate == project.recipe.learning_rate
    more = with_settings(made, ["players=Judge,Maker,Critic"])
    assert [p.learning_rate for p in more.recipe.players] == [
        project.recipe.learning_rate,
        0.5,
        0.5,
    ]

    alone = with_settings(more, ["players="])

    linear = alone.graph.named("linear")
    assert linear is not None and linear.learning.player == ""
    assert alone.recipe == project.recipe


def test_one_optimiser_cannot_take_turns(project: Project) -> None:
    with pytest.raises(UsageError, match="players cannot be Judge"):
        with_settings(project, ["players=Judge"])
