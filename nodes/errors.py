"""The errors a person can cause, each with what happened, where, why and how to mend it.

LoomError
├── ParameterError      a parameter of a layer has a value it cannot have
├── FormulaError        a formula cannot be read, or gives no number
├── CodeError           a layer of one's own is no Python, or no layer
├── TrustError          code that came with a file would have to run first
├── ShapeError          a layer cannot take the tensors that arrive
├── UnknownLayerError   a project names a kind of layer this version does not have
├── ProjectError        a project file cannot be read or written
├── GraphError          an edit of the drawing is refused
├── DataError           a data set cannot be read
├── RunError            a run folder or a training run cannot go on
├── ExportError         a trained model cannot be taken away in the form asked for
└── UsageError          a command was asked for something that does not exist

Anything else that escapes is a bug and is shown as one.
"""

from typing import ClassVar

import msgspec


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """One way to mend a problem, as data; the engine turns it into an edit of the drawing."""

    label: str
    """What the button says, verb first: "Insert Flatten"."""

    action: str
    """One of ``insert_before``, ``insert_on_input``, ``set_params``, ``remove``, ``replace``,
    ``bypass``, and ``widen`` for another width of what arrives."""

    kind: str = ""
    """The layer to insert, where the action inserts one."""

    params: dict[str, object] = {}
    """Parameters of the inserted layer, or those to set."""

    port: str = ""
    """The input port meant, where the layer has several."""

    index: int = 0
    """Which link of a list input is meant, counted from 0."""

    width: int = 0
    """What ``widen`` asks for."""

    target: str = ""
    """``upstream`` to change the layer that feeds the port rather than the layer itself."""


class LoomError(Exception):
    """A problem that a person can cause and can mend.

    Args:
        title: What happened, in at most about eight words.
        why: One or two sentences with the actual values.
        where: The file, node or field it happened in.
        hint: What would mend it.
    """

    code: ClassVar[str] = "LL-000"

    def __init__(self, title: str, *, why: str = "", where: str = "", hint: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.why = why
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        rest = " ".join(part for part in (self.why, self.hint) if part)
        return f"{place}{self.title}. {rest}".strip() if rest else f"{place}{self.title}."


class ParameterError(LoomError):
    """A parameter has a value that it cannot have."""

    code = "LL-P001"

    def __init__(self, parameter: str, title: str, *, why: str = "", hint: str = "") -> None:
        super().__init__(title, why=why, where=parameter, hint=hint)
        self.parameter = parameter


class FormulaError(LoomError):
    """A formula cannot be read, or gives no number.

    Args:
        position: The letter of the formula that it stumbles over, counted from 0.
    """

    code = "LL-P003"

    def __init__(self, title: str, *, position: int, why: str = "", hint: str = "") -> None:
        super().__init__(title, why=why, where=f"letter {position + 1}", hint=hint)
        self.position = position


class CodeError(LoomError):
    """A layer of one's own cannot be read from its text.

    Args:
        line: Where in the text, counted from 1.
    """

    code = "LL-P004"

    def __init__(self, title: str, *, line: int, why: str = "", hint: str = "") -> None:
        super().__init__(title, why=why, where=f"line {line}", hint=hint)
        self.line = line


class TrustError(LoomError):
    """Code that came with a file would have to run, and nobody said that it may."""

    code = "LL-T001"


class ShapeError(LoomError):
    """A layer cannot take what arrives at its inputs.

    Args:
        reason: The same in about four words, for the card on the canvas.
        remedies: What would mend it, the safest first.
    """

    code = "LL-S001"

    def __init__(
        self,
        title: str,
        *,
        why: str = "",
        hint: str = "",
        reason: str = "",
        remedies: tuple[Remedy, ...] = (),
        code: str = "LL-S001",
    ) -> None:
        super().__init__(title, why=why, hint=hint or (remedies[0].label + "." if remedies else ""))
        self.reason = reason or title
        self.remedies = remedies
        self.shape_code = code


class UnknownLayerError(LoomError):
    """A project names a kind of layer that this version does not have."""

    code = "LL-P002"


class ProjectError(LoomError):
    """A project file cannot be read or written."""

    code = "LL-F001"


class GraphError(LoomError):
    """An edit of the drawing is refused."""

    code = "LL-G001"


class DataError(LoomError):
    """A data set cannot be read."""

    code = "LL-D001"


class RunError(LoomError):
    """A run folder cannot be read, or a training run cannot go on."""

    code = "LL-R001"


class ExportError(LoomError):
    """A trained model cannot be taken away in the form asked for."""

    code = "LL-E001"


class UsageError(LoomError):
    """A command was asked for something that does not exist."""

    code = "LL-U001"
