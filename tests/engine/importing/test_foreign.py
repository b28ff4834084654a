"""Files that nothing opens are answered by what they are, and by what to do instead."""

from pathlib import Path

import pytest

from engine.importing.foreign import no_drawing, not_opened


@pytest.mark.parametrize(
    ("name", "what", "instead"),
    [
        ("model.onnx", "an ONNX file", "PyTorch source"),
        ("model.PT2", "an exported model (.pt2)", "PyTorch source"),
        ("model.pt", "holds weights", "Saved as .safetensors"),
        ("model.safetensors", "holds weights", "in Properties"),
    ],
)
def test_a_trained_model_is_told_from_a_drawing(name: str, what: str, instead: str) -> None:
    told = no_drawing(Path(name))

    assert what in told.why and instead in told.hint and told.where == name


@pytest.mark.parametrize(
    ("names", "title", "words"),
    [
        (["a.pdf"], "This file cannot be opened", "“.pdf” are not read"),
        (["a"], "This file cannot be opened", "no ending"),
        (["a.JPG"], "A single picture is no data set", "learns from many"),
        (["a.wav"], "A single recording is no data set", "learns from many"),
        (["a.jpg", "b.jpg"], "Several files cannot be opened at once", "2 were dropped"),
    ],
)
def test_what_nothing_opens_is_told_by_what_it_is(names: list[str], title: str, words: str) -> None:
    told = not_opened([Path(name) for name in names])

    assert told.title == title and words in told.why and "folder" in told.hint
