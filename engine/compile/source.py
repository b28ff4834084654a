"""Plan to PyTorch source, as a person would have written it.

The text is executed to get the module that is trained, so it is the model. Every line knows the
node it came from. Nothing of a project enters it but identifiers that were cleaned and values that
are printed as literals.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from engine.compile.initialising import first_weights
from engine.compile.own_code import Import, import_lines, names_in, taken_apart
from engine.compile.steps import Body, GeneratedClass, Plan, Step
from engine.compile.variables import (
    TAKEN,
    Variables,
    argument_names,
    formatted,
    left_side,
    variable,
)
from engine.compile.wrapping import WIDTH, wrap, wrap_signature
from engine.graph.elements import End, NodeId, NodePath
from nodes.helpers import helper_classes
from nodes.layer import literal
from nodes.tensors import TensorType

_LONGEST_TITLE = 50


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """The text of a model and what its lines stand for."""

    text: str
    class_name: str
    paths: Mapping[int, NodePath]
    """The way to the node that each line came from, counted from 1; in a class of a composite,
    to that in its first use."""

    lines: Mapping[int, NodeId]
    """The node of the drawing that each line came from: for a line of a composite, that."""

    def lines_of(self, node: NodeId) -> tuple[int, ...]:
        """Return the lines that a node became, in order."""
        return tuple(line for line, owner in self.lines.items() if owner == node)


def write_source(plan: Plan) -> Source:
    """Print a plan: a class for each composite, one for it all, and the function of its loss."""
    writer = _Writer()
    _write_imports(writer, plan)
    for generated in plan.classes:
        _write_class(writer, generated)
    _write_model(writer, plan)
    if plan.loss_ends:
        _write_loss(writer, plan)
    return Source(
        text="\n".join(writer.lines) + "\n",
        class_name=plan.class_name,
        paths=writer.owners,
        lines={line: path[0] for line, path in writer.owners.items()},
    )


@dataclass
class _Writer:
    lines: list[str] = field(default_factory=list)
    owners: dict[int, NodePath] = field(default_factory=dict)
    around: NodePath = ()
    """The composites around the nodes whose lines are written."""

    def add(self, *lines: str, node: NodeId | None = None) -> None:
        for line in lines:
            self.lines.append(line)
            if node is not None:
                self.owners[len(self.lines)] = (*self.around, node)

    def assign(
        self, target: str, value: str, *, node: NodeId, comment: str = "", indent: int = 8
    ) -> None:
        """Add ``target = value`` in the body of a method, wrapped where it is too wide."""
        self.statement(f"{target} = {value}", node=node, comment=comment, indent=indent)

    def statement(self, text: str, *, node: NodeId, comment: str = "", indent: int = 8) -> None:
        lines = wrap(text, indent)
        if comment and len(lines) == 1 and len(lines[0]) + len(comment) + 4 <= WIDTH:
            lines = [f"{lines[0]}  # {comment}"]
        self.add(*lines, node=node)


def _write_imports(writer: _Writer, plan: Plan) -> None:
    lowerings = list(plan.lowerings())
    helpers = helper_classes(lowering.helper for lowering in lowerings).values()
    code = " ".join([*(lowering.expression for lowering in lowerings), *helpers])
    imports = [Import("torch", "Tensor"), Import("torch", "nn")]
    if re.search(r"\btorch\.", code):
        imports.append(Import("torch"))
    if re.search(r"\bF\.", code):
        imports.append(Import("torch.nn.functional", alias="F"))
    written = taken_apart(plan.code)
    writer.add(*import_lines((*imports, *written.imports)), "", "")
    for lines in (*(text.splitlines() for text in helpers), *written.bodies):
        writer.add(*lines, "", "")


def _write_class(writer: _Writer, generated: GeneratedClass) -> None:
    writer.around = generated.path
    writer.add(f"class {generated.name}(nn.Module):", f'    """{_title(generated.title)}."""', "")
    body = generated.body
    _write_init(writer, body, [f"{name}: {kind}" for name, kind in generated.arguments])
    names = argument_names(body.inputs, TAKEN)
    _write_forward(writer, body, names, generated.shapes)
    writer.add("", "")
    writer.around = ()


def _write_model(writer: _Writer, plan: Plan) -> None:
    writer.add(f"class {plan.class_name}(nn.Module):")
    writer.add(f'    """{_title(plan.name)}, drawn in Layerloom."""', "")
    _write_init(writer, plan, [])
    shapes = {end: _shape(tensor) for end, tensor in (plan.letters or plan.types).items()}
    _write_forward(writer, plan, _field_names(plan), shapes)


def _field_names(plan: Plan) -> dict[str, str]:
    # ``x`` is what a chain goes on in; a field of that name would be lost at the first step.
    return argument_names((*plan.inputs, *plan.targets), TAKEN | {"x"} | names_in(plan.code))


def _title(name: str) -> str:
    """Return as much of a project's name as can stand in a docstring of one line."""
    title, width = "", 0
    for letter in re.sub(r"[^\w .,:()+\-–—×%&]", "", name).strip():
        width += 2 if unicodedata.east_asian_width(letter) in "FWA" else 1
        if width > _LONGEST_TITLE:
            break
        title += letter
    return title.strip() or "A model"


def _write_init(writer: _Writer, body: Body, arguments: Sequence[str]) -> None:
    modules = [step for step in body.steps if step.lowering.module is not None]
    if not modules:
        return
    writer.add(*wrap_signature("def __init__", ["self", *arguments], "None", indent=4))
    writer.add("        super().__init__()")
    made: set[str] = set()
    for step in modules:
        assert step.lowering.module is not None, "they were chosen so"
        name = step.attribute
        if name in made:
            continue
        made.add(name)
        factor = step.learning.rate_factor
        writer.assign(
            f"self.{name}",
            step.lowering.module.source(),
            node=step.node,
            comment="" if factor == 1 else f"learns at {factor:g} × the rate",
        )
        for line in first_weights(step.learning, f"self.{name}", step.lowering.module):
            writer.add(f"        {line}", node=step.node)
        if step.frozen:
            writer.add(f"        self.{name}.requires_grad_(False)", node=step.node)
    writer.add("")


def _write_forward(
    writer: _Writer, body: Body, names: Mapping[str, str], shapes: Mapping[End, str]
) -> None:
    arguments = ["self", *(f"{names[field]}: Tensor" for field in body.inputs)]
    returned = (
        "Tensor"
        if len(body.outputs) == 1
        else "tuple[" + ", ".join("Tensor" for _ in body.outputs) + "]"
    )
    writer.add(*wrap_signature("def forward", arguments, returned, indent=4))
    variables = Variables(body, names)
    inputs = ((end, name) for end, name in body.fields.items() if name in body.inputs)
    sizes = [f"        # {names[name]} is {shapes[end]}" for end, name in inputs if end in shapes]
    writer.add(*(size for size in dict.fromkeys(sizes) if len(size) <= WIDTH))
    for place, step in enumerate(body.steps):
        comment = shapes.get(End(step.node, step.outputs[0]), "")
        if step.runs_in_loop:
            _write_loop(writer, step, variables, place, comment)
            continue
        module = f"self.{step.attribute}"
        value = formatted(step.lowering.expression, step, variables.arguments(step), module=module)
        target = left_side(step, variables.targets(step, place))
        writer.assign(target, value, node=step.node, comment=comment)
    returned = ", ".join(variables.names[end] for end in body.outputs)
    writer.add(*wrap(f"return {returned}", indent=8))


def _write_loop(
    writer: _Writer, step: Step, variables: Variables, place: int, comment: str
) -> None:
    """Write a repeated layer: what a round puts out takes the place of what arrived at it."""
    arguments = variables.arguments(step)
    targets = variables.targets(step, place)
    passed = [targets[port] for port in step.outputs[: len(step.fed)]]
    first = [arguments[port][0] for port in step.fed]
    if passed != first:
        writer.assign(", ".join(passed), ", ".join(first), node=step.node)
    arguments.update((port, [name]) for port, name in zip(step.fed, passed, strict=True))
    left = left_side(step, targets)
    expressions = [stage.lowering.expression for stage in step.stages]
    if len(set(expressions)) > 1:
        for number, expression in enumerate(expressions):
            module = _module_of_round(step, number)
            value = formatted(expression, step, arguments, module=module)
            writer.assign(left, value, node=step.node)
        return
    module = f"self.{step.attribute}"
    head = f"for _ in range({len(expressions)}):"
    if step.holding == "list":
        module = variable("layer", variables.names)
        head = f"for {module} in self.{step.attribute}:"
    writer.add(f"        {head}" + (f"  # to {comment}" if comment else ""), node=step.node)
    value = formatted(expressions[0], step, arguments, module=module)
    writer.assign(left, value, node=step.node, indent=12)


def _module_of_round(step: Step, number: int) -> str:
    of_its_own = step.holding == "list"
    return f"self.{step.attribute}[{number}]" if of_its_own else f"self.{step.attribute}"


def _write_loss(writer: _Writer, plan: Plan) -> None:
    """Write the function of the loss; several are computed by one and summed by another."""
    fields = _field_names(plan)
    names = {end: fields[field] for end, field in plan.fields.items() if field in fields}
    for end in plan.outputs:
        names[end] = variable(_step_name(plan, end), names)
    given = [names[end] for end in plan.outputs] + [fields[field] for field in plan.targets]
    if len(plan.loss_ends) == 1:
        _write_function(writer, "training_loss", given, "Tensor")
        _write_losses(writer, plan, names)
        return
    returned = f"tuple[{', '.join('Tensor' for _ in plan.loss_ends)}]"
    _write_function(writer, "training_losses", given, returned)
    _write_losses(writer, plan, names)
    losses = ", ".join(names[end] for end in plan.loss_ends)
    writer.add(*wrap(f"return {losses}", indent=4))
    _write_function(writer, "training_loss", given, "Tensor")
    writer.add(*wrap(f"{losses} = training_losses({', '.join(given)})", indent=4))
    pairs = zip(plan.loss_weights, plan.loss_ends, strict=True)
    total = " + ".join(f"{_weighing(weight)}{names[end]}" for weight, end in pairs)
    writer.add(*wrap(f"return {total}", indent=4))


def _write_function(writer: _Writer, name: str, given: Sequence[str], returned: str) -> None:
    typed = [f"{argument}: Tensor" for argument in given]
    writer.add("", "", *wrap_signature(f"def {name}", typed, returned, indent=0))


def _write_losses(writer: _Writer, plan: Plan, names: dict[End, str]) -> None:
    """Write what is computed for the losses; a single one is returned."""
    for step in plan.losses:
        end = End(step.node, step.outputs[0])
        module = End(step.node, "")
        if step.lowering.module is not None:
            names[module] = variable(f"{step.name[:16]}_layer", names)
            made = f"{names[module]} = {step.lowering.module.source()}"
            writer.statement(made, node=step.node, indent=4)
        arguments = {port: [names[end] for end in ends] for port, ends in step.inputs.items()}
        value = formatted(step.lowering.expression, step, arguments, module=names.get(module, ""))
        if plan.loss_ends == (end,):
            weighing = _weighing(plan.loss_weights[0])
            writer.statement(f"return {weighing}{value}", node=step.node, indent=4)
            return
        names[end] = variable(step.name, names)
        writer.statement(f"{names[end]} = {value}", node=step.node, indent=4)


def _weighing(weight: float) -> str:
    return "" if weight == 1 else f"{literal(float(weight))} * "


def _step_name(plan: Plan, end: End) -> str:
    step = plan.step_of(end.node)
    return step.called.get(end.port, step.name) if step else plan.fields[end]


def _shape(tensor: TensorType) -> str:
    sizes = ", ".join(str(size) for size in tensor.sizes)
    return f"({sizes},)" if len(tensor.sizes) == 1 else f"({sizes})"
