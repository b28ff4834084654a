"""Axes that change places, appear, go away or stretch; the batch stays first."""

from typing import Annotated, ClassVar

from nodes.errors import ParameterError, Remedy, ShapeError
from nodes.expectations import axis, described, must_come_out_even, must_share_out, not_the_batch
from nodes.layer import Call, Layer, LayerInfo, Lowering, docs
from nodes.params import Param
from nodes.sizes import written
from nodes.tensors import Inputs, TensorType, needs_batch_first

MOST = 7


def _axis_param(label: str, text: str) -> Param:
    return Param(label, text, low=-MOST, high=MOST, suggest=(1, 2, -1), on_card="{}")


class Rearranging(Layer, frozen=True, kw_only=True):
    """What moving axes shares: numbers of any kind stay as they are."""

    def _arriving(self, inputs: Inputs) -> TensorType:
        x = inputs["x"]
        needs_batch_first(x, self.info.title)
        return x


class Permute(Rearranging, frozen=True, kw_only=True):
    """Axes in another order."""

    info: ClassVar = LayerInfo(
        title="Permute",
        category="shape",
        summary="Puts the axes of a sample in another order.",
        when="Between layers that want channels first and those that want them last.",
        shape="the same sizes in another order",
        aliases=("reorder axes", "channels last", "channels first", "dimshuffle", "rearrange"),
        link=docs("permute"),
        glyph="reshape",
    )

    order: Annotated[
        tuple[int, ...],
        Param(
            "Order",
            "The axes in their new order, counted from 1 after the batch: 2, 3, 1 puts channels "
            "last.",
            low=1,
            high=MOST,
            suggest=(1,),
        ),
    ] = (2, 1)

    def verify(self) -> None:
        if sorted(self.order) != list(range(1, len(self.order) + 1)):
            raise ParameterError(
                "order",
                f"Order cannot be {', '.join(map(str, self.order)) or 'empty'}",
                why="Each axis from 1 up must stand in it once.",
                hint="Write such as 2, 1 or 2, 3, 1.",
            )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = self._arriving(inputs)
        if len(self.order) != x.rank - 1:
            raise ShapeError(
                f"Permute is set to {len(self.order)} axes",
                why=f"It receives {described(x)}: {x.rank - 1} beside the batch.",
                hint="Name every axis once.",
                reason="axes do not fit",
                code="LL-S007",
                remedies=self._reversed(x),
            )
        sizes = tuple(x.sizes[place] for place in self.order)
        return (TensorType((x.sizes[0], *sizes), x.dtype, x.classes),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        order = ", ".join(map(str, (0, *self.order)))
        return Lowering(expression=f"{{x}}.permute({order})")

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return ", ".join(map(str, self.order))

    def _reversed(self, x: TensorType) -> tuple[Remedy, ...]:
        order = [*range(2, x.rank), 1]
        if not 2 < x.rank <= MOST + 1:
            return ()
        text = ", ".join(map(str, order))
        return (Remedy(label=f"Set order to {text}", action="set_params", params={"order": order}),)


class Transpose(Rearranging, frozen=True, kw_only=True):
    """Two axes exchanged."""

    info: ClassVar = LayerInfo(
        title="Transpose",
        category="shape",
        summary="Exchanges two axes of a sample.",
        when="Between Conv1d, which wants channels×length, and recurrent layers or attention, "
        "which want steps×features.",
        shape="T×F to F×T",
        aliases=("swap axes", "turn", "channels last", "channels first"),
        link=docs("transpose"),
        glyph="reshape",
    )

    first: Annotated[int, _axis_param("First axis", "One of the two; 1 follows the batch.")] = 1
    second: Annotated[int, _axis_param("Second axis", "The other one; −1 is the last.")] = 2

    def verify(self) -> None:
        for name in ("first", "second"):
            _not_the_batch(name, getattr(self, name))

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = self._arriving(inputs)
        one = _place(x, self.first, self.info.title)
        other = _place(x, self.second, self.info.title)
        sizes = list(x.sizes)
        sizes[one], sizes[other] = sizes[other], sizes[one]
        return (TensorType(tuple(sizes), x.dtype, x.classes),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression=f"{{x}}.transpose({self.first}, {self.second})")

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return f"{self.first} ↔ {self.second}"


class Squeeze(Rearranging, frozen=True, kw_only=True):
    """An axis of size 1 taken away."""

    info: ClassVar = LayerInfo(
        title="Squeeze",
        category="shape",
        summary="Takes an axis of size 1 away.",
        when="After a layer that leaves one number along an axis, such as a channel of its own.",
        shape="1×… to …",
        aliases=("remove axis", "drop dimension", "scalar"),
        link=docs("squeeze"),
        glyph="flatten",
    )

    dim: Annotated[int, _axis_param("Axis", "Which axis; its size must be 1.")] = -1

    def verify(self) -> None:
        not_the_batch(self.dim, "It would take the only sample out of its batch.")

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = self._arriving(inputs)
        place = axis(x, self.dim, self.info.title)
        if isinstance(x.sizes[place], int) and x.sizes[place] != 1:
            raise self._wider(x, place)
        sizes = (*x.sizes[:place], *x.sizes[place + 1 :])
        return (TensorType(sizes, x.dtype, x.classes),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression=f"{{x}}.squeeze({self.dim})")

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return f"axis {self.dim}"

    def _wider(self, x: TensorType, place: int) -> ShapeError:
        ones = [other for other in range(1, x.rank) if x.sizes[other] == 1]
        return ShapeError(
            f"Axis {self.dim} has size {x.sizes[place]}",
            why=f"It receives {described(x)}. Only an axis of size 1 goes away without loss.",
            hint="Take Mean or Select to make one number of several.",
            reason="axis is wider than 1",
            code="LL-S009",
            remedies=tuple(
                Remedy(label=f"Set axis to {other}", action="set_params", params={"dim": other})
                for other in ones[:2]
            ),
        )


class Unsqueeze(Rearranging, frozen=True, kw_only=True):
    """A new axis of size 1."""

    info: ClassVar = LayerInfo(
        title="Unsqueeze",
        category="shape",
        summary="Adds an axis of size 1.",
        when="To give a plain image a channel axis, or to let a vector stretch over an image.",
        shape="… to 1×…",
        aliases=("add axis", "new dimension", "expand dims", "channel axis"),
        link=docs("unsqueeze"),
        glyph="reshape",
    )

    dim: Annotated[
        int, _axis_param("Axis", "Where the new axis stands; 1 is first, −1 is last.")
    ] = 1

    def verify(self) -> None:
        not_the_batch(self.dim, "The batch stays first.")

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = self._arriving(inputs)
        longer = TensorType((*x.sizes, 1))
        place = axis(longer, self.dim, self.info.title)
        return (TensorType((*x.sizes[:place], 1, *x.sizes[place:]), x.dtype, x.classes),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression=f"{{x}}.unsqueeze({self.dim})")

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return f"axis {self.dim}"


class Expand(Rearranging, frozen=True, kw_only=True):
    """An axis of size 1, repeated."""

    info: ClassVar = LayerInfo(
        title="Expand",
        category="shape",
        summary="Repeats what stands along an axis of size 1, without taking memory.",
        when="To put the same vector beside every step of a sequence.",
        shape="1×… to count×…",
        aliases=("broadcast", "repeat", "tile", "stretch"),
        link=docs("Tensor.expand"),
        glyph="repeat",
    )

    dim: Annotated[int, _axis_param("Axis", "Which axis; its size must be 1.")] = 1
    count: Annotated[
        int,
        Param("Times", "How many times it is repeated.", low=1, suggest=(2, 4, 8), on_card="×{}"),
    ] = 2

    def verify(self) -> None:
        not_the_batch(self.dim, "The batch stays as it is.")

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = self._arriving(inputs)
        place = axis(x, self.dim, self.info.title)
        if x.sizes[place] not in (1, self.count):
            raise ShapeError(
                f"Axis {self.dim} has size {written(x.sizes[place])}",
                why=f"It receives {described(x)}. Only an axis of size 1 can be repeated.",
                hint="Unsqueeze adds one.",
                reason="axis is wider than 1",
                code="LL-S009",
            )
        sizes = (*x.sizes[:place], self.count, *x.sizes[place + 1 :])
        return (TensorType(sizes, x.dtype, x.classes),)

    def lower(self, inputs: Inputs) -> Lowering:
        x = inputs["x"]
        place = axis(x, self.dim, self.info.title)
        sizes = [str(self.count) if other == place else "-1" for other in range(x.rank)]
        return Lowering(expression=f"{{x}}.expand({', '.join(sizes)})")

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return f"axis {self.dim} · ×{self.count}"


class Flip(Rearranging, frozen=True, kw_only=True):
    """An axis read from its end."""

    info: ClassVar = LayerInfo(
        title="Flip",
        category="shape",
        summary="Turns the order along an axis around.",
        when="To read a sequence from its end, or to mirror an image.",
        shape="any shape, unchanged",
        aliases=("reverse", "mirror", "backwards", "turn around"),
        link=docs("flip"),
        glyph="refresh",
    )

    dim: Annotated[int, _axis_param("Axis", "Which axis is turned around.")] = 1

    def verify(self) -> None:
        not_the_batch(self.dim, "The samples of a batch keep their order.")

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = self._arriving(inputs)
        axis(x, self.dim, self.info.title)
        return (x,)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression=f"{{x}}.flip({self.dim})")

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return f"axis {self.dim}"


class Unflatten(Rearranging, frozen=True, kw_only=True):
    """One axis as several."""

    info: ClassVar = LayerInfo(
        title="Unflatten",
        category="shape",
        summary="Splits one axis into several, in the same order.",
        when="To split features into heads, or a vector into the channels of an image.",
        shape="A·B to A×B",
        aliases=("split axis", "heads", "reshape", "view"),
        link=docs("nn.Unflatten"),
        glyph="reshape",
    )

    dim: Annotated[int, _axis_param("Axis", "The axis that is split.")] = 1
    parts: Annotated[
        int,
        Param(
            "Parts",
            "The size of the first of the two axes it becomes; it must divide the axis.",
            low=1,
            suggest=(2, 4, 8),
            on_card="{} parts",
        ),
    ] = 2

    def verify(self) -> None:
        not_the_batch(self.dim, "The batch stays as it is.")

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = self._arriving(inputs)
        place = axis(x, self.dim, self.info.title)
        must_come_out_even(x.sizes[place], self.parts, self.info.title)
        must_share_out(
            x.sizes[place],
            self.parts,
            title=self.info.title,
            what="places",
            parameter="parts",
            unit="parts",
        )
        sizes = (self.parts, x.sizes[place] // self.parts)
        return (TensorType((*x.sizes[:place], *sizes, *x.sizes[place + 1 :]), x.dtype, x.classes),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        module = Call("nn.Unflatten", (self.dim, (self.parts, -1)))
        return Lowering(expression="{module}({x})", module=module)

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return f"axis {self.dim} · {self.parts}×…"


class Identity(Rearranging, frozen=True, kw_only=True):
    """The tensor as it is."""

    info: ClassVar = LayerInfo(
        title="Identity",
        category="shape",
        summary="Passes everything on as it is.",
        when="As a place to look at, or to give a skip connection a name.",
        shape="any shape, unchanged",
        aliases=("pass through", "no operation", "nothing", "skip"),
        link=docs("nn.Identity"),
        glyph="activation-identity",
        compact=True,
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        return (self._arriving(inputs),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression="{module}({x})", module=Call("nn.Identity"))


def _not_the_batch(name: str, dim: int) -> None:
    if dim == 0:
        raise ParameterError(
            name,
            "The axis cannot be 0",
            why="Axis 0 is the batch, which stays first.",
            hint="Set 1 for the axis after it, or −1 for the last.",
        )


def _place(x: TensorType, dim: int, title: str) -> int:
    try:
        return axis(x, dim, title)
    except ShapeError as error:
        params: dict[str, object] = {"first": -2, "second": -1}
        last = Remedy(label="Exchange the last two", action="set_params", params=params)
        error.remedies = (last,) if x.rank > 2 else ()
        raise


LAYERS = (Permute, Transpose, Unsqueeze, Squeeze, Expand, Unflatten, Flip, Identity)
