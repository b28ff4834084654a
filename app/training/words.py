"""How the recipe's choices are written for people."""

from engine.project.optimizers import OPTIMIZERS

_WORDS = {
    "constant": "Constant",
    "cosine": "Cosine",
    "one_cycle": "One cycle",
    "step": "Step",
    "plateau": "On plateaus",
    "fp32": "32-bit",
    "bf16": "bf16",
    "fp16": "fp16",
}


def choice_word(name: str) -> str:
    """A choice as it stands in a field: ``One cycle``."""
    key = name.lower()
    if key in OPTIMIZERS:
        return OPTIMIZERS[key].info.title
    return _WORDS.get(key, name)


def schedule_word(name: str) -> str:
    """A schedule in the middle of a sentence."""
    return choice_word(name).lower()
