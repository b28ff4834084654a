"""How the recipe's choices are written for people."""

_WORDS = {
    "adam": "Adam",
    "adamw": "AdamW",
    "sgd": "SGD",
    "rmsprop": "RMSprop",
    "constant": "Constant",
    "cosine": "Cosine",
    "one_cycle": "One cycle",
}


def choice_word(name: str) -> str:
    """A choice as it stands in a field: ``One cycle``."""
    return _WORDS.get(name.lower(), name)


def schedule_word(name: str) -> str:
    """A schedule in the middle of a sentence."""
    return choice_word(name).lower()
