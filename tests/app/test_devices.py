from builders import a_project, a_residual_cnn
from window_hands import Windows

from engine.training.events import WorkerReady


def test_the_device_of_the_next_run_is_named_in_the_header(windows: Windows) -> None:
    window = windows(a_project(a_residual_cnn()), with_panels=False)
    names = ("CPU · 8 cores", "NVIDIA H100")
    window.run_view._on_arrived([WorkerReady(pid=1, torch="9.9", devices=names)])
    device = window.header.train.device

    assert device.text() == "NVIDIA H100"
    window.choose_device("cpu")
    assert device.text() == "CPU · 8 cores"
    window.choose_device("cuda")
    assert device.text() == "NVIDIA H100"
    assert [action.data() for action in device.menu().actions()] == ["auto", "cpu", "cuda"]


def test_what_fits_is_judged_by_the_memory_of_the_device_that_trains(windows: Windows) -> None:
    window = windows(a_project(a_residual_cnn()), with_panels=False)
    ram, small = window.document.memory_bytes, 1_000_000
    names = ("CPU · 8 cores", "NVIDIA H100")

    window.run_view._on_arrived([WorkerReady(pid=1, torch="9.9", devices=names, gpu_bytes=small)])

    assert window.document.memory_bytes == small
    assert "LL-A014" in [problem.code for problem in window.document.problems]
    assert "of 1\u202fMB" in window.bar.text_of("memory")
    window.choose_device("cpu")
    assert window.document.memory_bytes == ram
    assert "LL-A014" not in [problem.code for problem in window.document.problems]


def test_a_gpu_that_is_not_there_is_grey_and_says_why(windows: Windows) -> None:
    window = windows(a_project(a_residual_cnn()), with_panels=False)
    menu = window.header.train.device.menu()
    gpu = menu.actions()[-1]
    assert gpu.isEnabled()

    window.run_view._on_arrived([WorkerReady(pid=1, torch="9.9", devices=("CPU · 8 cores",))])
    menu.aboutToShow.emit()

    assert not gpu.isEnabled() and "PyTorch 9.9 sees no" in gpu.toolTip()
    names = ("CPU · 8 cores", "NVIDIA H100")
    window.run_view._on_arrived([WorkerReady(pid=1, torch="9.9", devices=names)])
    menu.aboutToShow.emit()
    assert gpu.isEnabled() and gpu.text() == "GPU"
