"""Long drawings folded into columns that stand beside each other, as lines of a text do.

The arranged drawing is cut between bands: rows of cards that no frame and no other card ties to
what is above or below. Where frames begin or end is cut first, elsewhere only inside what would
not fit a column by itself. Wires between columns run in the gutter. A drawing that runs to the
right is measured across: its columns are rows below each other.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from engine.graph.cards import CARD, FRAME_BOTTOM, FRAME_GUTTER, FRAME_SIDE, FRAME_TOP, card_size
from engine.graph.elements import Flow, Graph, NodeId
from engine.graph.layout import arrange

GUTTER = 120.0
"""Between columns."""

_MOST_COLUMNS = 40


def fold(graph: Graph, *, ratio: float) -> dict[NodeId, tuple[float, float]]:
    """Return a place for every node: arranged, in as many columns as are shown largest.

    Args:
        ratio: The width of the view that is to show all of it, by its height.
    """
    places = arrange(graph)
    bands = _bands(graph, places)
    if not bands:
        return {}
    is_right = graph.flow == "right"
    return _placed(places, _best(bands, 1 / ratio if is_right else ratio), is_right=is_right)


class _Band(msgspec.Struct, frozen=True):
    """What cannot be cut across: its nodes and the area around them."""

    nodes: tuple[NodeId, ...]
    left: float
    right: float
    top: float
    bottom: float
    is_framed: bool = False


_Column = Sequence[_Band]


def _bands(graph: Graph, places: Mapping[NodeId, tuple[float, float]]) -> list[_Band]:
    bands: list[_Band] = []
    for box in sorted(_boxes(graph, places), key=lambda box: box.top):
        if bands and box.top < bands[-1].bottom:
            bands[-1] = _both(bands[-1], box)
        else:
            bands.append(box)
    return bands


def _boxes(graph: Graph, places: Mapping[NodeId, tuple[float, float]]) -> Iterator[_Band]:
    """Yield each frame and each card outside of frames."""
    framed: set[NodeId] = set()
    for frame in graph.frames:
        cards = [_card(graph, places, node) for node in frame.nodes if node in places]
        if cards:
            framed.update(frame.nodes)
            yield _framed(cards, graph.flow)
    yield from (_card(graph, places, node) for node in places if node not in framed)


def _card(graph: Graph, places: Mapping[NodeId, tuple[float, float]], node: NodeId) -> _Band:
    (x, y), (width, height) = places[node], card_size(graph.nodes[node].kind)
    left = x + (CARD[0] - width) / 2
    if graph.flow == "right":
        return _Band((node,), y, y + height, left, left + width)
    return _Band((node,), left, left + width, y, y + height)


def _framed(cards: Sequence[_Band], flow: Flow) -> _Band:
    before, after = FRAME_SIDE, FRAME_SIDE + FRAME_GUTTER
    above, below = FRAME_TOP, FRAME_BOTTOM
    if flow == "right":
        before, after, above, below = FRAME_TOP, FRAME_BOTTOM + FRAME_GUTTER, FRAME_SIDE, FRAME_SIDE
    return _Band(
        tuple(node for card in cards for node in card.nodes),
        min(card.left for card in cards) - before,
        max(card.right for card in cards) + after,
        min(card.top for card in cards) - above,
        max(card.bottom for card in cards) + below,
        is_framed=True,
    )


def _both(one: _Band, other: _Band) -> _Band:
    return _Band(
        (*one.nodes, *other.nodes),
        min(one.left, other.left),
        max(one.right, other.right),
        min(one.top, other.top),
        max(one.bottom, other.bottom),
        is_framed=one.is_framed or other.is_framed,
    )


def _best(bands: Sequence[_Band], ratio: float) -> list[_Column]:
    """Return the columns that a view of this ratio shows largest; of equals, the fewest."""
    whole = _height(bands)
    foldings = (_filled(bands, whole / count) for count in range(1, _MOST_COLUMNS + 1))
    return min(foldings, key=lambda columns: _side(columns, ratio))


def _filled(bands: Sequence[_Band], most: float) -> list[_Column]:
    """Fill columns of at most a height in order; only what cannot be cut is higher."""
    columns: list[list[_Band]] = []
    for part in _parts(bands, most):
        if columns and _height([*columns[-1], *part]) <= most:
            columns[-1].extend(part)
        else:
            columns.append(list(part))
    return list(columns)


def _parts(bands: Sequence[_Band], most: float) -> Iterator[_Column]:
    """Yield what stays together: from one border of a frame to the next where that fits."""
    part: list[_Band] = []
    for band in bands:
        borders = bool(part) and (band.is_framed or part[-1].is_framed)
        if borders or (part and _height([*part, band]) > most):
            yield part
            part = []
        part.append(band)
    yield part


def _height(column: _Column) -> float:
    return column[-1].bottom - column[0].top


def _width(column: _Column) -> float:
    return max(band.right for band in column) - min(band.left for band in column)


def _side(columns: Sequence[_Column], ratio: float) -> float:
    """Return the height of the smallest view of the ratio that shows all columns."""
    across = sum(_width(column) for column in columns) + GUTTER * (len(columns) - 1)
    return max(across / ratio, *(_height(column) for column in columns))


def _placed(
    places: Mapping[NodeId, tuple[float, float]], columns: Sequence[_Column], *, is_right: bool
) -> dict[NodeId, tuple[float, float]]:
    moved: dict[NodeId, tuple[float, float]] = {}
    top = columns[0][0].top
    start = min(band.left for band in columns[0])
    for column in columns:
        dx = start - min(band.left for band in column)
        dy = top - column[0].top
        for node in (node for band in column for node in band.nodes):
            x, y = places[node]
            moved[node] = (x + dy, y + dx) if is_right else (x + dx, y + dy)
        start += _width(column) + GUTTER
    return moved
