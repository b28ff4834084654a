"""How much of a sample each layer sees: its receptive field along the axes of the data.

The arithmetic of Araujo, Norris and Sim 2019, "Computing Receptive Fields of Convolutional Neural
Networks" (Distill): along every axis of places a unit sees a stretch of the data that grows by
windows and whose step grows by strides; where ways meet, the stretches are joined. As there, the
statistics of normalisation are left out. Layers that look everywhere see all.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import NamedTuple, TypeAlias

import msgspec

from engine.analysis.instances import Instance, Repeated
from engine.analysis.report import NodeReport, ShapeReport
from engine.graph.elements import End, Graph, Link, NodeId
from engine.graph.topology import in_order
from nodes.axes import Permute, Squeeze, Transpose, Unflatten, Unsqueeze
from nodes.convolution import Convolution
from nodes.embedding import Embedding
from nodes.functions import Function
from nodes.gating import GatedMLP
from nodes.io import Data, DataField, Input
from nodes.layer import Layer
from nodes.linear import Linear
from nodes.merging import Add, Multiply
from nodes.padding import Padding
from nodes.patches import ImageToSequence, PatchEmbedding
from nodes.pooling import Pooling
from nodes.reshaping import Flatten, Reshape
from nodes.resizing import Upsample
from nodes.softmax import AlongAxis
from nodes.sound import Spectrogram
from nodes.tensors import TensorType
from nodes.transposed import TransposedConvolution
from nodes.windows import Window

_PLACES: Mapping[str, int] = {
    "image": 2,
    "mask": 2,
    "audio": 1,
    "sequence": 0,
    "tokens": 0,
}
"""By kind of field, how many places the sizes end with; of sequences the first axis is meant."""


class Axis(NamedTuple):
    """One axis of the data: the field, and which of its tensor's axes."""

    field: str
    place: int


class Stretch(NamedTuple):
    """What a unit sees along an axis, from the first to the last place, relative to its own."""

    first: Fraction
    last: Fraction

    @property
    def size(self) -> int:
        """How many places it meets at most."""
        return int(self.last - self.first) + 1


Seen: TypeAlias = Stretch | None
"""None: everything."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Where the units along one axis of a tensor stand in the data."""

    axes: frozenset[Axis] = frozenset()
    step: Fraction | None = None
    """From unit to unit, in places of the data; None where they stand in no such order."""


_NOWHERE = Lane()


@dataclass(frozen=True, slots=True)
class View:
    """What the units of one tensor see."""

    seen: Mapping[Axis, Seen] = field(default_factory=dict)
    lanes: tuple[Lane, ...] = ()
    """One for each axis of the tensor, the batch counted."""

    @property
    def sizes(self) -> tuple[int | None, ...]:
        """How many places a unit sees along each axis of the data; None for all of them."""
        ordered = (self.seen[axis] for axis in sorted(self.seen))
        return tuple(None if stretch is None else stretch.size for stretch in ordered)


def views(report: ShapeReport, entering: Mapping[str, View] | None = None) -> dict[End, View]:
    """Return what each output of a drawing sees; those that nothing is known of are left out.

    Args:
        entering: What arrives at the ends of a composite, where ``report`` is of its inside.
    """
    incoming = links_by_target(report.graph)
    found: dict[End, View] = {}
    for node in in_order(report.graph):
        node_report = report.nodes.get(node)
        if node_report is None or not node_report.outputs:
            continue
        arriving = arriving_at(incoming.get(node, ()), found)
        if isinstance(node_report.layer, Input):
            arriving = {"x": [(entering or {}).get(node_report.layer.port, View())]}
        bypassed = report.graph.nodes[node].bypassed
        for port, view in zip(
            node_report.outputs, _outputs(node_report, arriving, bypassed=bypassed), strict=False
        ):
            found[End(node, port)] = view
    return found


def links_by_target(graph: Graph) -> dict[NodeId, list[Link]]:
    """Return the wires into each node, in order."""
    incoming: dict[NodeId, list[Link]] = {}
    for link in graph.links:
        incoming.setdefault(link.target.node, []).append(link)
    return incoming


def arriving_at(links: Iterable[Link], found: Mapping[End, View]) -> dict[str, list[View]]:
    """Return the views that arrive at a node, by port."""
    arriving: dict[str, list[View]] = {}
    for link in links:
        arriving.setdefault(link.target.port, []).append(found.get(link.source, View()))
    return arriving


def _outputs(
    report: NodeReport, arriving: Mapping[str, list[View]], *, bypassed: bool
) -> Iterator[View]:
    layer = report.layer
    if isinstance(layer, Data):
        yield from (_of_field(each) for each in layer.fields)
    elif bypassed:
        yield _first(arriving)
    elif isinstance(layer, Instance):
        yield from _through(layer, layer.inside(report.inputs), arriving)
    elif isinstance(layer, Repeated) and report.inputs is not None:
        yield from _through_rounds(layer, report, arriving)
    elif layer is not None and report.inputs is not None:
        arrived = [tensor for _, tensors in report.inputs.key() for tensor in tensors]
        each = [view for views in arriving.values() for view in views]
        for tensor in report.outputs.values():
            yield _after(layer, each, arrived, tensor)


def _through(
    layer: Instance, inside: ShapeReport, arriving: Mapping[str, list[View]]
) -> Iterator[View]:
    found = views(inside, {port: given[0] for port, given in arriving.items()})
    ends = {link.target.node: link.source for link in inside.graph.links}
    for node, report in inside.nodes.items():
        if report.layer is not None and report.layer.info.role == "output" and node in ends:
            yield found.get(ends[node], View())


def _through_rounds(
    layer: Repeated, report: NodeReport, arriving: Mapping[str, list[View]]
) -> Iterator[View]:
    assert report.inputs is not None, "asked only where all that arrives is known"
    given = {port: list(each) for port, each in arriving.items()}
    fed = layer.fed(report.inputs)
    made: list[View] = []
    for found in layer.each(report.inputs):
        outputs = {port.name: t for port, t in zip(layer.outputs(), found.outputs, strict=True)}
        once = msgspec.structs.replace(
            report, layer=found.layer, inputs=found.inputs, outputs=outputs
        )
        made = list(_outputs(once, given, bypassed=False))
        given.update((port, [view]) for port, view in zip(fed, made, strict=False))
    yield from made


def places_in(data: DataField) -> int:
    """Return how many axes of a field are places: height and width of an image, steps of a text."""
    count = _PLACES.get(data.kind)
    if count is None or not data.sizes:
        return 0
    return min(count or 1, len(data.sizes))


def first_place(data: DataField) -> int:
    """Return the first of them among the sizes of a field; of a sequence the first of all."""
    return 0 if _PLACES.get(data.kind) == 0 else len(data.sizes) - places_in(data)


def _of_field(data: DataField) -> View:
    """Return what a field sees of itself: one place along each of its axes."""
    count, first = places_in(data), first_place(data)
    axes = {place + 1: Axis(data.name, place + 1) for place in range(first, first + count)}
    still = Stretch(Fraction(0), Fraction(0))
    return View(
        seen=dict.fromkeys(axes.values(), still),
        lanes=tuple(
            Lane(frozenset({axes[place]}), Fraction(1)) if place in axes else _NOWHERE
            for place in range(len(data.sizes) + 1)
        ),
    )


def _after(layer: Layer, views: list[View], arrived: list[TensorType], tensor: TensorType) -> View:
    """Return what a layer's output sees."""
    view = views[0] if views else View()
    rank = len(view.lanes)
    if not arrived or rank != arrived[0].rank:
        return _all_of(views, tensor)
    match layer:
        case Convolution():
            return _slid(_mixed(view, (1,)), layer.windows())
        case Pooling():
            return _slid(view, layer.windows())
        case TransposedConvolution():
            return _spread(_mixed(view, (1,)), layer.windows())
        case Padding():
            return _slid(view, _shifts(arrived[0], tensor))
        case Upsample():
            return _spread(view, _painted(layer, arrived[0], tensor))
        case Spectrogram():
            return _spectrum(view, layer, tensor)
        case PatchEmbedding(patch_size=size):
            patch = Window(kernel=size, stride=size)
            return _as_steps(_slid(_mixed(view, (1,)), (patch,) * (rank - 2)))
        case ImageToSequence():
            return _as_steps(view)
        case Embedding():
            return replace(view, lanes=(*view.lanes, _NOWHERE))
        case Linear() | GatedMLP():
            return _mixed(view, (rank - 1,))
        case Permute(order=order):
            return replace(view, lanes=(view.lanes[:1] + tuple(view.lanes[k] for k in order)))
        case Transpose(first=first, second=second):
            return _exchanged(view, first % rank, second % rank)
        case Unsqueeze(dim=dim):
            place = dim % (rank + 1)
            return replace(view, lanes=(*view.lanes[:place], _NOWHERE, *view.lanes[place:]))
        case Squeeze(dim=dim):
            place = dim % rank
            return replace(view, lanes=view.lanes[:place] + view.lanes[place + 1 :])
        case AlongAxis(dim=dim):
            return _mixed(view, (dim % rank,))
        case Flatten() | Reshape() | Unflatten():
            return _out_of_order(view, tensor)
        case Input() | Add() | Multiply():
            return _joined(views)
        case _ if _is_pointwise(layer, arrived, tensor):
            return _joined(views)
        case _:
            return _all_of(views, tensor)


def _is_pointwise(layer: Layer, arrived: list[TensorType], tensor: TensorType) -> bool:
    """Whether each unit of the output rests on the unit of the inputs at its place alone."""
    same = bool(arrived) and all(each.sizes == tensor.sizes for each in arrived)
    return same and (layer.info.category in ("act", "norm") or isinstance(layer, Function))


def _slid(view: View, windows: tuple[Window, ...]) -> View:
    """Let windows move along the last axes."""
    for place, window in zip(_last(view, len(windows)), windows, strict=False):
        view = _slid_along(view, place, window)
    return view


def _slid_along(view: View, place: int, window: Window) -> View:
    lane = view.lanes[place]
    if lane.step is None:
        return view if window.reach == 1 else _mixed(view, (place,))
    before, after = window.padding, window.reach - 1 - window.padding
    widened = _widened(view, lane, lane.step * before, lane.step * after)
    return _with_step(widened, place, lane.step * window.stride)


def _spread(view: View, windows: tuple[Window, ...]) -> View:
    """Let every unit paint a window, the windows a stride apart: the step becomes finer."""
    for place, window in zip(_last(view, len(windows)), windows, strict=False):
        lane = view.lanes[place]
        if lane.step is None:
            view = _mixed(view, (place,))
            continue
        step = lane.step / window.stride
        # A unit at i rests on those at (i + padding − reach + 1) / stride and on to
        # (i + padding) / stride.
        before, after = window.reach - 1 - window.padding, window.padding
        view = _with_step(_widened(view, lane, step * before, step * after), place, step)
    return view


def _widened(view: View, lane: Lane, before: Fraction, after: Fraction) -> View:
    seen = dict(view.seen)
    for axis in lane.axes:
        stretch = seen[axis]
        if stretch is not None:
            seen[axis] = Stretch(stretch.first - before, stretch.last + after)
    return replace(view, seen=seen)


def _with_step(view: View, place: int, step: Fraction) -> View:
    lane = replace(view.lanes[place], step=step)
    return replace(view, lanes=(*view.lanes[:place], lane, *view.lanes[place + 1 :]))


def _mixed(view: View, places: Iterable[int]) -> View:
    """Let every unit see all along some axes."""
    mixed = frozenset(axis for place in places for axis in view.lanes[place].axes)
    if not mixed:
        return view
    return replace(view, seen={**view.seen, **dict.fromkeys(mixed)})


def _joined(views: list[View]) -> View:
    """Let every unit see what the units at its place see in any of several tensors."""
    widest = max(views, key=lambda view: len(view.lanes), default=View())
    seen: dict[Axis, Seen] = {}
    for view in views:
        for axis, stretch in view.seen.items():
            seen[axis] = _union(seen[axis], stretch) if axis in seen else stretch
    out_of_step = (
        axis
        for view in views
        for mine, other in zip(reversed(widest.lanes), reversed(view.lanes), strict=False)
        if mine != other and mine.axes and other.axes
        for axis in mine.axes | other.axes
    )
    return replace(widest, seen={**seen, **dict.fromkeys(out_of_step)})


def _union(one: Seen, other: Seen) -> Seen:
    if one is None or other is None:
        return None
    return Stretch(min(one.first, other.first), max(one.last, other.last))


def _all_of(views: list[View], tensor: TensorType) -> View:
    axes = (axis for view in views for axis in view.seen)
    return View(seen=dict.fromkeys(axes), lanes=(_NOWHERE,) * tensor.rank)


def _as_steps(view: View) -> View:
    """Write the places one after the other: channels×H×W to steps×channels."""
    batch, channels, *places = view.lanes or (_NOWHERE, _NOWHERE)
    merged = frozenset(axis for lane in places for axis in lane.axes)
    step = places[0].step if len(places) == 1 else None
    return replace(view, lanes=(batch, Lane(merged, step), channels))


def _spectrum(view: View, layer: Spectrogram, tensor: TensorType) -> View:
    """Windows over the sound, half of the first one mirrored; frequencies stand nowhere in it."""
    window = Window(kernel=layer.n_fft, stride=layer.hop, padding=layer.n_fft // 2)
    view = _slid(view, (window,))
    return replace(view, lanes=(*(_NOWHERE,) * (tensor.rank - 1), *view.lanes[-1:]))


def _exchanged(view: View, first: int, second: int) -> View:
    lanes = list(view.lanes)
    lanes[first], lanes[second] = lanes[second], lanes[first]
    return replace(view, lanes=tuple(lanes))


def _last(view: View, count: int) -> range:
    """Return the places of the last axes of a tensor; of none where nothing is known of it."""
    rank = len(view.lanes)
    return range(rank - count, rank) if rank >= count else range(0)


def _shifts(before: TensorType, after: TensorType) -> tuple[Window, ...]:
    """Return what padding does: the places move, and none sees more."""
    sizes = zip(before.sizes[2:], after.sizes[2:], strict=True)
    return tuple(
        Window(kernel=1, padding=(new - old) // 2)
        if isinstance(new, int) and isinstance(old, int)
        else Window(kernel=1)
        for old, new in sizes
    )


def _painted(layer: Upsample, before: TensorType, after: TensorType) -> tuple[Window, ...]:
    """Return what each unit paints when an image is made larger; blending reaches further."""
    reach = {"nearest": 1, "bicubic": 4}.get(layer.mode, 2)
    return tuple(
        _brush(new // old if isinstance(new, int) and isinstance(old, int) else 1, reach)
        for old, new in zip(before.sizes[2:], after.sizes[2:], strict=True)
    )


def _brush(factor: int, reach: int) -> Window:
    # Between an odd number of new places the one in the middle lies right on an old one.
    kernel = reach * factor - (factor % 2 if reach > 1 else 0)
    return Window(kernel=kernel, stride=factor, padding=(kernel - factor) // 2)


def _out_of_order(view: View, tensor: TensorType) -> View:
    """Keep what each unit sees, and forget where it stands."""
    merged = Lane(frozenset(axis for lane in view.lanes for axis in lane.axes))
    return replace(view, lanes=(_NOWHERE, *(merged,) * (tensor.rank - 1)))


def _first(arriving: Mapping[str, list[View]]) -> View:
    return next((views[0] for views in arriving.values()), View())
