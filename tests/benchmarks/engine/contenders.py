"""Who trains the same module beside the engine: loops written by hand, and libraries.

Each takes a task and returns a function that makes so many steps and says how long one took. What a
library does before its first step and after its last is not timed.
"""

import contextlib
import io
import itertools
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np
import torch
from models import LEARNING_RATE, Task
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset, TensorDataset

Clock: TypeAlias = Callable[[], float]
Contender: TypeAlias = Callable[[int], float]
"""Makes so many steps; returns seconds a step."""

WARM = 3
"""Steps before the clock runs."""

_BY_PICTURE = "mlp", "lenet"


class NotForThisError(Exception):
    """A contender has nothing to say to a task."""


def in_memory(task: Task, clock: Clock) -> Contender:
    """Write the shortest loop: tensors in memory, fused optimiser."""
    model = task.module()
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)

    def steps() -> Iterator[None]:
        while True:
            for chosen in torch.split(torch.randperm(len(task.inputs)), task.batch):
                loss = functional.cross_entropy(model(task.inputs[chosen]), task.targets[chosen])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                yield

    return _of_loop(steps(), clock)


def data_loader(task: Task, clock: Clock) -> Contender:
    """Write the loop that tutorials teach."""
    return _of_loop(_taught(task, TensorDataset(task.inputs, task.targets)), clock)


def pil_pipeline(task: Task, clock: Clock) -> Contender:
    """Write the same loop over a data set that makes a tensor of a picture for each sample."""
    if task.name.partition(" ")[0] not in _BY_PICTURE:
        raise NotForThisError("Its samples are no pictures.")
    return _of_loop(_taught(task, _Pictures(task)), clock)


def lightning(task: Task, clock: Clock) -> Contender:
    """Let Lightning's trainer do it, everything beside switched off."""
    return _lightning(
        task,
        clock,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


def lightning_default(task: Task, clock: Clock) -> Contender:
    """Let Lightning's trainer do it as it comes: a bar, a log, checkpoints."""
    return _lightning(task, clock)


def fabric(task: Task, clock: Clock) -> Contender:
    """Write the loop with Lightning Fabric."""
    from lightning.fabric import Fabric

    fabric = Fabric(accelerator="cpu", devices=1)
    plain = task.module()
    model, optimizer = fabric.setup(plain, torch.optim.Adam(plain.parameters(), lr=LEARNING_RATE))
    loader = fabric.setup_dataloaders(_loader(task))

    def steps() -> Iterator[None]:
        while True:
            for inputs, targets in loader:
                optimizer.zero_grad()
                loss = functional.cross_entropy(model(inputs), targets)
                fabric.backward(loss)
                optimizer.step()
                yield

    return _of_loop(steps(), clock)


def keras(task: Task, clock: Clock) -> Contender:
    """Let Keras fit the module, on torch."""
    os.environ["KERAS_BACKEND"] = "torch"
    import keras as library

    inside = library.layers.TorchModuleWrapper(task.module())
    model = library.Sequential([library.Input(tuple(task.inputs.shape[1:])), inside])
    model.compile(
        optimizer=library.optimizers.Adam(LEARNING_RATE),
        loss=lambda targets, scores: functional.cross_entropy(scores, targets.long()),
    )
    inputs, targets = task.inputs.numpy(), task.targets.numpy()

    def train(watch: Stopwatch) -> None:
        class Watch(library.callbacks.Callback):  # type: ignore[name-defined, misc]
            def on_train_batch_end(self, batch: int, logs: object = None) -> None:
                del batch, logs
                watch.step()

        with contextlib.suppress(Enough):
            model.fit(
                inputs,
                targets,
                batch_size=task.batch,
                epochs=1000,
                verbose=0,
                callbacks=[Watch()],
            )

    return _of_library(train, clock)


def fastai(task: Task, clock: Clock) -> Contender:
    """Let fastai's learner fit the module."""
    import fastai.callback.progress  # noqa: F401 - gives learners no_bar
    from fastai.callback.core import Callback, CancelFitException
    from fastai.data.core import DataLoaders
    from fastai.data.load import DataLoader as Loader
    from fastai.learner import Learner

    samples = TensorDataset(task.inputs, task.targets)
    loaders = DataLoaders(Loader(samples, bs=task.batch, shuffle=True), Loader(samples, bs=512))
    learner = Learner(loaders, task.module(), loss_func=functional.cross_entropy, lr=LEARNING_RATE)

    def train(watch: Stopwatch) -> None:
        class Watch(Callback):  # type: ignore[misc]
            def after_batch(self) -> None:
                try:
                    watch.step()
                except Enough:
                    raise CancelFitException from None

        with learner.no_bar(), learner.no_logging():
            learner.fit(1000, cbs=[Watch()])

    return _of_library(train, clock)


def skorch(task: Task, clock: Clock) -> Contender:
    """Let skorch fit the module."""
    import skorch as library
    from skorch.callbacks import Callback

    inputs, targets = task.inputs.numpy(), task.targets.numpy()
    watches: list[Stopwatch] = []

    class Watch(Callback):  # type: ignore[misc]
        def on_batch_end(self, net: object, **kwargs: object) -> None:
            del net, kwargs
            watches[-1].step()

    net = library.NeuralNet(
        task.module(),
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        lr=LEARNING_RATE,
        batch_size=task.batch,
        max_epochs=1000,
        iterator_train__shuffle=True,
        train_split=None,
        verbose=0,
        callbacks=[Watch()],
    ).initialize()

    def train(watch: Stopwatch) -> None:
        watches.append(watch)
        with contextlib.suppress(Enough):
            net.partial_fit(inputs, targets)

    return _of_library(train, clock)


CONTENDERS: dict[str, Callable[[Task, Clock], Contender]] = {
    "in memory": in_memory,
    "data loader": data_loader,
    "pil pipeline": pil_pipeline,
    "lightning": lightning,
    "lightning default": lightning_default,
    "fabric": fabric,
    "keras": keras,
    "fastai": fastai,
    "skorch": skorch,
}


class Enough(Exception):  # noqa: N818 - it is no mistake
    """As many steps as were asked for are made."""


class Stopwatch:
    """Counts steps, and tells the time of all but the first few."""

    def __init__(self, steps: int, clock: Clock) -> None:
        self._left, self._steps, self._clock = steps + WARM, steps, clock
        self._began = 0.0
        self.seconds_per_step = float("nan")

    def step(self) -> None:
        """Note that a step was made; raise ``Enough`` after the last."""
        self._left -= 1
        if self._left == self._steps:
            self._began = self._clock()
        if self._left == 0:
            self.seconds_per_step = (self._clock() - self._began) / self._steps
            raise Enough


def _lightning(task: Task, clock: Clock, **settings: Any) -> Contender:
    import lightning as library

    for logger in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(logger).setLevel(logging.ERROR)

    class Module(library.LightningModule):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = task.module()

        def training_step(self, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
            del index
            loss = functional.cross_entropy(self.model(batch[0]), batch[1])
            if not settings:
                self.log("loss", loss)
            return loss

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.parameters(), lr=LEARNING_RATE)

    class Watch(library.Callback):  # type: ignore[misc]
        def __init__(self, watch: Stopwatch) -> None:
            self._watch = watch

        def on_train_batch_end(self, trainer: Any, *rest: object) -> None:
            del rest
            try:
                self._watch.step()
            except Enough:
                trainer.should_stop = True

    module = Module()

    def train(watch: Stopwatch) -> None:
        with tempfile.TemporaryDirectory() as folder, _silence():
            trainer = library.Trainer(
                accelerator="cpu",
                devices=1,
                max_epochs=-1,
                callbacks=[Watch(watch)],
                default_root_dir=folder,
                **settings,
            )
            trainer.fit(module, _loader(task))

    return _of_library(train, clock)


def _of_loop(loop: Iterator[None], clock: Clock) -> Contender:
    def train(count: int) -> float:
        for _ in itertools.islice(loop, WARM):
            pass
        began = clock()
        for _ in itertools.islice(loop, count):
            pass
        return (clock() - began) / count

    return train


def _of_library(fit: Callable[[Stopwatch], None], clock: Clock) -> Contender:
    def train(count: int) -> float:
        watch = Stopwatch(count, clock)
        fit(watch)
        return watch.seconds_per_step

    return train


def _taught(task: Task, samples: Dataset[Any]) -> Iterator[None]:
    model = task.module()
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    total = 0.0
    while True:
        for inputs, targets in DataLoader(samples, batch_size=task.batch, shuffle=True):
            optimizer.zero_grad()
            loss = functional.cross_entropy(model(inputs), targets)
            loss.backward()
            optimizer.step()
            total += loss.item()
            yield


def _loader(task: Task) -> DataLoader[Any]:
    samples = TensorDataset(task.inputs, task.targets)
    return DataLoader(samples, batch_size=task.batch, shuffle=True)


class _Pictures(Dataset[tuple[Tensor, Tensor]]):
    """What torchvision's MNIST does, without torchvision: a picture, a tensor of it, normalised."""

    def __init__(self, task: Task) -> None:
        self._pixels = (task.inputs * 255).to(torch.uint8)
        self._targets = task.targets

    def __len__(self) -> int:
        return len(self._pixels)

    def __getitem__(self, place: int) -> tuple[Tensor, Tensor]:
        from PIL import Image

        picture = Image.fromarray(self._pixels[place, 0].numpy())
        pixels = torch.from_numpy(np.array(picture, np.uint8, copy=True))[None]
        return pixels.float().div(255).sub_(0.1307).div_(0.3081), self._targets[place]


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield
