"""Plan to PyTorch source, as a person would have written it.

The text is executed to get the module that is trained, so it is the model. Every line knows the
node it came from. Nothing of a project enters it but identifiers that were cleaned and values that
are printed as literals.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from engine.compile.plan import Plan, Step
from engine.compile.wrapping import WIDTH, wrap, wrap_signature
from engine.graph.elements import End, NodeId
from engine.graph.names import unique
from nodes.helpers import helper_classes
from nodes.tensors import TensorType

_TAKEN = frozenset({"F", "Tensor", "nn", "self", "torch", "x"})
"""Names that mean something else in the source."""

_EASILY_MISREAD = frozenset({"I", "O", "l"})
_LONGEST_VARIABLE = 24
_LONGEST_TITLE = 50


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """The text of a model and what its lines stand for."""

    text: str
    class_name: str
    lines: Mapping[int, NodeId]
    """The node that each line came from, counted from 1."""

    def lines_of(self, node: NodeId) -> tuple[int, ...]:
        """Return the lines that a node became, in order."""
        return tuple(line for line, owner in self.lines.items() if owner == node)


def write_source(plan: Plan) -> Source:
    """Print a plan as a module with one class and, where there is a loss, its function."""
    writer = _Writer()
    _write_head(writer, plan)
    _write_init(writer, plan)
    _write_forward(writer, plan)
    if plan.loss_ends:
        _write_loss(writer, plan)
    return Source(
        text="\n".join(writer.lines) + "\n", class_name=plan.class_name, lines=writer.owners
    )


@dataclass
class _Writer:
    lines: list[str] = field(default_factory=list)
    owners: dict[int, NodeId] = field(default_factory=dict)

    def add(self, *lines: str, node: NodeId | None = None) -> None:
        for line in lines:
            self.lines.append(line)
            if node is not None:
                self.owners[len(self.lines)] = node

    def assign(self, target: str, value: str, *, node: NodeId, comment: str = "") -> None:
        """Add ``target = value`` in the body of a method, wrapped where it is too wide."""
        self.statement(f"{target} = {value}", node=node, comment=comment)

    def statement(self, text: str, *, node: NodeId, comment: str = "", indent: int = 8) -> None:
        lines = wrap(text, indent)
        if comment and len(lines) == 1 and len(lines[0]) + len(comment) + 4 <= WIDTH:
            lines = [f"{lines[0]}  # {comment}"]
        self.add(*lines, node=node)


def _argument_names(plan: Plan) -> dict[str, str]:
    """Name the arguments for fields: as the data set calls them, where the source is free to."""
    names: dict[str, str] = {}
    for field_name in dict.fromkeys((*plan.inputs, *plan.targets)):
        unusable = field_name in _TAKEN or field_name in _EASILY_MISREAD
        wanted = f"{field_name}_" if unusable else field_name
        names[field_name] = unique(wanted, set(names.values()))
    return names


def _write_head(writer: _Writer, plan: Plan) -> None:
    steps = (*plan.steps, *plan.losses)
    helpers = helper_classes(step.lowering.helper for step in steps).values()
    code = " ".join([*(step.lowering.expression for step in steps), *helpers])
    if re.search(r"\btorch\.", code):
        writer.add("import torch")
    if re.search(r"\bF\.", code):
        writer.add("import torch.nn.functional as F")
    writer.add("from torch import Tensor, nn", "", "")
    for text in helpers:
        writer.add(*text.splitlines(), "", "")
    writer.add(f"class {plan.class_name}(nn.Module):")
    writer.add(f'    """{_title(plan.name)}, drawn in Layerloom."""', "")


def _title(name: str) -> str:
    """Return as much of a project's name as can stand in a docstring of one line."""
    title, width = "", 0
    for letter in re.sub(r"[^\w .,:()+\-–—×%&]", "", name).strip():
        width += 2 if unicodedata.east_asian_width(letter) in "FWA" else 1
        if width > _LONGEST_TITLE:
            break
        title += letter
    return title.strip() or "A model"


def _write_init(writer: _Writer, plan: Plan) -> None:
    modules = [step for step in plan.steps if step.lowering.module is not None]
    if not modules:
        return
    writer.add("    def __init__(self) -> None:", "        super().__init__()")
    for step in modules:
        assert step.lowering.module is not None
        name = step.name
        writer.assign(f"self.{name}", step.lowering.module.source(), node=step.node)
        if step.frozen:
            writer.add(f"        self.{name}.requires_grad_(False)", node=step.node)
    writer.add("")


def _write_forward(writer: _Writer, plan: Plan) -> None:
    names = _argument_names(plan)
    arguments = ["self", *(f"{names[field]}: Tensor" for field in plan.inputs)]
    returned = (
        "Tensor"
        if len(plan.outputs) == 1
        else "tuple[" + ", ".join("Tensor" for _ in plan.outputs) + "]"
    )
    writer.add(*wrap_signature("def forward", arguments, returned, indent=4))
    values = _Values(plan)
    inputs = ((end, name) for end, name in plan.fields.items() if name in plan.inputs)
    sizes = [f"        # {names[name]} is {_shape(plan.types[end])}" for end, name in inputs]
    writer.add(*(size for size in dict.fromkeys(sizes) if len(size) <= WIDTH))
    for place, step in enumerate(plan.steps):
        value = values.expression(step)
        targets = values.targets(step, place)
        writer.assign(targets, value, node=step.node, comment=_shape(step.types[0]))
    returned = ", ".join(values.names[end] for end in plan.outputs)
    writer.add(*wrap(f"return {returned}", indent=8))


def _write_loss(writer: _Writer, plan: Plan) -> None:
    fields = _argument_names(plan)
    names = {end: fields[field] for end, field in plan.fields.items() if field in fields}
    for end in plan.outputs:
        names[end] = _variable(_step_name(plan, end), names)
    arguments = [names[end] for end in plan.outputs] + [fields[field] for field in plan.targets]
    typed = [f"{name}: Tensor" for name in arguments]
    writer.add("", "", *wrap_signature("def training_loss", typed, "Tensor", indent=0))
    for step in plan.losses:
        end = End(step.node, step.outputs[0])
        module = End(step.node, "")
        if step.lowering.module is not None:
            names[module] = _variable(f"{step.name[:16]}_layer", names)
            made = f"{names[module]} = {step.lowering.module.source()}"
            writer.statement(made, node=step.node, indent=4)
        value = _formatted(step, names, module=names.get(module, ""))
        if plan.loss_ends == (end,):
            writer.statement(f"return {value}", node=step.node, indent=4)
            return
        names[end] = _variable(step.name, names)
        writer.statement(f"{names[end]} = {value}", node=step.node, indent=4)
    total = " + ".join(names[end] for end in plan.loss_ends)
    writer.add(*wrap(f"return {total}", indent=4))


def _variable(name: str, names: Mapping[End, str]) -> str:
    """Return a free name for a variable; long ones are cut, so that lines can be wrapped well."""
    short = name[:_LONGEST_VARIABLE].rstrip("_")
    wanted = f"{short}_" if short in _EASILY_MISREAD else short
    return unique(wanted, {*names.values(), "x"})


def _step_name(plan: Plan, end: End) -> str:
    step = plan.step_of(end.node)
    return step.name if step else plan.fields[end]


class _Values:
    """The variables of ``forward``: a chain goes on in ``x``, a fork has a name of its own.

    Reusing ``x`` lets torch free what nobody needs any more.
    """

    def __init__(self, plan: Plan) -> None:
        arguments = _argument_names(plan)
        self.names: dict[End, str] = {
            end: arguments.get(field, field) for end, field in plan.fields.items()
        }
        self._last_use: dict[End, int] = {}
        self._uses: dict[End, int] = {}
        for place, step in enumerate(plan.steps):
            for end in _ends_of(step):
                self._last_use[end] = place
                self._uses[end] = self._uses.get(end, 0) + 1
        for end in plan.outputs:
            self._last_use[end] = len(plan.steps)
            self._uses[end] = self._uses.get(end, 0) + 1
        self._holding_x: End | None = None

    def expression(self, step: Step) -> str:
        """Return the right side of a step's assignment."""
        return _formatted(step, self.names, module=f"self.{step.name}")

    def targets(self, step: Step, place: int) -> str:
        """Name what a step puts out and return the left side of its assignment."""
        names = {port: self._name(End(step.node, port), step, place) for port in step.outputs}
        if step.lowering.unpack:
            return step.lowering.unpack.format(**names)
        return ", ".join(names.values())

    def _name(self, end: End, step: Step, place: int) -> str:
        if end not in self._last_use:
            return "_"
        holder = self._holding_x
        x_is_free = holder is None or self._last_use[holder] <= place
        if self._uses[end] == 1 and len(step.outputs) == 1 and x_is_free:
            self._holding_x = end
            name = "x"
        else:
            own = step.name
            wanted = own if len(step.outputs) == 1 else f"{own}_{end.port}"
            name = _variable(wanted, self.names)
        self.names[end] = name
        return name


def _ends_of(step: Step) -> list[End]:
    return [end for ends in step.inputs.values() for end in ends]


def _formatted(step: Step, names: Mapping[End, str], *, module: str) -> str:
    arguments: dict[str, object] = {}
    for port, ends in step.inputs.items():
        arguments[port] = [names[end] for end in ends] if port in step.many else names[ends[0]]
    return step.lowering.expression.format(module=module, **arguments)


def _shape(tensor: TensorType) -> str:
    sizes = ", ".join(str(size) for size in tensor.sizes)
    return f"({sizes},)" if len(tensor.sizes) == 1 else f"({sizes})"
