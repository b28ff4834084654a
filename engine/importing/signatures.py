"""How torch's layers are called: the names of their arguments in order, and torch's own defaults.

The window does not import torch, so the signatures stand here; a test holds them against
``inspect.signature``.
"""

import ast
import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from nodes.catalogue import LAYERS

REQUIRED: Final = ...
"""Stands in for the default of an argument that has none."""

_CONVOLUTION = (
    "in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, "
    "bias=True, padding_mode='zeros'"
)
_TRANSPOSED = (
    "in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, "
    "bias=True, dilation=1, padding_mode='zeros'"
)
_DROPOUT = "p=0.5, inplace=False"
_INPLACE = "inplace=False"
_MAX_POOL = "kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False"
_AVERAGE_POOL = "kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True"
_LP_POOL = "norm_type, kernel_size, stride=None, ceil_mode=False"

_PER_AXIS: Mapping[str, str] = {
    "Conv{}d": _CONVOLUTION,
    "ConvTranspose{}d": _TRANSPOSED,
    "ZeroPad{}d": "padding",
    "ConstantPad{}d": "padding, value",
    "ReflectionPad{}d": "padding",
    "ReplicationPad{}d": "padding",
    "CircularPad{}d": "padding",
    "BatchNorm{}d": "num_features, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True",
    "InstanceNorm{}d": (
        "num_features, eps=1e-05, momentum=0.1, affine=False, track_running_stats=False"
    ),
    "Dropout{}d": _DROPOUT,
    "MaxPool{}d": _MAX_POOL,
    "AvgPool{}d": _AVERAGE_POOL,
    "AdaptiveAvgPool{}d": "output_size",
    "AdaptiveMaxPool{}d": "output_size, return_indices=False",
    "LPPool{}d": _LP_POOL,
    "MaxUnpool{}d": "kernel_size, stride=None, padding=0",
}
_OTHERS: Mapping[str, str] = {
    "Linear": "in_features, out_features, bias=True",
    "LayerNorm": "normalized_shape, eps=1e-05, elementwise_affine=True, bias=True",
    "GroupNorm": "num_groups, num_channels, eps=1e-05, affine=True",
    "RMSNorm": "normalized_shape, eps=None, elementwise_affine=True",
    "LocalResponseNorm": "size, alpha=0.0001, beta=0.75, k=1.0",
    "Dropout": _DROPOUT,
    "AlphaDropout": _DROPOUT,
    "FeatureAlphaDropout": _DROPOUT,
    **dict.fromkeys(
        ("ReLU", "SiLU", "Hardswish", "ReLU6", "SELU", "Mish", "Hardsigmoid"), _INPLACE
    ),
    **dict.fromkeys(
        ("Tanh", "Sigmoid", "LogSigmoid", "Softsign", "Tanhshrink", "Identity", "Softmax2d"), ""
    ),
    "LeakyReLU": "negative_slope=0.01, inplace=False",
    "GELU": "approximate='none'",
    "ELU": "alpha=1.0, inplace=False",
    "CELU": "alpha=1.0, inplace=False",
    "Softplus": "beta=1.0, threshold=20.0",
    "Softmax": "dim=None",
    "LogSoftmax": "dim=None",
    "Softmin": "dim=None",
    "PReLU": "num_parameters=1, init=0.25",
    "RReLU": "lower=0.125, upper=0.3333333333333333, inplace=False",
    "Threshold": "threshold, value, inplace=False",
    "GLU": "dim=-1",
    "Hardtanh": "min_val=-1.0, max_val=1.0, inplace=False",
    "Softshrink": "lambd=0.5",
    "Hardshrink": "lambd=0.5",
    "Upsample": "size=None, scale_factor=None, mode='nearest', align_corners=None",
    "PixelShuffle": "upscale_factor",
    "PixelUnshuffle": "downscale_factor",
    "Flatten": "start_dim=1, end_dim=-1",
    "Unfold": "kernel_size, dilation=1, padding=0, stride=1",
    "Fold": "output_size, kernel_size, dilation=1, padding=0, stride=1",
    "ChannelShuffle": "groups",
    "Embedding": "num_embeddings, embedding_dim, padding_idx=None",
}


@functools.cache
def signature(kind: str) -> Mapping[str, object]:
    """Return the arguments of a kind of layer in torch's order, with torch's defaults.

    Empty for a kind whose order is not known here; its arguments can be given by name all the same.
    """
    text = _OTHERS.get(kind)
    for axes in "123":
        pattern = kind.replace(f"{axes}d", "{}d")
        text = _PER_AXIS.get(pattern, text) if pattern != kind else text
    return MappingProxyType(_parsed(text)) if text is not None else MappingProxyType({})


def known_signatures() -> tuple[str, ...]:
    """Return the kinds of the catalogue whose arguments are known in order."""
    axes = [pattern.format(axis) for pattern in _PER_AXIS for axis in (1, 2, 3)]
    return tuple(kind for kind in (*axes, *_OTHERS) if kind in LAYERS)


def _parsed(text: str) -> dict[str, object]:
    arguments = ast.parse(f"def f({text}): ...").body[0]
    assert isinstance(arguments, ast.FunctionDef), "a signature is written as one"
    names = [argument.arg for argument in arguments.args.args]
    values = [ast.literal_eval(value) for value in arguments.args.defaults]
    without = len(names) - len(values)
    return dict(zip(names, [REQUIRED] * without + values, strict=True))
