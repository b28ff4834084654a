"""Embeddings: whole numbers become vectors that are learned."""

from typing import Annotated, ClassVar, Literal

from nodes.errors import ParameterError, Remedy, ShapeError
from nodes.expectations import described, replace
from nodes.layer import Call, Layer, LayerInfo, Lowering, Port, differing, docs
from nodes.params import Param
from nodes.tensors import Inputs, TensorType

COUNT = Param(
    "Vocabulary",
    "How many different numbers there are: the words, letters or categories. Left empty it is what "
    "the data says.",
    low=1,
    suggest=(256, 1000, 10000, 50000),
)
FEATURES = Param(
    "Features",
    "How many numbers describe each of them. More tell more apart, at the price of more weights.",
    low=1,
    suggest=(16, 64, 128, 256, 512),
    on_card="{}",
)
TOKENS = (Port(name="x", help="Whole numbers: tokens or categories"),)


class Lookup(Layer, frozen=True, kw_only=True):
    """What looking up learned vectors shares."""

    num_embeddings: Annotated[int | None, COUNT] = None
    embedding_dim: Annotated[int, FEATURES] = 64
    padding_idx: Annotated[
        int | None,
        Param(
            "Padding",
            "The number that stands for nothing; its vector stays zero.",
            low=0,
            suggest=(0,),
            advanced=True,
        ),
    ] = None

    def verify(self) -> None:
        count, padding = self.num_embeddings, self.padding_idx
        if count is not None and padding is not None and padding >= count:
            raise ParameterError(
                "padding_idx",
                f"Padding cannot be {padding}",
                why=f"The vocabulary goes from 0 to {count - 1}.",
                hint="Set one of these numbers, or leave it empty.",
            )

    def parameters(self, inputs: Inputs) -> int:
        return self._count(inputs["x"]) * self.embedding_dim

    def on_card(self, inputs: Inputs | None) -> str:
        count = self.num_embeddings or (inputs["x"].classes if inputs else None) or "?"
        return f"{count} → {self.embedding_dim}"

    def _count(self, x: TensorType) -> int:
        """Return how many vectors there are, or refuse what names none of them."""
        needs_tokens(x, self.info.title)
        count = self.num_embeddings or x.classes
        if count is None:
            raise ShapeError(
                f"{self.info.title} needs to know the vocabulary",
                why="The data does not say how many different numbers there are.",
                hint="Set the vocabulary.",
                reason="vocabulary is open",
                code="LL-S019",
            )
        if x.classes is not None and count < x.classes:
            raise ShapeError(
                f"{x.classes} tokens, {count} vectors",
                why=f"Numbers up to {x.classes - 1} arrive.",
                reason="vocabulary too small",
                code="LL-S014",
                remedies=(
                    Remedy(
                        label=f"Set vocabulary to {x.classes}",
                        action="set_params",
                        params={"num_embeddings": x.classes},
                    ),
                ),
            )
        if self.padding_idx is not None and self.padding_idx >= count:
            raise ShapeError(
                "The padding is not in the vocabulary",
                why=f"It is {self.padding_idx}, and the vocabulary goes from 0 to {count - 1}.",
                reason="padding out of range",
                code="LL-S006",
                remedies=(
                    Remedy(
                        label="Set padding to 0", action="set_params", params={"padding_idx": 0}
                    ),
                ),
            )
        return count


def needs_tokens(x: TensorType, title: str) -> None:
    """Refuse real numbers and flags where whole numbers are looked up.

    Raises:
        ShapeError: ``x`` does not hold whole numbers.
    """
    if x.dtype == "int":
        return
    what = "flags" if x.dtype == "bool" else "real numbers"
    raise ShapeError(
        f"{title} needs whole numbers",
        why=f"It receives {described(x)} of {what}.",
        hint="Connect tokens or labels, such as a field of a text.",
        reason="needs whole numbers",
        code="LL-S004",
        remedies=(replace("Linear"),) if x.dtype == "float" and x.rank > 1 else (),
    )


class Embedding(Lookup, frozen=True, kw_only=True):
    """A learned vector for each token."""

    info: ClassVar = LayerInfo(
        title="Embedding",
        category="seq",
        summary="Looks up a learned vector for each whole number.",
        when="First of all for text: words or letters become vectors. For categories of a table as "
        "well.",
        shape="T to T×D",
        aliases=("lookup", "word vectors", "tokens", "vocabulary", "categorical", "word2vec"),
        reference="Bengio et al. 2003, A Neural Probabilistic Language Model",
        link=docs("nn.Embedding"),
        glyph="embedding",
        inputs=TOKENS,
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        self._count(x)
        return (TensorType((*x.sizes, self.embedding_dim)),)

    def lower(self, inputs: Inputs) -> Lowering:
        kwargs = differing(("padding_idx", self.padding_idx, None))
        module = Call("nn.Embedding", (self._count(inputs["x"]), self.embedding_dim), kwargs)
        return Lowering(expression="{module}({x})", module=module)


class EmbeddingBag(Lookup, frozen=True, kw_only=True):
    """One learned vector for a bag of tokens."""

    info: ClassVar = LayerInfo(
        title="EmbeddingBag",
        category="seq",
        summary="Looks up learned vectors and takes their mean: one vector for a whole text.",
        when="To sort texts by topic quickly, where the order of words matters little.",
        shape="T to D",
        aliases=("bag of words", "mean of word vectors", "fasttext", "text classification"),
        reference="Joulin et al. 2016, Bag of Tricks for Efficient Text Classification",
        link=docs("nn.EmbeddingBag"),
        glyph="embedding",
        inputs=TOKENS,
    )

    mode: Annotated[
        Literal["mean", "sum", "max"],
        Param("Taken together by", "How the vectors of a text become one.", on_card="{}"),
    ] = "mean"

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        self._count(x)
        if x.rank != 2:
            raise ShapeError(
                "EmbeddingBag needs several tokens for each sample",
                why=f"It receives {described(x)}.",
                reason="needs a row of tokens",
                code="LL-S002",
                remedies=(replace("Embedding"),),
            )
        return (TensorType((x.sizes[0], self.embedding_dim)),)

    def lower(self, inputs: Inputs) -> Lowering:
        kwargs = differing(("mode", self.mode, "mean"), ("padding_idx", self.padding_idx, None))
        module = Call("nn.EmbeddingBag", (self._count(inputs["x"]), self.embedding_dim), kwargs)
        return Lowering(expression="{module}({x})", module=module)


LAYERS = (Embedding, EmbeddingBag)
