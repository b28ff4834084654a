"""Signs for what would not be seen in a text."""

_GAP = "␣"
_SIGNS = {"\n": "↵", "\t": "⇥"}


def visible_token(token: str) -> str:
    """Return a token so that it can be seen: gaps at its ends and new lines have signs.

    A gap between two words is seen by itself.
    """
    core = token.strip(" ")
    before = len(token) - len(token.lstrip(" "))
    behind = len(token) - before - len(core)
    seen = "".join(_SIGNS.get(letter, letter) for letter in core)
    return f"{_GAP * before}{seen}{_GAP * behind}"
