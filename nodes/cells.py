"""Recurrent cells: one step of a recurrent layer, for loops that a person draws."""

from typing import Annotated, ClassVar, Literal

from nodes.errors import ShapeError
from nodes.expectations import described
from nodes.layer import Call, Layer, LayerInfo, Lowering, Port, differing, docs
from nodes.params import Param
from nodes.recurrent import BIAS, HIDDEN
from nodes.sizes import Size, counted
from nodes.tensors import Inputs, TensorType, needs_float

X = Port(name="x", help="One step: a vector")
MEMORY = Port(name="h", help="The memory before; zeros where nothing is connected", optional=True)
CELL = Port(name="c", help="The cell before; zeros where nothing is connected", optional=True)


class Cell(Layer, frozen=True, kw_only=True):
    """What all recurrent cells share."""

    gates: ClassVar[int] = 1

    hidden_size: Annotated[int, HIDDEN] = 64
    bias: Annotated[bool, BIAS] = True

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        _needs_vector(x, self.info.title)
        memory = x.with_sizes(x.sizes[0], self.hidden_size)
        for port in self.info.inputs[1:]:
            given = inputs.get(port.name)
            if given is not None and given.sizes != memory.sizes:
                raise ShapeError(
                    f"{self.info.title} starts from another state",
                    why=f"“{port.name}” needs {memory} and receives {given}.",
                    hint="Connect the state of a cell with the same hidden size.",
                    reason="state does not fit",
                    code="LL-S012",
                )
        return tuple(memory for _ in self.info.outputs)

    def lower(self, inputs: Inputs) -> Lowering:
        module = Call(
            f"nn.{type(self).__name__}",
            (inputs["x"].sizes[1], self.hidden_size),
            (*differing(("bias", self.bias, True)), *self._own_arguments()),
        )
        state = f", {self._state()}" if inputs.get("h") else ""
        return Lowering(expression=f"{{module}}({{x}}{state})", module=module)

    def parameters(self, inputs: Inputs) -> int:
        biases = 2 * self.gates * self.hidden_size if self.bias else 0
        return counted(self._weights(inputs) + biases)

    def multiply_adds(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Size:
        del outputs
        return self._weights(inputs)

    def _weights(self, inputs: Inputs) -> Size:
        return self.gates * self.hidden_size * (inputs["x"].sizes[1] + self.hidden_size)

    def _own_arguments(self) -> tuple[tuple[str, object], ...]:
        return ()

    def _state(self) -> str:
        return "{h}"


def _needs_vector(x: TensorType, title: str) -> None:
    needs_float(x, title)
    if x.rank != 2:
        raise ShapeError(
            f"{title} needs one step: a vector",
            why=f"It receives {described(x)}.",
            hint=f"Take {title.removesuffix('Cell')} for a whole sequence." if x.rank == 3 else "",
            reason="needs a vector",
            code="LL-S002",
        )


class RNNCell(Cell, frozen=True, kw_only=True):
    """One step of an RNN."""

    info: ClassVar = LayerInfo(
        title="RNNCell",
        category="seq",
        summary="Makes a new memory of the one before and a new step.",
        when="To draw a recurrence step by step. For whole sequences RNN is faster.",
        shape="F to H",
        formula="h = tanh(W·x + U·h + b)",
        aliases=("recurrent cell", "elman", "one step"),
        reference="Elman 1990, Finding Structure in Time",
        link=docs("nn.RNNCell"),
        inputs=(X, MEMORY),
    )

    nonlinearity: Annotated[
        Literal["tanh", "relu"], Param("Function", "What keeps the memory in bounds.")
    ] = "tanh"

    def _own_arguments(self) -> tuple[tuple[str, object], ...]:
        return differing(("nonlinearity", self.nonlinearity, "tanh"))


class GRUCell(Cell, frozen=True, kw_only=True):
    """One step of a GRU."""

    gates: ClassVar[int] = 3

    info: ClassVar = LayerInfo(
        title="GRUCell",
        category="seq",
        summary="Makes a new memory of the one before and a new step; gates decide what is kept.",
        when="To draw a recurrence step by step. For whole sequences GRU is faster.",
        shape="F to H",
        formula="h = (1 − z)·n + z·h",
        aliases=("gated recurrent unit", "recurrent cell", "one step"),
        reference="Cho et al. 2014, Learning Phrase Representations using RNN Encoder-Decoder",
        link=docs("nn.GRUCell"),
        inputs=(X, MEMORY),
    )


class LSTMCell(Cell, frozen=True, kw_only=True):
    """One step of an LSTM."""

    gates: ClassVar[int] = 4

    info: ClassVar = LayerInfo(
        title="LSTMCell",
        category="seq",
        summary="Makes a new memory and a new cell of those before and a new step.",
        when="To draw a recurrence step by step. For whole sequences LSTM is faster.",
        shape="F to H",
        formula="c = f·c + i·g, h = o·tanh(c)",
        aliases=("long short-term memory", "recurrent cell", "one step"),
        reference="Hochreiter and Schmidhuber 1997, Long Short-Term Memory",
        link=docs("nn.LSTMCell"),
        inputs=(X, MEMORY, CELL),
        outputs=(
            Port(name="y", help="The memory after this step"),
            Port(name="cell", help="The cell after this step"),
        ),
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        if (inputs.get("h") is None) != (inputs.get("c") is None):
            raise ShapeError(
                "LSTMCell starts from a memory and a cell",
                why="Only one of “h” and “c” is connected.",
                hint="Connect both, or neither.",
                reason="half a state",
                code="LL-S010",
            )
        return super().infer(inputs)

    def _state(self) -> str:
        return "({h}, {c})"


LAYERS = (LSTMCell, GRUCell, RNNCell)
