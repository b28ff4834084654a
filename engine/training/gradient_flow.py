"""What lets gradients reach the first layers of a deep network again."""

from collections.abc import Collection
from typing import Final

from engine.compile.plan import Plan
from engine.graph.elements import Graph, Node, NodeId
from engine.graph.learning import Initialiser
from engine.training.events import HealthAct
from engine.training.redrawing import LayerDrawn, activation_of

_SQUASHING: Final = frozenset({"Tanh", "Sigmoid", "Hardtanh", "Hardsigmoid", "Softsign"})
_SPREAD_OUT: Final = frozenset({"kaiming_uniform", "kaiming_normal"})


def let_gradients_pass(
    plan: Plan, graph: Graph, weighted: Collection[NodeId]
) -> tuple[HealthAct, ...]:
    """Offer ReLU where a layer squashes, and first weights that keep the spread of values.

    A sigmoid passes at most a quarter of a gradient on, and the weights that layers of PyTorch
    begin with a sixth of the variance; with ReLU, those of He et al. (2015, "Delving Deep into
    Rectifiers", section 2.2) pass on all of it.

    Args:
        weighted: The layers that have weights.

    Returns:
        One act; none where nothing of the drawing stands in the way, or only within composites.
    """
    ends = {end.node for end in plan.outputs}
    layers = []
    for step in plan.steps:
        node = graph.nodes.get(step.node)
        if node is None or step.node in ends or step.frozen:
            continue
        activation = "ReLU" if activation_of(node) in _SQUASHING else ""
        begins = step.node in weighted and _is_plain(node)
        is_spread_out = node.learning.initialiser in _SPREAD_OUT
        if activation or (begins and not is_spread_out):
            initialiser: Initialiser | None = "kaiming_uniform" if begins else None
            layers.append(
                LayerDrawn(node=step.node, activation=activation, initialiser=initialiser)
            )
    if not layers:
        return ()
    return (HealthAct(label=_label(layers), redraws=tuple(layers)),)


def _is_plain(node: Node) -> bool:
    """Say whether a layer multiplies by its weights and no more: gates and tables differ."""
    return node.kind == "Linear" or node.kind.startswith("Conv")


def _label(layers: list[LayerDrawn]) -> str:
    rectified = sum(bool(layer.activation) for layer in layers)
    anew = sum(layer.begins_anew for layer in layers)
    if not rectified:
        layers_told = "1 layer" if anew == 1 else f"{anew} layers"
        return f"Begin {layers_told} anew with larger weights"
    places = "1 place" if rectified == 1 else f"{rectified} places"
    return f"Use ReLU in {places}" + (" and begin anew" if anew else "")
