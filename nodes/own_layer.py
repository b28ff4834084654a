"""Layers of a person's own as kinds like any other, and what was found by running them.

A text becomes a class with the fields that its constructor takes. Its shape rule is the layer
itself: it is asked by a :class:`Question`, which somebody else answers, and answers are kept.
"""

import functools
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, TypeAlias, cast

import msgspec

from nodes.errors import CodeError, Remedy, ShapeError
from nodes.layer import Call, Layer, LayerInfo, Lowering, Port, differing, template_literal
from nodes.own_code import DERIVED, OwnCode, read_code
from nodes.own_parameters import Parameter
from nodes.params import Param
from nodes.sizes import Size
from nodes.tensors import Inputs, TensorType

OWN_LAYER: Final = "OwnLayer"
"""The kind of the nodes that stand for layers of one's own."""

_MOST_KEPT: Final = 4096
_ON_CARD: Final = 3


class Question(msgspec.Struct, frozen=True):
    """What does this layer put out, set like this, for what arrives?"""

    name: str
    text: str
    params: tuple[tuple[str, object], ...]
    entering: tuple[tuple[str, tuple[TensorType, ...]], ...]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a layer does."""

    types: tuple[TensorType, ...]
    parameters: int = 0
    buffers: int = 0
    multiply_adds: int = 0
    """For one sample."""


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """Why a layer does nothing."""

    title: str
    why: str = ""
    line: int = 0
    """Of its text, counted from 1; 0 where it is about none."""


Answer: TypeAlias = Found | Failed

_answers: dict[Question, Answer] = {}


def answer_to(question: Question) -> Answer | None:
    """Return what was found, where somebody looked."""
    return _answers.get(question)


def remember(question: Question, answer: Answer) -> None:
    """Keep what was found for as long as the program runs."""
    if len(_answers) >= _MOST_KEPT:
        _answers.clear()
    _answers[question] = answer


def forget_failures(text: str) -> bool:
    """Let a layer that failed be asked again; say whether one had."""
    failed = [q for q, a in list(_answers.items()) if q.text == text and isinstance(a, Failed)]
    for question in failed:
        _answers.pop(question, None)
    return bool(failed)


class UnansweredError(ShapeError):
    """Nobody has looked yet what a layer does with what arrives."""

    def __init__(self, questions: tuple[Question, ...]) -> None:
        super().__init__(
            f"{questions[0].name} is being tried",
            why="Its shape is found by running it.",
            hint="Wait a moment.",
            reason="shape not known yet",
            code="LL-S041",
        )
        self.questions = questions


class OwnLayerError(ShapeError):
    """A layer of one's own cannot do what it is asked; knows the line of its text."""

    def __init__(self, failed: Failed) -> None:
        place = f"Line {failed.line}: {failed.why}" if failed.line else failed.why
        super().__init__(
            failed.title,
            why=place,
            hint="Edit its code, or change what arrives.",
            reason="its code fails",
            code="LL-S040",
            remedies=(
                Remedy(label="Bypass it", action="bypass"),
                Remedy(label="Remove and rejoin", action="remove"),
            ),
        )
        self.line = failed.line


class OwnLayer(Layer, frozen=True, kw_only=True):
    """The base of all kinds that a person wrote."""

    info: ClassVar = LayerInfo(
        title="Own layer",
        category="shape",
        glyph="code",
        summary="A layer that you write in Python.",
        when="For what no layer in the library does. It is trained and exported like any other.",
        shape="what its code makes of it",
        aliases=("custom", "python", "code", "new layer", "module", "own"),
    )
    code: ClassVar[OwnCode]

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        return self._found(inputs).types

    def lower(self, inputs: Inputs) -> Lowering:
        code = self.code
        given = ", ".join(_given(port, inputs) for port in code.inputs if _is_there(port, inputs))
        unpack = ", ".join(f"{{{name}}}" for name in code.outputs) if len(code.outputs) > 1 else ""
        settings = differing(
            *((one.name, getattr(self, one.name), _default(one)) for one in code.parameters)
        )
        if not code.is_module:
            named = [f"{name}={template_literal(value)}" for name, value in settings]
            expression = f"{code.name}({', '.join([given, *named])})"
            return Lowering(expression=expression, unpack=unpack, code=code.text)
        module = Call(code.name, kwargs=(*self._derived(inputs), *settings))
        return Lowering(
            expression=f"{{module}}({given})", module=module, unpack=unpack, code=code.text
        )

    def parameters(self, inputs: Inputs) -> int:
        return self._found(inputs).parameters

    def buffers(self, inputs: Inputs) -> int:
        return self._found(inputs).buffers

    def multiply_adds(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Size:
        del outputs
        return self._found(inputs).multiply_adds

    def question(self, inputs: Inputs) -> Question:
        """Return what has to be found out.

        Raises:
            ShapeError: A size that its constructor needs is not known.
        """
        own = tuple((one.name, getattr(self, one.name)) for one in self.code.parameters)
        return Question(
            self.code.name, self.code.text, (*self._derived(inputs), *own), inputs.key()
        )

    def _found(self, inputs: Inputs) -> Found:
        question = self.question(inputs)
        answer = answer_to(question)
        if answer is None:
            raise UnansweredError((question,))
        if isinstance(answer, Failed):
            raise OwnLayerError(answer)
        return answer

    def _derived(self, inputs: Inputs) -> tuple[tuple[str, int], ...]:
        return tuple((name, self._size(name, inputs)) for name in self.code.derived)

    def _size(self, name: str, inputs: Inputs) -> int:
        first = next(iter(inputs.key()))[1][0]
        axis = DERIVED[name]
        size = first.sizes[axis] if -first.rank <= axis < first.rank else None
        if isinstance(size, int):
            return size
        raise ShapeError(
            f"{self.code.name} needs to know {name}",
            why=f"It receives {first}: that size is open or not there.",
            hint="Connect a tensor whose size is known.",
            reason=f"{name} is open",
            code="LL-S019",
        )


def _is_there(port: Port, inputs: Inputs) -> bool:
    return bool(inputs.every(port.name))


def _given(port: Port, inputs: Inputs) -> str:
    """Write an argument: by its place where it must be there, by its name where it may be."""
    value = f"{{{port.name}}}"
    if port.many:
        items = (f"{{{port.name}[{place}]}}" for place in range(len(inputs.every(port.name))))
        value = f"[{', '.join(items)}]"
    return f"{port.name}={value}" if port.optional else value


class _Required:
    """Stands for the default of what has none: no value is the same."""


def _default(parameter: Parameter) -> object:
    return _Required() if parameter.required else parameter.default


@functools.lru_cache(maxsize=256)
def own_kind(text: str) -> type[OwnLayer]:
    """Return the kind of layer that a text describes; equal texts give the same class.

    Raises:
        CodeError: It is no layer; says on which line.
    """
    code = read_code(text)
    fields: list[Any] = []
    for place, one in enumerate(code.parameters):
        label = one.name.replace("_", " ")
        on_card = f"{label} {{}}" if place < _ON_CARD else ""
        param = Param(f"{label[:1].upper()}{label[1:]}", one.help, on_card=on_card)
        hint = Annotated.__class_getitem__((one.type, param))  # type: ignore[attr-defined]
        fields.append((one.name, hint) if one.required else (one.name, hint, one.default))
    info = LayerInfo(
        title=code.name,
        category="shape",
        glyph="code",
        summary=code.summary or "A layer of your own.",
        when=code.when,
        inputs=code.inputs,
        outputs=tuple(Port(name=name) for name in code.outputs),
    )
    namespace = {"info": info, "code": code, "__module__": __name__, "__doc__": code.summary}
    made = msgspec.defstruct(
        code.name,
        fields,
        bases=(OwnLayer,),
        namespace=namespace,
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
    )
    return cast("type[OwnLayer]", made)


def own_kind_or_none(code: Mapping[str, str], name: str) -> type[OwnLayer] | None:
    """Return the kind of a name in a drawing's table of code; None where there is no good one."""
    text = code.get(name)
    try:
        return own_kind(text) if text is not None else None
    except CodeError:
        return None
