"""Names in a drawing: ids that nobody sees, and identifiers that the source uses."""

import keyword
import re
import secrets
from collections.abc import Collection, Sequence

from engine.graph.elements import NodeId
from nodes.helpers import helper_names

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
# Names that the source or ``nn.Module`` itself uses; a test compares them with torch.
_RESERVED = frozenset(
    """self cls super torch nn tensor x forward training add_module apply bfloat16 buffers children
    compile cpu cuda double dump_patches eval extra_repr float get_buffer get_extra_state
    get_parameter get_submodule half ipu load_state_dict modules mtia named_buffers named_children
    named_modules named_parameters parameters register_backward_hook register_buffer
    register_forward_hook register_forward_pre_hook register_full_backward_hook
    register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter
    register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state
    set_submodule share_memory state_dict to to_empty train type xpu zero_grad call_super_init
    training_loss training_losses load print int str list dict tuple set len sum min max
    range""".split()  # noqa: SIM905 - a table to be read
)


def new_id() -> NodeId:
    """Return a random id; eight letters collide once in a million drawings of 1,500 nodes."""
    return NodeId("".join(secrets.choice(_LETTERS) for _ in range(8)))


def numbered(titles: Sequence[str]) -> tuple[str, ...]:
    """Return titles of which none comes twice: those that did are counted."""
    return tuple(
        f"{title} {titles[: place + 1].count(title)}" if titles.count(title) > 1 else title
        for place, title in enumerate(titles)
    )


def whole(text: str) -> str:
    """Return a text that can be saved and sent: each half of a character becomes a question mark.

    Some keyboards give such halves, and so do file names that are no text.
    """
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def identifier(text: str, *, fallback: str = "layer") -> str:
    """Turn any text into a lower-case Python identifier of at most 40 letters."""
    # The units are written ReLU and SiLU, and are each one word.
    words = re.sub(r"(Re|Si)LU", r"\1lu", text)
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", words)
    # Digits that belong to a kind stay with it: Conv2d is conv2d, not conv2_d.
    cleaned = re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")[:40].strip("_")
    cleaned = re.sub(r"(\d)_d(?=_|$)", r"\1d", cleaned)
    if not cleaned or not cleaned[0].isalpha():
        cleaned = f"{fallback}_{cleaned}".strip("_")
    if keyword.iskeyword(cleaned) or keyword.issoftkeyword(cleaned) or cleaned in _RESERVED:
        cleaned += "_"
    return cleaned


def unique(name: str, taken: Collection[str]) -> str:
    """Return ``name``, with the first free number behind it if it is taken."""
    return Names(taken).free(name)


class Names:
    """Names that are taken, for giving many new ones in a row."""

    def __init__(self, taken: Collection[str]) -> None:
        self._taken = taken
        self._given: set[str] = set()
        self._next: dict[str, int] = {}
        """The number behind a stem up to which all are taken."""

    def take(self, name: str) -> str:
        """Return a name as :func:`unique` does; from now on it is taken."""
        free = self.free(name)
        self._given.add(free)
        return free

    def free(self, name: str) -> str:
        """Return ``name``, with the first free number behind it if it is taken."""
        if name not in self:
            return name
        stem = re.sub(r"_\d+$", "", name).rstrip("_")
        number = self._next.get(stem, 2)
        while f"{stem}_{number}" in self:
            number += 1
        self._next[stem] = number
        return f"{stem}_{number}"

    def __contains__(self, name: str) -> bool:
        return name in self._taken or name in self._given


def class_name(name: str) -> str:
    """Turn any text into the name of a class: ``ReadHandwrittenDigits``."""
    words = identifier(name, fallback="model").strip("_").split("_")
    return unique(
        "".join(word.capitalize() for word in words),
        {"Tensor", "Module", "Path", "None", "True", "False", "F", *helper_names()},
    )
