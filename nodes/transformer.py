"""Transformer layers: attention and a small network, each with a skip and a norm."""

from typing import Annotated, ClassVar, Literal

from nodes.attention import CAUSAL, HEADS, REFERENCE, later_steps, needs_mask
from nodes.errors import ShapeError
from nodes.expectations import described, must_share_out, needs_steps
from nodes.layer import Call, Layer, LayerInfo, Lowering, Port, differing, docs
from nodes.params import Param
from nodes.sizes import Size, counted
from nodes.tensors import Inputs, TensorType

WIDTH = Param(
    "Inner size",
    "How wide the small network after the attention is; four times the features is common.",
    low=1,
    suggest=(128, 256, 512, 1024, 2048),
    on_card="inner {}",
)
DROPOUT = Param(
    "Dropout",
    "The share of numbers dropped during training.",
    low=0,
    high=1,
    step=0.05,
    suggest=(0, 0.1, 0.2),
)
FUNCTION = Param("Function", "The activation of the small network.")
NORM_FIRST = Param(
    "Norm first",
    "Normalises before the attention in place of after it; deep stacks then train more easily.",
    advanced=True,
)
DEPTH = Param(
    "Layers",
    "How many such layers stand on one another, each with weights of its own.",
    low=1,
    high=1024,
    suggest=(2, 4, 6, 12),
    on_card="{} layers",
)
BIAS = Param("Bias", "Adds learned numbers in every part.", advanced=True)

X = Port(name="x", help="A sequence: steps×features")
MEMORY = Port(name="memory", help="What the encoder gives: steps×features")
MASK = Port(name="mask", help="True for steps to leave out, such as padding", optional=True)
MEMORY_MASK = Port(
    name="memory_mask", help="True for steps of the memory to leave out", optional=True
)


class TransformerPart(Layer, frozen=True, kw_only=True):
    """What encoders and decoders share, as single layers and as stacks."""

    num_heads: Annotated[int, HEADS] = 4
    dim_feedforward: Annotated[int, WIDTH] = 256
    dropout: Annotated[float, DROPOUT] = 0.1
    activation_function: Annotated[Literal["relu", "gelu"], FUNCTION] = "relu"
    norm_first: Annotated[bool, NORM_FIRST] = False
    bias: Annotated[bool, BIAS] = True

    def _needs_heads(self, x: TensorType) -> None:
        needs_steps(x, self.info.title)
        must_share_out(
            x.sizes[2],
            self.num_heads,
            title=self.info.title,
            what="features",
            parameter="num_heads",
            unit="heads",
        )

    def _layer(self, kind: str, inputs: Inputs) -> Call:
        return Call(
            f"nn.{kind}",
            (inputs["x"].sizes[2], self.num_heads),
            (
                *differing(
                    ("dim_feedforward", self.dim_feedforward, 2048),
                    ("dropout", self.dropout, 0.1),
                    ("activation", self.activation_function, "relu"),
                ),
                ("batch_first", True),
                *differing(("norm_first", self.norm_first, False), ("bias", self.bias, True)),
            ),
        )

    def _stacked(self, kind: str, inputs: Inputs, depth: int) -> Call:
        layer = self._layer(f"{kind}Layer", inputs)
        # Torch would warn where its shortcut for padded batches does not apply.
        rest = (("enable_nested_tensor", False),) if kind == "TransformerEncoder" else ()
        return Call(f"nn.{kind}", (layer, depth), rest)

    def _parameters(self, d: Size, attentions: int) -> Size:
        inner = self.dim_feedforward
        weights = attentions * 4 * d * d + 2 * d * inner + (attentions + 1) * d
        biases = attentions * 4 * d + inner + d + (attentions + 1) * d
        return weights + (biases if self.bias else 0)

    def _inner_multiply_adds(self, x: TensorType) -> Size:
        """Return the multiplications of self-attention and the small network."""
        _, t, d = x.sizes
        return 4 * t * d * d + 2 * t * t * d + 2 * t * d * self.dim_feedforward


class Encoder(TransformerPart, frozen=True, kw_only=True):
    """What an encoder layer and a stack of them share."""

    causal: Annotated[bool, CAUSAL] = False

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        self._needs_heads(x)
        needs_mask(self.info.title, inputs.get("mask"), x)
        return (x.with_sizes(*x.sizes),)

    def parameters(self, inputs: Inputs) -> int:
        return counted(self._depth() * self._parameters(inputs["x"].sizes[2], 1))

    def multiply_adds(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Size:
        del outputs
        return self._depth() * self._inner_multiply_adds(inputs["x"])

    def _depth(self) -> int:
        return 1

    def _expression(self, inputs: Inputs, mask: str) -> str:
        arguments = ["{x}"]
        arguments += [f"{mask}={later_steps('{x}')}", "is_causal=True"] if self.causal else []
        arguments += ["src_key_padding_mask={mask}"] if inputs.get("mask") else []
        return f"{{module}}({', '.join(arguments)})"


class TransformerEncoderLayer(Encoder, frozen=True, kw_only=True):
    """One layer of an encoder."""

    info: ClassVar = LayerInfo(
        title="TransformerEncoderLayer",
        category="attn",
        summary="Self-attention and a small network, each with a skip and a norm.",
        when="To understand a sequence or the patches of an image. Stack some; add positions "
        "before the first.",
        shape="T×D, unchanged",
        aliases=("transformer block", "bert", "vit", "self-attention", "encoder"),
        reference=REFERENCE,
        link=docs("nn.TransformerEncoderLayer"),
        inputs=(X, MASK),
    )

    def lower(self, inputs: Inputs) -> Lowering:
        module = self._layer("TransformerEncoderLayer", inputs)
        return Lowering(expression=self._expression(inputs, "src_mask"), module=module)


class TransformerEncoder(Encoder, frozen=True, kw_only=True):
    """A stack of encoder layers."""

    info: ClassVar = LayerInfo(
        title="TransformerEncoder",
        category="attn",
        summary="Several transformer encoder layers, one after the other.",
        when="To understand text or the patches of an image in one node. Draw the layers one by "
        "one to look into each.",
        shape="T×D, unchanged",
        aliases=("transformer", "bert", "vit", "stack", "encoder"),
        reference=REFERENCE,
        link=docs("nn.TransformerEncoder"),
        inputs=(X, MASK),
    )

    num_layers: Annotated[int, DEPTH] = 2

    def lower(self, inputs: Inputs) -> Lowering:
        module = self._stacked("TransformerEncoder", inputs, self.num_layers)
        return Lowering(expression=self._expression(inputs, "mask"), module=module)

    def _depth(self) -> int:
        return self.num_layers


class Decoder(TransformerPart, frozen=True, kw_only=True):
    """What a decoder layer and a stack of them share."""

    causal: Annotated[bool, CAUSAL] = True

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x, memory = inputs["x"], inputs["memory"]
        self._needs_heads(x)
        _needs_memory(self.info.title, x, memory)
        needs_mask(self.info.title, inputs.get("mask"), x)
        needs_mask(self.info.title, inputs.get("memory_mask"), memory)
        return (x.with_sizes(*x.sizes),)

    def parameters(self, inputs: Inputs) -> int:
        return counted(self._depth() * self._parameters(inputs["x"].sizes[2], 2))

    def multiply_adds(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Size:
        del outputs
        x, s = inputs["x"], inputs["memory"].sizes[1]
        _, t, d = x.sizes
        across = 2 * (t + s) * d * d + 2 * t * s * d
        return self._depth() * (self._inner_multiply_adds(x) + across)

    def _depth(self) -> int:
        return 1

    def _expression(self, inputs: Inputs) -> str:
        arguments = ["{x}", "{memory}"]
        mask = (f"tgt_mask={later_steps('{x}')}", "tgt_is_causal=True")
        arguments += mask if self.causal else ()
        arguments += ["tgt_key_padding_mask={mask}"] if inputs.get("mask") else []
        beside = inputs.get("memory_mask")
        arguments += ["memory_key_padding_mask={memory_mask}"] if beside else []
        return f"{{module}}({', '.join(arguments)})"


class TransformerDecoderLayer(Decoder, frozen=True, kw_only=True):
    """One layer of a decoder."""

    info: ClassVar = LayerInfo(
        title="TransformerDecoderLayer",
        category="attn",
        summary="Attention to earlier steps, then to an encoder's memory, then a small network.",
        when="To write one sequence while looking at another, as in translation.",
        shape="T×D and S×D to T×D",
        aliases=("transformer block", "cross-attention", "translation", "seq2seq", "decoder"),
        reference=REFERENCE,
        link=docs("nn.TransformerDecoderLayer"),
        inputs=(X, MEMORY, MASK, MEMORY_MASK),
    )

    def lower(self, inputs: Inputs) -> Lowering:
        module = self._layer("TransformerDecoderLayer", inputs)
        return Lowering(expression=self._expression(inputs), module=module)


class TransformerDecoder(Decoder, frozen=True, kw_only=True):
    """A stack of decoder layers."""

    info: ClassVar = LayerInfo(
        title="TransformerDecoder",
        category="attn",
        summary="Several transformer decoder layers, one after the other.",
        when="To write one sequence while looking at another, in one node.",
        shape="T×D and S×D to T×D",
        aliases=("transformer", "translation", "seq2seq", "stack", "decoder"),
        reference=REFERENCE,
        link=docs("nn.TransformerDecoder"),
        inputs=(X, MEMORY, MASK, MEMORY_MASK),
    )

    num_layers: Annotated[int, DEPTH] = 2

    def lower(self, inputs: Inputs) -> Lowering:
        module = self._stacked("TransformerDecoder", inputs, self.num_layers)
        return Lowering(expression=self._expression(inputs), module=module)

    def _depth(self) -> int:
        return self.num_layers


class Transformer(TransformerPart, frozen=True, kw_only=True):
    """Encoder and decoder together."""

    info: ClassVar = LayerInfo(
        title="Transformer",
        category="attn",
        summary="An encoder reads one sequence, a decoder writes another while looking at it.",
        when="For translation and the like, in one node. The decoder sees no later steps.",
        shape="S×D and T×D to T×D",
        aliases=("encoder decoder", "translation", "seq2seq", "attention is all you need"),
        reference=REFERENCE,
        link=docs("nn.Transformer"),
        inputs=(
            Port(name="x", help="What is read: steps×features"),
            Port(name="written", help="What is written so far: steps×features"),
            MASK,
        ),
    )

    num_encoder_layers: Annotated[
        int,
        Param(
            "Encoder layers",
            "How many layers read.",
            low=1,
            high=1024,
            suggest=(2, 6),
            on_card="{}",
        ),
    ] = 2
    num_decoder_layers: Annotated[
        int,
        Param(
            "Decoder layers",
            "How many layers write.",
            low=1,
            high=1024,
            suggest=(2, 6),
            on_card="{}",
        ),
    ] = 2

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x, written = inputs["x"], inputs["written"]
        self._needs_heads(x)
        _needs_memory(self.info.title, x, written)
        needs_mask(self.info.title, inputs.get("mask"), x)
        return (written.with_sizes(*written.sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        layer = self._layer("Transformer", inputs)
        kwargs = differing(
            ("d_model", inputs["x"].sizes[2], 512),
            ("nhead", self.num_heads, 8),
            ("num_encoder_layers", self.num_encoder_layers, 6),
            ("num_decoder_layers", self.num_decoder_layers, 6),
        )
        module = Call("nn.Transformer", (), (*kwargs, *layer.kwargs))
        mask = f"tgt_mask={later_steps('{written}')}"
        arguments = ["{x}", "{written}", mask, "tgt_is_causal=True"]
        if inputs.get("mask"):
            arguments += ["src_key_padding_mask={mask}", "memory_key_padding_mask={mask}"]
        return Lowering(expression=f"{{module}}({', '.join(arguments)})", module=module)

    def parameters(self, inputs: Inputs) -> int:
        d = inputs["x"].sizes[2]
        layers = self.num_encoder_layers * self._parameters(d, 1)
        layers = layers + self.num_decoder_layers * self._parameters(d, 2)
        norms = 2 * d * (2 if self.bias else 1)
        return counted(layers + norms)

    def multiply_adds(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Size:
        del outputs
        x, written = inputs["x"], inputs["written"]
        _, s, d = x.sizes
        t = written.sizes[1]
        across = 2 * (t + s) * d * d + 2 * t * s * d
        reading = self.num_encoder_layers * self._inner_multiply_adds(x)
        return reading + self.num_decoder_layers * (self._inner_multiply_adds(written) + across)


def _needs_memory(title: str, x: TensorType, memory: TensorType) -> None:
    needs_steps(memory, title)
    if memory.sizes[2] != x.sizes[2]:
        raise ShapeError(
            f"{title} needs two sequences of equal features",
            why=f"It receives {described(x)} and {described(memory)}.",
            hint="Bring both to the same number of features, with Embedding or Linear.",
            reason="features differ",
            code="LL-S012",
        )


LAYERS = (
    TransformerEncoderLayer,
    TransformerEncoder,
    TransformerDecoderLayer,
    TransformerDecoder,
    Transformer,
)
