"""Random layers with inputs that come near to fitting, for tests that hold for every kind."""

from hypothesis import strategies as st
from layer_inputs import inputs_of
from layer_parameters import PARAMETERS

from nodes.catalogue import LAYERS, make_layer
from nodes.layer import Layer
from nodes.tensors import Inputs

COMPUTING = tuple(kind for kind, layer in LAYERS.items() if layer.info.role in ("layer", "loss"))


@st.composite
def cases(draw: st.DrawFn, kind: str) -> tuple[Layer, Inputs]:
    """A layer of a kind with random parameters, and inputs with the axes that it takes."""
    layer = make_layer(kind, draw(PARAMETERS[kind]) if kind in PARAMETERS else {})
    return layer, draw(inputs_of(kind, layer))
