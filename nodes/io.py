"""Where tensors enter and leave a drawing: data sets, targets, and the ends of composites."""

import keyword
import re
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal, TypeAlias

import msgspec

from nodes.augmentation import Augmentation, check_step, suits
from nodes.corrections import Correction
from nodes.errors import ParameterError
from nodes.layer import Layer, LayerInfo, Lowering, Port
from nodes.params import LARGEST, Param
from nodes.sizes import BATCH, Size, symbol
from nodes.sources import Source
from nodes.tensors import DType, Inputs, TensorType

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_LETTER = re.compile(r"[A-MO-Z][₀-₉]?")

FieldKind: TypeAlias = Literal[
    "image", "mask", "label", "vector", "number", "category", "sequence", "tokens", "audio"
]
"""What a field is to a person: ``category`` is a number that an embedding looks up, ``mask`` a
class for each pixel, ``audio`` a waveform of channels×samples, ``sequence`` length×features."""

SplitBy: TypeAlias = Literal["random", "stratified", "group", "order", "given"]


class FreeSize(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A size that may be another one once the network is trained: any multiple of ``step``."""

    letter: str
    """What stands for it, or for the multiple: ``H``; equal sizes have equal letters."""

    step: int = 1

    def __post_init__(self) -> None:
        if not _LETTER.fullmatch(self.letter) or not 1 <= self.step <= LARGEST:
            raise ValueError(f"a free size cannot be {self.step} times {self.letter[:40]!r}")

    @property
    def size(self) -> Size:
        """The size with its letter."""
        return self.step * symbol(self.letter)


class DataField(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One column of a data set: an output port of its node.

    The drawing keeps its own copy, so that shapes stand on the wires even where the files of the
    data set are not at hand.
    """

    name: str
    """A Python identifier: the port, and the argument of the generated ``forward``."""

    kind: FieldKind
    sizes: tuple[int, ...] = ()
    """Of one sample."""

    dtype: DType = "float"
    classes: int | None = None
    free: tuple[FreeSize | None, ...] = ()
    """Which of the sizes are free; empty where all are what they are."""

    def __post_init__(self) -> None:
        if not _IDENTIFIER.fullmatch(self.name) or keyword.iskeyword(self.name):
            raise ValueError(f"a field cannot be called {self.name[:40]!r}")
        if len(self.sizes) > 8 or not all(1 <= size <= LARGEST for size in self.sizes):
            raise ValueError(f"the sizes of the field {self.name} are out of range")
        if self.classes is not None and not 1 <= self.classes <= LARGEST:
            raise ValueError(f"the field {self.name} cannot have {str(self.classes)[:12]} classes")
        if self.free and len(self.free) != len(self.sizes):
            raise ValueError(f"the field {self.name} has {len(self.sizes)} sizes to set free")
        if any(size % free.step for size, free in self._freed() if free):
            raise ValueError(f"the sizes of the field {self.name} are no such multiples")

    def tensor(self) -> TensorType:
        """Return the type of a batch of this field."""
        return TensorType((BATCH, *self.sizes), self.dtype, self.classes)

    def in_letters(self) -> TensorType:
        """Return the type of a batch of this field, with letters for the sizes that are free."""
        sizes = (free.size if free else size for size, free in self._freed())
        return TensorType((BATCH, *sizes), self.dtype, self.classes)

    def as_stored(self) -> "DataField":
        """Return the field as its data set has it, where every size is what it is."""
        return msgspec.structs.replace(self, free=())

    def _freed(self) -> Iterator[tuple[int, FreeSize | None]]:
        return zip(self.sizes, self.free or (None,) * len(self.sizes), strict=True)


class Data(Layer, frozen=True, kw_only=True):
    """A data set; each of its fields is an output."""

    info: ClassVar = LayerInfo(
        title="Data",
        category="data",
        role="data",
        summary="Feeds the samples of a data set into the network, a batch at a time.",
        when="Every drawing begins with one. Each field of the data set is an output of its own.",
        shape="one output per field",
        aliases=("input", "dataset", "data set", "images", "source"),
        inputs=(),
        outputs=(),
    )

    dataset: Annotated[str, Param("Data set", "Where the samples come from.")] = "digits"
    fields: Annotated[
        tuple[DataField, ...], Param("Fields", "What each sample holds.", advanced=True)
    ] = (
        DataField("image", "image", (1, 28, 28)),
        DataField("label", "label", (), "int", 10),
    )
    source: Annotated[
        Source | None, Param("Own data", "The files that the samples come from.", advanced=True)
    ] = None
    validation_share: Annotated[
        float,
        Param(
            "Held out to validate",
            "The share of samples that training never sees; the curve to watch.",
            low=0,
            high=0.9,
            step=0.05,
        ),
    ] = 0.15
    test_share: Annotated[
        float,
        Param(
            "Held out to test",
            "A second share, looked at once at the very end.",
            low=0,
            high=0.9,
            step=0.05,
        ),
    ] = 0.0
    split_by: Annotated[
        SplitBy,
        Param(
            "Split by",
            "Stratified keeps the share of each class; group keeps what belongs together in one "
            "part; order trains on the earlier samples; given takes the parts that the data names.",
            advanced=True,
        ),
    ] = "random"
    split_seed: Annotated[
        int, Param("Split seed", "Which samples are held out.", low=0, advanced=True)
    ] = 0
    augmentation: Annotated[
        tuple[Augmentation, ...],
        Param(
            "Augmentation",
            "How training samples are changed each time they are seen, step by step.",
            advanced=True,
        ),
    ] = ()
    corrections: Annotated[
        tuple[Correction, ...],
        Param("Corrections", "Samples with another label, or left out.", advanced=True),
    ] = ()

    def verify(self) -> None:
        self._verify_fields()
        self._verify_steps()

    def _verify_steps(self) -> None:
        for step in self.augmentation:
            try:
                check_step(step)
            except ParameterError as error:
                # The parameter that is wrong is the list; the setting stands in the title.
                error.parameter = error.where = "augmentation"
                raise
            if not suits(type(step), {field.kind for field in self.fields}):
                raise ParameterError(
                    "augmentation",
                    f"{step.info.title} has nothing to change",
                    why=f"It changes fields of the kind {' or '.join(step.info.kinds)}.",
                    hint="Remove it from the augmentation.",
                )

    def _verify_fields(self) -> None:
        names = [field.name for field in self.fields]
        for field in self.fields:
            if names.count(field.name) > 1:
                raise ParameterError(
                    "fields",
                    f"Two fields are called {field.name}",
                    why="Each field is an output of its own and needs a name of its own.",
                    hint="Rename one of them.",
                )

    def outputs(self) -> tuple[Port, ...]:
        return tuple(Port(name=field.name, help=f"{field.kind}") for field in self.fields)

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        del inputs
        return tuple(field.tensor() for field in self.fields)

    def in_letters(self) -> tuple[TensorType, ...]:
        """Return the type of each output, with letters for the sizes that are free."""
        return tuple(field.in_letters() for field in self.fields)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression="")

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return self.dataset


class Target(Layer, frozen=True, kw_only=True):
    """One field of a data set, placed where it is compared."""

    info: ClassVar = LayerInfo(
        title="Target",
        category="data",
        role="target",
        summary="Brings the right answers of the data set to a loss without a long wire.",
        when="When the wire from the data set to the loss would cross the whole drawing.",
        shape="one field of the data set",
        aliases=("label", "ground truth", "answer"),
        inputs=(),
        outputs=(),
    )

    field: Annotated[DataField, Param("Field", "Which field of the data set.")] = DataField(
        "label", "label", (), "int", 10
    )

    def outputs(self) -> tuple[Port, ...]:
        return (Port(name=self.field.name, help=self.field.kind),)

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        del inputs
        return (self.field.tensor(),)

    def in_letters(self) -> tuple[TensorType, ...]:
        """Return the type of the field, with letters for the sizes that are free."""
        return (self.field.in_letters(),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression="")

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return self.field.name


class _CompositeEnd(Layer, frozen=True, kw_only=True):
    """One port of a composite, seen from inside."""

    def verify(self) -> None:
        name = self.port_name()
        if not _IDENTIFIER.fullmatch(name) or keyword.iskeyword(name) or name == "self":
            raise ParameterError(
                "port",
                f"A port cannot be called {name[:40]!r}",
                why="Its name stands in the source: letters, digits and _, at most 40.",
                hint="Give it another name.",
            )

    def port_name(self) -> str:
        """Return what the composite calls the port."""
        raise NotImplementedError

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression="{x}")

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return self.port_name()


class Input(_CompositeEnd, frozen=True, kw_only=True):
    """Where a tensor enters a composite."""

    info: ClassVar = LayerInfo(
        title="Input",
        category="data",
        role="input",
        summary="Brings a tensor into the composite.",
        when="Every composite has at least one. Its name is the name of the port outside.",
        shape="whatever arrives outside",
        aliases=("port", "entry"),
        inputs=(),
        compact=True,
    )

    port: Annotated[str, Param("Port", "What the port is called outside.")] = "x"

    def port_name(self) -> str:
        return self.port

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        """Return what arrives; the analysis hands it in as if it came from a wire."""
        return (inputs["x"],)


class Output(_CompositeEnd, frozen=True, kw_only=True):
    """Where a tensor leaves a composite."""

    info: ClassVar = LayerInfo(
        title="Output",
        category="data",
        role="output",
        summary="Takes a tensor out of the composite.",
        when="Every composite has at least one. Its name is the name of the port outside.",
        shape="whatever arrives",
        aliases=("port", "exit", "result"),
        outputs=(),
        compact=True,
    )

    port: Annotated[str, Param("Port", "What the port is called outside.")] = "y"

    def port_name(self) -> str:
        return self.port

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        del inputs
        return ()


class Composite(Layer, frozen=True, kw_only=True):
    """A drawing within the drawing; its ports and parameters are those of its definition."""

    info: ClassVar = LayerInfo(
        title="Composite",
        category="shape",
        summary="Holds layers of its own and is used like one layer.",
        when="For parts that come back: blocks of a residual network, levels of a U-Net.",
        shape="what its inside makes of it",
        aliases=("block", "group", "module", "subgraph"),
    )


LAYERS = (Data, Target)

STRUCTURE = (Input, Output, Composite)
"""What drawings within drawings are made of; not in the library, where layers are found."""
