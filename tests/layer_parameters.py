"""Random parameters for every kind of layer that has some."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

Parameters = st.SearchStrategy[dict[str, Any]]

CHANNELS = st.integers(1, 8)
FLAGS = st.booleans()
FUSED = st.sampled_from(("none", "ReLU", "LeakyReLU", "GELU", "SiLU", "ELU", "Tanh", "Sigmoid"))
SHARE = st.floats(0, 1).map(lambda share: round(share, 3))
EPSILON = st.sampled_from((1e-6, 1e-5, 1e-3))
AXIS = st.sampled_from((-3, -2, -1, 1, 2, 3))


def optional(**strategies: st.SearchStrategy[Any]) -> Parameters:
    """Return some of the parameters, or none."""
    return st.fixed_dictionaries({}, optional=strategies)


def span(low: int, high: int, axes: int = 2) -> st.SearchStrategy[Any]:
    """Return one number, or one for each axis."""
    number = st.integers(low, high)
    return number if axes == 1 else number | st.tuples(*[number] * axes)


def _convolution(axes: int) -> Parameters:
    return optional(
        out_channels=CHANNELS,
        kernel_size=span(1, 5, axes),
        stride=span(1, 3, axes),
        padding=st.sampled_from(("same", "valid")) | span(0, 3, axes),
        dilation=span(1, 3, axes),
        groups=st.integers(1, 3),
        padding_mode=st.sampled_from(("zeros", "reflect", "replicate", "circular")),
        bias=FLAGS,
        activation=FUSED,
    )


def _transposed(axes: int) -> Parameters:
    return optional(
        out_channels=CHANNELS,
        kernel_size=span(1, 5, axes),
        stride=span(1, 3, axes),
        padding=span(0, 3, axes),
        output_padding=span(0, 2, axes),
        dilation=span(1, 3, axes),
        groups=st.integers(1, 3),
        bias=FLAGS,
        activation=FUSED,
    )


def _pooling(axes: int, **more: st.SearchStrategy[Any]) -> Parameters:
    return optional(
        kernel_size=span(1, 5, axes),
        stride=st.none() | span(1, 4, axes),
        ceil_mode=FLAGS,
        **more,
    )


def _max_pooling(axes: int) -> Parameters:
    return _pooling(axes, padding=span(0, 3, axes), dilation=span(1, 3, axes), return_indices=FLAGS)


def _each_axis(kind: str, make: Any) -> dict[str, Parameters]:
    return {kind.format(axes): make(axes) for axes in (1, 2, 3)}


def _lookup(**more: st.SearchStrategy[Any]) -> Parameters:
    return optional(
        num_embeddings=st.none() | st.integers(3, 9),
        embedding_dim=CHANNELS,
        padding_idx=st.none() | st.integers(0, 2),
        **more,
    )


def _recurrent(**more: st.SearchStrategy[Any]) -> Parameters:
    return st.fixed_dictionaries(
        {"hidden_size": st.integers(3, 6), "num_layers": st.integers(1, 3)},
        optional={"bidirectional": FLAGS, "return_sequence": FLAGS, "bias": FLAGS, **more},
    )


def _transformer(**more: st.SearchStrategy[Any]) -> Parameters:
    return st.fixed_dictionaries(
        {"num_heads": st.integers(1, 3), "dim_feedforward": CHANNELS},
        optional={
            "dropout": SHARE,
            "activation_function": st.sampled_from(("relu", "gelu")),
            "norm_first": FLAGS,
            "bias": FLAGS,
            **more,
        },
    )


_BATCH_NORM = optional(momentum=SHARE, eps=EPSILON, affine=FLAGS, activation=FUSED)
_INSTANCE_NORM = optional(eps=EPSILON, affine=FLAGS, activation=FUSED)
_DROPOUT = optional(p=SHARE)
_AXIS = optional(dim=AXIS)
_REDUCTION = {
    "dims": st.lists(AXIS, min_size=1, max_size=2, unique=True),
    "keepdim": FLAGS,
}
_MODES = ("nearest", "linear", "bilinear", "bicubic", "trilinear")

PARAMETERS: Mapping[str, Parameters] = {
    **_each_axis("Conv{}d", _convolution),
    **_each_axis("ConvTranspose{}d", _transposed),
    **_each_axis("ZeroPad{}d", lambda axes: optional(padding=span(0, 4, axes))),
    **_each_axis(
        "ConstantPad{}d",
        lambda axes: optional(padding=span(0, 4, axes), value=st.sampled_from((0.0, 1.5))),
    ),
    **_each_axis("ReflectionPad{}d", lambda axes: optional(padding=span(0, 4, axes))),
    **_each_axis("ReplicationPad{}d", lambda axes: optional(padding=span(0, 4, axes))),
    **_each_axis("CircularPad{}d", lambda axes: optional(padding=span(0, 4, axes))),
    "Linear": optional(out_features=CHANNELS, bias=FLAGS, activation=FUSED),
    **_each_axis("BatchNorm{}d", lambda _: _BATCH_NORM),
    **_each_axis("InstanceNorm{}d", lambda _: _INSTANCE_NORM),
    "LayerNorm": optional(
        axes=st.integers(1, 3), eps=EPSILON, elementwise_affine=FLAGS, bias=FLAGS
    ),
    "RMSNorm": optional(axes=st.integers(1, 3), eps=st.none() | EPSILON, elementwise_affine=FLAGS),
    "GroupNorm": optional(
        num_groups=st.integers(1, 4), eps=EPSILON, affine=FLAGS, activation=FUSED
    ),
    "LocalResponseNorm": optional(
        size=st.integers(1, 6),
        alpha=st.sampled_from((1e-4, 0.1)),
        beta=st.sampled_from((0.75, 1.0)),
        k=st.sampled_from((1.0, 2.0)),
    ),
    **dict.fromkeys(
        ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"),
        _DROPOUT,
    ),
    "LeakyReLU": optional(negative_slope=SHARE),
    "GELU": optional(approximate=st.sampled_from(("none", "tanh"))),
    "ELU": optional(alpha=SHARE),
    "CELU": optional(alpha=st.sampled_from((0.5, 1.0))),
    "PReLU": optional(per_channel=FLAGS, init=SHARE),
    "RReLU": optional(lower_slope=st.sampled_from((0.0, 0.125)), upper_slope=st.just(0.5)),
    "Hardtanh": optional(
        min_val=st.sampled_from((-1.0, -2.0)), max_val=st.sampled_from((0.5, 1.0))
    ),
    "Hardshrink": optional(lambd=SHARE),
    "Softshrink": optional(lambd=SHARE),
    "Threshold": optional(threshold=SHARE, value=SHARE),
    "Softplus": optional(beta=st.sampled_from((0.5, 1.0, 2.0))),
    **dict.fromkeys(("GLU", "Softmax", "LogSoftmax", "Softmin", "Concat"), _AXIS),
    **_each_axis("MaxPool{}d", _max_pooling),
    **_each_axis(
        "AvgPool{}d",
        lambda axes: _pooling(axes, padding=span(0, 3, axes), count_include_pad=FLAGS),
    ),
    **_each_axis(
        "LPPool{}d", lambda axes: _pooling(axes, norm_type=st.sampled_from((1.0, 2.0, 3.0)))
    ),
    **_each_axis("AdaptiveAvgPool{}d", lambda axes: optional(output_size=span(1, 9, axes))),
    **_each_axis("AdaptiveMaxPool{}d", lambda axes: optional(output_size=span(1, 9, axes))),
    **_each_axis(
        "FractionalMaxPool{}d",
        lambda axes: optional(output_size=span(1, 5, axes), kernel_size=span(1, 4, axes)),
    ),
    **_each_axis(
        "MaxUnpool{}d",
        lambda axes: optional(
            kernel_size=span(1, 4, axes),
            stride=st.none() | span(1, 3, axes),
            padding=span(0, 1, axes),
        ),
    ),
    "Upsample": optional(scale_factor=span(1, 3), mode=st.sampled_from(_MODES)),
    "Interpolate": optional(
        size=span(1, 6), mode=st.sampled_from((*_MODES, "area")), align_corners=FLAGS
    ),
    "PixelShuffle": optional(upscale_factor=st.integers(1, 3)),
    "PixelUnshuffle": optional(downscale_factor=st.integers(1, 3)),
    "GatedMLP": optional(
        hidden_features=CHANNELS,
        gate=st.sampled_from(("SiLU", "GELU", "ReLU", "Sigmoid")),
        bias=FLAGS,
    ),
    "SqueezeExcite": optional(reduction=st.integers(1, 4)),
    "Standardize": optional(dim=AXIS),
    "Embedding": _lookup(),
    "EmbeddingBag": _lookup(mode=st.sampled_from(("mean", "sum", "max"))),
    "RNN": _recurrent(nonlinearity=st.sampled_from(("tanh", "relu"))),
    "GRU": _recurrent(),
    "LSTM": _recurrent(proj_size=st.integers(0, 2)),
    "RNNCell": optional(
        hidden_size=CHANNELS, bias=FLAGS, nonlinearity=st.sampled_from(("tanh", "relu"))
    ),
    "GRUCell": optional(hidden_size=CHANNELS, bias=FLAGS),
    "LSTMCell": optional(hidden_size=CHANNELS, bias=FLAGS),
    "MelSpectrogram": optional(
        sample_rate=st.sampled_from((8000, 16000)),
        n_fft=st.integers(8, 17),
        hop=st.integers(1, 9),
        log=FLAGS,
    ).map(lambda params: {**params, "n_fft": params.get("n_fft", 12), "n_mels": 4}),
    "MFCC": optional(n_fft=st.integers(8, 17), hop=st.integers(1, 9)).map(
        lambda params: {**params, "n_fft": params.get("n_fft", 12), "n_mels": 4, "n_mfcc": 3}
    ),
    "MultiheadAttention": optional(
        num_heads=st.integers(1, 3), causal=FLAGS, return_weights=FLAGS, dropout=SHARE, bias=FLAGS
    ),
    "CausalSelfAttention": optional(
        num_heads=st.integers(1, 3), rotary=FLAGS, dropout=SHARE, bias=FLAGS
    ),
    "ScaledDotProductAttention": optional(causal=FLAGS, dropout=st.just(0.0)),
    "TransformerEncoderLayer": _transformer(causal=FLAGS),
    "TransformerEncoder": _transformer(causal=FLAGS, num_layers=st.integers(1, 2)),
    "TransformerDecoderLayer": _transformer(causal=FLAGS),
    "TransformerDecoder": _transformer(causal=FLAGS, num_layers=st.integers(1, 2)),
    "Transformer": _transformer(
        num_encoder_layers=st.integers(1, 2), num_decoder_layers=st.integers(1, 2)
    ),
    "LearnedPositions": optional(length=st.none() | st.integers(1, 9)),
    "SinusoidalPositions": optional(base=st.sampled_from((100.0, 10000.0))),
    "RotaryPositions": optional(base=st.sampled_from((100.0, 10000.0))),
    "PatchEmbedding": optional(features=CHANNELS, patch_size=st.integers(1, 5)),
    "SequenceToImage": optional(width=st.integers(1, 4)),
    "Add": optional(activation=FUSED),
    "Multiply": optional(activation=FUSED),
    "Flatten": st.sampled_from(
        ({}, {"start_dim": 2}, {"end_dim": 2}, {"start_dim": 2, "end_dim": 3}, {"start_dim": 3})
    ),
    "Reshape": optional(
        sizes=st.lists(st.integers(1, 6), max_size=3).map(tuple)
        | st.tuples(st.integers(1, 6), st.just(-1))
    ),
    "Unfold": optional(
        kernel_size=span(1, 4), stride=span(1, 3), padding=span(0, 2), dilation=span(1, 2)
    ),
    "Fold": optional(
        output_size=span(1, 6),
        kernel_size=span(1, 3),
        stride=span(1, 3),
        padding=span(0, 1),
        dilation=span(1, 2),
    ),
    "ChannelShuffle": optional(groups=st.integers(1, 4)),
    **dict.fromkeys(("Mean", "Sum", "Max", "Min", "Norm", "LogSumExp"), optional(**_REDUCTION)),
    **dict.fromkeys(("Std", "Var"), optional(**_REDUCTION, unbiased=FLAGS)),
    **dict.fromkeys(("ArgMax", "CumulativeSum", "Normalize", "CosineSimilarity", "Stack"), _AXIS),
    **dict.fromkeys(("Squeeze", "Unsqueeze", "Flip"), _AXIS),
    "Expand": optional(dim=AXIS, count=st.integers(1, 4)),
    "Unflatten": optional(dim=AXIS, parts=st.integers(1, 4)),
    "Permute": optional(order=st.permutations((1, 2)) | st.permutations((1, 2, 3))),
    "Transpose": optional(first=AXIS, second=AXIS),
    "Select": optional(dim=AXIS, index=st.integers(-4, 4)),
    "Slice": optional(
        dim=AXIS,
        start=st.integers(-3, 4),
        stop=st.none() | st.integers(-3, 9),
        step=st.integers(1, 3),
    ),
    "Chunk": optional(dim=AXIS, parts=st.integers(2, 4)),
    "Split": optional(dim=AXIS, sizes=st.lists(st.integers(1, 4), min_size=1, max_size=3)),
    "MatMul": optional(transpose_b=FLAGS),
    "Compare": optional(
        relation=st.sampled_from(("equal", "different", "above", "below")),
        value=st.sampled_from((0.0, 0.5)),
    ),
    "Power": optional(exponent=st.sampled_from((0.5, 2.0, 3.0))),
    "Scale": optional(factor=st.sampled_from((1.0, 0.5)), offset=st.sampled_from((0.0, -1.0))),
    "Clamp": optional(highest=st.none() | st.just(1.0)),
    "Einsum": st.sampled_from(
        [
            {},
            *(
                {"equation": text}
                for text in ("btd,bsd->bts", "btd->bd", "btd,bsd->bd", "bt,bs->bts")
            ),
        ]
    ),
    "OneHot": optional(num_classes=st.none() | st.integers(3, 9)),
    "Constant": optional(value=st.just(1.5), sizes=st.lists(CHANNELS, max_size=3)),
    "PairwiseDistance": optional(p=st.sampled_from((1.0, 2.0))),
    "Bilinear": optional(out_features=CHANNELS, bias=FLAGS, activation=FUSED),
    "CrossEntropyLoss": optional(label_smoothing=SHARE),
    "SmoothL1Loss": optional(beta=SHARE),
    "HuberLoss": optional(delta=st.sampled_from((0.5, 1.0))),
    "PoissonNLLLoss": optional(log_input=FLAGS),
    "GaussianNLLLoss": optional(full=FLAGS),
    "QuantileLoss": optional(coverage=st.sampled_from((0.5, 0.8, 0.95))),
    "AdversarialLoss": optional(
        call=st.sampled_from(("real", "made")),
        form=st.sampled_from(("logistic", "least_squares", "hinge", "wasserstein")),
    ),
    "DistillationLoss": optional(temperature=st.sampled_from((0.5, 4.0))),
    "RandomView": optional(turn=st.just(45.0), shift=SHARE, zoom=st.just(0.5)),
    "NTXentLoss": optional(temperature=st.sampled_from((0.1, 1.0))),
    "Noise": optional(
        sizes=st.lists(CHANNELS, min_size=1, max_size=3),
        distribution=st.sampled_from(("normal", "uniform")),
    ),
    "MultiMarginLoss": optional(p=st.sampled_from(("1", "2")), margin=SHARE),
    "KLDivLoss": optional(log_target=FLAGS),
    "HingeEmbeddingLoss": optional(margin=SHARE),
    "CosineEmbeddingLoss": optional(margin=SHARE),
    "MarginRankingLoss": optional(margin=SHARE),
    "TripletMarginLoss": optional(margin=st.just(0.5), p=st.sampled_from((1.0, 2.0))),
}
"""Parameters by kind; a kind that is not named has none."""
