"""Layers of installed packages: read from their source, never imported by the reader."""

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import torch
from own_texts import HALVED, SCALED, with_own_layer

from engine.compile.module import compile_project
from engine.own_layers.running import find_here
from engine.own_layers.trust import trust
from engine.project.layer_packages import installed_layers, written_for
from nodes.catalogue import set_up
from nodes.errors import ProjectError
from nodes.own_code import read_code
from nodes.own_layer import Failed, OwnLayer, own_kind
from nodes.sizes import BATCH
from nodes.tensors import Inputs, TensorType


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package on the path, with metadata as an installer leaves it."""
    place = tmp_path / "site"
    (place / "acme").mkdir(parents=True)
    (place / "acme" / "__init__.py").write_text("raise SystemExit('imported')\n")
    (place / "acme" / "layers.py").write_text(f"{SCALED}\n\n{HALVED}")
    (place / "acme" / "broken.py").write_text("class Broken(\n")
    about = place / "acme_layers-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-layers\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[layerloom.layers]\n"
        "Scaled = acme.layers:Scaled\nhalved = acme.layers:halved\nGone = acme.layers:Gone\n"
        "Broken = acme.broken:Broken\n"
    )
    monkeypatch.syspath_prepend(str(place))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    yield place
    for name in [name for name in sys.modules if name.split(".")[0] == "acme"]:
        del sys.modules[name]


def _point(name: str) -> EntryPoint:
    return EntryPoint(name, f"acme.layers:{name}", "layerloom.layers")


def test_what_packages_offer_is_listed_without_importing_them(package: Path) -> None:
    found = installed_layers()

    assert [(one.name, str(one.file)) for one in found.blocks] == [
        ("Scaled", "acme-layers"),
        ("halved", "acme-layers"),
    ]
    assert "acme" not in sys.modules


def test_what_cannot_be_read_names_its_layer_and_its_package(package: Path) -> None:
    broken, gone = installed_layers().problems

    assert (broken.where, broken.title) == ("Broken of acme-layers", "Python cannot read this")
    assert "acme-layers" in broken.hint
    assert (gone.where, gone.title) == (
        "Gone of acme-layers",
        "The layer Gone of acme-layers is not found",
    )


@pytest.mark.parametrize("name", ["Scaled", "halved"])
def test_a_drawing_holds_what_the_layer_takes_and_gives(package: Path, name: str) -> None:
    written = read_code(written_for(_point(name)))
    (own,) = [read_code(text) for text in (SCALED, HALVED) if read_code(text).name == name]

    for field in ("name", "is_module", "parameters", "derived", "inputs", "outputs", "summary"):
        assert getattr(written, field) == getattr(own, field), field


def test_it_computes_what_the_package_computes(package: Path) -> None:
    (package / "acme" / "__init__.py").write_text("")
    text = written_for(_point("Scaled"))
    trust([text])

    compiled = compile_project(with_own_layer(text, "Scaled")[0])

    assert "from acme.layers import Scaled as ScaledModule" in compiled.source.text
    judge = sys.modules["acme.layers"].Scaled(16)
    assert torch.equal(
        compiled.module.scaled(torch.ones(1, 16, 2, 2)), judge(torch.ones(1, 16, 2, 2))
    )
    assert "scaled.weight" in compiled.module.state_dict()


def test_a_layer_whose_package_is_missing_keeps_its_ports_and_says_what_to_do(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = written_for(_point("halved"))
    trust([text])
    monkeypatch.setattr(sys, "path", [one for one in sys.path if one != str(package)])
    layer = set_up(own_kind(text), {})
    assert isinstance(layer, OwnLayer)

    found = find_here(layer.question(Inputs({"x": (TensorType((BATCH, 4)),)})))

    assert [port.name for port in layer.inputs()] == ["x", "other"]
    assert isinstance(found, Failed)
    assert found.why == "It imports “acme”. Install that, or remove the layer."


def test_an_entry_point_that_names_nothing_is_told(package: Path) -> None:
    with pytest.raises(ProjectError, match="no source defines that"):
        written_for(EntryPoint("Other", "nowhere.at_all:Other", "layerloom.layers"))
