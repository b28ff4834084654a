"""The first weights of a layer, where a drawing asks for others than PyTorch's own, as source."""

import re
from typing import Final

from engine.graph.learning import WITH_SPREAD, Learning
from nodes.layer import Call, literal

_ONE_WEIGHT: Final = re.compile(r"nn\.(Linear|Bilinear|Embedding|Conv(Transpose)?[123]d)")


def first_weights(learning: Learning, attribute: str, module: Call) -> list[str]:
    """Return the statements that give a module its first weights; none for PyTorch's own.

    Args:
        attribute: Of the module: ``self.conv1``.
    """
    if learning.initialiser == "default":
        return []
    if _ONE_WEIGHT.fullmatch(module.target):
        return [_filled(learning, f"{attribute}.weight")]
    return [
        f"for weight in {attribute}.parameters():",
        "    if weight.dim() > 1:",
        f"        {_filled(learning, 'weight')}",
    ]


def _filled(learning: Learning, weight: str) -> str:
    spread = f", std={literal(learning.spread)}" if learning.initialiser in WITH_SPREAD else ""
    return f"nn.init.{learning.initialiser}_({weight}{spread})"
