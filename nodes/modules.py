"""The modules that torch lacks; the source of a model that uses one holds a copy of it.

Exports thereby run without Layerloom. The compiler reads this file as text: each class
needs no import but torch, ``nn`` and ``F``, and may use others of this file. Lines end
where those of a generated source do.
"""

import torch
import torch.nn.functional as F  # noqa: N812 - as the generated source names it
from torch import Tensor, nn


class LearnedPositions(nn.Module):
    """Adds a learned vector for each position to a sequence: (N, T, D) to (N, T, D)."""

    def __init__(self, length: int, features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(length, features))
        nn.init.normal_(self.weight, std=0.02)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.weight[: x.shape[1]]


class SinusoidalPositions(nn.Module):
    """Adds waves of many lengths to a sequence: (N, T, D) to (N, T, D)."""

    rates: Tensor

    def __init__(self, features: int, base: float = 10000.0) -> None:
        super().__init__()
        rates = base ** (-torch.arange(0, features, 2) / features)
        self.register_buffer("rates", rates, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        steps = torch.arange(x.shape[1], device=x.device, dtype=x.dtype)
        angles = steps[:, None] * self.rates
        waves = torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)
        return x + waves[:, : x.shape[2]]


class RotaryPositions(nn.Module):
    """Turns pairs of features by an angle that grows with the position: (..., T, D)."""

    rates: Tensor

    def __init__(self, features: int, base: float = 10000.0) -> None:
        super().__init__()
        rates = base ** (-torch.arange(0, features, 2) / features)
        self.register_buffer("rates", rates, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        steps = torch.arange(x.shape[-2], device=x.device, dtype=x.dtype)
        angles = steps[:, None] * self.rates
        one, other = x.chunk(2, dim=-1)
        turned = [
            one * angles.cos() - other * angles.sin(),
            one * angles.sin() + other * angles.cos(),
        ]
        return torch.cat(turned, dim=-1)


class CausalSelfAttention(nn.Module):
    """Lets each step look at itself and at earlier steps: (N, T, D) to (N, T, D)."""

    def __init__(
        self,
        features: int,
        heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        rotary: bool = False,
    ) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.inputs = nn.Linear(features, 3 * features, bias=bias)
        self.output = nn.Linear(features, features, bias=bias)
        self.positions = RotaryPositions(features // heads) if rotary else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        n, t, d = x.shape
        parts = self.inputs(x).reshape(n, t, 3, self.heads, d // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        mixed = F.scaled_dot_product_attention(
            self.positions(query),
            self.positions(key),
            value,
            dropout_p=self.dropout if self.training else 0.0,
            is_causal=True,
        )
        return self.output(mixed.transpose(1, 2).reshape(n, t, d))


class ClassToken(nn.Module):
    """Puts a learned vector before a sequence: (N, T, D) to (N, 1 + T, D)."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1, 1, features))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.weight.expand(x.shape[0], -1, -1), x], dim=1)


class Standardize(nn.Module):
    """Takes off the mean of each channel, and divides by its deviation: any sizes."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, channels: int, dim: int = 1) -> None:
        super().__init__()
        self.dim = dim
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("deviation", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        sizes = [1] * x.dim()
        sizes[self.dim] = -1
        return (x - self.mean.view(sizes)) / self.deviation.view(sizes)


class GatedMLP(nn.Module):
    """Mixes features through a wider layer that is gated: (..., D) to (..., D)."""

    def __init__(
        self,
        features: int,
        hidden: int,
        gate: str,
        bias: bool = False,
    ) -> None:
        super().__init__()
        self.activation = getattr(nn, gate)()
        self.gate = nn.Linear(features, hidden, bias=bias)
        self.up = nn.Linear(features, hidden, bias=bias)
        self.down = nn.Linear(hidden, features, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(self.activation(self.gate(x)) * self.up(x))


class SqueezeExcite(nn.Module):
    """Weighs the channels of an image by what is in it: (N, C, H, W), unchanged."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, hidden, kernel_size=1)
        self.excite = nn.Conv2d(hidden, channels, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        weights = F.relu(self.squeeze(F.adaptive_avg_pool2d(x, 1)))
        return x * torch.sigmoid(self.excite(weights))


class VariationalSampler(nn.Module):
    """Draws from a normal distribution while training, and gives its mean after."""

    def forward(self, mean: Tensor, log_variance: Tensor) -> Tensor:
        if not self.training:
            return mean
        return mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)


class Noise(nn.Module):
    """Random numbers for each sample; outside of training always the same ones."""

    kept: Tensor

    def __init__(self, sizes: tuple[int, ...], distribution: str = "normal") -> None:
        super().__init__()
        self.sizes = sizes
        self.distribution = distribution
        same = torch.Generator().manual_seed(0)
        kept = self.draw(torch.empty(64, *sizes), same)
        self.register_buffer("kept", kept, persistent=False)

    def draw(self, x: Tensor, source: torch.Generator | None = None) -> Tensor:
        if self.distribution == "uniform":
            return x.uniform_(-1, 1, generator=source)
        return x.normal_(generator=source)

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return self.kept[torch.arange(x.shape[0], device=x.device) % 64]
        return self.draw(torch.empty(x.shape[0], *self.sizes, device=x.device))


class RandomView(nn.Module):
    """Moves, turns and resizes each picture at random while training: (N, C, H, W)."""

    def __init__(
        self,
        turn: float = 20.0,
        shift: float = 0.1,
        zoom: float = 0.2,
    ) -> None:
        super().__init__()
        self.turn = turn
        self.shift = shift
        self.zoom = zoom

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        turn, zoom, across, down = 2 * torch.rand(4, x.shape[0], device=x.device) - 1
        angle = torch.deg2rad(self.turn * turn)
        cosine = angle.cos() * (1 + self.zoom * zoom)
        sine = angle.sin() * (1 + self.zoom * zoom)
        first = torch.stack([cosine, -sine, 2 * self.shift * across], dim=1)
        second = torch.stack([sine, cosine, 2 * self.shift * down], dim=1)
        places = F.affine_grid(
            torch.stack([first, second], dim=1), list(x.shape), align_corners=False
        )
        return F.grid_sample(x, places.to(x.dtype), align_corners=False)


class Distillation(nn.Module):
    """Compares the softened chances of a student with those of its teacher."""

    def __init__(self, temperature: float) -> None:
        super().__init__()
        self.temperature = temperature

    def forward(self, x: Tensor, teacher: Tensor) -> Tensor:
        student = F.log_softmax(x / self.temperature, dim=1)
        chances = F.log_softmax(teacher.detach() / self.temperature, dim=1)
        loss = F.kl_div(student, chances, reduction="batchmean", log_target=True)
        return loss * self.temperature**2


class NTXent(nn.Module):
    """Compares two views of each sample with those of all others: (N, D) and (N, D)."""

    def __init__(self, temperature: float) -> None:
        super().__init__()
        self.temperature = temperature

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        views = F.normalize(torch.cat([a, b]), dim=1)
        alike = views @ views.T / self.temperature
        alike.fill_diagonal_(float("-inf"))
        n = a.shape[0]
        places = torch.arange(2 * n, device=a.device)
        return F.cross_entropy(alike, (places + n) % (2 * n))


class GaussianKL(nn.Module):
    """How far normal distributions are from the standard one, the mean over a batch."""

    def forward(self, mean: Tensor, log_variance: Tensor) -> Tensor:
        variance = log_variance.exp()
        return 0.5 * (mean.square() + variance - log_variance - 1).mean()


class Band(nn.Module):
    """Compares the ends of a band with what came: (..., 2) with (..., 1)."""

    def __init__(self, coverage: float) -> None:
        super().__init__()
        self.outside = (1 - coverage) / 2

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        few, many = self.outside, 1 - self.outside
        low, high = (target - x).unbind(-1)
        lower = torch.maximum(few * low, -many * low)
        upper = torch.maximum(many * high, -few * high)
        return (lower + upper).mean() / 2


class Dice(nn.Module):
    """One minus how far areas cover each other: scores (N, K, ...), labels (N, ...)."""

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        n, k = x.shape[:2]
        given = x.softmax(1).reshape(n, k, -1)
        true = F.one_hot(target.reshape(n, -1), k).transpose(1, 2).to(given.dtype)
        common = (given * true).sum((0, 2))
        both = given.sum((0, 2)) + true.sum((0, 2))
        # The one keeps a class that no pixel has from counting.
        return 1 - ((2 * common + 1) / (both + 1)).mean()


class CTC(nn.Module):
    """Compares (N, T, K) scores with (N, S) labels; 0 is blank and fills the end."""

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        n, t, _ = x.shape
        return F.ctc_loss(
            x.log_softmax(-1).transpose(0, 1),
            target,
            input_lengths=torch.full((n,), t, device=x.device),
            target_lengths=(target != 0).sum(1),
            zero_infinity=True,
        )


class MelSpectrogram(nn.Module):
    """Shows how loud each pitch is over time: (N, T) to (N, mels, 1 + T // hop)."""

    window: Tensor
    filters: Tensor

    def __init__(
        self, sample_rate: int, n_fft: int, hop: int, n_mels: int, log: bool = True
    ) -> None:
        super().__init__()
        self.n_fft = n_fft
        self.hop = hop
        self.log = log
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)
        # Triangles that overlap by half, evenly spaced on the mel scale.
        top = 2595 * torch.log10(torch.tensor(1 + sample_rate / 2 / 700))
        mels = torch.linspace(0, 1, n_mels + 2) * top
        edges = 700 * (10 ** (mels / 2595) - 1)
        tones = torch.linspace(0, sample_rate / 2, n_fft // 2 + 1)
        slopes = edges[:, None] - tones
        widths = edges.diff()[:, None]
        filters = torch.minimum(-slopes[:-2] / widths[:-1], slopes[2:] / widths[1:])
        self.register_buffer("filters", filters.clamp(min=0), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        waves = torch.stft(
            x,
            self.n_fft,
            self.hop,
            window=self.window,
            return_complex=True,
        )
        power = self.filters @ waves.abs().square()
        return torch.log(power + 1e-6) if self.log else power


class MFCC(MelSpectrogram):
    """Tells the shape of a spectrum over time: (N, T) to (N, n_mfcc, 1 + T // hop)."""

    waves: Tensor

    def __init__(
        self, sample_rate: int, n_fft: int, hop: int, n_mels: int, n_mfcc: int = 13
    ) -> None:
        super().__init__(sample_rate, n_fft, hop, n_mels)
        # The orthonormal cosine transform (DCT-II) of the logarithms.
        places = (torch.arange(n_mels) + 0.5) * torch.pi / n_mels
        waves = torch.cos(torch.arange(n_mfcc)[:, None] * places) * (2 / n_mels) ** 0.5
        waves[0] /= 2**0.5
        self.register_buffer("waves", waves, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.waves @ super().forward(x)
