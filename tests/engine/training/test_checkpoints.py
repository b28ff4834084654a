import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from engine.runs.record import find_checkpoint, set_aside
from engine.training import checkpoints
from engine.training.checkpoints import (
    Place,
    SavedState,
    Snapshot,
    load_checkpoint,
    random_states,
    restore_random_states,
    save_checkpoint,
)
from nodes.errors import RunError


def a_snapshot(step: int) -> Snapshot:
    values = torch.full((50, 50), float(step))
    return Snapshot(
        weights={"linear.weight": values, "tied.weight": values, "turned.weight": values.T},
        optimizer={"linear.weight/exp_avg": -values, "linear.weight/step": torch.tensor(3.0)},
        state=SavedState(place=Place(step=step, loss_sum=0.1 + step), random=random_states()),
    )


def test_a_checkpoint_comes_back_as_it_was(tmp_path: Path) -> None:
    saved = a_snapshot(7)
    path = save_checkpoint(tmp_path, "last", saved)

    back = load_checkpoint(tmp_path, "last")

    assert back is not None and path == tmp_path / "last"
    assert back.state.place == saved.state.place and back.state.random == saved.state.random
    assert back.weights.keys() == saved.weights.keys()
    assert all(torch.equal(back.weights[name], saved.weights[name]) for name in back.weights)
    assert torch.equal(back.optimizer["linear.weight/step"], torch.tensor(3.0))


def test_nothing_but_the_newest_checkpoint_is_left(tmp_path: Path) -> None:
    for step in (1, 2, 3):
        save_checkpoint(tmp_path, "last", a_snapshot(step))

    back = load_checkpoint(tmp_path, "last")
    assert back is not None and back.state.place.step == 3
    assert [path.name for path in tmp_path.iterdir()] == ["last"]


@pytest.mark.parametrize("file", ["weights.safetensors", "optimizer.safetensors", "state.json"])
def test_a_changed_file_is_noticed(tmp_path: Path, file: str) -> None:
    place = save_checkpoint(tmp_path, "last", a_snapshot(1)) / file
    content = place.read_bytes()
    place.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])

    with pytest.raises(RunError, match="checkpoint is damaged"):
        load_checkpoint(tmp_path, "last")


def test_a_kill_between_two_renames_leaves_the_former_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For systems that cannot exchange two folders in one act."""
    monkeypatch.setattr(checkpoints, "_swapped", lambda one, other: False)
    save_checkpoint(tmp_path, "last", a_snapshot(1))
    rename = Path.rename
    renamed: list[Path] = []

    def killed_before_the_second(self: Path, target: Path) -> Path:
        if renamed:
            raise KeyboardInterrupt
        renamed.append(target)
        return rename(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", killed_before_the_second)
        with pytest.raises(KeyboardInterrupt):
            save_checkpoint(tmp_path, "last", a_snapshot(2))

    assert find_checkpoint(tmp_path, "last") == set_aside(tmp_path, "last")
    back = load_checkpoint(tmp_path, "last")
    assert back is not None and back.state.place.step == 1
    save_checkpoint(tmp_path, "last", a_snapshot(3))
    back = load_checkpoint(tmp_path, "last")
    assert back is not None and back.state.place.step == 3


def test_a_full_disk_leaves_the_former_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_checkpoint(tmp_path, "last", a_snapshot(1))

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            save_checkpoint(tmp_path, "last", a_snapshot(2))

    back = load_checkpoint(tmp_path, "last")
    assert back is not None and back.state.place.step == 1
    assert [path.name for path in tmp_path.iterdir()] == ["last"]


_KILL_WHO_SAVES = """
import os, random, signal, struct, sys, time
from pathlib import Path
import torch
from engine.training.checkpoints import Place, SavedState, Snapshot
from engine.training.checkpoints import load_checkpoint, save_checkpoint

torch.set_num_threads(1)  # threads do not survive a fork
folder = Path(sys.argv[1])

def save(step):
    tensors = {"w": torch.full((200, 200), float(step))}
    state = SavedState(place=Place(step=step), random={})
    save_checkpoint(folder, "last", Snapshot(weights=tensors, optimizer=tensors, state=state))

done = 1
save(done)
for number in range(20):
    read_end, write_end = os.pipe()
    child = os.fork()
    if not child:
        while True:
            done += 1
            save(done)
            os.write(write_end, struct.pack("i", done))
    os.close(write_end)
    with os.fdopen(read_end, "rb") as told:
        steps = told.read(4)
        time.sleep(random.Random(number).uniform(0, 0.04))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        steps += told.read()
    done = max(step for (step,) in struct.iter_unpack("i", steps))
    back = load_checkpoint(folder, "last")
    assert back is not None, f"round {number}: nothing to read"
    step = back.state.place.step
    assert step in (done, done + 1), f"round {number}: {step} instead of {done}"
    assert float(back.weights["w"][0, 0]) == float(back.optimizer["w"][-1, -1]) == step
    done = step
print(done)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no kill -9 here")
def test_a_kill_at_any_moment_leaves_a_checkpoint_that_can_be_read(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _KILL_WHO_SAVES, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 20


def test_random_numbers_go_on_where_they_were() -> None:
    states = random_states()
    first = torch.rand(5)
    torch.rand(100)

    restore_random_states(states)

    assert torch.equal(torch.rand(5), first)
