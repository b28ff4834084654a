"""A model that writes: each token is asked for with all that stand before it."""

import itertools
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from exports_here import export_here
from hypothesis import given
from hypothesis import strategies as st
from small_runs import Drawing, save_run
from torch import Tensor, nn

from engine.data.builtin import open_data_set
from engine.data.writing import (
    fill_answer,
    joined,
    last_place,
    next_shares,
    write_on,
)
from engine.evaluate.loading import LoadedRun, load_run
from engine.evaluate.predict import predict_files
from engine.export import isolation
from engine.project.project import Project
from engine.training.texts import Writing
from nodes.errors import DataError

TOKENS, LENGTH = 12, 8


class Reader(nn.Module):
    """A recurrent language model."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.embedding = nn.Embedding(TOKENS, 16)
        self.memory = nn.GRU(16, 16, batch_first=True)
        self.scores = nn.Linear(16, TOKENS)

    def forward(self, text: Tensor) -> Tensor:
        return self.scores(self.memory(self.embedding(text))[0]).transpose(1, 2)


@given(
    scores=st.lists(st.floats(-20, 20), min_size=3, max_size=12),
    temperature=st.floats(0.05, 4),
)
def test_shares_sum_to_one_and_padding_and_unknown_tokens_have_none(
    scores: list[float], temperature: float
) -> None:
    found = next_shares(torch.tensor(scores), temperature)

    assert float(found.sum()) == pytest.approx(1, abs=1e-5)
    assert found[:2].tolist() == [0, 0]
    assert torch.allclose(found[2:], (torch.tensor(scores[2:]) / temperature).softmax(0), atol=1e-5)


def test_without_temperature_the_likeliest_token_comes_for_sure() -> None:
    assert next_shares(torch.tensor([9.0, 8, 1, 3, 2]), 0).tolist() == [0, 0, 0, 1, 0]


def test_what_is_written_is_what_the_model_says_of_the_text_alone() -> None:
    model, text = Reader().eval(), [4, 7, 2]

    with torch.no_grad():
        found = list(itertools.islice(write_on(model, text, LENGTH, temperature=0), 12))

        known = list(text)
        for _ in range(12):
            scores = model(torch.tensor([known[-LENGTH:]]))[0, :, -1]
            known.append(int(scores[2:].argmax()) + 2)
    assert found == known[3:]


def test_the_same_seed_writes_the_same_text_and_leaves_chance_as_it_was() -> None:
    model = Reader().eval()

    def written(seed: int) -> list[int]:
        with torch.no_grad():
            return list(itertools.islice(write_on(model, [2], LENGTH, seed=seed), 30))

    before = torch.get_rng_state()
    assert written(1) == written(1) != written(2)
    assert torch.equal(torch.get_rng_state(), before)


def test_an_answer_is_filled_with_the_models_own_tokens() -> None:
    def ask(batch: Mapping[str, Tensor]) -> Tensor:
        # What was asked, one more for each place: 5 → 5 6 7 8.
        before = batch["so_far"]
        following = torch.where(before == 0, batch["asked"], before + 1)
        return nn.functional.one_hot(following, TOKENS).transpose(1, 2).float()

    batch = {"asked": torch.tensor([[5], [2]]), "so_far": torch.full((2, 4), 9)}

    found = fill_answer(ask, batch, "so_far")

    assert found["so_far"].tolist() == [[0, 5, 6, 7], [0, 2, 3, 4]]
    assert batch["so_far"].tolist() == [[9] * 4] * 2


@pytest.mark.parametrize(("row", "place"), [([0, 0, 0], 0), ([3, 1, 0, 0], 1), ([0, 4, 5], 2)])
def test_the_last_token_is_the_last_that_is_no_padding(row: list[int], place: int) -> None:
    assert last_place(row) == place


def test_words_are_joined_with_gaps_and_marks_without() -> None:
    assert joined(["it", "was", ",", "he", "said", "."], "word") == " it was, he said."
    assert joined(["a", " ", "b"], "character") == "a b"


def a_reader() -> Project:
    """Return an untrained model that foresees letters."""
    drawing = Drawing()
    fields = [
        {"name": field.name, "kind": "tokens", "sizes": [128], "dtype": "int", "classes": 77}
        for field in open_data_set("pride").spec.fields
    ]
    drawing.put("Data", "data", dataset="pride", fields=fields, split_by="order")
    drawing.put("Embedding", "embedding", "data.text", embedding_dim=8)
    drawing.put("GRU", "gru", "embedding", hidden_size=8)
    drawing.put("Linear", "linear", "gru", out_features=77)
    drawing.put("Transpose", "scores", "linear")
    drawing.put("CrossEntropyLoss", "loss", "scores", "data.next")
    return drawing.project("Reader")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> LoadedRun:
    return load_run(save_run(tmp_path_factory.mktemp("runs") / "run", a_reader()))


def test_the_next_letter_is_that_of_the_text_without_padding(loaded: LoadedRun) -> None:
    names = loaded.spec.class_names["next"]
    text = torch.tensor([[names.index(letter) for letter in "It is a"]])
    with torch.no_grad():
        expected = loaded.compiled.module(text)[0, :, -1].softmax(0)

    (found,) = predict_files(loaded, ["It is a"])

    assert found.label == names[int(expected.argmax())]
    assert found.probabilities == pytest.approx(expected.tolist(), abs=1e-5)


def test_a_run_goes_on_with_a_text(loaded: LoadedRun) -> None:
    (found,) = predict_files(loaded, ["It is a"], Writing(tokens=40, temperature=1))

    assert found.text is not None and len(found.text) == 40
    assert set(found.text) <= set(loaded.spec.class_names["next"][2:])


def test_a_model_that_foresees_no_token_says_that_it_does_not_write(tmp_path: Path) -> None:
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("Flatten", "flatten", "data.image")
    drawing.put("Linear", "scores", "flatten", out_features=10)
    drawing.put("CrossEntropyLoss", "loss", "scores", "data.label")
    digits = load_run(save_run(tmp_path / "run", drawing.project("Digits")))

    with pytest.raises(DataError, match="does not write"):
        predict_files(digits, ["sample:0"], Writing(tokens=5))


@pytest.mark.slow
def test_an_exported_folder_writes_the_same_without_layerloom(
    loaded: LoadedRun, tmp_path: Path
) -> None:
    made = export_here(loaded.folder, "source", tmp_path / "made")
    (expected,) = predict_files(loaded, ["It is a"], Writing(tokens=20, seed=5))

    program = str(Path(made.path) / "predict.py")
    asked = ["--json", "--write", "20", "--seed", "5", "It is a"]
    done = subprocess.run(
        [sys.executable, "-I", isolation.__file__, program, *asked],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert json.loads(done.stdout)["text"] == expected.text, done.stderr
