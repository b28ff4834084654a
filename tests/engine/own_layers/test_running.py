import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from own_texts import HALVED, SCALED
from torch import nn

from engine.own_layers.running import find_here
from engine.own_layers.trust import trust
from nodes.catalogue import set_up
from nodes.own_layer import Answer, Failed, Found, OwnLayer, own_kind
from nodes.sizes import BATCH, Size, symbol
from nodes.tensors import Inputs, TensorType

HEAD = "import torch\nfrom torch import Tensor, nn\nimport torch.nn.functional as F\n\n\n"
T = symbol("T")


def _found(text: str, *sizes: tuple[Size, ...], **params: object) -> Answer:
    trust([text])
    kind = own_kind(text)
    layer = set_up(kind, params)
    assert isinstance(layer, OwnLayer)
    names = [port.name for port in kind.code.inputs]
    arriving = {name: (TensorType(size),) for name, size in zip(names, sizes, strict=False)}
    return find_here(layer.question(Inputs(arriving)))


def test_the_batch_stays_a_letter_and_weights_are_counted() -> None:
    found = _found(SCALED, (BATCH, 3, 8, 8))

    assert found == Found(types=(TensorType((BATCH, 3, 8, 8)),), parameters=3)


def test_several_outputs_have_a_type_each() -> None:
    found = _found(HALVED, (BATCH, 6, 4))

    assert isinstance(found, Found)
    assert [one.sizes for one in found.types] == [(BATCH, 3, 4), (BATCH, 3, 4)]


@given(
    channels=st.integers(1, 4),
    kernel=st.integers(1, 4),
    stride=st.integers(1, 3),
    size=st.integers(4, 12),
)
def test_sizes_and_costs_are_those_that_torch_gives(
    channels: int, kernel: int, stride: int, size: int
) -> None:
    text = (
        f"{HEAD}class Layer(nn.Module):\n"
        "    def __init__(self, in_channels: int, kernel: int, stride: int):\n"
        "        super().__init__()\n"
        "        self.inner = nn.Conv2d(in_channels, 5, kernel, stride)\n"
        "    def forward(self, x: Tensor) -> Tensor:\n"
        "        return self.inner(x).flatten(1)\n"
    )
    conv = nn.Conv2d(channels, 5, kernel, stride)
    judged = conv(torch.zeros(1, channels, size, size))

    found = _found(text, (BATCH, channels, size, size), kernel=kernel, stride=stride)

    assert isinstance(found, Found)
    assert found.types[0].sizes == (BATCH, judged.flatten(1).shape[1])
    assert found.parameters == sum(one.numel() for one in conv.parameters())
    assert found.multiply_adds == judged.numel() * channels * kernel * kernel


def test_other_letters_stay_letters_too() -> None:
    text = (
        f"{HEAD}def doubled(x: Tensor, y: Tensor) -> Tensor:\n    return torch.cat([x, y, y], 1)\n"
    )

    found = _found(text, (BATCH, T, 4), (BATCH, T + 3, 4))

    assert isinstance(found, Found)
    assert found.types[0].sizes == (BATCH, T * 3 + 6, 4)


def test_a_layer_that_goes_by_numbers_is_run_with_numbers() -> None:
    text = (
        f"{HEAD}def clipped(x: Tensor) -> Tensor:\n"
        "    return x / x.max() if x.max().item() > 1 else x\n"
    )

    assert _found(text, (BATCH, 4)) == Found(types=(TensorType((BATCH, 4)),))


def test_sizes_that_follow_no_rule_are_refused() -> None:
    text = f"{HEAD}def squared(x: Tensor) -> Tensor:\n    return x.new_zeros(len(x) ** 2, 3)\n"

    found = _found(text, (BATCH, 4))

    assert isinstance(found, Failed)
    assert "follow no rule" in found.title


def test_what_fails_is_told_with_its_line_in_the_words_of_torch() -> None:
    text = (
        f"{HEAD}def wrong(x: Tensor) -> Tensor:\n    y = x + 1\n    return y @ torch.rand(7, 2)\n"
    )

    found = _found(text, (BATCH, 4))

    assert isinstance(found, Failed)
    assert found.line == len(text.splitlines())
    assert "2x4 and 7x2" in found.why


@pytest.mark.parametrize("returned", ["1", "None", '"text"', "[x, 1]"])
def test_a_layer_must_return_tensors(returned: str) -> None:
    found = _found(f"{HEAD}def odd(x: Tensor):\n    return {returned}\n", (BATCH, 4))

    assert isinstance(found, Failed)
    assert "a layer returns tensors" in found.why


def test_a_layer_that_returns_more_than_it_says_is_told_so() -> None:
    found = _found(f"{HEAD}def two(x: Tensor) -> Tensor:\n    return x, x\n", (BATCH, 4))

    assert isinstance(found, Failed)
    assert found.why == "It says 1, it returns 2."
