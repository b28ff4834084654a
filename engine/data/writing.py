"""What a model writes, one token after another.

An exported folder carries a copy of this file beside ``predict.py``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import torch
from torch import Tensor

from engine.data import prepare

_UNKNOWN_SIGN = "·"

Scores: TypeAlias = Tensor
"""Of every token at every place: (N, tokens, places)."""


def last_place(row: Any) -> int:
    """Return where the last token stands that is no padding: what comes next is read there."""
    places = torch.as_tensor(row).reshape(-1).nonzero()
    return int(places[-1]) if len(places) else 0


def next_shares(scores: Tensor, temperature: float = 1.0) -> Tensor:
    """Return how likely each token is to come next; padding and unknown ones never come.

    Shapes:
        scores: (tokens,)
        out: (tokens,), the sum is 1

    Args:
        temperature: Below 1 the likely ones become likelier; at 0 the likeliest comes for sure.
    """
    allowed = scores.float().clone()
    allowed[: prepare.RESERVED] = -torch.inf
    if temperature > 0:
        return (allowed / temperature).softmax(0)
    return torch.nn.functional.one_hot(allowed.argmax(), len(allowed)).float()


def write_on(
    ask: Callable[[Tensor], Scores],
    begin: Sequence[int],
    length: int,
    *,
    temperature: float = 1.0,
    seed: int = 0,
) -> Iterator[int]:
    """Go on with a text for as long as it is asked to.

    Args:
        ask: Returns the scores for a batch of one text, (1, length).
        begin: The tokens of the beginning; at least one.
        length: How many tokens the model reads; of a longer text it reads the end.
        seed: The same one writes the same text.
    """
    random = torch.Generator().manual_seed(seed)
    known = list(begin)
    while True:
        read = known[-length:]
        row = torch.zeros(1, length, dtype=torch.int64)
        row[0, : len(read)] = torch.tensor(read)
        scores = ask(row)[0, :, len(read) - 1].cpu()
        found = int(torch.multinomial(next_shares(scores, temperature), 1, generator=random))
        known.append(found)
        yield found


def fill_answer(
    ask: Callable[[Mapping[str, Tensor]], Scores], batch: Mapping[str, Tensor], name: str
) -> Mapping[str, Tensor]:
    """Let a model answer token by token; each time it reads what it has answered so far.

    Args:
        ask: Returns the scores for a batch.
        name: The input that holds the answer so far; what stands in it is written over.

    Returns:
        The batch with the model's own answer, one place later, in that input.
    """
    so_far = torch.zeros_like(batch[name])
    for place in range(so_far.shape[1] - 1):
        scores = ask({**batch, name: so_far})
        so_far[:, place + 1] = scores[:, :, place].argmax(1)
    return {**batch, name: so_far}


def read_answer(scores: Scores, labels: Sequence[str]) -> str:
    """Read the likeliest token of every place, up to the first padding.

    Shapes:
        scores: (tokens, places)
    """
    best = scores.argmax(0).tolist()
    end = best.index(prepare.PADDING) if prepare.PADDING in best else len(best)
    return "".join(labels[token] for token in best[:end])


def read_tags(
    scores: Scores, row: Any, vocabulary: Sequence[str], labels: Sequence[str], unit: str
) -> str:
    """Read the likeliest tag of every token and write it behind the token.

    Behind a character the first tag writes nothing.

    Shapes:
        scores: (tags, places)
        row: (places,), the numbers of the tokens
    """
    tags, numbers = scores.argmax(0).tolist(), torch.as_tensor(row).tolist()
    found = []
    for tag, number in zip(tags, numbers, strict=True):
        if number == prepare.PADDING:
            continue
        known = number - prepare.RESERVED
        token = vocabulary[known] if 0 <= known < len(vocabulary) else _UNKNOWN_SIGN
        if unit == "character":
            found.append(token + (labels[tag] if tag else ""))
        else:
            found.append(f"{token}/{labels[tag]} ")
    return "".join(found).strip()


def joined(tokens: Sequence[str], unit: str) -> str:
    """Return tokens as the text that goes on: with a gap before each word, none before a mark."""
    if unit != "word":
        return "".join(tokens)
    return "".join(f" {token}" if token[:1].isalnum() else token for token in tokens)
