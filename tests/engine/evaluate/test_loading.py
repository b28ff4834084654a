from pathlib import Path

import pytest
import torch
from small_runs import Drawing, a_small_cnn, compiled, save_run

from engine.evaluate.loading import load_run
from engine.project.codec import to_text
from engine.project.files import save
from engine.training.checkpoints import Place, SavedState, Snapshot, save_checkpoint
from nodes.errors import RunError


def test_a_run_is_loaded_with_its_weights_in_evaluation_mode(tmp_path: Path) -> None:
    project = a_small_cnn()
    model = compiled(project, seed=5)

    loaded = load_run(save_run(tmp_path / "run", project, model))

    assert loaded.project == project and loaded.spec.name == "digits"
    assert not any(module.training for module in loaded.compiled.module.modules())
    for name, values in model.module.state_dict().items():
        assert torch.equal(loaded.compiled.module.state_dict()[name], values)


def test_a_run_without_a_best_epoch_is_loaded_with_its_last_weights(tmp_path: Path) -> None:
    run = save_run(tmp_path / "run", a_small_cnn())
    (run / "checkpoints" / "best").rename(tmp_path / "gone")

    assert load_run(run).weights == "last"


def test_a_folder_without_project_or_weights_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="not a training run"):
        load_run(tmp_path)

    save(tmp_path / "project.loom", a_small_cnn())
    with pytest.raises(RunError, match="no trained weights"):
        load_run(tmp_path)


def test_weights_of_another_drawing_are_told(tmp_path: Path) -> None:
    run = save_run(tmp_path / "run", a_small_cnn())
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("Flatten", "flatten", "data.image")
    drawing.put("Linear", "scores", "flatten", out_features=10)
    drawing.put("CrossEntropyLoss", "loss", "scores", "data.label")
    save(run / "project.loom", drawing.project("Another"))

    with pytest.raises(RunError, match="do not fit this drawing") as caught:
        load_run(run)

    assert caught.value.why


def test_a_run_that_was_changed_while_it_trained_has_the_drawing_of_its_weights(
    tmp_path: Path,
) -> None:
    began_with, changed = a_small_cnn(), a_small_cnn("Changed", {"split_seed": 3})
    folder = save_run(tmp_path / "run", began_with)
    model = compiled(changed)
    state = SavedState(place=Place(), random={}, project=to_text(changed))
    snapshot = Snapshot(weights=model.module.state_dict(), optimizer={}, state=state)
    save_checkpoint(folder / "checkpoints", "best", snapshot)

    assert load_run(folder).project == changed
    assert load_run(folder, "last").project == began_with
