"""Advice on layers that stand beside each other: each is right, but not together.

What is called a source here is the layer whose numbers arrive: layers that only rearrange or pass
numbers on are looked through.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final

from engine.analysis.fixes import insert_with_room
from engine.analysis.report import Fix, NodeReport, Problem
from engine.graph.edits import remove_and_rejoin, replace_kind, set_params
from engine.graph.elements import Graph, Link, Node, NodeId

_NORMS: Final = ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d")
_WITH_BIAS: Final = (
    "Linear",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
)
_PASSING: Final = (
    "Flatten",
    "Reshape",
    "Unflatten",
    "Squeeze",
    "Unsqueeze",
    "Permute",
    "Transpose",
)
_ANY_NUMBER: Final = (*_WITH_BIAS, *_NORMS, "LayerNorm", "GroupNorm", "Add", "LSTM", "GRU")
"""Layers whose numbers may lie anywhere, unless an activation is fused into them."""

_NO_NEGATIVES: Final = ("ReLU", "ReLU6", "Softplus", "Square", "Abs", "Exp")
"""Layers that put out no number below 0."""

_CHANCES: Final = ("Sigmoid", "Softmax", "Hardsigmoid", "Softmax2d", "Softmin")
_ONE_SOFTMAX: Final = ("Softmax", "LogSoftmax", "Sigmoid")
_JUDGED: Final = frozenset(
    (
        *_NORMS,
        *("CrossEntropyLoss", "NLLLoss", "KLDivLoss", "BCELoss"),
        *("BCEWithLogitsLoss", "MultiLabelSoftMarginLoss"),
    )
)
"""Layers of which there is something to say by what stands before them."""


def advise_layers(graph: Graph, reports: Mapping[NodeId, NodeReport]) -> Iterator[Problem]:
    """Yield what is unwise about two layers that follow each other."""
    judged = [link for link in graph.links if graph.nodes[link.target.node].kind in _JUDGED]
    if not judged:
        return
    feeding = {link.target.node: link for link in reversed(graph.links)}
    users = Counter(link.source.node for link in graph.links)
    for link in judged:
        before, after = graph.nodes[link.source.node], graph.nodes[link.target.node]
        known = reports.get(after.id)
        if after.bypassed or known is None or known.state != "ok":
            continue
        if after.kind in _NORMS and users[before.id] == 1:
            yield from _bias_before_norm(before, reports)
        if link.target.port == "x":
            yield from _before_loss(graph, link, _source(graph, link, feeding), after, reports)


def _bias_before_norm(before: Node, reports: Mapping[NodeId, NodeReport]) -> Iterator[Problem]:
    layer = reports[before.id].layer if before.id in reports else None
    plain = before.repeat == 1 and before.shares is None and not before.bypassed
    if not plain or before.kind not in _WITH_BIAS or layer is None:
        return
    if getattr(layer, "bias", False) and getattr(layer, "activation", "none") == "none":
        yield Problem(
            code="LL-A010",
            severity="warning",
            title=f"The bias of {reports[before.id].title} does nothing",
            text="Batch norm takes the mean away again, and the bias with it.",
            reason="bias before norm",
            node=before.id,
            fixes=(
                Fix(
                    label="Turn the bias off",
                    edit=_if_there(before.id, lambda g: set_params(g, before.id, {"bias": False})),
                ),
            ),
        )


def _before_loss(
    graph: Graph,
    link: Link,
    source: Node | None,
    loss: Node,
    reports: Mapping[NodeId, NodeReport],
) -> Iterator[Problem]:
    if source is None or source.id not in reports or reports[source.id].layer is None:
        return
    fused = str(getattr(reports[source.id].layer, "activation", "none"))
    made = fused if fused != "none" else source.kind
    match loss.kind:
        case "BCELoss" if needs_other_values(loss.kind, source, fused):
            yield _not_bounded(link, source, loss, reports)
        case "NLLLoss" | "KLDivLoss" if needs_other_values(loss.kind, source, fused):
            yield _no_logarithms(link, source, loss, reports)
        case "BCEWithLogitsLoss" | "MultiLabelSoftMarginLoss" if made in ("Sigmoid", "Hardsigmoid"):
            yield _twice("LL-A013", made, source, loss, fused=fused != "none")
        case "CrossEntropyLoss" if fused in _ONE_SOFTMAX and not graph.nodes[source.id].bypassed:
            yield _twice("LL-A005", fused, source, loss, fused=True)
        case "CrossEntropyLoss" | "BCEWithLogitsLoss" if made in _NO_NEGATIVES:
            yield _no_negatives(made, source, fused=fused != "none")
        case _:
            pass


def needs_other_values(kind: str, source: Node, fused: str) -> bool:
    """Say whether a loss of chances, or of their logarithms, gets from a layer what is neither.

    Args:
        fused: The activation of the layer; ``none`` for none.
    """
    made = fused if fused != "none" else source.kind
    match kind:
        case "BCELoss":
            return source.kind in _ANY_NUMBER and fused not in _CHANCES
        case "NLLLoss" | "KLDivLoss":
            is_logarithm = made in ("LogSoftmax", "LogSigmoid")
            return not is_logarithm and (made in _CHANCES or source.kind in _ANY_NUMBER)
        case _:
            return False


def _not_bounded(
    link: Link, source: Node, loss: Node, reports: Mapping[NodeId, NodeReport]
) -> Problem:
    return Problem(
        code="LL-A011",
        severity="error",
        title=f"{reports[loss.id].title} needs chances",
        text=f"It takes numbers from 0 to 1. {reports[source.id].title} may give any number.",
        reason="not from 0 to 1",
        node=loss.id,
        links=(link,),
        fixes=(
            Fix(label="Insert Sigmoid", edit=partial(_inserting, "Sigmoid", link), link=link),
            _use("BCEWithLogitsLoss", loss, "Use the loss of scores"),
        ),
    )


def _no_logarithms(
    link: Link, source: Node, loss: Node, reports: Mapping[NodeId, NodeReport]
) -> Problem:
    insert = Fix(label="Insert LogSoftmax", edit=partial(_inserting, "LogSoftmax", link), link=link)
    return Problem(
        code="LL-A012",
        severity="warning",
        title=f"{reports[loss.id].title} needs logarithms of chances",
        text=f"{reports[source.id].title} gives other numbers, so the loss has no meaning.",
        reason="no log-softmax",
        node=loss.id,
        links=(link,),
        fixes=(_use("CrossEntropyLoss", loss, "Use cross-entropy"), insert)
        if loss.kind == "NLLLoss"
        else (insert,),
    )


def _no_negatives(made: str, source: Node, *, fused: bool) -> Problem:
    return Problem(
        code="LL-A016",
        severity="warning",
        title=f"{made} before a loss of scores",
        text="No score can fall below 0, so no class can be ruled out.",
        reason="scores cut at 0",
        node=source.id,
        fixes=(_removing(made, source, fused=fused),),
    )


def _twice(code: str, made: str, source: Node, loss: Node, *, fused: bool) -> Problem:
    own = "a softmax" if loss.kind == "CrossEntropyLoss" else "a sigmoid"
    name = "cross-entropy" if loss.kind == "CrossEntropyLoss" else "a loss of scores"
    return Problem(
        code=code,
        severity="warning",
        title=f"{made} before {name}",
        text=f"The loss applies {own} itself. A second one slows learning down.",
        reason=f"{own.removeprefix('a ')} twice",
        node=source.id,
        fixes=(_removing(made, source, fused=fused),),
    )


def _removing(made: str, source: Node, *, fused: bool) -> Fix:
    edit: Callable[[Graph], Graph] = (
        (lambda graph: set_params(graph, source.id, {"activation": None}))
        if fused
        else (lambda graph: remove_and_rejoin(graph, (source.id,)))
    )
    return Fix(label=f"Remove {made}", edit=_if_there(source.id, edit))


def _source(graph: Graph, link: Link, feeding: Mapping[NodeId, Link]) -> Node | None:
    """Return the layer whose numbers a wire carries; None where the drawing runs in a circle."""
    node = graph.nodes[link.source.node]
    for _ in range(len(graph.nodes)):
        if node.kind not in _PASSING and not node.bypassed:
            return node
        into = feeding.get(node.id)
        if into is None:
            return None
        node = graph.nodes[into.source.node]
    return None


def _use(kind: str, loss: Node, label: str) -> Fix:
    return Fix(label=label, edit=_if_there(loss.id, lambda g: replace_kind(g, loss.id, kind)))


def _inserting(kind: str, link: Link, graph: Graph) -> Graph:
    return insert_with_room(graph, kind, link) if link in graph.links else graph


def _if_there(node: NodeId, edit: Callable[[Graph], Graph]) -> Callable[[Graph], Graph]:
    return lambda graph: edit(graph) if node in graph.nodes else graph
