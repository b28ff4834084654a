"""Parts of a tensor along an axis: one place, a stretch, or all of it dealt out."""

from typing import Annotated, ClassVar

from nodes.errors import ParameterError, Remedy, ShapeError
from nodes.expectations import axis, described, must_come_out_even, must_share_out, not_the_batch
from nodes.layer import Layer, LayerInfo, Lowering, Port, docs, template_literal
from nodes.params import Param
from nodes.sizes import Size, written
from nodes.tensors import Inputs, TensorType, needs_batch_first

DIM = Param(
    "Axis",
    "Along which axis. 1 is the channels, features or steps, −1 the last.",
    low=-7,
    high=7,
    suggest=(1, -1),
    on_card="axis {}",
)
_MOST_PARTS = 64


class AlongAxis(Layer, frozen=True, kw_only=True):
    """What taking parts along an axis shares: numbers of any kind stay as they are."""

    dim: Annotated[int, DIM] = 1

    def verify(self) -> None:
        not_the_batch(self.dim, "The samples of a batch stay together.")

    def _arriving(self, inputs: Inputs) -> tuple[TensorType, int]:
        x = inputs["x"]
        needs_batch_first(x, self.info.title)
        return x, axis(x, self.dim, self.info.title)


def resized(x: TensorType, place: int, *sizes: Size) -> TensorType:
    """Return a tensor whose axis has another size, or none."""
    return TensorType((*x.sizes[:place], *sizes, *x.sizes[place + 1 :]), x.dtype, x.classes)


def index_of(place: int, text: str) -> str:
    """Write an index along an axis: ``[:, :, 2:5]``."""
    return f"[{', '.join((*[':'] * place, text))}]"


class Select(AlongAxis, frozen=True, kw_only=True):
    """One place along an axis."""

    info: ClassVar = LayerInfo(
        title="Select",
        category="shape",
        summary="Takes what stands at one place along an axis.",
        when="To take the last step of a sequence, or the class token of a vision transformer.",
        shape="the axis goes away",
        aliases=("index", "pick", "last step", "class token", "gather", "take"),
        link=docs("select"),
        glyph="split",
    )

    index: Annotated[
        int,
        Param(
            "Place",
            "Which place, counted from 0; −1 is the last.",
            low=-(2**31),
            suggest=(0, -1),
            on_card="[{}]",
        ),
    ] = -1

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x, place = self._arriving(inputs)
        size = x.sizes[place]
        if isinstance(size, int) and not -size <= self.index < size:
            raise ShapeError(
                f"There is no place {self.index}",
                why=f"It receives {described(x)}: along axis {place} places go from 0 to "
                f"{size - 1}.",
                reason="no such place",
                code="LL-S009",
                remedies=(
                    Remedy(label="Take the last place", action="set_params", params={"index": -1}),
                ),
            )
        return (resized(x, place),)

    def lower(self, inputs: Inputs) -> Lowering:
        _, place = self._arriving(inputs)
        return Lowering(expression=f"{{x}}{index_of(place, str(self.index))}")

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return f"[{self.index}]" if self.dim == 1 else f"axis {self.dim} · [{self.index}]"


class Slice(AlongAxis, frozen=True, kw_only=True):
    """A stretch along an axis."""

    info: ClassVar = LayerInfo(
        title="Slice",
        category="shape",
        summary="Takes a stretch along an axis, or every other place of it.",
        when="To cut off a border, to take some channels, or to drop the first step.",
        shape="the axis becomes shorter",
        aliases=("crop", "narrow", "cut", "subset", "every other", "index"),
        link=docs("narrow"),
        glyph="split",
    )

    start: Annotated[
        int,
        Param(
            "From", "The first place; −1 is the last.", low=-(2**31), suggest=(0, 1), on_card="{}"
        ),
    ] = 0
    stop: Annotated[
        int | None,
        Param(
            "Up to",
            "The first place that is left out; empty goes to the end.",
            low=-(2**31),
            suggest=(-1,),
            on_card="{}",
        ),
    ] = None
    step: Annotated[
        int, Param("Step", "2 takes every other place.", low=1, suggest=(1, 2), advanced=True)
    ] = 1

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x, place = self._arriving(inputs)
        size = x.sizes[place]
        if not isinstance(size, int):
            return (resized(x, place, self._of_open(size)),)
        count = len(range(*slice(self.start, self.stop, self.step).indices(size)))
        if not count:
            raise self._nothing_left(x, place)
        return (resized(x, place, count),)

    def lower(self, inputs: Inputs) -> Lowering:
        _, place = self._arriving(inputs)
        return Lowering(expression=f"{{x}}{index_of(place, self._written())}")

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return self._written() if self.dim == 1 else f"axis {self.dim} · {self._written()}"

    def _written(self) -> str:
        start = str(self.start) if self.start else ""
        stop = "" if self.stop is None else str(self.stop)
        return f"{start}:{stop}{f':{self.step}' if self.step > 1 else ''}"

    def _of_open(self, size: Size) -> Size:
        """Return what is left of a size that is not known; both ends counted from one side."""
        begin: Size | None = self.start if self.start >= 0 else None
        end: Size | None = size if self.stop is None else None
        if self.stop is not None and self.stop < 0:
            end = size + self.stop
        if begin is None or end is None:
            raise ShapeError(
                "Slice needs to know the size",
                why=f"How long the axis is stays open, and the stretch is {self._written()}.",
                hint="Count from the beginning, and go to the end.",
                reason="size is open",
                code="LL-S019",
            )
        return (end - begin + self.step - 1) // self.step

    def _nothing_left(self, x: TensorType, place: int) -> ShapeError:
        return ShapeError(
            "Nothing is left",
            why=f"It receives {described(x)}; {self._written()} along axis {place} is empty.",
            reason="nothing is left",
            code="LL-S003",
            remedies=(
                Remedy(
                    label="Take all of it",
                    action="set_params",
                    params={"start": 0, "stop": None},
                ),
            ),
        )


class Dealing(AlongAxis, frozen=True, kw_only=True):
    """What dealing a tensor out to several outputs shares."""

    def outputs(self) -> tuple[Port, ...]:
        return tuple(Port(name=f"y{number}") for number in range(1, self._count() + 1))

    def _count(self) -> int:
        raise NotImplementedError


class Chunk(Dealing, frozen=True, kw_only=True):
    """Equal parts along an axis."""

    info: ClassVar = LayerInfo(
        title="Chunk",
        category="shape",
        summary="Deals an axis out to equal parts, each an output of its own.",
        when="To treat halves of the channels in two ways, or to take mean and spread apart.",
        shape="the axis is shared out",
        aliases=("split evenly", "halve", "divide", "unbind", "branches"),
        link=docs("chunk"),
        glyph="split",
        outputs=(Port(name="y1"), Port(name="y2")),
    )

    parts: Annotated[
        int,
        Param(
            "Parts",
            "How many parts; they must divide the axis.",
            low=2,
            high=_MOST_PARTS,
            suggest=(2, 3, 4),
            on_card="{} parts",
        ),
    ] = 2

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x, place = self._arriving(inputs)
        size = x.sizes[place]
        must_come_out_even(size, self.parts, self.info.title)
        must_share_out(
            size,
            self.parts,
            title=self.info.title,
            what="places",
            parameter="parts",
            unit="parts",
            fewest=2,
        )
        return tuple(resized(x, place, size // self.parts) for _ in range(self.parts))

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression=f"{{x}}.chunk({self.parts}, dim={self.dim})")

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return f"{self.parts} parts" if self.dim == 1 else f"{self.parts} parts · axis {self.dim}"

    def _count(self) -> int:
        return self.parts


class Split(Dealing, frozen=True, kw_only=True):
    """Parts of chosen sizes along an axis."""

    info: ClassVar = LayerInfo(
        title="Split",
        category="shape",
        summary="Deals an axis out to parts of chosen sizes, each an output of its own.",
        when="To undo a Concat, or to part features of different meaning.",
        shape="the axis is shared out",
        aliases=("sections", "partition", "part", "branches", "unconcat"),
        link=docs("split"),
        glyph="split",
        outputs=(Port(name="y1"), Port(name="y2")),
    )

    sizes: Annotated[
        tuple[int, ...],
        Param("Sizes", "The size of each part; they add up to the axis.", low=1, suggest=(8,)),
    ] = (8, 8)

    def verify(self) -> None:
        super().verify()
        if not 1 <= len(self.sizes) <= _MOST_PARTS:
            raise ParameterError(
                "sizes",
                f"Sizes cannot be {len(self.sizes)} numbers",
                why=f"Each is an output of its own: from 1 to {_MOST_PARTS} of them.",
                hint="Write the size of each part, such as 8, 8.",
            )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x, place = self._arriving(inputs)
        total = sum(self.sizes)
        if x.sizes[place] != total:
            raise self._other_total(x, place, total)
        return tuple(resized(x, place, size) for size in self.sizes)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        sizes = template_literal(self.sizes)
        only = "[0]" if len(self.sizes) == 1 else ""
        return Lowering(expression=f"{{x}}.split({sizes}, dim={self.dim}){only}")

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return " + ".join(map(str, self.sizes))

    def _count(self) -> int:
        return len(self.sizes)

    def _other_total(self, x: TensorType, place: int, total: int) -> ShapeError:
        size = x.sizes[place]
        last = size - sum(self.sizes[:-1]) if isinstance(size, int) else 0
        fitting = [*self.sizes[:-1], last]
        return ShapeError(
            f"The parts add up to {total}, the axis is {written(size)}",
            why=f"It receives {described(x)} and deals axis {place} out.",
            hint="Write sizes that add up to the axis.",
            reason="parts do not add up",
            code="LL-S009",
            remedies=(
                Remedy(
                    label=f"Set sizes to {', '.join(map(str, fitting))}",
                    action="set_params",
                    params={"sizes": fitting},
                ),
            )
            if last > 0
            else (),
        )


LAYERS = (Select, Slice, Chunk, Split)
