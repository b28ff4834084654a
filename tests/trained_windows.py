"""A drawing that a real worker trains in the whole window, and the beginning of its run."""

from builders import Drawing, a_project
from training_runs import FEW
from window_hands import wait_until

from app.main_window import MainWindow
from engine.project.project import Project


def a_project_that_is_soon_trained(epochs: int = 1) -> Project:
    """Return digits → conv → flatten → linear → loss, with few samples."""
    drawing = Drawing()
    digits = drawing.add("Data", **FEW)
    conv = drawing.add("Conv2d", after=digits, out_channels=4, activation="ReLU")
    flat = drawing.add("Flatten", after=conv)
    linear = drawing.add("Linear", after=flat, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=linear)
    drawing.wire((digits, "label"), loss, "target")
    return a_project(drawing.graph, epochs=epochs, batch_size=16)


def train_on(window: MainWindow, epochs: int = 100_000) -> None:
    """Train until there are curves."""
    window.document.open(a_project_that_is_soon_trained(epochs))
    window.train()
    wait_until(lambda: window.run_view.share_done > 0 and window.control.phase == "training")
