import subprocess
import sys

import psutil

_PATIENCE = 100.0


def test_it_dies_with_the_process_that_started_it_however_that_ends() -> None:
    code = (
        "from engine.beside.second_process import SecondProcess\n"
        "print(SecondProcess().pid, flush=True)\n"
        "input()\n"
    )
    trainer = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert trainer.stdin is not None and trainer.stdout is not None
    second = psutil.Process(int(trainer.stdout.readline()))

    trainer.kill()
    trainer.wait()

    _, alive = psutil.wait_procs([second], timeout=_PATIENCE)
    trainer.stdin.close()
    trainer.stdout.close()
    assert not alive
