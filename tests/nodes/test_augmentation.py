from typing import Any

import msgspec
import pytest

from nodes.augmentation import STEPS, AugmentationStep, Rotate, in_words, key_of
from nodes.catalogue import make_layer
from nodes.errors import ParameterError
from nodes.io import Data
from nodes.params import fields_of


@pytest.mark.parametrize("step", STEPS, ids=key_of)
def test_each_step_has_help_and_comes_back_from_a_file_as_it_was(
    step: type[AugmentationStep],
) -> None:
    kind = step.info.kinds[0]
    sizes = {"image": (1, 8, 8), "audio": (1, 64)}[kind]
    written = msgspec.to_builtins(step())

    data: Any = make_layer(
        "Data",
        {"fields": [{"name": "x", "kind": kind, "sizes": sizes}], "augmentation": [written]},
    )

    assert data.augmentation == (step(),)
    assert step.info.summary.endswith(".")
    assert all(field.param.help.endswith(".") for field in fields_of(step))


def test_a_setting_out_of_range_is_refused_with_its_name() -> None:
    with pytest.raises(ParameterError, match="Up to cannot be 500") as caught:
        make_layer("Data", {"augmentation": [{"step": "rotate", "degrees": 500}]})

    assert caught.value.parameter == "augmentation"


def test_a_step_for_pictures_is_refused_where_there_are_none() -> None:
    with pytest.raises(ParameterError, match="Rotate has nothing to change"):
        make_layer(
            "Data",
            {
                "fields": [{"name": "row", "kind": "vector", "sizes": [4]}],
                "augmentation": [{"step": "rotate"}],
            },
        )


def test_an_unknown_step_is_refused() -> None:
    with pytest.raises(ParameterError, match="Augmentation cannot be"):
        make_layer("Data", {"augmentation": [{"step": "melt"}]})


def test_a_step_is_told_in_words() -> None:
    assert in_words(Rotate(degrees=20, chance=0.5)) == (
        "Rotate: chance 0.5, up to 20°, at the edge zero"
    )
    assert Data().augmentation == ()
