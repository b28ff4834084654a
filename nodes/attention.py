"""Attention: every step of a sequence looks at others and takes what matters to it."""

from typing import Annotated, ClassVar

from nodes.errors import Remedy, ShapeError
from nodes.expectations import described, must_share_out, needs_steps
from nodes.layer import Call, Layer, LayerInfo, Lowering, Port, differing, docs, template_literal
from nodes.params import Param
from nodes.sizes import Size, counted, product
from nodes.tensors import Inputs, TensorType, needs_float

HEADS = Param(
    "Heads",
    "How many looks are taken at once, each at its share of the features; must divide them.",
    low=1,
    suggest=(1, 2, 4, 8, 12),
    on_card="{} heads",
)
CAUSAL = Param(
    "Causal",
    "Hides what comes later, as for predicting the next step.",
    on_card="causal",
)
DROPOUT = Param(
    "Dropout",
    "The share of attention weights dropped during training.",
    low=0,
    high=1,
    step=0.05,
    suggest=(0, 0.1),
    advanced=True,
)
BIAS = Param("Bias", "Adds learned numbers to what is looked for and found.", advanced=True)
REFERENCE = "Vaswani et al. 2017, Attention Is All You Need"

_QUERY = Port(name="query", help="Who looks: steps×features")
_KEY = Port(name="key", help="What is looked at; the query itself if not connected", optional=True)
_VALUE = Port(name="value", help="What is taken; the key if not connected", optional=True)
_MASK = Port(name="mask", help="True for steps to leave out, such as padding", optional=True)


class MultiheadAttention(Layer, frozen=True, kw_only=True):
    """Attention with several looks at once."""

    info: ClassVar = LayerInfo(
        title="MultiheadAttention",
        category="attn",
        summary="Lets each step look at all others, with several learned looks at once.",
        when="In transformers, and to let one sequence look at another. With one wire it is "
        "self-attention. The order of steps does not count: add positions before.",
        shape="T×D to T×D",
        formula="softmax(Q·Kᵀ ÷ √d)·V",
        aliases=("self-attention", "cross-attention", "mha", "transformer", "query key value"),
        reference=REFERENCE,
        link=docs("nn.MultiheadAttention"),
        inputs=(_QUERY, _KEY, _VALUE, _MASK),
    )

    num_heads: Annotated[int, HEADS] = 4
    causal: Annotated[bool, CAUSAL] = False
    return_weights: Annotated[
        bool,
        Param(
            "Give weights",
            "Also puts out how much each step looks at each other, the mean over the heads.",
            advanced=True,
        ),
    ] = False
    dropout: Annotated[float, DROPOUT] = 0.0
    bias: Annotated[bool, BIAS] = True

    def outputs(self) -> tuple[Port, ...]:
        weights = Port(name="weights", help="How much each step looks at each other")
        return (*self.info.outputs, weights) if self.return_weights else self.info.outputs

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        query, key, value = self._three(inputs)
        title = self.info.title
        for tensor in (query, key, value):
            needs_steps(tensor, title)
        must_share_out(
            query.sizes[2],
            self.num_heads,
            title=title,
            what="features",
            parameter="num_heads",
            unit="heads",
        )
        if key.sizes[:2] != value.sizes[:2]:
            raise _steps_differ(title, key, value)
        if self.causal and key.sizes[1] != query.sizes[1]:
            raise _not_causal(title, query, key)
        needs_mask(title, inputs.get("mask"), key)
        attended = query.with_sizes(*query.sizes)
        if not self.return_weights:
            return (attended,)
        return attended, TensorType((query.sizes[0], query.sizes[1], key.sizes[1]))

    def lower(self, inputs: Inputs) -> Lowering:
        query, key, value = self._three(inputs)
        features = query.sizes[2]
        module = Call(
            "nn.MultiheadAttention",
            (features, self.num_heads),
            (
                *differing(
                    ("dropout", self.dropout, 0.0),
                    ("bias", self.bias, True),
                    ("kdim", key.sizes[2], features),
                    ("vdim", value.sizes[2], features),
                ),
                ("batch_first", True),
            ),
        )
        called = f"{{module}}({', '.join((*self._looking(inputs), *self._options(inputs)))})"
        return Lowering(expression=called if self.return_weights else f"{called}[0]", module=module)

    def parameters(self, inputs: Inputs) -> int:
        query, key, value = self._three(inputs)
        d = query.sizes[2]
        weights = d * (d + key.sizes[2] + value.sizes[2] + d)
        return counted(weights + (4 * d if self.bias else 0))

    def multiply_adds(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Size:
        del outputs
        query, key, value = self._three(inputs)
        (_, t, d), (_, s, _) = query.sizes, key.sizes
        projected = d * (2 * t * d + s * key.sizes[2] + s * value.sizes[2])
        return projected + 2 * t * s * d

    def _three(self, inputs: Inputs) -> tuple[TensorType, TensorType, TensorType]:
        query = inputs["query"]
        key = inputs.get("key") or query
        return query, key, inputs.get("value") or key

    def _looking(self, inputs: Inputs) -> tuple[str, ...]:
        key = "{key}" if inputs.get("key") else "{query}"
        return "{query}", key, "{value}" if inputs.get("value") else key

    def _options(self, inputs: Inputs) -> list[str]:
        options = ["key_padding_mask={mask}"] if inputs.get("mask") else []
        options += [] if self.return_weights else ["need_weights=False"]
        return [*options, f"attn_mask={later_steps('{query}')}"] if self.causal else options


def later_steps(of: str) -> str:
    """Write the mask that hides later steps: True where no step may look."""
    steps = f"{of}.shape[1]"
    return f"torch.ones({steps}, {steps}, dtype=torch.bool, device={of}.device).triu(diagonal=1)"


def needs_mask(title: str, mask: TensorType | None, steps: TensorType) -> None:
    """Refuse a mask that does not say yes or no for every step.

    Raises:
        ShapeError: ``mask`` is not one flag for each step of ``steps``.
    """
    if mask is None or (mask.dtype == "bool" and mask.sizes == steps.sizes[:2]):
        return
    raise ShapeError(
        f"{title} needs a flag for each step as mask",
        why=f"It receives {described(mask)} of {_kind(mask)} for {steps.sizes[1]} steps.",
        hint="Compare the tokens with the padding, and connect what comes out.",
        reason="mask does not fit",
        code="LL-S012",
    )


def _kind(mask: TensorType) -> str:
    return {"float": "real numbers", "int": "whole numbers", "bool": "flags"}[mask.dtype]


def _steps_differ(title: str, key: TensorType, value: TensorType) -> ShapeError:
    return ShapeError(
        f"{title} needs a value for each key",
        why=f"The keys are {described(key)}, the values {described(value)}.",
        hint="Take keys and values of the same sequence.",
        reason="keys and values differ",
        code="LL-S012",
    )


def _not_causal(title: str, query: TensorType, key: TensorType) -> ShapeError:
    return ShapeError(
        f"{title} can hide later steps only of itself",
        why=f"{query.sizes[1]} steps look at {key.sizes[1]}: which of these are later is open.",
        reason="causal across sequences",
        code="LL-S012",
        remedies=(Remedy(label="Show all steps", action="set_params", params={"causal": False}),),
    )


class ScaledDotProductAttention(Layer, frozen=True, kw_only=True):
    """Attention without anything learned."""

    info: ClassVar = LayerInfo(
        title="ScaledDotProductAttention",
        category="attn",
        summary="Weighs values by how well their keys match a query; nothing is learned.",
        when="To draw an attention of your own: project to query, key and value first. Takes heads "
        "as an axis before the steps.",
        shape="T×D, S×D, S×E to T×E",
        formula="softmax(Q·Kᵀ ÷ √d)·V",
        aliases=("sdpa", "flash attention", "dot product attention", "query key value"),
        reference=REFERENCE,
        link=docs("nn.functional.scaled_dot_product_attention"),
        inputs=(
            Port(name="query", help="Who looks"),
            Port(name="key", help="What is looked at"),
            Port(name="value", help="What is taken"),
        ),
    )

    causal: Annotated[bool, CAUSAL] = False
    dropout: Annotated[float, DROPOUT] = 0.0

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        query, key, value = (inputs[port] for port in ("query", "key", "value"))
        title = self.info.title
        for tensor in (query, key, value):
            needs_float(tensor, title)
        if query.rank not in (3, 4):
            needs_steps(query, title)
        leading = {tensor.sizes[:-2] for tensor in (query, key, value)}
        if len(leading) > 1 or query.sizes[-1] != key.sizes[-1] or key.sizes[-2] != value.sizes[-2]:
            raise ShapeError(
                f"{title} needs keys as wide as the query, and a value for each",
                why=f"The query is {described(query)}, the key {described(key)}, the value "
                f"{described(value)}.",
                hint="Project all three from the same number of features.",
                reason="shapes differ",
                code="LL-S012",
            )
        if self.causal and query.sizes[-2] != key.sizes[-2]:
            raise _not_causal(title, query, key)
        return (query.with_sizes(*query.sizes[:-1], value.sizes[-1]),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        dropped = f", dropout_p={template_literal(self.dropout)}" if self.dropout else ""
        causal = ", is_causal=True" if self.causal else ""
        called = "F.scaled_dot_product_attention({query}, {key}, {value}"
        return Lowering(expression=f"{called}{dropped}{causal})")

    def multiply_adds(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Size:
        query, value = inputs["query"], inputs["value"]
        looks = product(query.sample) * value.sizes[-2]
        return looks + product(outputs[0].sample) * value.sizes[-2]


class CausalSelfAttention(Layer, frozen=True, kw_only=True):
    """Self-attention to what came before."""

    info: ClassVar = LayerInfo(
        title="CausalSelfAttention",
        category="attn",
        summary="Lets each step look at itself and at earlier steps, with several learned looks.",
        when="In networks that write text or music step by step, as GPT does. With rotary "
        "positions it needs no other positions.",
        shape="T×D, unchanged",
        formula="softmax(Q·Kᵀ ÷ √d + mask)·V",
        aliases=("gpt", "masked self-attention", "decoder only", "language model", "rope"),
        reference="Radford et al. 2018, Improving Language Understanding by Generative "
        "Pre-Training",
    )

    num_heads: Annotated[int, HEADS] = 4
    rotary: Annotated[
        bool,
        Param(
            "Rotary positions",
            "Turns queries and keys by their position, so that the distance between steps counts.",
        ),
    ] = False
    dropout: Annotated[float, DROPOUT] = 0.0
    bias: Annotated[bool, BIAS] = True

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_steps(x, self.info.title)
        must_share_out(
            x.sizes[2],
            self.num_heads,
            title=self.info.title,
            what="features",
            parameter="num_heads",
            unit="heads",
        )
        if self.rotary and isinstance(x.sizes[2], int) and x.sizes[2] // self.num_heads % 2:
            raise ShapeError(
                "Rotary positions turn pairs of features",
                why=f"Each head has {x.sizes[2] // self.num_heads}, an odd number.",
                reason="odd head size",
                code="LL-S007",
                remedies=(
                    Remedy(
                        label="Leave out rotary positions",
                        action="set_params",
                        params={"rotary": False},
                    ),
                ),
            )
        return (x.with_sizes(*x.sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        kwargs = differing(
            ("dropout", self.dropout, 0.0),
            ("bias", self.bias, True),
            ("rotary", self.rotary, False),
        )
        name = "CausalSelfAttention"
        module = Call(name, (inputs["x"].sizes[2], self.num_heads), kwargs)
        return Lowering(expression="{module}({x})", module=module, helper=name)

    def parameters(self, inputs: Inputs) -> int:
        d = inputs["x"].sizes[2]
        return counted(4 * d * d + (4 * d if self.bias else 0))

    def buffers(self, inputs: Inputs) -> int:
        # One rate for each pair of features of a head.
        return counted(inputs["x"].sizes[2] // self.num_heads // 2) if self.rotary else 0

    def multiply_adds(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Size:
        del outputs
        _, t, d = inputs["x"].sizes
        return 4 * t * d * d + 2 * t * t * d


LAYERS = (MultiheadAttention, CausalSelfAttention, ScaledDotProductAttention)
