"""Recurrent layers: a sequence is read step by step, with a memory carried along."""

from typing import Annotated, ClassVar, Literal

from nodes.errors import ParameterError, ShapeError
from nodes.expectations import needs_steps
from nodes.layer import Call, Layer, LayerInfo, Lowering, Port, differing, docs
from nodes.params import Param
from nodes.sizes import Size, counted
from nodes.tensors import Inputs, TensorType, text_of

HIDDEN = Param(
    "Hidden size",
    "How many numbers the memory holds. More remember more, and cost with their square.",
    low=1,
    suggest=(32, 64, 128, 256, 512),
    on_card="{}",
)
LAYERS_DEEP = Param(
    "Layers",
    "How many such layers stand on one another.",
    low=1,
    high=256,
    suggest=(1, 2, 3),
    on_card="{} layers",
)
BOTH_WAYS = Param(
    "Both directions",
    "Reads the sequence from the end as well, and puts both memories side by side. Not for "
    "predicting what comes next.",
)
SEQUENCE = Param(
    "Every step",
    "Gives the memory after every step. Off, it gives the last one alone: a vector for the whole "
    "sequence.",
)
DROPOUT = Param(
    "Dropout",
    "The share of numbers dropped between two layers during training; a single layer has none.",
    low=0,
    high=1,
    step=0.05,
    suggest=(0, 0.1, 0.3),
    advanced=True,
)
BIAS = Param("Bias", "Adds learned numbers at every step.", advanced=True)
X = Port(name="x", help="A sequence: steps×features")
Y = Port(name="y", help="The memory after every step, or after the last")
H = Port(name="h", help="The last memory of every layer")
C = Port(name="c", help="The last cell of every layer")
H0 = Port(name="h0", help="The first memory; zeros where nothing is connected", optional=True)
C0 = Port(name="c0", help="The first cell; zeros where nothing is connected", optional=True)


class Recurrent(Layer, frozen=True, kw_only=True):
    """What all recurrent layers share."""

    gates: ClassVar[int] = 1
    """How many sets of weights one layer holds in each direction."""

    memory: ClassVar[str] = "[1]"
    """Where torch puts the last memory among what it returns."""

    hidden_size: Annotated[int, HIDDEN] = 64
    num_layers: Annotated[int, LAYERS_DEEP] = 1
    bidirectional: Annotated[bool, BOTH_WAYS] = False
    return_sequence: Annotated[bool, SEQUENCE] = True
    dropout: Annotated[float, DROPOUT] = 0.0
    bias: Annotated[bool, BIAS] = True

    def outputs(self) -> tuple[Port, ...]:
        return self.info.outputs if self.return_sequence else self.info.outputs[:1]

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_steps(x, self.info.title)
        states = self._states(x)
        for port, wanted in zip(self._state_ports(), states, strict=True):
            given = inputs.get(port)
            if given is not None and given.sizes != wanted.sizes:
                raise _wrong_state(self.info.title, port, given, wanted)
        width = self._width() * self._directions()
        if not self.return_sequence:
            return (x.with_sizes(x.sizes[0], width),)
        return (x.with_sizes(*x.sizes[:2], width), *states)

    def lower(self, inputs: Inputs) -> Lowering:
        module = Call(
            f"nn.{type(self).__name__}",
            (inputs["x"].sizes[2], self.hidden_size),
            (
                *differing(("num_layers", self.num_layers, 1)),
                *self._own_arguments(),
                *differing(("bias", self.bias, True)),
                ("batch_first", True),
                *differing(
                    ("dropout", self.dropout if self.num_layers > 1 else 0.0, 0.0),
                    ("bidirectional", self.bidirectional, False),
                ),
            ),
        )
        called = f"{{module}}({', '.join(('{x}', *self._given_state(inputs)))})"
        if self.return_sequence:
            return Lowering(expression=called, module=module, unpack=self._unpacked())
        return Lowering(expression=self._last(called), module=module)

    def parameters(self, inputs: Inputs) -> int:
        weights = self._weights(inputs["x"].sizes[2])
        biases = 2 * self.gates * self.hidden_size * self._directions() * self.num_layers
        return counted(weights + (biases if self.bias else 0))

    def multiply_adds(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Size:
        del outputs
        x = inputs["x"]
        return x.sizes[1] * self._weights(x.sizes[2])

    def _weights(self, features: Size) -> Size:
        """Return how many weights there are; each is used once at every step."""
        width, directions = self._width(), self._directions()
        rows = self.gates * self.hidden_size
        projection = self.hidden_size * width if width != self.hidden_size else 0
        first = rows * (features + width) + projection
        later = rows * (width * directions + width) + projection
        return directions * (first + (self.num_layers - 1) * later)

    def _width(self) -> int:
        """Return how many numbers one direction gives at each step."""
        return self.hidden_size

    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def _states(self, x: TensorType) -> tuple[TensorType, ...]:
        layers = self.num_layers * self._directions()
        return (TensorType((layers, x.sizes[0], self._width())),)

    def _state_ports(self) -> tuple[str, ...]:
        return ("h0",)

    def _own_arguments(self) -> tuple[tuple[str, object], ...]:
        return ()

    def _given_state(self, inputs: Inputs) -> tuple[str, ...]:
        return ("{h0}",) if inputs.get("h0") else ()

    def _unpacked(self) -> str:
        return "{y}, {h}"

    def _last(self, called: str) -> str:
        """Take the memory of the last layer, that of both directions side by side."""
        memory = f"{called}{self.memory}"
        if self.bidirectional:
            return f"{memory}[-2:].transpose(0, 1).flatten(1)"
        return f"{memory}[-1]"


def _wrong_state(title: str, port: str, given: TensorType, wanted: TensorType) -> ShapeError:
    return ShapeError(
        f"{title} starts from another state",
        why=f"“{port}” needs {text_of(wanted.sample)} (layers×size) and receives {given}.",
        hint="Connect the state of a layer with as many layers and numbers.",
        reason="state does not fit",
        code="LL-S012",
    )


class RNN(Recurrent, frozen=True, kw_only=True):
    """The plain recurrent layer."""

    info: ClassVar = LayerInfo(
        title="RNN",
        category="seq",
        summary="Reads a sequence step by step: each memory is made of the one before and the new "
        "step.",
        when="To learn how recurrence works. It forgets within some ten steps; LSTM and GRU "
        "remember longer.",
        shape="T×F to T×H",
        formula="h = tanh(W·x + U·h + b)",
        aliases=("recurrent", "elman", "vanilla rnn", "time series", "sequence"),
        reference="Elman 1990, Finding Structure in Time",
        link=docs("nn.RNN"),
        inputs=(X, H0),
        outputs=(Y, H),
    )

    nonlinearity: Annotated[
        Literal["tanh", "relu"],
        Param("Function", "What keeps the memory in bounds. “relu” learns faster and may explode."),
    ] = "tanh"

    def _own_arguments(self) -> tuple[tuple[str, object], ...]:
        return differing(("nonlinearity", self.nonlinearity, "tanh"))


class GRU(Recurrent, frozen=True, kw_only=True):
    """A recurrent layer with two gates."""

    gates: ClassVar[int] = 3

    info: ClassVar = LayerInfo(
        title="GRU",
        category="seq",
        summary="Reads a sequence step by step; gates decide what is kept and what is renewed.",
        when="For series and text of up to some hundred steps: nearly as good as LSTM, with fewer "
        "weights.",
        shape="T×F to T×H",
        formula="h = (1 − z)·n + z·h",
        aliases=("gated recurrent unit", "recurrent", "time series", "sequence", "memory"),
        reference="Cho et al. 2014, Learning Phrase Representations using RNN Encoder-Decoder",
        link=docs("nn.GRU"),
        inputs=(X, H0),
        outputs=(Y, H),
    )


class LSTM(Recurrent, frozen=True, kw_only=True):
    """A recurrent layer with a cell that remembers long."""

    gates: ClassVar[int] = 4
    memory: ClassVar[str] = "[1][0]"

    info: ClassVar = LayerInfo(
        title="LSTM",
        category="seq",
        summary="Reads a sequence step by step; a cell behind gates remembers over long stretches.",
        when="For series, sound and text, where what was long ago still counts. The first choice "
        "among recurrent layers.",
        shape="T×F to T×H",
        formula="c = f·c + i·g, h = o·tanh(c)",
        aliases=("long short-term memory", "recurrent", "time series", "sequence", "memory"),
        reference="Hochreiter and Schmidhuber 1997, Long Short-Term Memory",
        link=docs("nn.LSTM"),
        inputs=(X, H0, C0),
        outputs=(Y, H, C),
    )

    proj_size: Annotated[
        int,
        Param(
            "Projection",
            "Shrinks what each step gives to so many numbers; 0 leaves it as large as the cell.",
            low=0,
            suggest=(0,),
            advanced=True,
        ),
    ] = 0

    def verify(self) -> None:
        if self.proj_size >= self.hidden_size:
            raise ParameterError(
                "proj_size",
                f"Projection cannot be {self.proj_size}",
                why=f"It shrinks the hidden size of {self.hidden_size}.",
                hint=f"Set a number below {self.hidden_size}, or 0.",
            )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        if (inputs.get("h0") is None) != (inputs.get("c0") is None):
            raise ShapeError(
                "LSTM starts from a memory and a cell",
                why="Only one of “h0” and “c0” is connected.",
                hint="Connect both, or neither.",
                reason="half a state",
                code="LL-S010",
            )
        return super().infer(inputs)

    def _width(self) -> int:
        return self.proj_size or self.hidden_size

    def _states(self, x: TensorType) -> tuple[TensorType, ...]:
        (memory,) = super()._states(x)
        return memory, TensorType((*memory.sizes[:2], self.hidden_size))

    def _state_ports(self) -> tuple[str, ...]:
        return ("h0", "c0")

    def _own_arguments(self) -> tuple[tuple[str, object], ...]:
        return differing(("proj_size", self.proj_size, 0))

    def _given_state(self, inputs: Inputs) -> tuple[str, ...]:
        return ("({h0}, {c0})",) if inputs.get("h0") else ()

    def _unpacked(self) -> str:
        return "{y}, ({h}, {c})"


LAYERS = (LSTM, GRU, RNN)
