"""What a card says: worked out once from the drawing and its analysis, compared by value.

The scene repaints a card only where its facts differ from the ones before.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache, lru_cache
from typing import Literal

import msgspec

from app.canvas.geometry import PortPlace, port_offsets
from app.figures import amount, count
from engine.analysis.insides import category_of
from engine.analysis.instances import Repeated
from engine.analysis.report import NodeReport, NodeState, Problem
from engine.graph.cards import card_size
from engine.graph.composites import COMPOSITE
from engine.graph.elements import Flow, Formula, Link, Node
from nodes.catalogue import kind_named
from nodes.layer import Category, Layer, Port

Badge = Literal["", "error", "warning"]


class CardFacts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Everything a card shows but the preview, the selection and the pointer."""

    title: str
    category: str
    glyph: str
    role: str
    width: float
    height: float
    detail: str
    activation: str
    parameters: int | None
    """None where the number says nothing: data, losses, compact cards, unknown shapes."""

    state: NodeState
    reason: str
    badge: Badge
    frozen: bool
    bypassed: bool
    stacked: bool = False
    """A second edge below says that there is more inside, or more than one."""

    is_tried: bool = False
    """A layer of the person's own is run beside the window, to see what it gives."""

    repeat: str = ""
    """How often it stands in a row: ``×4``, ``×4 shared``."""

    inputs: tuple[PortPlace, ...]
    outputs: tuple[PortPlace, ...]
    loose: tuple[tuple[PortPlace, str], ...] = ()
    """The shapes at outputs that lead nowhere."""

    flow: Flow = "down"
    """The way that the drawing runs: where the ports are."""

    @property
    def is_compact(self) -> bool:
        return self.height < 50

    @property
    def is_broken(self) -> bool:
        """Whether the card has an error of its own."""
        return self.badge == "error"


class _Sides(msgspec.Struct, frozen=True, gc=False):
    """Where the ports of a card stand: above and below it, or at its left and right."""

    width: float
    height: float
    flow: Flow

    def offsets(self, count: int) -> tuple[float, ...]:
        return port_offsets(count, self.height if self.flow == "right" else self.width)

    def input_at(self, offset: float) -> tuple[float, float, float]:
        """Return the offset of an input, and its place on the card."""
        if self.flow == "right":
            return offset, -self.width / 2, self.height / 2 + offset
        return offset, offset, 0.0

    def output_at(self, offset: float) -> tuple[float, float, float]:
        """Return the offset of an output, and its place on the card."""
        if self.flow == "right":
            return offset, self.width / 2, self.height / 2 + offset
        return offset, offset, self.height


def card_facts(
    node: Node,
    report: NodeReport | None,
    *,
    incoming: Sequence[Link],
    outgoing: Collection[str],
    problems: Sequence[Problem],
    flow: Flow = "down",
) -> CardFacts:
    """Work out the facts of one card.

    Args:
        incoming: The wires that end at the node, in order.
        outgoing: The names of its outputs that are connected.
    """
    kind = kind_named(node.kind)
    width, height = card_size(node.kind)
    sides = _Sides(width, height, flow)
    state: NodeState = report.state if report else "waiting"
    worst = _worst(problems)
    counts = kind is not None and kind.info.role == "layer" and not kind.info.compact
    counts = counts and node.kind != COMPOSITE
    outputs = _outputs(_output_names(kind, report, outgoing), frozenset(outgoing), sides)
    return CardFacts(
        title=_title(node, kind, report),
        category=_category(kind, report),
        glyph=kind.info.glyph if kind else "help",
        role=kind.info.role if kind else "layer",
        width=width,
        height=height,
        detail=" · ".join(filter(None, (node.learning.player, _detail(node, report)))),
        activation=report.activation if report else "",
        parameters=report.parameters if report and state == "ok" and counts else None,
        state=state,
        reason=worst.reason if worst and worst.severity == "error" else "",
        badge=worst.severity if worst else "",
        frozen=node.frozen,
        bypassed=node.bypassed,
        stacked=node.kind == COMPOSITE or node.repeat != 1,
        is_tried=state == "waiting" and report is not None and report.inputs is not None,
        repeat=_repeat(node, report),
        inputs=_inputs(_input_ports(kind, report, incoming), incoming, sides),
        outputs=outputs,
        loose=_loose(node, outputs, report) if kind and kind.info.role != "loss" else (),
        flow=flow,
    )


def _worst(problems: Sequence[Problem]) -> Problem | None:
    """Return the first error, else the first warning."""
    errors = [problem for problem in problems if problem.severity == "error"]
    return next(iter(errors or problems), None)


def _category(kind: type[Layer] | None, report: NodeReport | None) -> Category:
    if report is not None and report.layer is not None:
        return category_of(report)
    return kind.info.category if kind else "shape"


def _title(node: Node, kind: type[Layer] | None, report: NodeReport | None) -> str:
    title = report.title if report else node.title or (kind.info.title if kind else node.kind)
    if kind is None or kind.info.role not in ("input", "output") or node.title:
        return title
    port = report.card if report else ""
    return f"{title} {port}".strip()


def _detail(node: Node, report: NodeReport | None) -> str:
    """Return the key parameters; of a composite, what it holds."""
    if report is None:
        return ""
    if node.kind != COMPOSITE:
        return report.card
    if report.state != "ok" or node.bypassed:
        return ""
    layers = "1 layer" if report.layers == 1 else f"{count(report.layers)} layers"
    figures = f"{layers} · {amount(report.parameters)}" if report.parameters else layers
    return figures if node.repeat == 1 else f"{figures} in all"


def _repeat(node: Node, report: NodeReport | None) -> str:
    if node.repeat == 1:
        return ""
    layer = report.layer if report else None
    times = len(layer.rounds) if isinstance(layer, Repeated) else node.repeat
    text = times.formula if isinstance(times, Formula) else str(times)
    return f"×{text} shared" if node.share_weights else f"×{text}"


def ghost_place(facts: CardFacts, port: str) -> PortPlace:
    """Return where one more wire into a list input would end."""
    taken = [place for place in facts.inputs if place.link is not None or place.name != port]
    sides = _Sides(facts.width, facts.height, facts.flow)
    offset = sides.offsets(len(taken) + 1)[-1]
    return PortPlace(port, *sides.input_at(offset), is_input=True, many=True)


def with_ghosts(facts: CardFacts) -> list[PortPlace]:
    """Return the inputs at which a new wire would end; those of a list end at a free place."""
    places: dict[str, PortPlace] = {}
    for place in facts.inputs:
        is_list = place.many and place.link is not None
        places[place.name] = ghost_place(facts, place.name) if is_list else place
    return list(places.values())


def _input_ports(
    kind: type[Layer] | None, report: NodeReport | None, incoming: Sequence[Link]
) -> tuple[Port, ...]:
    known = report.input_ports if report else kind.info.inputs if kind else ()
    names = [port.name for port in known]
    strays = [link.target.port for link in incoming if link.target.port not in names]
    return (*known, *(Port(name=name) for name in dict.fromkeys(strays))) if strays else known


def _output_names(
    kind: type[Layer] | None, report: NodeReport | None, outgoing: Collection[str]
) -> tuple[str, ...]:
    if kind is not None and kind.info.role == "loss":
        # Nothing is drawn from a loss: its number is what training lowers.
        return tuple(sorted(outgoing))
    known = report.output_ports if report else kind.info.outputs if kind else ()
    return tuple(dict.fromkeys([*(port.name for port in known), *outgoing]))


def _inputs(
    ports: Sequence[Port], incoming: Sequence[Link], sides: _Sides
) -> tuple[PortPlace, ...]:
    slots: list[tuple[Port, Link | None]] = []
    for port in ports:
        links = [link for link in incoming if link.target.port == port.name]
        slots += [(port, link) for link in links] or [(port, None)]
    return tuple(
        PortPlace(
            port.name,
            *spot,
            is_input=True,
            link=link,
            optional=port.optional,
            many=port.many,
            used=link is not None,
        )
        for (port, link), spot in zip(slots, _input_spots(len(slots), sides), strict=True)
    )


@cache
def _input_spots(count: int, sides: _Sides) -> tuple[tuple[float, float, float], ...]:
    """Return the offsets of inputs and their places: cards come in few sizes."""
    return tuple(sides.input_at(offset) for offset in sides.offsets(count))


def _loose(
    node: Node, outputs: Sequence[PortPlace], report: NodeReport | None
) -> tuple[tuple[PortPlace, str], ...]:
    if report is None:
        return ()
    return tuple(
        (place, f"{node.called.get(place.name, '')}  {report.outputs[place.name]}".strip())
        for place in outputs
        if not place.used and place.name in report.outputs
    )


@lru_cache(maxsize=1000)
def _outputs(
    names: tuple[str, ...], outgoing: frozenset[str], sides: _Sides
) -> tuple[PortPlace, ...]:
    offsets = sides.offsets(len(names))
    return tuple(
        PortPlace(name, *sides.output_at(offset), is_input=False, used=name in outgoing)
        for name, offset in zip(names, offsets, strict=True)
    )
