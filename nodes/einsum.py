"""Sums of products over named axes."""

import re
from typing import Annotated, ClassVar

from nodes.errors import ParameterError, ShapeError
from nodes.expectations import described
from nodes.layer import Layer, LayerInfo, Lowering, Port, docs, template_literal
from nodes.params import Param
from nodes.sizes import BATCH, Size, product
from nodes.tensors import Inputs, TensorType, needs_float

_EQUATION = re.compile(r"[a-z]{1,8}(,[a-z]{1,8}){0,3}->[a-z]{1,8}")


class Einsum(Layer, frozen=True, kw_only=True):
    """Products of tensors, summed over axes that are named by letters."""

    info: ClassVar = LayerInfo(
        title="Einsum",
        category="shape",
        summary="Multiplies tensors and sums over axes, as letters say.",
        when="For products that MatMul cannot say, such as those over heads. The first letter is "
        "the batch.",
        shape="as the letters say",
        formula="btd,bsd->bts",
        aliases=("einstein summation", "tensor product", "contraction", "outer product"),
        link=docs("einsum"),
        inputs=(Port(name="x", many=True, help="One tensor for each group of letters"),),
    )

    equation: Annotated[
        str,
        Param(
            "Letters",
            "A letter for each axis of each input, then “->” and those that are left: "
            "btd,bsd->bts.",
            on_card="{}",
        ),
    ] = "btd,bsd->bts"

    def verify(self) -> None:
        equation = self.equation.replace(" ", "")
        terms, _, result = equation.partition("->")
        groups = terms.split(",")
        if not _EQUATION.fullmatch(equation):
            why = "Letters a to z name the axes, commas part the inputs, -> leads to the result."
        elif any(len(set(group)) < len(group) for group in (*groups, result)):
            why = "A letter stands once in each group."
        elif not set(result) <= set(terms):
            why = "The result has letters that no input has."
        elif any(group[0] != result[0] for group in groups):
            why = "The batch comes first everywhere: all groups begin with the same letter."
        else:
            return
        raise ParameterError(
            "equation",
            "The letters cannot be read",
            why=why,
            hint="Write such as btd,bsd->bts.",
        )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        tensors = inputs.every("x")
        for tensor in tensors:
            needs_float(tensor, self.info.title)
        groups, result = self._groups()
        sizes = self._sizes(tensors, groups)
        return (TensorType(tuple(sizes[letter] for letter in result)),)

    def lower(self, inputs: Inputs) -> Lowering:
        count = len(inputs.every("x"))
        names = ", ".join(f"{{x[{place}]}}" for place in range(count))
        equation = template_literal(self.equation.replace(" ", ""))
        return Lowering(expression=f"torch.einsum({equation}, {names})")

    def multiply_adds(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Size:
        """Count as if two tensors were multiplied after the other, from the left."""
        del outputs
        groups, result = self._groups()
        sizes = self._sizes(inputs.every("x"), groups)
        total: Size = 0
        left = groups[0]
        for place, group in enumerate(groups[1:], start=2):
            kept = set(result).union(*groups[place:])
            # What only one of the two has, and nothing later, is summed before.
            one = [letter for letter in left if letter in kept or letter in group]
            other = [letter for letter in group if letter in kept or letter in left]
            summed = [letter for letter in one if letter in other and letter not in kept]
            if any(sizes[letter] != 1 for letter in summed):
                letters = dict.fromkeys((*one, *other))
                total = total + product(sizes[name] for name in letters if sizes[name] != BATCH)
            left = "".join(letter for letter in dict.fromkeys((*one, *other)) if letter in kept)
        return total

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return self.equation

    def _groups(self) -> tuple[list[str], str]:
        terms, _, result = self.equation.replace(" ", "").partition("->")
        return terms.split(","), result

    def _sizes(self, tensors: tuple[TensorType, ...], groups: list[str]) -> dict[str, Size]:
        """Return the size that each letter stands for."""
        if len(tensors) != len(groups):
            raise ShapeError(
                f"The letters name {len(groups)} inputs",
                why=f"{len(tensors)} arrive.",
                hint="Write a group of letters for each input.",
                reason="inputs do not fit",
                code="LL-S011",
            )
        sizes: dict[str, Size] = {}
        for tensor, group in zip(tensors, groups, strict=True):
            if len(group) != tensor.rank:
                raise self._does_not_fit(f"“{group}” names {len(group)} axes", tensor)
            for letter, size in zip(group, tensor.sizes, strict=True):
                if sizes.setdefault(letter, size) != size:
                    raise self._does_not_fit(f"“{letter}” is {sizes[letter]} and {size}", tensor)
        return sizes

    def _does_not_fit(self, title: str, tensor: TensorType) -> ShapeError:
        return ShapeError(
            title,
            why=f"It receives {described(tensor)}, the batch before it.",
            hint="Name every axis by a letter; equal letters need equal sizes.",
            reason="letters do not fit",
            code="LL-S012",
        )


LAYERS = (Einsum,)
