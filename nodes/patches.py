"""Images as sequences: patches, places, and the token that stands for all of them."""

from typing import Annotated, ClassVar

from nodes.errors import Remedy, ShapeError
from nodes.expectations import must_share_out, needs_image, needs_places, needs_steps
from nodes.layer import Call, Layer, LayerInfo, Lowering
from nodes.params import Param
from nodes.sizes import Size, counted, product
from nodes.tensors import Inputs, TensorType, text_of


class PatchEmbedding(Layer, frozen=True, kw_only=True):
    """Patches of an image as a sequence of vectors."""

    info: ClassVar = LayerInfo(
        title="PatchEmbedding",
        category="attn",
        summary="Cuts an image into patches and makes a vector of each: a sequence.",
        when="At the beginning of a vision transformer. Add positions after it.",
        shape="C×H×W to patches×D",
        formula="T = ⌊H ÷ patch⌋·⌊W ÷ patch⌋",
        aliases=("vit", "vision transformer", "patchify", "image tokens"),
        reference="Dosovitskiy et al. 2020, An Image is Worth 16x16 Words",
    )

    features: Annotated[
        int,
        Param(
            "Features",
            "How many numbers describe each patch.",
            low=1,
            suggest=(64, 192, 384, 768),
            on_card="{}",
        ),
    ] = 64
    patch_size: Annotated[
        int,
        Param(
            "Patch size",
            "The side of a patch. Smaller ones show more and cost much more.",
            low=1,
            unit="px",
            suggest=(4, 7, 8, 16),
            on_card="patch {}",
        ),
    ] = 4

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_image(x, self.info.title)
        places = self._places(x)
        if 0 in places:
            smallest = min(size for size in x.sizes[2:] if isinstance(size, int))
            raise ShapeError(
                "The patches are larger than the image",
                why=f"A patch has sides of {self.patch_size}, the image is {text_of(x.sizes[2:])}.",
                reason="image too small",
                code="LL-S003",
                remedies=(
                    Remedy(
                        label=f"Set patch size to {smallest}",
                        action="set_params",
                        params={"patch_size": smallest},
                    ),
                ),
            )
        return (x.with_sizes(x.sizes[0], product(places), self.features),)

    def lower(self, inputs: Inputs) -> Lowering:
        size = (("kernel_size", self.patch_size), ("stride", self.patch_size))
        module = Call(
            "nn.Conv2d",
            (inputs["x"].sizes[1], self.features),
            size if self.patch_size > 1 else size[:1],
        )
        return Lowering(expression="{module}({x}).flatten(2).transpose(1, 2)", module=module)

    def parameters(self, inputs: Inputs) -> int:
        return counted(self.features * (self._numbers(inputs["x"]) + 1))

    def multiply_adds(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Size:
        return product(outputs[0].sample) * self._numbers(inputs["x"])

    def explain(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> str:
        height, width = self._places(inputs["x"])
        return f"{height} · {width} = {outputs[0].sizes[1]} patches"

    def _places(self, x: TensorType) -> tuple[Size, Size]:
        return x.sizes[2] // self.patch_size, x.sizes[3] // self.patch_size

    def _numbers(self, x: TensorType) -> Size:
        return x.sizes[1] * self.patch_size**2


class ImageToSequence(Layer, frozen=True, kw_only=True):
    """The places of an image as steps."""

    info: ClassVar = LayerInfo(
        title="ImageToSequence",
        category="attn",
        summary="Reads the places of an image row by row: each becomes a step, its channels the "
        "features.",
        when="Between convolutions and attention or a recurrent layer.",
        shape="C×H×W to H·W×C",
        aliases=("flatten places", "tokens", "channels last", "rearrange", "sequence"),
        compact=True,
        glyph="flatten",
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_places(x, self.info.title)
        return (x.with_sizes(x.sizes[0], product(x.sizes[2:]), x.sizes[1]),)

    def lower(self, inputs: Inputs) -> Lowering:
        flat = ".flatten(2)" if inputs["x"].rank > 3 else ""
        return Lowering(expression=f"{{x}}{flat}.transpose(1, 2)")


class SequenceToImage(Layer, frozen=True, kw_only=True):
    """Steps as the places of an image."""

    info: ClassVar = LayerInfo(
        title="SequenceToImage",
        category="attn",
        summary="Puts the steps of a sequence into rows: each becomes a place, its features the "
        "channels.",
        when="Between attention and convolutions, to come back from patches to an image.",
        shape="H·W×C to C×H×W",
        aliases=("unflatten", "tokens to image", "channels first", "rearrange"),
        glyph="reshape",
    )

    width: Annotated[
        int,
        Param(
            "Width",
            "How many steps make one row; it must divide the steps.",
            low=1,
            suggest=(7, 8, 14),
            on_card="width {}",
        ),
    ] = 7

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_steps(x, self.info.title)
        steps = x.sizes[1]
        must_share_out(
            steps,
            self.width,
            title=self.info.title,
            what="steps",
            parameter="width",
            unit="columns",
        )
        return (x.with_sizes(x.sizes[0], x.sizes[2], steps // self.width, self.width),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression=f"{{x}}.transpose(1, 2).unflatten(2, (-1, {self.width}))")


class ClassToken(Layer, frozen=True, kw_only=True):
    """A learned vector before a sequence."""

    info: ClassVar = LayerInfo(
        title="ClassToken",
        category="attn",
        summary="Puts a learned vector before the first step of a sequence.",
        when="In a vision transformer: attention gathers in it what the classes are read from. "
        "Take it out with Select.",
        shape="T×D to T + 1×D",
        aliases=("cls", "class embedding", "vit", "register", "prepend"),
        reference="Devlin et al. 2018, BERT: Pre-training of Deep Bidirectional Transformers",
        compact=True,
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_steps(x, self.info.title)
        return (x.with_sizes(x.sizes[0], x.sizes[1] + 1, x.sizes[2]),)

    def lower(self, inputs: Inputs) -> Lowering:
        module = Call("ClassToken", (inputs["x"].sizes[2],))
        return Lowering(expression="{module}({x})", module=module, helper="ClassToken")

    def parameters(self, inputs: Inputs) -> int:
        return counted(inputs["x"].sizes[2])


LAYERS = (PatchEmbedding, ClassToken, ImageToSequence, SequenceToImage)
