import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.runs.record import RunRecord

SCRIPT = """
import sys
sys.path[:0] = {path!r}
from engine.training.config import TrainingConfig
from engine.training.runner import train_here
from training_runs import a_network_with_memory

def emit(event):
    print(event.__struct_config__.tag, flush=True)

config = TrainingConfig(run_folder={folder!r}, threads=1)
train_here(a_network_with_memory(epochs=100_000), config, emit)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is sent in another way there")
def test_ctrl_c_stops_after_a_checkpoint(tmp_path: Path) -> None:
    script = SCRIPT.format(path=sys.path, folder=str(tmp_path))
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    while process.stdout.readline().strip() != "step_ended":
        assert process.poll() is None

    process.send_signal(signal.SIGINT)
    told, problems = process.communicate(timeout=60)

    assert process.returncode == 0, problems
    assert told.split()[-2:] == ["checkpoint_saved", "run_ended"]
    record = RunRecord.open(tmp_path)
    assert record.state == "stopped" and record.checkpoint("last")
