import pytest

from engine.analysis.family import family_of
from engine.project.templates import open_template


@pytest.mark.parametrize(
    ("template", "family"),
    [
        ("digits", "Residual CNN"),
        ("digits-mlp", "MLP"),
        ("cells", "U-Net"),
        ("spoken-words", "CNN"),
        ("letters-lstm", "LSTM"),
        ("letters-gpt", "Transformer"),
        ("dates", "GRU"),
        ("novels", "Embeddings"),
    ],
)
def test_a_drawing_is_called_what_the_field_calls_it(template: str, family: str) -> None:
    assert family_of(open_template(template).graph) == family
