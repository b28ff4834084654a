"""The contract of a layer: ports, parameters, shape rule, cost, and the call it lowers to.

A layer is a frozen struct whose fields are its parameters. One class describes one kind; an
instance is that kind with its parameters set. The library, the property editor, the shape rules,
the generated source, the cost table and the layer reference read nothing else.
"""

from typing import Any, ClassVar, Literal, TypeAlias

import msgspec

from nodes.params import fields_of
from nodes.sizes import Size, SymbolicSize
from nodes.tensors import Inputs, TensorType

Category: TypeAlias = Literal[
    "data", "conv", "linear", "norm", "act", "pool", "seq", "attn", "loss", "shape"
]

Role: TypeAlias = Literal["layer", "data", "target", "loss", "input", "output"]


class Port(msgspec.Struct, frozen=True, kw_only=True):
    """One end that a wire can be connected to."""

    name: str
    """As in the layer's shape rule and in the generated call."""

    help: str = ""

    optional: bool = False
    """May stay unconnected."""

    many: bool = False
    """Takes a list of tensors: any number of wires, in order."""

    target: bool = False
    """On a loss: what the prediction is compared with."""


class LayerInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What people read about a kind of layer."""

    title: str
    category: Category
    summary: str
    """One sentence on what it does."""

    when: str = ""
    """When to use it, for a student."""

    shape: str = ""
    """The shape rule in one line, sizes of one sample: ``C×H×W to K×H'×W'``."""

    formula: str = ""
    aliases: tuple[str, ...] = ()
    """Other names people search for: "fc", "dense", "smaller image"."""

    reference: str = ""
    """Where the method comes from."""

    link: str = ""
    glyph: str = ""
    """The icon in the tile; the category's where empty."""

    role: Role = "layer"
    inputs: tuple[Port, ...] = (Port(name="x"),)
    outputs: tuple[Port, ...] = (Port(name="y"),)
    compact: bool = False
    """Drawn as a small card: no parameters worth reading and no preview."""


def docs(name: str) -> str:
    """Return the page on ``nn.Something`` or a function of torch."""
    return f"https://docs.pytorch.org/docs/stable/generated/torch.{name}.html"


class Call(msgspec.Struct, frozen=True):
    """A constructor call: ``nn.Conv2d(16, 32, kernel_size=3)``."""

    target: str
    """``nn.Something``, or the name of a class in ``nodes/modules.py``."""

    args: tuple[object, ...] = ()
    kwargs: tuple[tuple[str, object], ...] = ()

    def source(self) -> str:
        """Return the call as Python source; every value is printed as a literal."""
        parts = [literal(value) for value in self.args]
        parts += [f"{name}={literal(value)}" for name, value in self.kwargs]
        return f"{self.target}({', '.join(parts)})"


class Setting(tuple[str, object]):
    """A keyword argument, its name and its value, that also knows torch's own default."""

    default: object

    def __new__(cls, name: str, value: object, default: object) -> "Setting":
        made = super().__new__(cls, (name, value))
        made.default = default
        return made


def differing(*arguments: tuple[str, object, object]) -> tuple[tuple[str, object], ...]:
    """Return the keyword arguments that are worth writing.

    Args:
        arguments: The name, the value and torch's own default of each, in torch's order.
    """
    return tuple(
        Setting(name, value, default) for name, value, default in arguments if value != default
    )


class Expression(msgspec.Struct, frozen=True):
    """Source that the compiler writes in the place of a value: the name of an argument."""

    text: str


class Lowering(msgspec.Struct, frozen=True, kw_only=True):
    """What a layer becomes in PyTorch source.

    ``expression`` is a ``str.format`` template with a field per input port (``{x}``, or ``{x[0]}``
    for a list port) and ``{module}`` for the layer's own ``nn.Module``, if it has one. Only
    literals and text of the layer's author stand in it, never text from a project.
    """

    expression: str
    module: Call | None = None
    unpack: str = ""
    """For several outputs, a template of the left side: ``{y}, ({h}, {c})``."""

    helper: str = ""
    """A class of ``nodes/modules.py`` that is printed into the source."""

    code: str = ""
    """Python of a person's own that is printed into the source as they wrote it."""


class Layer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of every kind of layer; see the module docstring."""

    info: ClassVar[LayerInfo]

    def inputs(self) -> tuple[Port, ...]:
        """Return the input ports; they may depend on the parameters."""
        return self.info.inputs

    def outputs(self) -> tuple[Port, ...]:
        """Return the output ports; they may depend on the parameters."""
        return self.info.outputs

    def verify(self) -> None:
        """Check what the range of no single parameter can say.

        Raises:
            ParameterError: Some parameters do not go together.
        """

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        """Return the type of each output.

        Raises:
            ShapeError: The layer cannot take ``inputs``.
        """
        raise NotImplementedError

    def lower(self, inputs: Inputs) -> Lowering:
        """Return the PyTorch call for inputs that :meth:`infer` accepted."""
        raise NotImplementedError

    def parameters(self, inputs: Inputs) -> int:
        """Return how many numbers the layer learns."""
        del inputs
        return 0

    def buffers(self, inputs: Inputs) -> int:
        """Return how many numbers the layer keeps without learning them."""
        del inputs
        return 0

    def multiply_adds(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Size:
        """Return the multiplications (each with its addition) for one sample."""
        del inputs, outputs
        return 0

    def explain(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> str:
        """Return how the output size came about with its numbers, or nothing."""
        del inputs, outputs
        return ""

    def on_card(self, inputs: Inputs | None) -> str:
        """Return the key parameters as the card writes them: ``16 · 3×3 · stride 2``.

        Values that are the default are left out unless they are required.
        """
        del inputs
        parts = []
        for field in fields_of(type(self)):
            value = getattr(self, field.name)
            if field.param.on_card and (field.required or value != field.default):
                parts.append(_counted(field.param.on_card, value))
        return " · ".join(parts[:3])


def _counted(words: str, value: object) -> str:
    """Write a parameter as the card does; one of a thing in the singular: ``1 head``."""
    number, _, things = words.partition(" ")
    if value == 1 and not isinstance(value, bool) and number == "{}":
        words = f"{number} {'axis' if things == 'axes' else things.removesuffix('s')}".strip()
    return words.format(short(value))


def short(value: object) -> str:
    """Write a parameter's value as the card does: ``3×3``, ``0.5``, ``same``."""
    if isinstance(value, tuple):
        return "×".join(str(item) for item in value)
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def literal(value: object) -> str:
    """Print a value as Python source.

    Only plain values are printed, so that text from a project can never become code.

    Raises:
        TypeError: ``value`` is of another type; a mistake in a layer, not in a project.
    """
    match value:
        case None | bool() | int():
            return repr(value)
        case str():
            return _text(value)
        case float():
            return _float(value)
        case tuple():
            inner = ", ".join(literal(item) for item in value)
            return f"({inner},)" if len(value) == 1 else f"({inner})"
        case SymbolicSize():
            return str(value)
        case Expression(text=text):
            return text
        case Call():
            return value.source()
        case _:
            raise TypeError(f"{value!r} is not a literal")


def _text(value: str) -> str:
    quoted = repr(value)
    # ruff writes double quotes where that needs no backslash.
    if quoted.startswith("'") and '"' not in quoted:
        return f'"{quoted[1:-1]}"'
    return quoted


def _float(value: float) -> str:
    text = repr(value)
    if "e" not in text:
        return text
    # ruff writes exponents without a plus or leading zeros: 1e-5, not 1e-05.
    mantissa, exponent = text.split("e")
    return f"{mantissa}e{int(exponent)}"


def template_literal(value: Any) -> str:
    """Print a value for use inside a ``Lowering`` template, where braces mean fields."""
    return literal(value).replace("{", "{{").replace("}", "}}")
