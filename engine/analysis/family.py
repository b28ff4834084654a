"""What kind of model a drawing is, in the words of the field."""

from collections.abc import Collection, Mapping

from engine.graph.elements import Graph

_FIRST_THAT_FITS: Mapping[str, tuple[str, ...]] = {
    "GAN": ("AdversarialLoss",),
    "VAE": ("VariationalSampler",),
    "LSTM": ("LSTM",),
    "GRU": ("GRU",),
    "RNN": ("RNN",),
    "Transformer": (
        *("TransformerEncoderLayer", "TransformerDecoderLayer", "TransformerEncoder"),
        *("MultiheadAttention", "SelfAttention", "CausalSelfAttention"),
        "ScaledDotProductAttention",
    ),
}


def family_of(graph: Graph) -> str:
    """Name the family: ``Transformer``, ``LSTM``, ``U-Net``, ``CNN``, ``MLP``."""
    kinds = {node.kind for node in graph.nodes.values()}
    for inner in graph.definitions.values():
        kinds |= {node.kind for node in inner.graph.nodes.values()}
    for family, members in _FIRST_THAT_FITS.items():
        if kinds & set(members):
            return family
    if any(kind.startswith("Conv") for kind in kinds):
        return _convolutional(kinds)
    if "Embedding" in kinds:
        return "Embeddings"
    return "MLP" if "Linear" in kinds else "Network"


def _convolutional(kinds: Collection[str]) -> str:
    grows = any(kind.startswith(("ConvTranspose", "Upsample", "Interpolate")) for kind in kinds)
    if grows:
        return "U-Net" if "Concat" in kinds else "Conv autoencoder"
    return "Residual CNN" if "Add" in kinds else "CNN"
