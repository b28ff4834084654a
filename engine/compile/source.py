"""Plan to PyTorch source, as a person would have written it.

The text is executed to get the module that is trained, so it is the model. Every line knows the
node it came from. Nothing of a project enters it but identifiers that were cleaned and values that
are printed as literals.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from engine.compile.plan import Plan, Step
from engine.graph.elements import End, NodeId
from engine.graph.names import unique
from nodes.tensors import TensorType

_WIDTH = 88
_TAKEN = frozenset({"F", "Tensor", "nn", "self", "torch", "x"})
"""Names that mean something else in the source."""


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
        pad = " " * indent
        line = pad + text
        if len(line) <= _WIDTH:
            if comment and len(line) + len(comment) + 4 <= _WIDTH:
                line = f"{line}  # {comment}"
            self.add(line, node=node)
            return
        head, arguments, tail = _outermost_call(text)
        if not arguments:
            self.add(line, node=node)
            return
        self.add(f"{pad}{head}(", node=node)
        if len(pad) + 4 + len(arguments) <= _WIDTH:
            self.add(f"{pad}    {arguments}", node=node)
        else:
            for argument in _split_arguments(arguments):
                self.add(f"{pad}    {argument},", node=node)
        self.add(f"{pad}){tail}", node=node)


def _argument_names(plan: Plan) -> dict[str, str]:
    """Name the arguments for fields: as the data set calls them, where the source is free to."""
    names: dict[str, str] = {}
    for field_name in dict.fromkeys((*plan.inputs, *plan.targets)):
        wanted = f"{field_name}_" if field_name in _TAKEN else field_name
        names[field_name] = unique(wanted, set(names.values()))
    return names


def _write_head(writer: _Writer, plan: Plan) -> None:
    expressions = " ".join(step.lowering.expression for step in (*plan.steps, *plan.losses))
    if re.search(r"\btorch\.", expressions):
        writer.add("import torch")
    if re.search(r"\bF\.", expressions):
        writer.add("import torch.nn.functional as F")
    writer.add("from torch import Tensor, nn", "", "")
    writer.add(f"class {plan.class_name}(nn.Module):")
    title = re.sub(r"[^\w .,:()+\-–—×%&]", "", plan.name).strip()[:60] or "A model"
    writer.add(f'    """{title}, drawn in Layerloom."""', "")


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
    arguments = ", ".join(f"{names[field]}: Tensor" for field in plan.inputs)
    returned = (
        "Tensor"
        if len(plan.outputs) == 1
        else "tuple[" + ", ".join("Tensor" for _ in plan.outputs) + "]"
    )
    start = len(writer.lines)
    writer.add(f"    def forward(self, {arguments}) -> {returned}:")
    values = _Values(plan)
    sizes = [
        f"{names[field]} is {_shape(plan.types[end])}"
        for end, field in plan.fields.items()
        if field in plan.inputs
    ]
    if sizes and start:
        writer.add(f"        # {', '.join(dict.fromkeys(sizes))}")
    for place, step in enumerate(plan.steps):
        value = values.expression(step)
        targets = values.targets(step, place)
        writer.assign(targets, value, node=step.node, comment=_shape(step.types[0]))
    writer.add(f"        return {', '.join(values.names[end] for end in plan.outputs)}")


def _write_loss(writer: _Writer, plan: Plan) -> None:
    fields = _argument_names(plan)
    names = {end: fields[field] for end, field in plan.fields.items() if field in fields}
    for end in plan.outputs:
        names[end] = unique(_step_name(plan, end), set(names.values()))
    arguments = [names[end] for end in plan.outputs] + [fields[field] for field in plan.targets]
    signature = ", ".join(f"{name}: Tensor" for name in arguments)
    writer.add("", "", f"def training_loss({signature}) -> Tensor:")
    terms: dict[End, str] = {}
    for step in plan.losses:
        value = _formatted(step, names, module=_inline_module(step))
        if step.lowering.expression and End(step.node, step.outputs[0]) in plan.loss_ends:
            terms[End(step.node, step.outputs[0])] = value
            continue
        name = unique(step.name, set(names.values()))
        names[End(step.node, step.outputs[0])] = name
        writer.statement(f"{name} = {value}", node=step.node, indent=4)
    owner = plan.loss_ends[-1].node
    writer.statement(
        "return " + " + ".join(terms[end] for end in plan.loss_ends), node=owner, indent=4
    )


def _step_name(plan: Plan, end: End) -> str:
    step = plan.step_of(end.node)
    return step.name if step else plan.fields[end]


def _inline_module(step: Step) -> str:
    return step.lowering.module.source() if step.lowering.module is not None else ""


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
            name = unique(wanted, set(self.names.values()) | {"x"})
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


def _outermost_call(text: str) -> tuple[str, str, str]:
    """Split ``a = f(b, c)`` into ``a = f``, ``b, c`` and what follows."""
    start = text.find("(")
    end = text.rfind(")")
    if start < 0 or end < start:
        return text, "", ""
    return text[:start], text[start + 1 : end], text[end + 1 :]


def _split_arguments(text: str) -> list[str]:
    parts, depth, current = [], 0, ""
    for letter in text:
        if letter == "," and depth == 0:
            parts.append(current.strip())
            current = ""
            continue
        depth += (letter in "([{") - (letter in ")]}")
        current += letter
    return [*parts, current.strip()]
