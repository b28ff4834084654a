"""The button that opens the code of a layer of one's own, as every place names it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from engine.graph.elements import Graph
from engine.own_layers.trust import is_trusted


def code_offer(model: Graph, name: str) -> str:
    """Say what opening the code of a layer is for; empty where there is no such code.

    Args:
        model: The whole drawing, which holds the code.
        name: Of the layer; empty for none.
    """
    text = model.code.get(name)
    if text is None:
        return ""
    words = "Edit code…" if is_trusted(text) else "Look at the code…"
    return QCoreApplication.translate("code_offer", words)
