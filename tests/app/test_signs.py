import pytest

from app.signs import visible_token


@pytest.mark.parametrize(
    ("token", "seen"),
    [
        (" ", "␣"),
        ("  ", "␣␣"),
        (" the", "␣the"),
        ("a ", "a␣"),
        ("\n", "↵"),
        ("speaker 3", "speaker 3"),
    ],
)
def test_a_gap_is_signed_where_it_would_not_be_seen(token: str, seen: str) -> None:
    assert visible_token(token) == seen
