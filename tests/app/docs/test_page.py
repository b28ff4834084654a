import pytest

from app.docs.page import page_of
from app.theme import load_theme
from nodes.catalogue import LAYERS
from nodes.params import fields_of


@pytest.mark.parametrize("kind", LAYERS)
def test_the_page_of_a_layer_tells_of_every_parameter(kind: str) -> None:
    page = page_of(LAYERS[kind], load_theme("dark"))

    assert LAYERS[kind].info.summary.split()[0] in page
    for field in fields_of(LAYERS[kind]):
        assert field.editor == "fields" or field.param.label in page
