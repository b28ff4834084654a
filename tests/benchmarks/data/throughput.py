"""Samples a second that reach the model, beside what is usual for the same files.

Digits of 28×28 pixels as PNG files, and photographs of 320 pixels as JPEG files that are brought to
224: read by a feed of the engine, and by a DataLoader of torch that opens each file with Pillow.
They take turns; a ratio is the median of those within each round, by the clock on the wall. The
first epoch of the engine, which decodes every file once, is told beside the ones that follow.

    python tests/benchmarks/data/throughput.py [--rounds 9]
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from engine.data.builtin import open_data_set
from engine.data.loading import Feed, open_feed
from engine.data.opening import open_data
from nodes.io import Data
from nodes.sources import Images

CPU = torch.device("cpu")
ROUNDS = 9


@dataclass(frozen=True)
class Folder:
    """A folder of pictures, and how they are taken."""

    name: str
    size: tuple[int, int, int]
    batch: int
    workers: int
    bar: float
    """At least so many times the samples of a DataLoader."""

    write: Callable[[Path], int]
    """Writes the files and says how many."""


def main() -> None:
    """Measure both folders."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    for folder in (
        Folder("28×28 in memory", (1, 28, 28), 64, 0, 20.0, _digits),
        Folder("JPEG", (3, 224, 224), 32, 2, 1.0, _photographs),
    ):
        print(json.dumps(measure(folder, rounds)), flush=True)


def measure(folder: Folder, rounds: int) -> dict[str, object]:
    """Let both read the same files in turn."""
    with tempfile.TemporaryDirectory() as place:
        os.environ["LAYERLOOM_CACHE"] = str(Path(place) / "cache")
        files = Path(place) / "files"
        count = folder.write(files)
        began = time.perf_counter()
        feed = _feed(folder, files)
        _read(feed, folder.batch, 0)
        first = count / (time.perf_counter() - began)
        usual = [_usual(folder, files)]
        ours = []
        for epoch in range(1, rounds + 1):
            ours.append(_rate(count, lambda epoch=epoch: _read(feed, folder.batch, epoch)))
            usual.append(_usual(folder, files))
    theirs = usual[1:]
    ratio = median(a / b for a, b in zip(ours, theirs, strict=True))
    return {
        "benchmark": "data throughput",
        "files": folder.name,
        "samples": count,
        "rounds": rounds,
        "samples_per_second": {
            "engine": round(median(ours)),
            "engine_first_epoch": round(first),
            f"data_loader_{folder.workers}_workers": round(median(theirs)),
        },
        "engine_to_data_loader": round(ratio, 2),
        "first_epoch_to_data_loader": round(first / median(theirs), 2),
        "bar": folder.bar,
        "holds": ratio >= folder.bar,
    }


class PictureFolder(Dataset[tuple[Tensor, int]]):
    """What torchvision's ImageFolder does, without torchvision."""

    def __init__(self, files: Path, size: tuple[int, int, int]) -> None:
        names = sorted(files.iterdir())
        self._items = [
            (path, label) for label, inner in enumerate(names) for path in sorted(inner.iterdir())
        ]
        self._size = size

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, place: int) -> tuple[Tensor, int]:
        path, label = self._items[place]
        channels, height, width = self._size
        with path.open("rb") as stream:
            image = Image.open(stream).convert("L" if channels == 1 else "RGB")
        if image.size != (width, height):
            image = image.resize((width, height), Image.Resampling.BILINEAR)
        pixels = np.array(image, np.uint8).reshape(height, width, channels)
        return torch.from_numpy(pixels).permute(2, 0, 1).contiguous().float().div(255), label


def _feed(folder: Folder, files: Path) -> Feed:
    channels, height, width = folder.size
    source = Images(path=str(files), channels=channels, height=height, width=width)
    data_set = open_data(Data(dataset="files", source=source))
    samples = np.arange(data_set.spec.samples)
    # The photographs come from the cache on disk, as they would if there were more of them.
    room = None if channels == 1 else 0
    return open_feed(data_set, samples, ("image", "label"), CPU, bytes_in_memory=room)


def _read(feed: Feed, batch: int, epoch: int) -> None:
    for _ in feed.batches(feed.order(seed=0, epoch=epoch), batch):
        pass


def _usual(folder: Folder, files: Path) -> float:
    loader: DataLoader[Any] = DataLoader(
        PictureFolder(files, folder.size),
        batch_size=folder.batch,
        shuffle=True,
        num_workers=folder.workers,
    )
    return _rate(len(loader.dataset), lambda: [None for _ in loader])  # type: ignore[arg-type]


def _rate(count: int, read: Callable[[], object]) -> float:
    began = time.perf_counter()
    read()
    return count / (time.perf_counter() - began)


def _digits(folder: Path) -> int:
    pixels = open_data_set("digits").read("image", np.arange(2000))
    return _write(folder, [Image.fromarray(one[0]) for one in pixels.astype(np.uint8)], "png")


def _photographs(folder: Path) -> int:
    """Make pictures as hard to decode as photographs: smooth shapes, and some noise."""
    generator = np.random.default_rng(0)
    pictures = []
    for _ in range(200):
        rough = Image.fromarray(generator.integers(0, 255, (12, 12, 3), np.uint8))
        smooth = np.asarray(rough.resize((320, 320), Image.Resampling.BICUBIC), np.int16)
        noisy = smooth + generator.normal(0, 8, smooth.shape).astype(np.int16)
        pictures.append(Image.fromarray(noisy.clip(0, 255).astype(np.uint8)))
    return _write(folder, pictures, "jpg")


def _write(folder: Path, pictures: list[Image.Image], suffix: str) -> int:
    for place, picture in enumerate(pictures):
        inner = folder / f"class{place % 4}"
        inner.mkdir(parents=True, exist_ok=True)
        picture.save(inner / f"{place:05}.{suffix}")
    return len(pictures)


if __name__ == "__main__":
    main()
