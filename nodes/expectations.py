"""What layers expect of a tensor's axes, and what to say when something else arrives.

Stricter than torch, which reads a vector as an image without a batch, or applies Linear to the
last axis of a feature map, and trains on nonsense.
"""

import math

from nodes.errors import ParameterError, Remedy, ShapeError
from nodes.params import LARGEST
from nodes.sizes import Size, divides, written
from nodes.tensors import TensorType, needs_float

FLATTEN = Remedy(label="Insert Flatten", action="insert_before", kind="Flatten", port="x")
POOL_ALL = Remedy(
    label="Insert global average pooling",
    action="insert_before",
    kind="GlobalAvgPool2d",
    port="x",
)


def described(tensor: TensorType) -> str:
    """Write what arrives, for the middle of a sentence: ``16×14×14``."""
    if tensor.rank == 0:
        return "a single number"
    if tensor.rank == 1:
        return "one label for each sample" if tensor.classes else "one number for each sample"
    return str(tensor)


def needs_image(tensor: TensorType, title: str, *remedies: Remedy) -> None:
    """Refuse what is not channels×height×width.

    Raises:
        ShapeError: ``tensor`` is no batch of images.
    """
    needs_float(tensor, title)
    if tensor.rank != 4:
        raise _wrong_axes(
            f"{title} needs an image (channels×height×width)",
            tensor,
            reason="needs an image",
            remedies=(*remedies, *_as_image(tensor)),
        )


def needs_sequence(tensor: TensorType, title: str) -> None:
    """Refuse what is not channels×length.

    Raises:
        ShapeError: ``tensor`` is no batch of sequences.
    """
    needs_float(tensor, title)
    if tensor.rank == 3:
        return
    remedies: tuple[Remedy, ...] = ()
    if tensor.rank == 4:
        two_dimensional = f"{title[:-2]}2d"
        remedies = (replace(two_dimensional),)
    elif tensor.rank == 2:
        remedies = (reshape((1, -1)),)
    raise _wrong_axes(
        f"{title} needs a sequence (channels×length)",
        tensor,
        reason="needs a sequence",
        remedies=remedies,
    )


def needs_volume(tensor: TensorType, title: str) -> None:
    """Refuse what is not channels×depth×height×width.

    Raises:
        ShapeError: ``tensor`` is no batch of volumes.
    """
    needs_float(tensor, title)
    if tensor.rank == 5:
        return
    remedies: tuple[Remedy, ...] = ()
    if tensor.rank == 4 and title.endswith("3d"):
        remedies = (replace(f"{title[:-2]}2d"),)
    raise _wrong_axes(
        f"{title} needs a volume (channels×depth×height×width)",
        tensor,
        reason="needs a volume",
        remedies=remedies,
    )


def needs_map(tensor: TensorType, title: str, axes: int) -> None:
    """Refuse what is not channels and so many axes of places: a sequence, an image, a volume.

    Raises:
        ShapeError: ``tensor`` is no batch of them.
    """
    {1: needs_sequence, 2: needs_image, 3: needs_volume}[axes](tensor, title)


MAPS = {1: "sequence", 2: "image", 3: "volume"}
"""What channels and so many axes of places are called."""


def needs_places(x: TensorType, title: str) -> None:
    """Refuse what has no places that could become more or fewer.

    Raises:
        ShapeError: ``x`` is neither a sequence nor an image nor a volume.
    """
    needs_float(x, title)
    if x.rank not in (3, 4, 5):
        needs_image(x, title)


def needs_vector(tensor: TensorType, title: str) -> None:
    """Refuse what has no features to mix: images, and single numbers.

    A sequence of vectors (length×features) is accepted; each is treated alike.

    Raises:
        ShapeError: ``tensor`` is neither a batch of vectors nor of sequences of vectors.
    """
    needs_float(tensor, title)
    if tensor.rank in (2, 3):
        return
    remedies: tuple[Remedy, ...] = ()
    if tensor.rank == 4:
        remedies = (FLATTEN, POOL_ALL)
    elif tensor.rank > 4:
        remedies = (FLATTEN,)
    elif tensor.rank == 1:
        remedies = (reshape((1,)),)
    raise _wrong_axes(f"{title} needs a vector", tensor, reason="needs a vector", remedies=remedies)


def needs_steps(tensor: TensorType, title: str) -> None:
    """Refuse what is not steps×features.

    Raises:
        ShapeError: ``tensor`` is no batch of sequences of vectors.
    """
    needs_float(tensor, title)
    if tensor.rank == 3:
        return
    remedies: tuple[Remedy, ...] = ()
    if tensor.rank == 2 and isinstance(tensor.sizes[1], int):
        remedies = (reshape((-1, 1)), reshape((1, -1)))
    elif tensor.rank == 4:
        remedies = (_rows_of(tensor),)
    raise _wrong_axes(
        f"{title} needs a sequence of vectors (steps×features)",
        tensor,
        reason="needs steps×features",
        remedies=remedies,
    )


def _rows_of(tensor: TensorType) -> Remedy:
    """Read an image of one channel row by row; else take its places as steps."""
    if tensor.sizes[1] == 1 and isinstance(tensor.sizes[3], int):
        return reshape((-1, tensor.sizes[3]))
    return Remedy(
        label="Insert ImageToSequence", action="insert_before", kind="ImageToSequence", port="x"
    )


def must_divide(
    groups: int, channels: Size, *, title: str, parameter: str, outputs: int = 0
) -> None:
    """Refuse a number of groups that does not share out the channels evenly.

    Args:
        parameter: What holds ``groups``.
        outputs: Output channels that must be shared out as well, where there are any.

    Raises:
        ShapeError: ``groups`` does not divide ``channels``.
    """
    if not isinstance(channels, int) or channels % groups == 0:
        return
    raise ShapeError(
        f"{groups} groups do not divide {channels}",
        why=f"Each group of {title} needs the same share of the {channels} channels.",
        reason="groups do not divide",
        code="LL-S005",
        remedies=tuple(
            Remedy(
                label=f"Use {count} groups" if count > 1 else "Use 1 group",
                action="set_params",
                params={parameter: count},
            )
            for count in near_divisors(math.gcd(channels, outputs), groups)
        ),
    )


def must_come_out_even(size: Size, parts: int, title: str) -> None:
    """Refuse to share out places whose number is free, and not always a multiple of ``parts``.

    Raises:
        ShapeError: ``size`` holds letters for which it does not come out even.
    """
    if isinstance(size, int) or divides(parts, size):
        return
    raise ShapeError(
        f"{parts} does not always divide {written(size)}",
        why=f"{title} shares the places out evenly.",
        hint="Keep the sizes of the data as they are, or let them be multiples.",
        reason="sizes do not divide",
        code="LL-S005",
    )


def must_share_out(
    size: Size,
    parts: int,
    *,
    title: str,
    what: str,
    parameter: str,
    unit: str,
    fewest: int = 1,
) -> None:
    """Refuse to share ``size`` out to parts that do not come out even.

    Args:
        what: What is shared out: "features", "channels".
        parameter: What holds ``parts``.
        unit: What the parts are called: "heads", "groups".
        fewest: The smallest number of parts that makes sense.

    Raises:
        ShapeError: ``parts`` does not divide ``size``.
    """
    if not isinstance(size, int) or size % parts == 0:
        return
    counts = [
        Remedy(
            label=f"Use {count} {unit if count > 1 else unit.removesuffix('s')}",
            action="set_params",
            params={parameter: count},
        )
        for count in near_divisors(size, parts)
        if count >= fewest
    ]
    raise ShapeError(
        f"{parts} {unit} do not divide {size}",
        why=f"Each {unit.removesuffix('s')} needs the same share of the {size} {what}.",
        reason=f"{unit} do not divide",
        code="LL-S005",
        remedies=(*counts[:1], _near_multiple(size, parts, what), *counts[1:]),
    )


def _near_multiple(size: int, parts: int, what: str) -> Remedy:
    width = max(parts, round(size / parts) * parts)
    return Remedy(label=f"Use {width} {what}", action="widen", width=width)


def not_the_batch(dim: int, why: str) -> None:
    """Refuse the batch as the axis to work along.

    Raises:
        ParameterError: ``dim`` is 0.
    """
    if dim == 0:
        raise ParameterError(
            "dim",
            "The axis cannot be 0",
            why=f"Axis 0 is the batch. {why}",
            hint="Set 1 for channels or features, or −1 for the last axis.",
        )


def axis(tensor: TensorType, dim: int, title: str) -> int:
    """Return the axis that ``dim`` means, the batch being 0.

    Raises:
        ShapeError: ``tensor`` has no such axis, or it is the batch.
    """
    place = dim + tensor.rank if dim < 0 else dim
    if 0 < place < tensor.rank:
        return place
    last = tensor.rank - 1
    raise ShapeError(
        f"{title} has no axis {dim} to work along",
        why=f"It receives {described(tensor)}: axes 1 to {last}."
        if last > 0
        else f"It receives {described(tensor)}.",
        reason="no such axis",
        code="LL-S008",
        remedies=(Remedy(label=f"Set axis to {last}", action="set_params", params={"dim": last}),)
        if last > 0
        else (),
    )


def near_divisors(number: int, wanted: int) -> list[int]:
    """Return the divisors next to ``wanted``, below and above, the nearer one first.

    None are looked for in a number so large that the search would be felt.
    """
    if number > LARGEST:
        return []
    # Divisors come in pairs, so that a search up to the root finds all of them.
    small = [part for part in range(1, math.isqrt(number) + 1) if number % part == 0]
    divisors = sorted({*small, *(number // part for part in small)})
    below = [part for part in divisors if part < wanted][-1:]
    above = [part for part in divisors if part > wanted][:1]
    return sorted(below + above, key=lambda part: (abs(part - wanted), part))


def reshape(sizes: tuple[int, ...]) -> Remedy:
    """Return the remedy that gives the samples other axes."""
    text = "×".join("…" if size == -1 else str(size) for size in sizes)
    return Remedy(
        label=f"Insert Reshape to {text}",
        action="insert_before",
        kind="Reshape",
        params={"sizes": list(sizes)},
        port="x",
    )


def replace(kind: str) -> Remedy:
    """Return the remedy that puts another kind of layer in the place of this one."""
    return Remedy(label=f"Use {kind} instead", action="replace", kind=kind)


def _as_image(tensor: TensorType) -> tuple[Remedy, ...]:
    """Offer the image that a vector may hold: the fewest channels that leave a square."""
    if tensor.rank == 3:
        return (reshape((1, -1, tensor.sizes[2])),) if isinstance(tensor.sizes[2], int) else ()
    if tensor.rank != 2 or not isinstance(tensor.sizes[1], int):
        return ()
    size = tensor.sizes[1]
    for channels in (1, 3, *(2**power for power in range(1, 12))):
        side = math.isqrt(size // channels)
        if side > 1 and channels * side * side == size:
            return (reshape((channels, side, side)),)
    return (reshape((size, 1, 1)),)


def _wrong_axes(
    title: str, tensor: TensorType, *, reason: str, remedies: tuple[Remedy, ...]
) -> ShapeError:
    return ShapeError(
        title,
        why=f"It receives {described(tensor)}.",
        reason=reason,
        remedies=remedies,
        code="LL-S002",
    )
