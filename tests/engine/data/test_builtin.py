import subprocess
import sys

import numpy as np
import pytest

from engine.data.builtin import data_sets, open_data_set, thumbnails
from engine.data.spec import DataSpec
from engine.data.splitting import split_of
from nodes.errors import DataError
from nodes.io import Data
from resources import path


@pytest.mark.parametrize("spec", data_sets(), ids=lambda spec: spec.name)
def test_a_data_set_holds_what_its_spec_says(spec: DataSpec) -> None:
    data_set = open_data_set(spec.name)

    assert (data_set.spec.fields, data_set.spec.samples) == (spec.fields, spec.samples)
    assert spec.class_names.items() <= data_set.spec.class_names.items()
    for field in spec.fields:
        values = data_set.read(field.name, np.arange(spec.samples))
        assert values.shape == (spec.samples, *field.sizes)
        if field.classes is not None:
            assert values.min() >= 0 and values.max() < field.classes
        else:
            assert np.isfinite(values.astype(np.float64)).all()


@pytest.mark.parametrize("spec", data_sets(), ids=lambda spec: spec.name)
def test_a_data_set_is_split_as_it_should_be_and_nothing_is_left_out(spec: DataSpec) -> None:
    data_set = open_data_set(spec.name)

    parts = split_of(data_set, Data(dataset=spec.name, split_by=spec.split_by))

    dealt = np.concatenate([parts.training, parts.validation, parts.test])
    assert sorted(dealt) == list(range(spec.samples))
    assert len(parts.validation) == pytest.approx(0.15 * spec.samples, rel=0.6)


def test_every_shipped_file_has_its_notice() -> None:
    notices = path("datasets", "NOTICES.md").read_text(encoding="utf-8")
    shipped = [file.name for file in path("datasets").iterdir() if file.name != "NOTICES.md"]

    assert [name for name in shipped if f"## {name}" not in notices] == []


def test_what_ships_stays_small() -> None:
    files = [file for file in path("datasets").rglob("*") if file.is_file()]

    assert sum(file.stat().st_size for file in files) < 20_000_000


def test_a_new_data_node_has_the_fields_of_the_digits() -> None:
    assert Data().fields == open_data_set("digits").spec.fields


def test_samples_come_in_the_order_they_are_asked_for() -> None:
    digits = open_data_set("digits")

    back = digits.read("label", np.array([7, 3, 7]))

    everything = digits.read("label", np.arange(10))
    assert back.tolist() == [everything[7], everything[3], everything[7]]


def test_what_is_read_may_be_changed_without_changing_the_data_set() -> None:
    digits = open_data_set("digits")
    digits.read("image", np.array([0]))[:] = 255

    assert digits.read("image", np.array([0])).mean() < 255


def test_a_misspelt_data_set_is_answered_with_the_closest() -> None:
    with pytest.raises(DataError, match="no data set called “digit”") as caught:
        open_data_set("digit")

    assert caught.value.hint == "Did you mean “digits”?"


def test_thumbnails_show_different_classes() -> None:
    pictures = thumbnails("digits", 3)

    assert pictures.shape == (3, 1, 28, 28) and pictures.dtype == np.uint8
    digits = open_data_set("digits")
    images = digits.read("image", np.arange(200))
    labels = digits.read("label", np.arange(200))
    found = [int(labels[(images == picture).all((1, 2, 3))][0]) for picture in pictures]
    assert len(set(found)) == 3


def test_reading_data_needs_no_torch() -> None:
    script = (
        "import sys, engine.data.builtin as builtin;"
        "builtin.thumbnails('digits'); print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "False"
