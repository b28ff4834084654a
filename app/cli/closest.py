"""Words that mean nothing, answered with the words that come closest."""

import difflib
from collections.abc import Iterable

from nodes.errors import UsageError


def no_such(what: str, word: str, known: Iterable[str], *, see: str = "") -> UsageError:
    """Return the error that there is no such thing, with up to three that are spelled alike.

    Args:
        what: The kind of thing: "template".
        see: A command that lists all of them.
    """
    names = list(known)
    folded = {name.casefold(): name for name in names}
    near = difflib.get_close_matches(word.casefold(), folded, n=3, cutoff=0.5)
    if near:
        hint = f"Did you mean {_either([folded[name] for name in near])}?"
    elif names and len(names) <= 12:
        hint = f"There is {_listed(names)}."
    else:
        hint = ""
    if see:
        hint = f"{hint} All of them: {see}".strip()
    return UsageError(f"There is no {what} called “{word}”", hint=hint)


def _either(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
