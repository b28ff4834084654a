"""What excites a channel, judged by hooks on the module and all samples one by one."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from small_runs import a_small_cnn, compiled, node_id
from torch import Tensor

from engine.data.loading import MemoryFeed
from engine.data.meaning import main_meaning
from engine.probes.exciting import SHOWN, find_exciting
from engine.training.questions import ExcitingFound
from nodes.errors import DataError

PROJECT = a_small_cnn()


def some_samples(count: int = 60) -> dict[str, Tensor]:
    images = torch.rand(count, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    return {"image": images, "label": torch.arange(count) % 10}


def found(channel: int, node: str = "first") -> ExcitingFound:
    model = compiled(PROJECT)
    model.module.eval()
    feed = MemoryFeed(some_samples(), 60)
    spec = SimpleNamespace(preparations={})
    material: Any = SimpleNamespace(validation=feed, class_names=tuple("abcdefghij"), spec=spec)
    meaning = main_meaning(model.plan)
    place = node_id(PROJECT, node)
    return find_exciting(model, material, meaning, place, channel, step=1, epoch=0.5)


def test_the_samples_are_those_on_which_the_channel_peaks() -> None:
    model, seen = compiled(PROJECT), dict[str, Tensor]()
    model.module.eval()
    handle = model.module.get_submodule("first").register_forward_hook(
        lambda _m, _i, out: seen.update(out=out.detach())
    )
    model.outputs(some_samples())
    handle.remove()
    peaks = seen["out"].relu()[:, 2].amax((1, 2))

    told = found(2)

    order = np.argsort(-peaks.numpy(), kind="stable")[:SHOWN]
    assert told.strengths == pytest.approx(peaks[order.copy()].tolist(), rel=1e-5)
    assert told.places == tuple(order.tolist())
    assert told.labels == tuple("abcdefghij"[place % 10] for place in told.places)
    assert len(told.pixels) == SHOWN * 28 * 28


def test_a_unit_of_a_vector_is_a_channel_too() -> None:
    model = compiled(PROJECT)
    model.module.eval()
    with torch.no_grad():
        scores = model.outputs(some_samples())[0]

    told = found(7, "scores")

    assert told.places[0] == int(scores[:, 7].argmax())
    assert told.strengths[0] == pytest.approx(float(scores[:, 7].max()), rel=1e-5)


def test_a_channel_that_is_not_there_is_refused_in_words() -> None:
    with pytest.raises(DataError, match="no channel 99"):
        found(99)
