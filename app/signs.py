"""Signs for what would not be seen in a text."""

_SIGNS = {" ": "␣", "\n": "↵", "\t": "⇥"}


def visible_token(token: str) -> str:
    """Return a token so that it can be seen: gaps and new lines have signs."""
    return "".join(_SIGNS.get(letter, letter) for letter in token)
