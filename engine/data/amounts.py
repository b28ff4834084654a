"""Amounts in sentences."""


def grouped(number: int) -> str:
    """Write a whole number in groups of three digits: ``36 170``."""
    return f"{number:,}".replace(",", "\u202f")
