import pytest
from own_texts import SCALED

from app.docs.page import page_of
from app.theme import load_theme
from nodes.catalogue import LAYERS
from nodes.own_layer import own_kind
from nodes.params import fields_of


@pytest.mark.parametrize("kind", LAYERS)
def test_the_page_of_a_layer_tells_of_every_parameter(kind: str) -> None:
    page = page_of(LAYERS[kind], load_theme("dark"))

    assert LAYERS[kind].info.summary.split()[0] in page
    for field in fields_of(LAYERS[kind]):
        assert field.editor == "fields" or field.param.label in page


def test_the_page_of_a_layer_of_a_package_says_where_it_is_from() -> None:
    kind = own_kind(f'"""From the package <acme>."""\n\n{SCALED}')

    assert "From the package &lt;acme&gt;." in page_of(kind, load_theme("dark"))
