"""How much each step of a sequence looks at each other, for layers of attention."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import torch
from torch import Tensor, nn

from engine.compile.module import CompiledModel
from engine.data.meaning import main_meaning
from engine.data.preparation import Answer, Tokens
from engine.data.prepare import PADDING, RESERVED
from engine.graph.elements import NodeId
from engine.training.insight import InputField
from engine.training.texts import AttentionTaken

_MOST_STEPS: Final = 128
_MOST_HEADS: Final = 16


def attention_event(
    compiled: CompiledModel,
    node: NodeId,
    inputs: Mapping[str, Tensor],
    fields: Sequence[InputField],
    step: int,
) -> AttentionTaken | None:
    """Tell the weights of an attention layer for one sample; None for any other layer.

    The modules are in evaluation mode already. Padding is left out.

    Args:
        inputs: Of the model, each (1, *sizes).
        fields: The same, with what made tokens of them.
    """
    module = compiled.module_of(node)
    if module is None or not _is_attention(module):
        return None
    shares, outputs = _shares(compiled, module, inputs)
    if shares is None or max(shares.shape[1:]) > _MOST_STEPS:
        return None
    rows, columns = (
        _tokens(size, inputs, fields, _answered(compiled, outputs)) for size in shares.shape[1:]
    )
    kept = shares[:_MOST_HEADS]
    if rows:
        kept = kept[:, [place for place, _ in rows]]
    if columns:
        kept = kept[:, :, [place for place, _ in columns]]
    largest = float(kept.max()) if kept.numel() else 0.0
    scaled = (kept * (255 / max(largest, 1e-9))).round().clamp(0, 255).to(torch.uint8)
    return AttentionTaken(
        node=node,
        step=step,
        shape=tuple(kept.shape),  # type: ignore[arg-type]
        shares=scaled.cpu().numpy().tobytes(),
        largest=largest,
        rows=tuple(token for _, token in rows),
        columns=tuple(token for _, token in columns),
    )


def _is_attention(module: nn.Module) -> bool:
    # The second is printed into the source of the model, which is the only place it is a class.
    return isinstance(module, nn.MultiheadAttention) or _is_causal(module)


def _is_causal(module: nn.Module) -> bool:
    return type(module).__name__ == "CausalSelfAttention"


def _shares(
    compiled: CompiledModel, module: nn.Module, inputs: Mapping[str, Tensor]
) -> tuple[Tensor | None, tuple[Tensor, ...]]:
    """Run the model once and return (heads, T, S) of the layer's first call, and all outputs."""
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def note(_: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        calls.append((given, named))

    hook = module.register_forward_pre_hook(note, with_kwargs=True)
    try:
        outputs = compiled.outputs(inputs)
    finally:
        hook.remove()
    if not calls:
        return None, outputs
    given, named = calls[0]
    if _is_causal(module):
        return _causal_shares(module, given[0])[0].float(), outputs
    asked = {**named, "need_weights": True, "average_attn_weights": False}
    shares: Tensor = module(*given, **asked)[1][0].float()
    return shares, outputs


def _causal_shares(module: Any, x: Tensor) -> Tensor:
    """Return the weights that the layer's fused kernel never gives out: (N, heads, T, T)."""
    n, t, d = x.shape
    width = d // module.heads
    query, key, _ = module.inputs(x).reshape(n, t, 3, module.heads, width).permute(2, 0, 3, 1, 4)
    scores = module.positions(query) @ module.positions(key).transpose(-1, -2) / width**0.5
    later = torch.ones(t, t, dtype=torch.bool, device=x.device).triu(diagonal=1)
    shares: Tensor = scores.masked_fill(later, -torch.inf).softmax(-1)
    return shares


def _answered(compiled: CompiledModel, outputs: tuple[Tensor, ...]) -> Sequence[int]:
    """Return the likeliest token of every place of the answer, where there are such."""
    meaning = main_meaning(compiled.plan)
    if meaning is None or meaning.kind != "classes" or outputs[meaning.output].ndim != 3:
        return ()
    found: list[int] = outputs[meaning.output][0].argmax(0).tolist()
    return found


def _tokens(
    size: int, inputs: Mapping[str, Tensor], fields: Sequence[InputField], answered: Sequence[int]
) -> list[tuple[int, str]]:
    """Return the places along an axis that hold a token, with the token; none for other axes."""
    for field in fields:
        how = field.prepare
        if field.sizes != (size,) or not isinstance(how, Tokens | Answer):
            continue
        row = answered if isinstance(how, Answer) else inputs[field.name][0].tolist()
        return [
            (place, how.vocabulary[number - RESERVED] if number >= RESERVED else "·")
            for place, number in enumerate(row)
            if number != PADDING
        ]
    return []
