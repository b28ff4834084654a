"""Attention in ONNX, with heads and without: torch's exporter knows the one with heads alone."""

import math
from typing import Any, Final

import onnx
from onnxscript import opset18 as opset
from onnxscript.function_libs.torch_lib.ops.nn import aten_scaled_dot_product_attention

_WITH_HEADS: Final = 4


def attention(
    query: Any,
    key: Any,
    value: Any,
    mask: Any = None,
    dropout: float = 0.0,
    causal: bool = False,
    **settings: Any,
) -> Any:
    """Return what ``F.scaled_dot_product_attention`` computes after training.

    Shapes:
        query: (N, T, D), or (N, heads, T, D)
        key:   (N, S, D), or with heads
        value: (N, S, E), or with heads
        out:   (N, T, E), or with heads
    """
    if len(query.shape) == _WITH_HEADS:
        return aten_scaled_dot_product_attention(
            query, key, value, mask, dropout, causal, **settings
        )
    scale = opset.Constant(value_float=1 / math.sqrt(query.shape[-1]))
    likeness = opset.MatMul(opset.Mul(query, scale), opset.Transpose(key, perm=[0, 2, 1]))
    if causal:
        likeness = opset.Add(likeness, _later(likeness))
    return opset.MatMul(opset.Softmax(likeness, axis=-1), value)


def _later(likeness: Any) -> Any:
    """Return minus infinity for steps that come later, and 0 for the others."""
    hidden = onnx.helper.make_tensor("hidden", onnx.TensorProto.FLOAT, [1], [-math.inf])
    everywhere: Any = opset.ConstantOfShape(opset.Shape(likeness), value=hidden)
    first: Any = opset.Constant(value_int=1)
    return opset.Trilu(everywhere, first, upper=1)
