"""Which tensors of a weights file belong to which of a layer: told by names, then by sizes.

Reads no numbers and imports no torch.
"""

from collections.abc import Mapping

import msgspec

Shapes = Mapping[str, tuple[int, ...]]
"""The sizes of tensors by name, in their order."""


class Matching(msgspec.Struct, frozen=True, kw_only=True):
    """What a file has for a layer."""

    taken: Mapping[str, str] = {}
    """The name in the file of each tensor of the layer that is found there."""

    missing: tuple[str, ...] = ()
    """Tensors of the layer that the file has not."""

    other_sizes: tuple[str, ...] = ()
    """Tensors of the layer that the file has in other sizes."""

    unused: int = 0
    """Tensors of the file that nothing takes."""

    @property
    def is_whole(self) -> bool:
        """Whether every tensor of the layer is found."""
        return not (self.missing or self.other_sizes)


def match(layer: Shapes, file: Shapes) -> Matching:
    """Find the tensors of a layer in a file.

    Names count first, with whatever stands before them in the file: a layer may have been part of
    a larger model. Where no name fits and the sizes are the same from the first to the last, the
    order decides.
    """
    prefix = _prefix(layer, file)
    names = {name: f"{prefix}{name}" for name in layer if f"{prefix}{name}" in file}
    if not names and list(layer.values()) == list(file.values()):
        names = dict(zip(layer, file, strict=True))
    taken = {name: there for name, there in names.items() if file[there] == layer[name]}
    return Matching(
        taken=taken,
        missing=tuple(name for name in layer if name not in names),
        other_sizes=tuple(name for name in names if name not in taken),
        unused=len(file) - len(names),
    )


def told(title: str, found: Matching) -> str:
    """Say in a sentence or two what was taken and what begins anew."""
    count = len(found.taken) + len(found.missing) + len(found.other_sizes)
    words = f"{title}: {len(found.taken)} of {count} tensors are those of the file."
    if found.other_sizes:
        words += f" Of other sizes, so they begin anew: {_listed(found.other_sizes)}."
    if found.missing:
        words += f" Not in the file, so they begin anew: {_listed(found.missing)}."
    if found.unused:
        words += f" The file has {found.unused} more."
    return words


def _prefix(layer: Shapes, file: Shapes) -> str:
    """Return what stands before the names of the layer in the file, where most of them fit."""
    prefixes = dict.fromkeys(
        there.removesuffix(name)
        for name in layer
        for there in file
        if there == name or there.endswith(f".{name}")
    )
    return max(prefixes, key=lambda prefix: _fitting(prefix, layer, file), default="")


def _fitting(prefix: str, layer: Shapes, file: Shapes) -> int:
    return sum(file.get(f"{prefix}{name}") == sizes for name, sizes in layer.items())


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
