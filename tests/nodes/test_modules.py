"""The modules that torch lacks, held against torch and the formulas that define them."""

import math
import subprocess
import sys

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Categorical, Normal, kl_divergence
from torch_judge import build

from nodes import modules
from nodes.catalogue import make_layer
from nodes.sizes import BATCH
from nodes.tensors import Inputs, TensorType


def sequence(steps: int, features: int) -> Inputs:
    return Inputs({"x": (TensorType((BATCH, steps, features)),)})


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("CausalSelfAttention", {"num_heads": 2}),
        ("CausalSelfAttention", {"num_heads": 2, "rotary": True}),
        ("TransformerEncoderLayer", {"num_heads": 2, "causal": True}),
        ("TransformerEncoder", {"num_heads": 2, "causal": True}),
    ],
)
def test_what_is_causal_does_not_see_what_comes_later(kind: str, params: dict[str, object]) -> None:
    call = build(make_layer(kind, params), sequence(6, 8))
    x = torch.rand(2, 6, 8)
    changed = torch.cat([x[:, :4], torch.rand(2, 2, 8)], dim=1)

    before, after = call(x=x), call(x=changed)

    assert torch.allclose(before[:, :4], after[:, :4], atol=1e-5)
    assert not torch.allclose(before[:, 4:], after[:, 4:], atol=1e-3)


def test_causal_attention_looks_at_no_later_step() -> None:
    layer = make_layer("MultiheadAttention", {"causal": True, "return_weights": True})
    query = TensorType((BATCH, 5, 8))

    _, weights = build(layer, Inputs({"query": (query,)}))(query=torch.rand(2, 5, 8))

    assert torch.equal(weights, weights.tril()) and torch.allclose(
        weights.sum(-1), torch.ones(2, 5)
    )


def test_steps_that_the_mask_marks_are_left_out() -> None:
    layer = make_layer("MultiheadAttention", {"return_weights": True})
    inputs = {
        "query": (TensorType((BATCH, 5, 8)),),
        "mask": (TensorType((BATCH, 5), "bool"),),
    }
    padding = torch.tensor([[False, False, False, True, True]])

    _, weights = build(layer, Inputs(inputs))(query=torch.rand(1, 5, 8), mask=padding)

    assert torch.count_nonzero(weights[..., 3:]) == 0


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_last_memory_is_where_each_direction_ends(kind: str, *, bidirectional: bool) -> None:
    params = {"hidden_size": 3, "num_layers": 2, "bidirectional": bidirectional}
    torch.manual_seed(0)
    every = build(make_layer(kind, params), sequence(5, 4))
    torch.manual_seed(0)
    last = build(make_layer(kind, {**params, "return_sequence": False}), sequence(5, 4))
    x = torch.rand(2, 5, 4)

    steps, memory = every(x=x)[0], last(x=x)

    assert torch.allclose(memory[:, :3], steps[:, -1, :3])
    if bidirectional:
        assert torch.allclose(memory[:, 3:], steps[:, 0, 3:])


def test_positions_are_the_waves_of_the_paper() -> None:
    added = modules.SinusoidalPositions(7)(torch.zeros(1, 4, 7))[0]

    for step in range(4):
        for place in range(7):
            angle = step / 10000 ** (2 * (place // 2) / 7)
            wave = math.cos(angle) if place % 2 else math.sin(angle)
            assert added[step, place].item() == pytest.approx(wave, abs=1e-5)


def test_turned_queries_and_keys_tell_how_far_apart_steps_are() -> None:
    turn = modules.RotaryPositions(6)
    query, key = torch.rand(6), torch.rand(6)

    products = turn(query.expand(1, 8, 6))[0] @ turn(key.expand(1, 8, 6))[0].T

    for distance in range(-3, 4):
        along = products.diagonal(distance)
        assert torch.allclose(along, along[0].expand_as(along), atol=1e-5)


def test_the_divergence_is_that_of_the_distributions() -> None:
    mean, log_variance = torch.randn(4, 3), torch.randn(4, 3)
    found = Normal(mean, (log_variance / 2).exp())

    wanted = kl_divergence(found, Normal(0.0, 1.0)).mean()

    assert torch.allclose(modules.GaussianKL()(mean, log_variance), wanted)


def test_the_loss_of_a_band_is_least_where_it_holds_what_it_should() -> None:
    values = torch.linspace(0, 1, 1001)[:, None]
    ends = torch.tensor([0.3, 0.6], requires_grad=True)
    optimizer = torch.optim.Adam([ends], 0.01)

    for _ in range(400):
        optimizer.zero_grad()
        modules.Band(0.8)(ends.expand(1001, 2), values).backward()
        optimizer.step()

    # The quantiles of evenly spread numbers are the numbers themselves.
    assert torch.allclose(ends, torch.tensor([0.1, 0.9]), atol=0.01)


def test_the_sampler_draws_while_training_and_gives_the_mean_after() -> None:
    torch.manual_seed(0)
    sampler = modules.VariationalSampler()
    mean, log_variance = torch.full((20000,), 3.0), torch.full((20000,), math.log(4.0))

    drawn = sampler(mean, log_variance)

    assert drawn.mean().item() == pytest.approx(3.0, abs=0.1)
    assert drawn.std().item() == pytest.approx(2.0, abs=0.1)
    assert torch.equal(sampler.eval()(mean, log_variance), mean)


def test_ctc_reads_labels_up_to_the_zeros_that_fill_them() -> None:
    scores = torch.rand(2, 6, 5)
    labels = torch.tensor([[1, 2, 0], [3, 4, 1]])

    wanted = nn.CTCLoss()(
        scores.log_softmax(-1).transpose(0, 1),
        torch.tensor([1, 2, 3, 4, 1]),
        torch.tensor([6, 6]),
        torch.tensor([2, 3]),
    )

    assert torch.allclose(modules.CTC()(scores, labels), wanted)


@pytest.mark.parametrize("hertz", [500, 1000, 3000])
def test_a_tone_is_loudest_in_its_own_band(hertz: int) -> None:
    rate, bands = 16000, 40
    wave = torch.sin(torch.arange(rate) / rate * hertz * 2 * math.pi)

    picture = modules.MelSpectrogram(rate, 1024, 256, bands)(wave[None])[0]

    loudest = picture.mean(1).argmax().item()
    top = 2595 * math.log10(1 + rate / 2 / 700)
    band = 2595 * math.log10(1 + hertz / 700) / top * (bands + 1) - 1
    assert abs(loudest - band) <= 1


def test_cepstral_coefficients_are_the_cosine_transform_of_the_mel_spectrogram() -> None:
    wave = torch.randn(2, 4000)
    mels = modules.MelSpectrogram(8000, 256, 128, 20)(wave)

    found = modules.MFCC(8000, 256, 128, 20, n_mfcc=20)(wave)

    by_hand = torch.stack(
        [
            sum(mels[:, m] * math.cos(math.pi * k * (m + 0.5) / 20) for m in range(20))
            * math.sqrt((1 if k == 0 else 2) / 20)
            for k in range(20)
        ],
        dim=1,
    )
    torch.testing.assert_close(found, by_hand, rtol=1e-4, atol=1e-3)
    # An orthonormal transform keeps lengths.
    torch.testing.assert_close(found.norm(dim=1), mels.norm(dim=1))


def test_undoing_max_pooling_puts_numbers_back() -> None:
    image = TensorType((BATCH, 3, 6, 6))
    pool = build(make_layer("MaxPool2d", {"return_indices": True}), Inputs({"x": (image,)}))
    small = TensorType((BATCH, 3, 3, 3))
    places = TensorType((BATCH, 3, 3, 3), "int")
    undo = build(make_layer("MaxUnpool2d", {}), Inputs({"x": (small,), "indices": (places,)}))
    x = torch.rand(2, 3, 6, 6)

    largest, indices = pool(x=x)
    back = undo(x=largest, indices=indices)

    kept: Tensor = back[back != 0]
    assert torch.equal(kept.sort().values, largest.flatten().sort().values)
    assert torch.equal(back[back != 0], x[back != 0])


def test_squeezing_weighs_whole_channels() -> None:
    x = torch.rand(2, 4, 5, 5) + 0.1

    weights = modules.SqueezeExcite(4, 2)(x) / x

    assert torch.allclose(weights, weights[..., :1, :1].expand_as(weights), atol=1e-5)
    assert ((weights > 0) & (weights < 1)).all()


def test_a_gated_network_is_what_its_formula_says() -> None:
    gated = modules.GatedMLP(3, 5, "SiLU")
    x = torch.rand(2, 3)

    up, gate = x @ gated.up.weight.T, x @ gated.gate.weight.T
    wanted = (gate * torch.sigmoid(gate) * up) @ gated.down.weight.T

    assert torch.allclose(gated(x), wanted, atol=1e-6)


def test_a_class_token_stands_before_every_sequence() -> None:
    token = modules.ClassToken(3)
    nn.init.normal_(token.weight)
    x = torch.rand(2, 4, 3)

    longer = token(x)

    assert torch.equal(longer[:, 1:], x) and torch.equal(longer[0, 0], longer[1, 0])


def test_learned_positions_are_cut_to_the_sequence() -> None:
    positions = modules.LearnedPositions(6, 3)

    assert torch.equal(positions(torch.zeros(1, 4, 3))[0], positions.weight[:4])


def test_noise_is_new_while_training_and_the_same_after() -> None:
    noise = modules.Noise((3, 2))
    batch = torch.zeros(5, 7)

    assert noise(batch).shape == (5, 3, 2)
    assert not torch.equal(noise(batch), noise(batch))
    noise.eval()
    assert torch.equal(noise(batch), modules.Noise((3, 2)).eval()(batch))
    assert torch.equal(noise(torch.zeros(69, 1))[64:], noise(batch))


def test_uniform_noise_fills_from_minus_one_to_one() -> None:
    drawn = modules.Noise((1000,), distribution="uniform")(torch.zeros(10, 1))

    assert -1 <= drawn.min() < -0.99 and 0.99 < drawn.max() <= 1


def test_distillation_at_a_temperature_is_that_of_the_formula() -> None:
    student, teacher = torch.randn(6, 4), torch.randn(6, 4)
    one, other = Categorical(logits=teacher / 3), Categorical(logits=student / 3)

    wanted = 9 * kl_divergence(one, other).mean()

    assert torch.allclose(modules.Distillation(3.0)(student, teacher), wanted, atol=1e-5)


def test_views_are_compared_pair_by_pair() -> None:
    a, b = torch.randn(4, 3), torch.randn(4, 3)
    views = [*a, *b]

    def alike(i: int, j: int) -> torch.Tensor:
        return torch.exp(torch.cosine_similarity(views[i], views[j], dim=0) / 0.5)

    wanted = [
        -torch.log(alike(i, (i + 4) % 8) / sum(alike(i, j) for j in range(8) if j != i))
        for i in range(8)
    ]

    assert torch.allclose(modules.NTXent(0.5)(a, b), torch.stack(wanted).mean(), atol=1e-5)


def test_a_view_without_moves_is_the_picture_and_after_training_every_view_is() -> None:
    picture = torch.rand(3, 2, 8, 8)
    still = modules.RandomView(turn=0.0, shift=0.0, zoom=0.0)
    moving = modules.RandomView()

    assert torch.allclose(still(picture), picture, atol=1e-5)
    assert not torch.allclose(moving(picture), moving(picture))
    assert torch.equal(moving.eval()(picture), picture)


def test_views_lie_within_what_is_asked() -> None:
    picture = torch.zeros(200, 1, 41, 41)
    picture[:, :, 20, 20] = 1.0
    seen = modules.RandomView(turn=0.0, shift=0.25, zoom=0.0)(picture)

    places = seen.flatten(1).argmax(1)
    rows, columns = places // 41 - 20, places % 41 - 20

    assert rows.abs().max() <= 11 and columns.abs().max() <= 11
    assert rows.abs().max() >= 8 and rows.min() < 0 < rows.max()


@pytest.mark.parametrize("asked", [["format", "--diff"], ["check", "--select", "E,F,I"]])
def test_they_are_written_as_ruff_would_in_the_source_of_a_model(asked: list[str]) -> None:
    """Its lines are shorter than those of this house."""
    command = [sys.executable, "-m", "ruff", *asked, "--isolated", "--no-cache"]

    told = subprocess.run([*command, modules.__file__], capture_output=True, text=True, check=False)

    assert told.returncode == 0, told.stdout
