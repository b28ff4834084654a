"""What the source calls the tensors: arguments of ``forward``, and what the steps put out."""

import builtins
import keyword
from collections.abc import Mapping

from engine.compile.steps import Body, Step
from engine.graph.elements import End, NodeId
from engine.graph.names import unique

TAKEN = frozenset({"F", "Tensor", "nn", "self", "torch"})
"""Names that mean something else in the source."""

_EASILY_MISREAD = frozenset({"I", "O", "l"})
_BUILT_IN = frozenset(vars(builtins))
"""An argument may hide what Python has under that name, but no reader expects it."""

_LONGEST_VARIABLE = 24


_CHAIN = End(NodeId(""), "")
"""No end of a drawing: stands for the variable that a chain goes on in."""


def argument_names(fields: tuple[str, ...], taken: frozenset[str]) -> dict[str, str]:
    """Name the arguments for fields: as they are called, where the source is free to."""
    names: dict[str, str] = {}
    for field_name in dict.fromkeys(fields):
        unusable = field_name in taken | _EASILY_MISREAD | _BUILT_IN
        wanted = f"{field_name}_" if unusable else field_name
        names[field_name] = unique(wanted, set(names.values()))
    return names


def variable(name: str, names: Mapping[End, str]) -> str:
    """Return a free name for a variable; long ones are cut, so that lines can be wrapped well."""
    short = name if len(name) <= _LONGEST_VARIABLE else name[:_LONGEST_VARIABLE].rstrip("_")
    unusable = keyword.iskeyword(short) or short in TAKEN | _EASILY_MISREAD
    return unique(f"{short}_" if unusable else short, {*names.values(), "x"})


def formatted(
    expression: str, step: Step, arguments: Mapping[str, list[str]], *, module: str
) -> str:
    """Return a call with its arguments in their places.

    Args:
        arguments: The names of what arrives at each input port.
    """
    given = {port: names if port in step.many else names[0] for port, names in arguments.items()}
    return expression.format(module=module, **given)


class Variables:
    """The variables of ``forward``: a chain goes on in ``x``, a fork has a name of its own.

    Reusing ``x`` lets torch free what nobody needs any more. Where ``x`` is what came in and is
    needed again, the chain goes on in ``y``.
    """

    def __init__(self, body: Body, arguments: Mapping[str, str]) -> None:
        self.names: dict[End, str] = {
            end: arguments.get(field, field) for end, field in body.fields.items()
        }
        self._last_use: dict[End, int] = {}
        self._uses: dict[End, int] = {}
        for place, step in enumerate(body.steps):
            for end in _ends_of(step):
                self._last_use[end] = place
                self._uses[end] = self._uses.get(end, 0) + 1
        for end in body.outputs:
            self._last_use[end] = len(body.steps)
            self._uses[end] = self._uses.get(end, 0) + 1
        self._held = next((end for end, name in self.names.items() if name == "x"), None)
        self._chain = "x"
        if self._held is not None and self._uses.get(self._held, 0) > 1:
            self._held, self._chain = None, unique("y", set(self.names.values()))

    def arguments(self, step: Step) -> dict[str, list[str]]:
        """Return the names of what arrives at a step, by port."""
        return {port: [self.names[end] for end in ends] for port, ends in step.inputs.items()}

    def targets(self, step: Step, place: int) -> dict[str, str]:
        """Name what a step puts out."""
        return {port: self._name(End(step.node, port), step, place) for port in step.outputs}

    def _name(self, end: End, step: Step, place: int) -> str:
        goes_round = step.runs_in_loop and step.outputs.index(end.port) < len(step.fed)
        if end not in self._last_use and not goes_round:
            return "_"
        if end.port in step.called:
            name = variable(step.called[end.port], {**self.names, _CHAIN: self._chain})
        elif self._uses.get(end) == 1 and len(step.outputs) == 1 and self._is_free(step, place):
            self._held = end
            name = self._chain
        else:
            own = step.name
            wanted = own if len(step.outputs) == 1 else f"{own}_{end.port}"
            name = variable(wanted, {**self.names, _CHAIN: self._chain})
        self.names[end] = name
        return name

    def _is_free(self, step: Step, place: int) -> bool:
        holder = self._held
        if holder is None:
            return True
        # In a loop, what is the same each time must outlive the first of them.
        kept = step.runs_in_loop and any(
            holder in ends for port, ends in step.inputs.items() if port not in step.fed
        )
        return self._last_use.get(holder, -1) <= place and not kept


def _ends_of(step: Step) -> list[End]:
    return [end for ends in step.inputs.values() for end in ends]


def left_side(step: Step, targets: Mapping[str, str]) -> str:
    """Return the left side of a step's assignment."""
    if step.lowering.unpack:
        return step.lowering.unpack.format(**targets)
    return ", ".join(targets.values())
